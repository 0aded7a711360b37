//! A received response: its body, read or announced. Pages: WinHttpReadData, WinHttpReadDataEx,
//! WinHttpQueryDataAvailable.

use std::{sync::Arc, time::Duration};

use windows_sys::Win32::Networking::WinHttp as w;

use super::{Phase, Request, facts::Tally, of};
use crate::{
    clock,
    decompress::Decoder,
    error::{Error, Result},
    handle::Object,
    http1::{Framing, Header},
    last_error,
    notification::Notice,
    pool,
    wire::Wire,
};

/// WinHttpQueryDataAvailable announces no more than this.
const ANNOUNCED: usize = 8 * 1024;

/// The body of a response, as far as it was not read.
pub(crate) struct Body {
    /// Gone when the body is at its end, unless it is to be upgraded.
    wire: Option<Wire>,
    framing: Framing,
    decoder: Option<Decoder>,
    after: After,
    /// What was announced and not yet read.
    announced: Vec<u8>,
    /// The connection is closed at the end of the body, and that is still to be told.
    ends_in_close: bool,
    /// The headers behind the body, of which none is known before its end.
    trailers: Vec<Header>,
    tally: Arc<Tally>,
}

/// What becomes of the connection when the body is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It may serve another request.
    Keep,
    Close,
    /// It goes to a WebSocket handle.
    Upgrade,
}

impl Body {
    pub(super) fn new(
        wire: Wire,
        framing: Framing,
        decoder: Option<Decoder>,
        after: After,
        tally: Arc<Tally>,
    ) -> Body {
        if framing == Framing::Done {
            tally.end();
        }
        Body {
            wire: Some(wire),
            framing,
            decoder,
            after,
            announced: Vec::new(),
            ends_in_close: after == After::Close,
            trailers: Vec::new(),
            tally,
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        let decoded = self.decoder.as_ref().is_none_or(Decoder::is_empty);
        self.announced.is_empty() && decoded && self.framing == Framing::Done
    }

    /// The headers behind a body that was read to its end; before that, `ERROR_WINHTTP_INCORRECT_HANDLE_STATE`.
    pub(super) fn trailers(&self) -> Result<Vec<Header>> {
        if self.is_at_end() { Ok(self.trailers.clone()) } else { Err(Error::INCORRECT_HANDLE_STATE) }
    }

    /// Whether the connection is closed now, which is told once.
    pub(super) fn has_closed(&mut self) -> bool {
        let closed = self.ends_in_close && self.framing == Framing::Done;
        self.ends_in_close &= !closed;
        closed
    }

    /// The connection, if it is to be upgraded.
    pub(super) fn into_wire(self) -> Option<Wire> {
        self.wire
    }

    /// Leaves the connection to another request, or closes it, if the body is at its end.
    pub(super) fn release_at_end(&mut self, request: &Request) {
        if self.is_at_end() && self.after != After::Upgrade {
            request.rest();
            self.release();
        }
    }

    fn release(&mut self) {
        if let Some(wire) = self.wire.take().filter(|_| self.after == After::Keep) {
            pool::keep_served(wire);
        }
    }

    /// Gives up a response whose body may not have been read. To keep the connection, as much of it as the limit
    /// allows is read if it is already here: nobody waits for data that nobody wants.
    pub(super) fn retire(mut self, limit: u64) {
        let Some(wire) = self.wire.as_mut().filter(|_| self.after == After::Keep) else { return };
        wire.begin(clock::now(), Some(Duration::ZERO), None);
        if last_error::without_noting(|| self.drain(limit)) {
            self.release();
        }
    }

    fn drain(&mut self, limit: u64) -> bool {
        let (mut left, mut piece) = (limit, [0; 4096]);
        loop {
            match self.fetch_raw(&mut piece) {
                Ok(0) => return true,
                Ok(read) if read as u64 <= left => left -= read as u64,
                _ => return false,
            }
        }
    }

    /// Reads once from the connection; 0 is the end of the body.
    fn fetch_raw(&mut self, out: &mut [u8]) -> Result<usize> {
        let Some(wire) = &mut self.wire else { return Ok(0) };
        let under_way = self.framing != Framing::Done;
        let read = self.framing.read(wire, out, &mut self.trailers)?;
        self.tally.received(read);
        if under_way && self.framing == Framing::Done {
            self.tally.end();
        }
        Ok(read)
    }

    /// As [`Body::fetch_raw`], but decompressed.
    fn fetch(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                let read = self.fetch_raw(out)?;
                self.tally.decompressed(read);
                return Ok(read);
            };
            let taken = decoder.take(out);
            if taken > 0 {
                self.tally.decompressed(taken);
                return Ok(taken);
            }
            if self.framing == Framing::Done {
                return decoder.finish().map(|()| 0);
            }
            let mut piece = [0; 4096];
            let read = self.fetch_raw(&mut piece)?;
            match &mut self.decoder {
                Some(decoder) if read > 0 => {
                    let began = clock::now();
                    let pushed = decoder.push(&piece[..read]);
                    self.tally.decompressing(began.elapsed());
                    pushed?;
                }
                _ => {}
            }
        }
    }

    /// How many bytes can be read at once; waits until there is one, or the end. The amount is not recalculated
    /// before all of it was read.
    fn available(&mut self) -> Result<u32> {
        if self.announced.is_empty() {
            self.announced.resize(ANNOUNCED, 0);
            let mut piece = std::mem::take(&mut self.announced);
            let read = self.fetch(&mut piece);
            piece.truncate(*read.as_ref().unwrap_or(&0));
            self.announced = piece;
            read?;
        }
        Ok(self.announced.len() as u32)
    }

    /// Reads until the buffer is full or the body is at its end, which 0 tells; or, if it is not to be filled, until
    /// there is any data at all.
    ///
    /// The page says both that the function tries to fill the buffer until there is no more data from the response,
    /// and that it does not fill it if sufficient data has not arrived. What has been read when waiting for more
    /// fails is returned; the failure comes with the next call.
    fn read(&mut self, out: &mut [u8], fill: bool) -> Result<u32> {
        let mut filled = self.announced.len().min(out.len());
        out[..filled].copy_from_slice(&self.announced[..filled]);
        self.announced.drain(..filled);
        while filled < out.len() && (fill || filled == 0) {
            match self.fetch(&mut out[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled as u32)
    }
}

/// Tells that the connection was closed behind a body.
pub(super) fn tell_of_the_close(object: &Object) {
    object.notify(Notice::ClosingConnection);
    object.notify(Notice::ConnectionClosed);
}

/// What is wanted of a body.
pub(crate) enum Reading<B> {
    Available,
    /// Into a buffer.
    Into {
        buffer: B,
        /// Not before it is full, or the body at its end.
        fill: bool,
    },
}

/// Returns the job that reads, or finds out what can be read; the result is the number of bytes.
pub(crate) fn read<B: AsMut<[u8]> + Send>(
    object: &Arc<Object>,
    reading: Reading<B>,
) -> Result<impl FnOnce() -> Result<u32> + Send + use<B>> {
    let called = clock::now();
    let Phase::Received(mut body) = of(object)?.take(|phase| matches!(phase, Phase::Received(_)))? else {
        return Err(Error::INTERNAL);
    };
    let object = object.clone();
    Ok(move || {
        if let Some(wire) = &mut body.wire {
            wire.begin(called, object.settings().timeout(w::WINHTTP_OPTION_RECEIVE_TIMEOUT), None);
        }
        let count = match reading {
            Reading::Available => body.available(),
            Reading::Into { mut buffer, fill } => body.read(buffer.as_mut(), fill),
        };
        let closed = body.has_closed();
        let request = of(&object)?;
        body.release_at_end(request);
        request.enter(Phase::Received(body));
        if closed {
            tell_of_the_close(&object);
        }
        count
    })
}
