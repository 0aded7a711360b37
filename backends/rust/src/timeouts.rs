//! Setting four timeouts at once. Page: WinHttpSetTimeouts.

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    error::{Error, Result},
    handle::{self, Handle, Kind},
    option::Value,
};

/// Resolve, connect, send and receive timeout, in milliseconds; 0 and -1 wait for ever. On a refusal none is set.
pub(crate) fn set(handle: Option<Handle>, milliseconds: [i32; 4]) -> Result<()> {
    let object = handle::find(handle)?;
    if !matches!(object.kind(), Kind::Session | Kind::Request) {
        return Err(Error::INCORRECT_HANDLE_TYPE);
    }
    if milliseconds.iter().any(|timeout| *timeout < -1) {
        return Err(Error::INVALID_PARAMETER);
    }
    let options = [
        w::WINHTTP_OPTION_RESOLVE_TIMEOUT,
        w::WINHTTP_OPTION_CONNECT_TIMEOUT,
        w::WINHTTP_OPTION_SEND_TIMEOUT,
        w::WINHTTP_OPTION_RECEIVE_TIMEOUT,
    ];
    let mut settings = object.settings();
    for (option, timeout) in options.into_iter().zip(milliseconds) {
        // -1 becomes INFINITE, by which the options say the same.
        settings.put(option, Value::Dword(timeout as u32));
    }
    Ok(())
}
