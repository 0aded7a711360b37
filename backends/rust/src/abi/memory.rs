//! Memory that the caller frees with GlobalFree.

use std::ffi::c_void;

use crate::error::{Error, Result};

/// A copy of the text, with a terminator; NULL for none.
pub(super) fn global_text(text: Option<&[u16]>) -> Result<*mut u16> {
    match text {
        Some(text) => global_array(text.iter().copied().chain([0])),
        None => Ok(std::ptr::null_mut()),
    }
}

/// The items, one after the other; NULL for none.
pub(super) fn global_array<T: Copy>(items: impl IntoIterator<Item = T>) -> Result<*mut T> {
    let items: Vec<T> = items.into_iter().collect();
    if items.is_empty() {
        return Ok(std::ptr::null_mut());
    }
    let copy: *mut T = allocate(size_of_val(items.as_slice())).cast();
    if copy.is_null() {
        return Err(Error::NOT_ENOUGH_MEMORY);
    }
    // SAFETY: the allocation has room for the items, and is aligned for any scalar and so for structures of them.
    unsafe { std::ptr::copy_nonoverlapping(items.as_ptr(), copy, items.len()) };
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
pub(super) unsafe fn free<T>(memory: *mut T) {
    // SAFETY: what was handed out came from malloc, or on Windows from GlobalAlloc; both free NULL as well.
    unsafe {
        #[cfg(not(windows))]
        libc::free(memory.cast());
        #[cfg(windows)]
        windows_sys::Win32::Foundation::GlobalFree(memory.cast());
    }
}
