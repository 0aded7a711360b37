//! Keep-alive packets. Page: option-flags, `WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL`.
//!
//! The page leaves open what a packet is: here it is a Pong that nobody asked for, which needs no answer (RFC 6455,
//! section 5.5.3). It also leaves open from when the interval counts: here from the upgrade, from when the option is
//! set, and from the packet before, whatever else is sent meanwhile.

use std::{
    sync::{Arc, TryLockError},
    time::Duration,
};

use tungstenite::protocol::frame::coding::{Control, OpCode};
use windows_sys::Win32::Networking::WinHttp as w;

use super::{WebSocket, of};
use crate::{
    clock::{self, Alarm},
    handle::{Object, lock},
};

/// Has packets sent from now on.
pub(super) fn begin(object: &Arc<Object>) {
    let Ok(socket) = of(object) else { return };
    let weak = Arc::downgrade(object);
    socket.keepalive.get_or_init(|| {
        Alarm::new(move || {
            let Some(object) = weak.upgrade() else { return };
            if of(&object).is_ok_and(WebSocket::keep_alive) {
                restart(&object);
            }
        })
    });
    restart(object);
}

/// Has the next packet sent when the interval, as it is set now, has passed from now on.
pub(crate) fn restart(object: &Object) {
    let interval = object.settings().dword(w::WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL);
    if let Some(alarm) = of(object).ok().and_then(|socket| socket.keepalive.get()) {
        alarm.set(clock::now() + Duration::from_millis(interval.into()));
    }
}

impl WebSocket {
    /// Sends a packet, if that needs no waiting: otherwise there is traffic enough. Returns whether another one is to
    /// follow.
    fn keep_alive(&self) -> bool {
        let sender = match self.sender.try_lock() {
            Ok(sender) => sender,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return true,
        };
        // Behind a close frame nothing may be sent.
        let over = {
            let closing = lock(&self.closing);
            closing.shut || closing.ended.is_some()
        };
        !over && sender.frame_at_once(OpCode::Control(Control::Pong), &[]).is_ok()
    }
}
