//! From sent to received: writing the rest of the body, waiting for the head. Pages: WinHttpWriteData,
//! WinHttpReceiveResponse.

use std::sync::Arc;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Phase, Request, Response,
    facts::{Facts, Marks, Tally},
    of,
    opened::{self, Message, Reuse},
    received::{After, Body, tell_of_the_close},
    redirect,
    retries::Retries,
};
use crate::{
    clock::{self, Moment},
    decompress::Decoder,
    error::{Error, Result},
    handle::{Object, lock},
    http1::{Framing, Head},
    notification::Notice,
    option::Settings,
    url::wide,
    wire::Wire,
};

/// What a peer says that waited in vain for a request.
const REQUEST_TIMEOUT: u16 = 408;

/// A request whose head went out.
pub(crate) struct Sent {
    pub(super) wire: Wire,
    pub(super) message: Message,
    /// The key of a WebSocket handshake.
    pub(super) key: Option<String>,
    pub(super) marks: Marks,
    pub(super) head_length: usize,
    pub(super) redirects: u32,
    /// What its connection had received before.
    pub(super) received_before: u64,
    /// How many bytes of its body are still to be written; `None` if that is not known.
    pub(super) owed: Option<u64>,
    /// The request does not ask for the connection to be closed.
    pub(super) keep_alive: bool,
}

impl Sent {
    /// Whether it may have met a kept connection that the peer was closing, and can be sent again.
    fn went_unheard(&self) -> bool {
        let unanswered = self.wire.bytes_in == self.received_before;
        self.wire.served > 0 && unanswered && self.is_repeatable()
    }

    /// Whether all of it is here, to be sent again.
    fn is_repeatable(&self) -> bool {
        self.owed == Some(0) && self.message.is_repeatable()
    }

    /// What becomes of the connection behind this response.
    fn after(&self, head: &Head, framing: Framing) -> After {
        let whole = self.owed == Some(0) && framing != Framing::UntilClose;
        if head.status == 101 {
            After::Upgrade
        } else if whole && self.keep_alive && head.keeps_alive() {
            After::Keep
        } else {
            After::Close
        }
    }
}

/// Returns the job that writes more of a request's body.
pub(crate) fn write<D: AsRef<[u8]> + Send>(
    object: &Arc<Object>,
    data: D,
) -> Result<impl FnOnce() -> Result<u32> + Send + use<D>> {
    let called = clock::now();
    let Phase::Sent(mut sent) = of(object)?.take(|phase| matches!(phase, Phase::Sent(_)))? else {
        return Err(Error::INTERNAL);
    };
    let object = object.clone();
    Ok(move || {
        let (request, data) = (of(&object)?, data.as_ref());
        sent.wire.begin(called, None, object.settings().timeout(w::WINHTTP_OPTION_SEND_TIMEOUT));
        let written = sent.wire.write(data, &[]);
        sent.owed = sent.owed.and_then(|owed| owed.checked_sub(data.len() as u64));
        if written.is_ok() {
            request.enter(Phase::Sent(sent));
        } else {
            request.rest();
            request.enter(Phase::Opened);
        }
        written.map(|()| data.len() as u32)
    })
}

/// Returns the job that receives the response; until it has run the request is busy.
pub(crate) fn receive(object: &Arc<Object>) -> Result<impl FnOnce() -> Result<()> + Send + use<>> {
    let called = clock::now();
    let Phase::Sent(sent) = of(object)?.take(|phase| matches!(phase, Phase::Sent(_)))? else {
        return Err(Error::INTERNAL);
    };
    let object = object.clone();
    Ok(move || {
        let request = of(&object)?;
        let settings = object.settings().clone();
        let receiving = Receiving { object: &object, request, settings: &settings };
        match receiving.run(*sent, called) {
            Ok(mut body) => {
                let closed = body.has_closed();
                body.release_at_end(request);
                request.enter(Phase::Received(Box::new(body)));
                if closed {
                    tell_of_the_close(&object);
                }
                Ok(())
            }
            Err(error) => {
                request.rest();
                request.enter(Phase::Opened);
                Err(error)
            }
        }
    })
}

/// A response being received, over as many exchanges as redirects ask for.
pub(super) struct Receiving<'a> {
    pub(super) object: &'a Object,
    pub(super) request: &'a Request,
    pub(super) settings: &'a Settings,
}

impl Receiving<'_> {
    fn run(&self, mut sent: Sent, called: Moment) -> Result<Body> {
        let mut since = called;
        let mut retries = Retries::of(self.settings);
        loop {
            let head = match self.final_head(&mut sent, since) {
                Err(Error::CONNECTION_ERROR) if sent.went_unheard() => {
                    sent = self.send_again(sent)?;
                    since = clock::now();
                    continue;
                }
                head => head?,
            };
            check_upgrade(&sent, &head)?;
            self.store_cookies(&head);
            if head.status == REQUEST_TIMEOUT
                && sent.is_repeatable()
                && retries.take(w::WINHTTP_CONNECTION_RETRY_CONDITION_408)
            {
                sent = self.send_again(sent)?;
                since = clock::now();
                continue;
            }
            let framing = Framing::of(&head, &sent.message.verb)?;
            let next = redirect::target(self, &sent, &head)?;
            sent.marks.now(w::WinHttpReceiveResponseHeadersEnd);
            let decoder = Decoder::of(&head, self.settings.dword(w::WINHTTP_OPTION_DECOMPRESSION));
            let after = sent.after(&head, framing);
            let Sent { wire, message, marks, head_length, redirects, .. } = sent;
            let tally = Arc::new(Tally::default());
            let facts = Facts::new(&wire, marks, head_length, head.raw.len() + 2, Arc::clone(&tally));
            let status = head.status;
            *lock(&self.request.response) = Some(Arc::new(Response { head, facts }));
            let body = Body::new(wire, framing, decoder, after, tally);
            match next {
                None => {
                    // Page cookie-handling-in-winhttp: cookies that were sent are cleared. It has this both for the
                    // versions since Windows XP SP2 and, the other way round, for that one.
                    lock(&self.request.headers).remove("Cookie");
                    return Ok(body);
                }
                Some(url) => {
                    // In the callback the data that came with the redirect can be read, and the handle be closed.
                    self.request.enter(Phase::Received(Box::new(body)));
                    self.object.notify(Notice::Redirect(&wide(&url.to_string())));
                    let received = self.request.take(|phase| matches!(phase, Phase::Received(_)))?;
                    self.request.leave(received, self.settings);
                    sent = redirect::follow(self, message, url, status)?;
                    sent.redirects = redirects + 1;
                    since = clock::now();
                }
            }
        }
    }

    /// Sends once more, on a new connection, what the one before did not answer as it should have.
    fn send_again(&self, sent: Sent) -> Result<Sent> {
        let Sent { wire, message, redirects, .. } = sent;
        self.request.rest();
        drop(wire);
        let again = opened::transmit(self.object, self.request, message, Reuse::Forbidden, clock::now())?;
        Ok(Sent { redirects, ..again })
    }

    fn store_cookies(&self, head: &Head) {
        if self.settings.dword(w::WINHTTP_OPTION_DISABLE_FEATURE) & w::WINHTTP_DISABLE_COOKIES != 0 {
            return;
        }
        let (url, now) = (self.request.url(), clock::time_of_day());
        for cookie in head.all("Set-Cookie") {
            lock(&self.object.session().cookies).store(&url, cookie, now);
        }
    }

    /// Skips informational responses, telling the callback; 101 ends a WebSocket handshake and is no such thing.
    fn final_head(&self, sent: &mut Sent, since: Moment) -> Result<Head> {
        let limit = self.settings.dword(w::WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE) as usize;
        let timeout = self.settings.timeout(w::WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT);
        let deadline = timeout.map(|timeout| since + timeout);
        let mut informational = 0;
        sent.wire.begin(since, self.settings.timeout(w::WINHTTP_OPTION_RECEIVE_TIMEOUT), None);
        self.object.notify(Notice::ReceivingResponse);
        sent.marks.now(w::WinHttpReceiveResponseStart);
        loop {
            let head = Head::read(&mut sent.wire, limit, deadline)?;
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
}

/// A 101 must answer the key that was sent (RFC 6455, section 4.1), and must have been asked for.
fn check_upgrade(sent: &Sent, head: &Head) -> Result<()> {
    if head.status != 101 {
        return Ok(());
    }
    let expected = sent.key.as_ref().map(|key| tungstenite::handshake::derive_accept_key(key.as_bytes()));
    let accepted = expected.is_some_and(|expected| {
        head.all("Sec-WebSocket-Accept").next().is_some_and(|answer| answer == expected.as_bytes())
    });
    let switched = head.lists("Upgrade", "websocket") && head.lists("Connection", "upgrade");
    if accepted && switched { Ok(()) } else { Err(Error::INVALID_SERVER_RESPONSE) }
}
