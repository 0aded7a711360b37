//! Closing. Pages: WinHttpWebSocketShutdown, WinHttpWebSocketClose, WinHttpWebSocketQueryCloseStatus.

use std::sync::{Arc, PoisonError, TryLockError, atomic::Ordering};

use tungstenite::protocol::frame::coding::{Control, OpCode};
use windows_sys::Win32::Networking::WinHttp as w;

use super::{WebSocket, find, of};
use crate::{
    clock::{self, Alarm, Moment},
    error::{Error, Result},
    handle::{Handle, Object, lock},
};

/// A status and a reason that may go into a close frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CloseReason {
    payload: Vec<u8>,
}

impl CloseReason {
    /// The page on close statuses names those that exist. Of these, 1006 and 1015 only ever tell of connections that
    /// ended without a close frame, and an empty close frame (1005) has no room for a reason; RFC 6455 adds the
    /// ranges that applications may use. Everything else is `ERROR_INVALID_PARAMETER`, as is a reason that is NULL
    /// (`None`) but not empty, or longer than 123 bytes.
    pub(crate) fn new(status: u16, reason: Option<&[u8]>) -> Result<CloseReason> {
        let reason =
            reason.filter(|reason| reason.len() <= w::WINHTTP_WEB_SOCKET_MAX_CLOSE_REASON_LENGTH as usize);
        let reason = reason.ok_or(Error::INVALID_PARAMETER)?;
        match status {
            1005 if reason.is_empty() => Ok(CloseReason { payload: Vec::new() }),
            1000..=1003 | 1007..=1014 | 3000..=4999 => {
                Ok(CloseReason { payload: [&status.to_be_bytes(), reason].concat() })
            }
            _ => Err(Error::INVALID_PARAMETER),
        }
    }
}

/// Checks that the send channel is open, and returns the handle's object with the job that closes it.
pub(crate) fn shutdown(
    handle: Option<Handle>,
    reason: Result<CloseReason>,
) -> Result<(Arc<Object>, impl FnOnce() -> Result<()> + Send + use<>)> {
    let object = find(handle)?;
    let reason = reason?;
    {
        let socket = of(&object)?;
        let mut closing = lock(&socket.closing);
        if closing.shut {
            return Err(Error::INVALID_OPERATION);
        }
        closing.shut = true;
    }
    let job = {
        let object = object.clone();
        move || of(&object)?.send_close(&reason)
    };
    Ok((object, job))
}

/// Checks that nothing forbids to close, and returns the handle's object with the job that does.
pub(crate) fn close(
    handle: Option<Handle>,
    reason: Result<CloseReason>,
) -> Result<(Arc<Object>, impl FnOnce() -> Result<()> + Send + use<>)> {
    let object = find(handle)?;
    let reason = reason?;
    {
        let socket = of(&object)?;
        let mut closing = lock(&socket.closing);
        if closing.started || socket.sending.load(Ordering::Acquire) {
            return Err(Error::INVALID_OPERATION);
        }
        closing.started = true;
        closing.shut = true;
    }
    let called = clock::now();
    let timeout = object.settings().timeout(w::WINHTTP_OPTION_WEB_SOCKET_CLOSE_TIMEOUT);
    let job = {
        let object = object.clone();
        move || {
            let socket = of(&object)?;
            let alarm = alarm(&object);
            let due = timeout.map(|timeout| called + timeout);
            let closed = socket.send_close(&reason).and_then(|()| socket.await_close(&alarm, due));
            socket.cancel();
            closed
        }
    };
    Ok((object, job))
}

/// Ends the waiting for the peer's close frame.
fn alarm(object: &Arc<Object>) -> Alarm {
    let object = Arc::downgrade(object);
    Alarm::new(move || {
        let Some(object) = object.upgrade() else { return };
        if let Ok(socket) = of(&object) {
            socket.socket.time_out();
            socket.connection_ended(Error::TIMEOUT);
        }
    })
}

impl WebSocket {
    /// Sends the close frame, unless it was sent before.
    fn send_close(&self, reason: &CloseReason) -> Result<()> {
        let mut sender = lock(&self.sender);
        if std::mem::replace(&mut lock(&self.closing).sent, true) {
            return Ok(());
        }
        sender.frame(OpCode::Control(Control::Close), true, &reason.payload)
    }

    /// Waits for the peer's close frame: reads it here, or has the receive that is under way read it.
    fn await_close(&self, alarm: &Alarm, due: Option<Moment>) -> Result<()> {
        if let Some(due) = due {
            alarm.set(due);
        }
        let receiver = match self.receiver.try_lock() {
            Ok(receiver) => Some(receiver),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        if let Some(mut receiver) = receiver
            && lock(&self.closing).received.is_none()
        {
            receiver.drain(self);
        }
        let mut closing = lock(&self.closing);
        loop {
            if closing.received.is_some() {
                return Ok(());
            }
            if let Some(error) = closing.ended {
                return Err(error);
            }
            closing = self.closed.wait(closing).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The peer's close status and reason; `ERROR_INVALID_OPERATION` before a close frame came.
pub(crate) fn query_close_status(handle: Option<Handle>) -> Result<(u16, Vec<u8>)> {
    let object = find(handle)?;
    let received = lock(&of(&object)?.closing).received.clone();
    received.ok_or(Error::INVALID_OPERATION)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::success(1000, Some(b"".as_slice()), Ok(b"\x03\xe8".to_vec()))]
    #[case::reason(1001, Some(b"bye".as_slice()), Ok(b"\x03\xe9bye".to_vec()))]
    #[case::private(4000, Some(b"".as_slice()), Ok(b"\x0f\xa0".to_vec()))]
    #[case::empty(1005, Some(b"".as_slice()), Ok(b"".to_vec()))]
    #[case::empty_with_reason(1005, Some(b"x".as_slice()), Err(Error::INVALID_PARAMETER))]
    #[case::aborted(1006, Some(b"".as_slice()), Err(Error::INVALID_PARAMETER))]
    #[case::no_status(0, Some(b"".as_slice()), Err(Error::INVALID_PARAMETER))]
    #[case::null_reason_with_length(1000, None, Err(Error::INVALID_PARAMETER))]
    #[case::longest(1000, Some([b'x'; 123].as_slice()), Ok([[3, 0xe8].as_slice(), &[b'x'; 123]].concat()))]
    #[case::too_long(1000, Some([b'x'; 124].as_slice()), Err(Error::INVALID_PARAMETER))]
    fn a_close_frame_carries_what_it_may(
        #[case] status: u16,
        #[case] reason: Option<&[u8]>,
        #[case] payload: Result<Vec<u8>>,
    ) {
        let expected = payload.map(|payload| CloseReason { payload });
        assert_eq!(CloseReason::new(status, reason), expected);
    }
}
