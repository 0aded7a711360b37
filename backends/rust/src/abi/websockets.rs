//! Entry points for WebSockets.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Code, OutHandle,
    arguments::{InBytes, InHandle, Out},
    buffers::OutBytes,
    entry_points,
};
use crate::{
    error::Error,
    notification::Notice,
    operation,
    websocket::{self, CloseReason, Outgoing},
};

entry_points! {
    fn WinHttpWebSocketCompleteUpgrade(request: InHandle, context: usize) -> OutHandle {
        websocket::complete_upgrade(request.get(), context).map(|object| object.handle)
    }

    fn WinHttpWebSocketSend(socket: InHandle, buffer_type: i32, buffer: InBytes, length: u32) -> Code {
        // SAFETY: buffer and length are the arguments that belong together.
        let payload = unsafe { buffer.with_length(length) }.map(<[u8]>::to_vec);
        let outgoing = Outgoing::from_buffer_type(buffer_type);
        let (object, job) = websocket::send(socket.get(), outgoing, payload)?;
        let failed = |error| Notice::WebSocketError(w::WINHTTP_WEB_SOCKET_SEND_OPERATION, error);
        let completed = move |count| Notice::WebSocketSent(count, buffer_type);
        operation::run(&object, job, completed, failed).map(drop)
    }

    fn WinHttpWebSocketReceive(
        socket: InHandle,
        buffer: OutBytes,
        length: u32,
        read: Out<u32>,
        buffer_type: Out<i32>,
    ) -> Code {
        // SAFETY: buffer and length are the arguments that belong together.
        let buffer = unsafe { buffer.with_length(length) };
        let (object, job) = websocket::receive(socket.get(), buffer)?;
        // A synchronous caller learns both through its pointers only.
        if !object.session().asynchronous && (read.is_null() || buffer_type.is_null()) {
            return Err(Error::INVALID_PARAMETER);
        }
        let failed = |error| Notice::WebSocketError(w::WINHTTP_WEB_SOCKET_RECEIVE_OPERATION, error);
        let completed = |received: websocket::Received| {
            Notice::WebSocketReceived(received.length, received.buffer_type)
        };
        if let Some(received) = operation::run(&object, job, completed, failed)? {
            read.put(received.length);
            buffer_type.put(received.buffer_type);
        }
        Ok(())
    }

    fn WinHttpWebSocketShutdown(socket: InHandle, status: u16, reason: InBytes, length: u32) -> Code {
        // SAFETY: reason and length are the arguments that belong together.
        let reason = CloseReason::new(status, unsafe { reason.with_length(length) });
        let (object, job) = websocket::shutdown(socket.get(), reason)?;
        let failed = |error| Notice::WebSocketError(w::WINHTTP_WEB_SOCKET_SHUTDOWN_OPERATION, error);
        operation::run(&object, job, |()| Notice::WebSocketShutdown, failed).map(drop)
    }

    fn WinHttpWebSocketClose(socket: InHandle, status: u16, reason: InBytes, length: u32) -> Code {
        // SAFETY: reason and length are the arguments that belong together.
        let reason = CloseReason::new(status, unsafe { reason.with_length(length) });
        let (object, job) = websocket::close(socket.get(), reason)?;
        let failed = |error| Notice::WebSocketError(w::WINHTTP_WEB_SOCKET_CLOSE_OPERATION, error);
        operation::run(&object, job, |()| Notice::WebSocketClosed, failed).map(drop)
    }

    fn WinHttpWebSocketQueryCloseStatus(
        socket: InHandle,
        status: Out<u16>,
        reason: OutBytes,
        length: u32,
        consumed: Out<u32>,
    ) -> Code {
        let (code, text) = websocket::query_close_status(socket.get())?;
        // SAFETY: reason and length are the arguments that belong together.
        let mut place = unsafe { reason.with_length(length) }.ok_or(Error::INVALID_PARAMETER)?;
        if status.is_null() || consumed.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        status.put(code);
        consumed.put(text.len() as u32);
        place.as_mut().get_mut(..text.len()).ok_or(Error::INSUFFICIENT_BUFFER)?.copy_from_slice(&text);
        Ok(())
    }
}
