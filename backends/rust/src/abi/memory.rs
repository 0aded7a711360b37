//! Memory that the caller frees with GlobalFree.

use std::ffi::c_void;

use crate::error::{Error, Result};

/// A copy of the text, with a terminator; NULL for none.
pub(super) fn global_text(text: Option<&[u16]>) -> Result<*mut u16> {
    let Some(text) = text else { return Ok(std::ptr::null_mut()) };
    let copy: *mut u16 = allocate((text.len() + 1) * 2).cast();
    if copy.is_null() {
        return Err(Error::NOT_ENOUGH_MEMORY);
    }
    for (at, unit) in text.iter().chain([&0]).enumerate() {
        // SAFETY: the allocation has room for the text and one unit more, and is aligned for any scalar.
        unsafe { copy.add(at).write(*unit) };
    }
    Ok(copy)
}

#[cfg(not(windows))]
fn allocate(bytes: usize) -> *mut c_void {
    // SAFETY: malloc takes any size.
    unsafe { libc::malloc(bytes) }
}

#[cfg(windows)]
fn allocate(bytes: usize) -> *mut c_void {
    use windows_sys::Win32::System::Memory as m;
    // SAFETY: GlobalAlloc takes any size, and with GMEM_FIXED returns a pointer.
    unsafe { m::GlobalAlloc(m::GMEM_FIXED, bytes) }
}

/// Frees what this library handed out.
///
/// # Safety
/// `memory` is NULL, or came from this library and was not freed yet.
#[cfg(not(windows))]
pub(super) unsafe fn free(memory: *mut c_void) {
    // SAFETY: what was handed out came from malloc.
    unsafe { libc::free(memory) };
}
