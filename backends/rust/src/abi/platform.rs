//! Functions that a Windows program has from kernel32, for platforms without it.

use std::ffi::c_void;

use super::{memory, table::Entry};
use crate::last_error;

/// The calling thread's last error.
#[allow(non_snake_case, reason = "the name is that of the C API")]
#[unsafe(no_mangle)]
extern "system" fn GetLastError() -> u32 {
    last_error::last_error()
}

/// Sets the calling thread's last error.
#[allow(non_snake_case, reason = "the name is that of the C API")]
#[unsafe(no_mangle)]
extern "system" fn SetLastError(code: u32) {
    last_error::set_last_error(code);
}

/// Frees a string that was handed out; returns NULL, which means success.
#[allow(non_snake_case, reason = "the name is that of the C API")]
#[unsafe(no_mangle)]
unsafe extern "system" fn GlobalFree(memory: *mut c_void) -> *mut c_void {
    // SAFETY: the caller frees what it was given, once.
    unsafe { memory::free(memory) };
    std::ptr::null_mut()
}

/// As [`GlobalFree`].
#[allow(non_snake_case, reason = "the name is that of the C API")]
#[unsafe(no_mangle)]
unsafe extern "system" fn LocalFree(memory: *mut c_void) -> *mut c_void {
    // SAFETY: the caller frees what it was given, once.
    unsafe { memory::free(memory) };
    std::ptr::null_mut()
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry::implemented("GetLastError", GetLastError as *const ()),
    Entry::implemented("SetLastError", SetLastError as *const ()),
    Entry::implemented("GlobalFree", GlobalFree as *const ()),
    Entry::implemented("LocalFree", LocalFree as *const ()),
];
