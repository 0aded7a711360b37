//! Receiving messages, answering pings, noticing the peer's close. Page: WinHttpWebSocketReceive.

use std::{
    io::Cursor,
    sync::{Arc, TryLockError},
};

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};
use windows_sys::Win32::Networking::WinHttp as w;

use super::{Pending, WebSocket, find, frame, of};
use crate::{
    error::{Error, Result},
    handle::{Handle, Object, lock},
    wire::Wire,
};

/// The receiving side of a connection.
pub(super) struct Receiver {
    wire: Wire,
    /// The type of the message that is being received.
    message: Option<Data>,
    /// The frame whose payload is being received: bytes left, and whether it is the message's last.
    current: Option<(u64, bool)>,
    /// The last bytes of a text that may be the beginning of a character.
    text: Utf8,
}

/// What one receive brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) length: u32,
    /// A `WINHTTP_WEB_SOCKET_BUFFER_TYPE`.
    pub(crate) buffer_type: i32,
}

const CLOSE: Received = Received { length: 0, buffer_type: w::WINHTTP_WEB_SOCKET_CLOSE_BUFFER_TYPE };

/// Checks that nothing forbids to receive, and returns the handle's object with the job that does.
pub(crate) fn receive<B: AsMut<[u8]> + Send>(
    handle: Option<Handle>,
    buffer: Option<B>,
) -> Result<(Arc<Object>, impl FnOnce() -> Result<Received> + Send + use<B>)> {
    let object = find(handle)?;
    let mut buffer = buffer.ok_or(Error::INVALID_PARAMETER)?;
    let pending = {
        let socket = of(&object)?;
        let closing = lock(&socket.closing);
        if closing.started || closing.received.is_some() {
            return Err(Error::INVALID_OPERATION);
        }
        Pending::begin(&socket.receiving)?
    };
    let job = {
        let object = object.clone();
        move || {
            let _pending = pending;
            let socket = of(&object)?;
            let mut receiver = match socket.receiver.try_lock() {
                Ok(receiver) => receiver,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                // Only WinHttpWebSocketClose can have it: it was called since.
                Err(TryLockError::WouldBlock) => return Err(Error::OPERATION_CANCELLED),
            };
            let received = receiver.receive(socket, buffer.as_mut());
            if !socket.is_closing() {
                return received;
            }
            // WinHttpWebSocketClose was called meanwhile and waits for the peer's close frame: only this thread can
            // bring it.
            if received.is_ok_and(|received| received != CLOSE) {
                receiver.drain(socket);
            }
            Err(Error::OPERATION_CANCELLED)
        }
    };
    Ok((object, job))
}

impl Receiver {
    pub(super) fn new(wire: Wire) -> Receiver {
        Receiver { wire, message: None, current: None, text: Utf8::default() }
    }

    /// Receives until the buffer is full, the frame is at its end, or the peer closes.
    fn receive(&mut self, socket: &WebSocket, buffer: &mut [u8]) -> Result<Received> {
        self.try_receive(socket, buffer).inspect_err(|error| socket.connection_ended(*error))
    }

    /// Receives and throws away, until the peer closes or the connection ends.
    pub(super) fn drain(&mut self, socket: &WebSocket) {
        let mut buffer = [0; 4096];
        while self.receive(socket, &mut buffer).is_ok_and(|received| received != CLOSE) {}
    }

    fn try_receive(&mut self, socket: &WebSocket, buffer: &mut [u8]) -> Result<Received> {
        let (left, is_final) = match self.current {
            Some(current) => current,
            None => match self.next_data_frame(socket)? {
                Some(current) => current,
                None => return Ok(CLOSE),
            },
        };
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut filled = 0;
        while filled < room {
            match self.wire.read(&mut buffer[filled..room])? {
                0 => return Err(Error::CONNECTION_ERROR),
                read => filled += read,
            }
        }
        let left = left - filled as u64;
        self.current = (left > 0).then_some((left, is_final));
        let whole = left == 0 && is_final;
        let text = self.message == Some(Data::Text);
        if text {
            self.text.check(&buffer[..filled], whole)?;
        }
        if whole {
            self.message = None;
        }
        let buffer_type = match (text, whole) {
            (true, true) => w::WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE,
            (true, false) => w::WINHTTP_WEB_SOCKET_UTF8_FRAGMENT_BUFFER_TYPE,
            (false, true) => w::WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE,
            (false, false) => w::WINHTTP_WEB_SOCKET_BINARY_FRAGMENT_BUFFER_TYPE,
        };
        Ok(Received { length: filled as u32, buffer_type })
    }

    /// Reads frame headers up to one with data, dealing with control frames; `None` is the peer's close.
    fn next_data_frame(&mut self, socket: &WebSocket) -> Result<Option<(u64, bool)>> {
        loop {
            let (header, length) = self.frame_header()?;
            frame::check(&header, length, self.message.is_some())?;
            match header.opcode {
                OpCode::Data(data) => {
                    if data != Data::Continue {
                        self.message = Some(data);
                    }
                    return Ok(Some((length, header.is_final)));
                }
                OpCode::Control(Control::Close) => {
                    let (status, reason) = close_frame(self.payload(length)?)?;
                    socket.close_received(status, reason);
                    return Ok(None);
                }
                OpCode::Control(Control::Ping) => {
                    let payload = self.payload(length)?;
                    // After the close frame nothing may be sent any more.
                    if !lock(&socket.closing).sent {
                        lock(&socket.sender).frame(OpCode::Control(Control::Pong), true, &payload)?;
                    }
                }
                OpCode::Control(_) => drop(self.payload(length)?),
            }
        }
    }

    fn frame_header(&mut self) -> Result<(FrameHeader, u64)> {
        loop {
            let mut cursor = Cursor::new(self.wire.ahead());
            match FrameHeader::parse(&mut cursor) {
                Ok(Some(parsed)) => {
                    let length = cursor.position() as usize;
                    self.wire.consume(length);
                    return Ok(parsed);
                }
                Ok(None) => {}
                Err(_) => return Err(Error::INVALID_SERVER_RESPONSE),
            }
            if self.wire.fill()? == 0 {
                return Err(Error::CONNECTION_ERROR);
            }
        }
    }

    /// The payload of a control frame.
    fn payload(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut payload = vec![0; length as usize];
        let mut filled = 0;
        while filled < payload.len() {
            match self.wire.read(&mut payload[filled..])? {
                0 => return Err(Error::CONNECTION_ERROR),
                read => filled += read,
            }
        }
        Ok(payload)
    }
}

/// Status and reason of a close frame; without a payload the status is that of an empty one.
fn close_frame(payload: Vec<u8>) -> Result<(u16, Vec<u8>)> {
    match payload.split_first_chunk() {
        Some((status, reason)) if std::str::from_utf8(reason).is_ok() => {
            Ok((u16::from_be_bytes(*status), reason.to_vec()))
        }
        None if payload.is_empty() => Ok((w::WINHTTP_WEB_SOCKET_EMPTY_CLOSE_STATUS as u16, Vec::new())),
        _ => Err(Error::INVALID_SERVER_RESPONSE),
    }
}

/// Checks a text that comes in pieces (RFC 6455, section 8.1).
#[derive(Default)]
struct Utf8(Vec<u8>);

impl Utf8 {
    fn check(&mut self, piece: &[u8], last: bool) -> Result<()> {
        self.0.extend_from_slice(piece);
        let rest = match std::str::from_utf8(&self.0) {
            Ok(_) => self.0.len(),
            Err(error) if error.error_len().is_none() && !last => error.valid_up_to(),
            Err(_) => return Err(Error::INVALID_SERVER_RESPONSE),
        };
        self.0.drain(..rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::whole(&["hü".as_bytes()], true)]
    #[case::split_character(&[b"h\xc3".as_slice(), b"\xbc"], true)]
    #[case::cut_character(&[b"h\xc3".as_slice()], false)]
    #[case::no_character(&[b"h\xff".as_slice(), b"x"], false)]
    fn a_text_is_utf8_over_all_its_pieces(#[case] pieces: &[&[u8]], #[case] accepted: bool) {
        let mut text = Utf8::default();
        let checks = pieces.iter().enumerate().map(|(at, piece)| text.check(piece, at + 1 == pieces.len()));
        assert_eq!(checks.collect::<Result<Vec<()>>>().is_ok(), accepted);
    }

    #[rstest]
    #[case::empty(b"", Ok((1005, Vec::new())))]
    #[case::status(b"\x03\xe8", Ok((1000, Vec::new())))]
    #[case::reason(b"\x03\xe9bye", Ok((1001, b"bye".to_vec())))]
    #[case::half_a_status(b"\x03", Err(Error::INVALID_SERVER_RESPONSE))]
    #[case::no_text(b"\x03\xe8\xff", Err(Error::INVALID_SERVER_RESPONSE))]
    fn a_close_frame_has_status_and_reason(#[case] payload: &[u8], #[case] expected: Result<(u16, Vec<u8>)>) {
        assert_eq!(close_frame(payload.to_vec()), expected);
    }
}
