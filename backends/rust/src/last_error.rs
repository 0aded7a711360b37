//! What a thread remembers of its last failure: the last error, where the platform has none of its own, and the
//! socket error behind it, which `WINHTTP_OPTION_EXTENDED_ERROR` retrieves.

use std::{cell::Cell, io};

thread_local! {
    #[cfg(not(windows))]
    static LAST_ERROR: Cell<u32> = const { Cell::new(0) };
    static EXTENDED_ERROR: Cell<u32> = const { Cell::new(0) };
}

/// The calling thread's last error.
#[cfg(not(windows))]
pub(crate) fn last_error() -> u32 {
    LAST_ERROR.get()
}

/// Sets the calling thread's last error.
#[cfg(not(windows))]
pub(crate) fn set_last_error(code: u32) {
    LAST_ERROR.set(code);
}

/// The Windows Sockets code that was mapped to the last WinHTTP error of this thread, or 0.
pub(crate) fn extended_error() -> u32 {
    EXTENDED_ERROR.get()
}

/// Does something whose socket errors are nobody's business, as they become no WinHTTP error.
pub(crate) fn without_noting<T>(act: impl FnOnce() -> T) -> T {
    let before = EXTENDED_ERROR.get();
    let result = act();
    EXTENDED_ERROR.set(before);
    result
}

/// Remembers the socket error that is about to become a WinHTTP error.
pub(crate) fn note_socket_error(error: &io::Error) {
    EXTENDED_ERROR.set(windows_sockets_code(error));
}

/// Winsock's number for a socket error; 0 where it has none. An application reads the same number everywhere.
fn windows_sockets_code(error: &io::Error) -> u32 {
    use windows_sys::Win32::Networking::WinSock as s;
    let code = match error.kind() {
        io::ErrorKind::ConnectionRefused => s::WSAECONNREFUSED,
        io::ErrorKind::ConnectionReset => s::WSAECONNRESET,
        io::ErrorKind::ConnectionAborted => s::WSAECONNABORTED,
        io::ErrorKind::NotConnected => s::WSAENOTCONN,
        io::ErrorKind::AddrNotAvailable => s::WSAEADDRNOTAVAIL,
        io::ErrorKind::NetworkUnreachable => s::WSAENETUNREACH,
        io::ErrorKind::HostUnreachable => s::WSAEHOSTUNREACH,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => s::WSAETIMEDOUT,
        _ => 0,
    };
    code as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_error_has_winsocks_number_on_every_platform() {
        note_socket_error(&io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(extended_error(), 10061);
    }

    #[cfg(not(windows))]
    #[test]
    fn the_last_error_belongs_to_a_thread() {
        set_last_error(87);
        let other = std::thread::spawn(last_error).join().unwrap();
        assert_eq!((last_error(), other), (87, 0));
    }
}
