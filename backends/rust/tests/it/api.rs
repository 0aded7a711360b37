//! Calling the exported functions. `windows-sys` declares them; on this platform the symbols are this crate's.

use std::ffi::c_void;

pub(crate) use windows_sys::Win32::{Foundation::*, Networking::WinHttp::*};

// Links the library, whose symbols the declarations above name.
use winhttp as _;

pub(crate) type Handle = *mut c_void;

/// Calls an exported function.
macro_rules! call {
    ($name:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: the pointers of a test point to variables that outlive the call, with their true lengths.
        unsafe { $name($($argument),*) }
    };
}
pub(crate) use call;

/// UTF-16 with a terminator.
pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

pub(crate) fn last_error() -> u32 {
    call!(GetLastError())
}

/// Forgets the last error, so that the next one is the next call's.
pub(crate) fn forget_error() {
    call!(SetLastError(0));
}

/// 0 for success, else the last error.
pub(crate) fn outcome(succeeded: i32) -> u32 {
    if succeeded != 0 { 0 } else { last_error() }
}

pub(crate) fn open_with(flags: u32) -> Handle {
    let agent = wide("test");
    call!(WinHttpOpen(
        agent.as_ptr(),
        WINHTTP_ACCESS_TYPE_NO_PROXY,
        std::ptr::null(),
        std::ptr::null(),
        flags
    ))
}

pub(crate) fn open() -> Handle {
    open_with(0)
}

pub(crate) fn connect(session: Handle, server: &str, port: u16) -> Handle {
    let server = wide(server);
    call!(WinHttpConnect(session, server.as_ptr(), port, 0))
}

pub(crate) fn request(connection: Handle, verb: &str, path: &str) -> Handle {
    let (verb, path) = (wide(verb), wide(path));
    let none = std::ptr::null();
    call!(WinHttpOpenRequest(connection, verb.as_ptr(), path.as_ptr(), none, none, std::ptr::null(), 0))
}

pub(crate) fn close(handle: Handle) -> u32 {
    outcome(call!(WinHttpCloseHandle(handle)))
}

/// One handle of each kind below one session.
pub(crate) struct Family {
    pub(crate) session: Handle,
    pub(crate) connection: Handle,
    pub(crate) request: Handle,
}

impl Family {
    pub(crate) fn new() -> Family {
        Family::to(0, 80, "/")
    }

    pub(crate) fn to(flags: u32, port: u16, path: &str) -> Family {
        let session = open_with(flags);
        let connection = connect(session, "127.0.0.1", port);
        Family { session, connection, request: request(connection, "GET", path) }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        close(self.session);
    }
}

pub(crate) fn set_bytes(handle: Handle, option: u32, bytes: &[u8]) -> u32 {
    outcome(call!(WinHttpSetOption(handle, option, bytes.as_ptr().cast(), bytes.len() as u32)))
}

pub(crate) fn set_dword(handle: Handle, option: u32, value: u32) -> u32 {
    set_bytes(handle, option, &value.to_ne_bytes())
}

/// The DWORD of an option, or the last error.
pub(crate) fn query_dword(handle: Handle, option: u32) -> Result<u32, u32> {
    let (mut value, mut length) = (0_u32, 4);
    match outcome(call!(WinHttpQueryOption(handle, option, (&raw mut value).cast(), &mut length))) {
        0 => Ok(value),
        error => Err(error),
    }
}

pub(crate) fn query_word(handle: Handle, option: u32) -> Result<usize, u32> {
    let (mut value, mut length) = (0_usize, size_of::<usize>() as u32);
    match outcome(call!(WinHttpQueryOption(handle, option, (&raw mut value).cast(), &mut length))) {
        0 => Ok(value),
        error => Err(error),
    }
}

/// The text of an option, with the length that was reported, or the last error.
pub(crate) fn query_text(handle: Handle, option: u32) -> Result<(String, u32), u32> {
    let (mut buffer, mut length) = ([0_u16; 512], 1024);
    match outcome(call!(WinHttpQueryOption(handle, option, buffer.as_mut_ptr().cast(), &mut length))) {
        0 => {
            let end = buffer.iter().position(|unit| *unit == 0).unwrap();
            Ok((String::from_utf16(&buffer[..end]).unwrap(), length))
        }
        error => Err(error),
    }
}

pub(crate) fn send(request: Handle) -> u32 {
    outcome(call!(WinHttpSendRequest(request, std::ptr::null(), 0, std::ptr::null(), 0, 0, 0)))
}

pub(crate) fn receive(request: Handle) -> u32 {
    outcome(call!(WinHttpReceiveResponse(request, std::ptr::null_mut())))
}

pub(crate) fn status(request: Handle) -> u32 {
    let (mut value, mut length) = (0_u32, 4);
    let level = WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER;
    let name = std::ptr::null();
    let buffer = (&raw mut value).cast();
    let read = call!(WinHttpQueryHeaders(request, level, name, buffer, &mut length, std::ptr::null_mut()));
    assert_eq!(outcome(read), 0);
    value
}

pub(crate) fn read(request: Handle, most: usize) -> Result<Vec<u8>, u32> {
    let (mut buffer, mut count) = (vec![0_u8; most], 0);
    match outcome(call!(WinHttpReadData(request, buffer.as_mut_ptr().cast(), most as u32, &mut count))) {
        0 => {
            buffer.truncate(count as usize);
            Ok(buffer)
        }
        error => Err(error),
    }
}
