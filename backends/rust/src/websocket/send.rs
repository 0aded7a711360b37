//! Sending messages. Page: WinHttpWebSocketSend.

use std::{sync::Arc, time::Duration};

use tungstenite::protocol::frame::coding::{Data, OpCode};
use windows_sys::Win32::Networking::WinHttp as w;

use super::{Pending, find, frame, of};
use crate::{
    clock,
    error::{Error, Result},
    handle::{Handle, Object, lock},
    wire::Socket,
};

/// The sending side of a connection.
pub(super) struct Sender {
    socket: Arc<Socket>,
    /// How long sending a frame may take.
    timeout: Option<Duration>,
    /// The type of a message whose last fragment was not sent yet.
    message: Option<Data>,
}

impl Sender {
    pub(super) fn new(socket: Arc<Socket>, timeout: Option<Duration>) -> Sender {
        Sender { socket, timeout, message: None }
    }

    pub(super) fn frame(&mut self, opcode: OpCode, is_final: bool, payload: &[u8]) -> Result<()> {
        let bytes = frame::encode(opcode, is_final, payload);
        self.socket.write(&bytes, &[], self.timeout.map(|timeout| clock::now() + timeout))
    }

    /// Sends a whole frame, or nothing where that would take waiting.
    pub(super) fn frame_at_once(&self, opcode: OpCode, payload: &[u8]) -> Result<()> {
        self.socket.write_at_once(&frame::encode(opcode, true, payload))
    }
}

/// One call's worth of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    data: Data,
    is_final: bool,
}

impl Outgoing {
    /// Reads a `WINHTTP_WEB_SOCKET_BUFFER_TYPE`; the close type is not one for sending.
    pub(crate) fn from_buffer_type(buffer_type: i32) -> Result<Outgoing> {
        let (data, is_final) = match buffer_type {
            w::WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE => (Data::Binary, true),
            w::WINHTTP_WEB_SOCKET_BINARY_FRAGMENT_BUFFER_TYPE => (Data::Binary, false),
            w::WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE => (Data::Text, true),
            w::WINHTTP_WEB_SOCKET_UTF8_FRAGMENT_BUFFER_TYPE => (Data::Text, false),
            _ => return Err(Error::INVALID_PARAMETER),
        };
        Ok(Outgoing { data, is_final })
    }
}

/// Checks that nothing forbids to send, and returns the handle's object with the job that does.
pub(crate) fn send(
    handle: Option<Handle>,
    outgoing: Result<Outgoing>,
    payload: Option<Vec<u8>>,
) -> Result<(Arc<Object>, impl FnOnce() -> Result<u32> + Send + use<>)> {
    let object = find(handle)?;
    let outgoing = outgoing?;
    let payload = payload.ok_or(Error::INVALID_PARAMETER)?;
    let pending = {
        let socket = of(&object)?;
        let closing = lock(&socket.closing);
        if closing.shut {
            return Err(Error::INVALID_OPERATION);
        }
        Pending::begin(&socket.sending)?
    };
    let job = {
        let object = object.clone();
        move || {
            let _pending = pending;
            let socket = of(&object)?;
            let mut sender = lock(&socket.sender);
            // A shutdown that was called later may have come first.
            if lock(&socket.closing).sent {
                return Err(Error::INVALID_OPERATION);
            }
            let opcode = match sender.message {
                None => OpCode::Data(outgoing.data),
                Some(message) if message == outgoing.data => OpCode::Data(Data::Continue),
                // A message cannot change its type half way.
                Some(_) => return Err(Error::INVALID_PARAMETER),
            };
            sender.message = (!outgoing.is_final).then_some(outgoing.data);
            sender.frame(opcode, outgoing.is_final, &payload)?;
            Ok(payload.len() as u32)
        }
    };
    Ok((object, job))
}
