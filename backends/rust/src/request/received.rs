//! A received response: its body, read or announced. Pages: WinHttpReadData, WinHttpReadDataEx,
//! WinHttpQueryDataAvailable.

use std::sync::Arc;

use super::{Phase, of};
use crate::{
    error::{Error, Result},
    handle::Object,
    http1::{Framing, Header},
    notification::Notice,
    wire::Wire,
};

/// WinHttpQueryDataAvailable announces no more than this.
const ANNOUNCED: usize = 8 * 1024;

/// The body of a response, as far as it was not read.
pub(crate) struct Body {
    wire: Wire,
    framing: Framing,
    /// What was announced and not yet read.
    announced: Vec<u8>,
    /// The peer ends the body by closing the connection.
    ends_in_close: bool,
    /// The headers behind the body, of which none is known before its end.
    trailers: Vec<Header>,
}

impl Body {
    pub(super) fn new(wire: Wire, framing: Framing) -> Body {
        Body {
            wire,
            framing,
            announced: Vec::new(),
            ends_in_close: framing == Framing::UntilClose,
            trailers: Vec::new(),
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.announced.is_empty() && self.framing == Framing::Done
    }

    /// The headers behind a body that was read to its end; before that, `ERROR_WINHTTP_INCORRECT_HANDLE_STATE`.
    pub(super) fn trailers(&self) -> Result<Vec<Header>> {
        if self.is_at_end() { Ok(self.trailers.clone()) } else { Err(Error::INCORRECT_HANDLE_STATE) }
    }

    /// The connection, of a response that has no body.
    pub(crate) fn into_wire(self) -> Wire {
        self.wire
    }

    /// How many bytes can be read at once; waits until there is one, or the end. The amount is not recalculated
    /// before all of it was read.
    fn available(&mut self) -> Result<u32> {
        if self.announced.is_empty() {
            self.announced.resize(ANNOUNCED, 0);
            let read = self.framing.read(&mut self.wire, &mut self.announced, &mut self.trailers);
            self.announced.truncate(*read.as_ref().unwrap_or(&0));
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
            match self.framing.read(&mut self.wire, &mut out[filled..], &mut self.trailers) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled as u32)
    }
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
    let Phase::Received(mut body) = of(object)?.take(|phase| matches!(phase, Phase::Received(_)))? else {
        return Err(Error::INTERNAL);
    };
    let object = object.clone();
    Ok(move || {
        let count = match reading {
            Reading::Available => body.available(),
            Reading::Into { mut buffer, fill } => body.read(buffer.as_mut(), fill),
        };
        let closed = body.ends_in_close && body.framing == Framing::Done;
        body.ends_in_close &= !closed;
        of(&object)?.enter(Phase::Received(body));
        if closed {
            object.notify(Notice::ClosingConnection);
            object.notify(Notice::ConnectionClosed);
        }
        count
    })
}
