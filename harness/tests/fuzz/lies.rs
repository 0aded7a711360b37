//! The embedded re-implementation with one function replaced by one that lies.

use std::sync::{Mutex, OnceLock};

use winhttp_host::Subject;
use winhttp_host::agent_mode::rust_table;
use winhttp_host::in_process::InProcess;
use winhttp_machine::{Address, Table};

type Query = extern "system" fn(usize, u32, *mut u8, *mut u32) -> i32;
type Crack = extern "system" fn(*const u16, u32, u32, *mut u8) -> i32;
type Create = extern "system" fn(*mut u8, u32, *mut u16, *mut u32) -> i32;
type Set = extern "system" fn(usize, u32, *mut u8, u32) -> i32;
type Callback = extern "system" fn(usize, usize, u32, *const u8, u32);
type Watch = extern "system" fn(usize, Callback, u32, usize) -> usize;
type Close = extern "system" fn(usize) -> i32;

/// WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING.
const HANDLE_CLOSING: u32 = 0x800;
/// No error code of any page.
const NONSENSE: u32 = 0x1234_5678;

/// A function and what stands in its place.
pub(crate) type Lie = (&'static str, Address);

pub(crate) fn honest() -> Lie {
    ("", Address(std::ptr::null()))
}
pub(crate) fn writes_one_byte_more() -> Lie {
    ("WinHttpQueryOption", Address(query_writes_one_byte_more as *const ()))
}
pub(crate) fn fails_without_a_code() -> Lie {
    ("WinHttpQueryOption", Address(query_fails_without_a_code as *const ()))
}
pub(crate) fn fails_with_nonsense() -> Lie {
    ("WinHttpSetOption", Address(set_fails_with_nonsense as *const ()))
}
pub(crate) fn asks_for_too_little() -> Lie {
    ("WinHttpQueryOption", Address(query_asks_for_too_little as *const ()))
}
pub(crate) fn forgets() -> Lie {
    ("WinHttpSetOption", Address(set_forgets as *const ()))
}
pub(crate) fn scribbles() -> Lie {
    ("WinHttpSetOption", Address(set_scribbles as *const ()))
}
pub(crate) fn takes_anything() -> Lie {
    ("WinHttpSetOption", Address(set_takes_anything as *const ()))
}
pub(crate) fn closes_twice() -> Lie {
    ("WinHttpCloseHandle", Address(close_twice as *const ()))
}

pub(crate) fn takes_less_of_the_path() -> Lie {
    ("WinHttpCrackUrl", Address(crack_takes_less_of_the_path as *const ()))
}
pub(crate) fn makes_another_url() -> Lie {
    ("WinHttpCreateUrl", Address(create_makes_another_url as *const ()))
}
pub(crate) fn needs_less_than_it_does() -> Lie {
    ("WinHttpCreateUrl", Address(create_needs_less_than_it_does as *const ()))
}
pub(crate) fn writes_behind_the_url() -> Lie {
    ("WinHttpCreateUrl", Address(create_writes_behind_the_url as *const ()))
}

/// A subject of this process that tells one lie.
pub(crate) fn subject((name, lie): Lie) -> Box<dyn Subject + Send> {
    let (table, about) = rust_table();
    let table = Mutex::new(table);
    let find = move |wanted: &str| {
        if wanted == name { Some(lie) } else { table.lock().unwrap().find(wanted) }
    };
    // SAFETY: the functions of the re-implementation, and those below with the same parameters.
    let table = unsafe { Table::new(find) };
    Box::new(InProcess::new(table, about))
}

fn address(name: &'static str) -> *const () {
    rust_table().0.find(name).unwrap().0
}

macro_rules! real {
    ($name:literal as $ty:ty) => {{
        static REAL: OnceLock<usize> = OnceLock::new();
        let address = *REAL.get_or_init(|| address($name) as usize);
        // SAFETY: the function of that name has these parameters, by its page.
        unsafe { std::mem::transmute::<usize, $ty>(address) }
    }};
}

fn last_error() -> u32 {
    real!("GetLastError" as extern "system" fn() -> u32)()
}

fn set_last_error(code: u32) {
    real!("SetLastError" as extern "system" fn(u32))(code);
}

fn query(handle: usize, option: u32, buffer: *mut u8, length: *mut u32) -> i32 {
    real!("WinHttpQueryOption" as Query)(handle, option, buffer, length)
}

fn set(handle: usize, option: u32, buffer: *mut u8, length: u32) -> i32 {
    real!("WinHttpSetOption" as Set)(handle, option, buffer, length)
}

extern "system" fn query_writes_one_byte_more(
    h: usize,
    option: u32,
    buffer: *mut u8,
    length: *mut u32,
) -> i32 {
    let result = query(h, option, buffer, length);
    // SAFETY: the cases give a length.
    let end = buffer as usize + unsafe { *length } as usize;
    // Not into the page that would end this process.
    if result != 0 && !end.is_multiple_of(4096) {
        // SAFETY: a watched buffer is followed by a strip of known bytes.
        unsafe { (end as *mut u8).write(1) };
    }
    result
}

extern "system" fn query_fails_without_a_code(
    h: usize,
    option: u32,
    buffer: *mut u8,
    length: *mut u32,
) -> i32 {
    let before = last_error();
    let result = query(h, option, buffer, length);
    if result == 0 {
        set_last_error(before);
    }
    result
}

extern "system" fn query_asks_for_too_little(
    h: usize,
    option: u32,
    buffer: *mut u8,
    length: *mut u32,
) -> i32 {
    let result = query(h, option, buffer, length);
    if result == 0 && last_error() == 122 {
        // SAFETY: the cases give a length.
        unsafe { *length -= 1 };
    }
    result
}

extern "system" fn set_fails_with_nonsense(h: usize, option: u32, buffer: *mut u8, length: u32) -> i32 {
    let result = set(h, option, buffer, length);
    if result == 0 {
        set_last_error(NONSENSE);
    }
    result
}

extern "system" fn set_forgets(h: usize, option: u32, buffer: *mut u8, length: u32) -> i32 {
    let (mut kept, mut size) = (0_u32, 4);
    let knows = query(h, option, (&raw mut kept).cast(), &raw mut size) != 0;
    let result = set(h, option, buffer, length);
    if knows && result != 0 {
        set(h, option, (&raw mut kept).cast(), 4);
    }
    result
}

extern "system" fn set_scribbles(h: usize, option: u32, buffer: *mut u8, length: u32) -> i32 {
    let result = set(h, option, buffer, length);
    if result != 0 && !buffer.is_null() && length != 0 {
        // SAFETY: it is not empty.
        unsafe { *buffer ^= 1 };
    }
    result
}

extern "system" fn set_takes_anything(h: usize, option: u32, buffer: *mut u8, length: u32) -> i32 {
    set(h, option, buffer, length);
    1
}

extern "system" fn crack_takes_less_of_the_path(
    url: *const u16,
    length: u32,
    flags: u32,
    components: *mut u8,
) -> i32 {
    /// Where dwUrlPathLength is.
    const PATH_LENGTH: usize = 80;
    let result = real!("WinHttpCrackUrl" as Crack)(url, length, flags, components);
    if result != 0 {
        // SAFETY: the cases give a whole URL_COMPONENTS.
        unsafe { *components.add(PATH_LENGTH) -= 1 };
    }
    result
}

fn create(components: *mut u8, flags: u32, url: *mut u16, length: *mut u32) -> i32 {
    real!("WinHttpCreateUrl" as Create)(components, flags, url, length)
}

extern "system" fn create_makes_another_url(
    components: *mut u8,
    flags: u32,
    url: *mut u16,
    length: *mut u32,
) -> i32 {
    let result = create(components, flags, url, length);
    if result != 0 {
        // SAFETY: it holds a URL.
        unsafe { *url = u16::from(b'H') };
    }
    result
}

extern "system" fn create_needs_less_than_it_does(
    components: *mut u8,
    flags: u32,
    url: *mut u16,
    length: *mut u32,
) -> i32 {
    let result = create(components, flags, url, length);
    if result == 0 && last_error() == 122 {
        // SAFETY: the cases give a length.
        unsafe { *length = 3 };
    }
    result
}

extern "system" fn create_writes_behind_the_url(
    components: *mut u8,
    flags: u32,
    url: *mut u16,
    length: *mut u32,
) -> i32 {
    // SAFETY: the cases give a length.
    let end = url as usize + 2 * unsafe { *length } as usize;
    let result = create(components, flags, url, length);
    // Not into the page that would end this process.
    if result != 0 && !end.is_multiple_of(4096) {
        // SAFETY: a watched buffer is followed by a strip of known bytes.
        unsafe { (end as *mut u16).write(1) };
    }
    result
}

/// Remembers nobody's callback: it is told of the end by the re-implementation, and once more by this.
extern "system" fn close_twice(h: usize) -> i32 {
    let ours = real!("WinHttpSetStatusCallback" as Watch)(h, nobody, 0, 0);
    let result = real!("WinHttpCloseHandle" as Close)(h);
    if ours != 0 && ours != usize::MAX {
        // SAFETY: it is the callback that a case has installed.
        let callback = unsafe { std::mem::transmute::<usize, Callback>(ours) };
        callback(h, 0, HANDLE_CLOSING, std::ptr::null(), 0);
        callback(h, 0, HANDLE_CLOSING, std::ptr::null(), 0);
    }
    result
}

extern "system" fn nobody(_: usize, _: usize, _: u32, _: *const u8, _: u32) {}
