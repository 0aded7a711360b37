//! From sent to received: writing the rest of the body, waiting for the head. Pages: WinHttpWriteData,
//! WinHttpReceiveResponse.

use std::{sync::Arc, time::Instant};

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Phase, Request, Response,
    facts::{Facts, Marks},
    of,
    opened::Message,
    received::Body,
    redirect,
};
use crate::{
    error::{Error, Result},
    handle::{Object, lock},
    http1::{Framing, Head},
    notification::Notice,
    option::Settings,
    wire::Wire,
};

/// A request whose head went out.
pub(crate) struct Sent {
    pub(super) wire: Wire,
    pub(super) message: Message,
    /// The key of a WebSocket handshake.
    pub(super) key: Option<String>,
    pub(super) marks: Marks,
    pub(super) head_length: usize,
    pub(super) redirects: u32,
}

/// Returns the job that writes more of a request's body.
pub(crate) fn write(
    object: &Arc<Object>,
    data: &[u8],
) -> Result<impl FnOnce() -> Result<u32> + Send + use<>> {
    let Phase::Sent(mut sent) = of(object)?.take(|phase| matches!(phase, Phase::Sent(_)))? else {
        return Err(Error::INTERNAL);
    };
    let object = object.clone();
    let data: Box<[u8]> = data.into();
    Ok(move || {
        let written = sent.wire.write(&data);
        of(&object)?.enter(if written.is_ok() { Phase::Sent(sent) } else { Phase::Opened });
        written.map(|()| data.len() as u32)
    })
}

/// Returns the job that receives the response; until it has run the request is busy.
pub(crate) fn receive(object: &Arc<Object>) -> Result<impl FnOnce() -> Result<()> + Send + use<>> {
    let Phase::Sent(sent) = of(object)?.take(|phase| matches!(phase, Phase::Sent(_)))? else {
        return Err(Error::INTERNAL);
    };
    let object = object.clone();
    Ok(move || {
        let request = of(&object)?;
        let settings = object.settings().clone();
        let mut receiving = Receiving { object: &object, request, settings: &settings, sent: *sent };
        match receiving.run() {
            Ok(framing) => {
                request.enter(Phase::Received(Box::new(Body::new(receiving.sent.wire, framing))));
                Ok(())
            }
            Err(error) => {
                request.use_socket(None);
                request.enter(Phase::Opened);
                Err(error)
            }
        }
    })
}

/// A response being received, over as many exchanges as redirects ask for.
pub(crate) struct Receiving<'a> {
    pub(super) object: &'a Object,
    pub(super) request: &'a Request,
    pub(super) settings: &'a Settings,
    pub(super) sent: Sent,
}

impl Receiving<'_> {
    fn run(&mut self) -> Result<Framing> {
        loop {
            let head = self.final_head()?;
            self.check_upgrade(&head)?;
            let framing = Framing::of(&head, &self.sent.message.verb)?;
            let next = redirect::target(self, &head)?;
            self.sent.marks.now(w::WinHttpReceiveResponseHeadersEnd);
            let marks = self.sent.marks.clone();
            let facts = Facts::new(&self.sent.wire, marks, self.sent.head_length, head.raw.len() + 2);
            let head_status = head.status;
            *lock(&self.request.response) = Some(Arc::new(Response { head, facts }));
            match next {
                None => return Ok(framing),
                Some(url) => redirect::follow(self, url, head_status)?,
            }
        }
    }

    /// Skips informational responses, telling the callback; 101 ends a WebSocket handshake and is no such thing.
    fn final_head(&mut self) -> Result<Head> {
        let limit = self.settings.dword(w::WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE) as usize;
        let timeout = self.settings.timeout(w::WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT);
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let mut informational = 0;
        self.object.notify(Notice::ReceivingResponse);
        self.sent.marks.now(w::WinHttpReceiveResponseStart);
        loop {
            let head = Head::read(&mut self.sent.wire, limit, deadline)?;
            if !(100..200).contains(&head.status) || head.status == 101 {
                self.object.notify(Notice::ResponseReceived(head.raw.len() as u32 + 2));
                return Ok(head);
            }
            self.object.notify(Notice::IntermediateResponse(head.status.into()));
            informational += 1;
            if informational > self.settings.dword(w::WINHTTP_OPTION_MAX_HTTP_STATUS_CONTINUE) {
                // Option MAX_HTTP_STATUS_CONTINUE names no error for one too many.
                return Err(Error::INVALID_SERVER_RESPONSE);
            }
        }
    }

    /// A 101 must answer the key that was sent (RFC 6455, section 4.1), and must have been asked for.
    fn check_upgrade(&self, head: &Head) -> Result<()> {
        if head.status != 101 {
            return Ok(());
        }
        let expected =
            self.sent.key.as_ref().map(|key| tungstenite::handshake::derive_accept_key(key.as_bytes()));
        let accepted = expected.is_some_and(|expected| {
            head.all("Sec-WebSocket-Accept").next().is_some_and(|answer| answer == expected.as_bytes())
        });
        let switched = head.lists("Upgrade", "websocket") && head.lists("Connection", "upgrade");
        if accepted && switched { Ok(()) } else { Err(Error::INVALID_SERVER_RESPONSE) }
    }
}
