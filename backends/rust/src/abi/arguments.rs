//! Arguments as they arrive. Each type is laid out as the pointer it is, and values of it exist only as arguments of
//! an exported function: what the C prototype asks of the caller is what makes the accessors sound. A function that
//! needs a second argument to know an extent is `unsafe`, and says which.

use std::{ffi::c_void, marker::PhantomData};

use crate::handle::Handle;

/// HINTERNET.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct InHandle(*const c_void);

impl InHandle {
    /// The number of the handle; `None` for NULL.
    pub(super) fn get(self) -> Option<Handle> {
        Handle::from_value(self.0.addr())
    }
}

/// LPCWSTR: NULL or text that ends in NUL, unless a length comes with it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct InText<'a>(*const u16, PhantomData<&'a [u16]>);

impl<'a> InText<'a> {
    /// The text up to its terminator; `None` for NULL.
    pub(super) fn get(self) -> Option<&'a [u16]> {
        // SAFETY: the caller promises text that ends in NUL, so every unit up to that one can be read.
        unsafe { until_nul(self.0, usize::MAX) }
    }

    /// Where a character of the text is, for a caller who wants it in place.
    pub(super) fn at(self, offset: usize) -> *mut u16 {
        self.0.wrapping_add(offset).cast_mut()
    }

    /// The text of a given length in characters; all ones mean that it ends in NUL.
    ///
    /// # Safety
    /// `length` is the argument that the C prototype pairs with this one.
    pub(super) unsafe fn with_length(self, length: u32) -> Option<&'a [u16]> {
        if length == u32::MAX {
            return self.get();
        }
        // SAFETY: the caller promises that many characters.
        unsafe { until_nul(self.0, length as usize) }
    }
}

/// Text that ends at the first NUL, or after `most` characters.
///
/// # Safety
/// `text` is NULL, or can be read up to whichever comes first.
pub(super) unsafe fn until_nul<'a>(text: *const u16, most: usize) -> Option<&'a [u16]> {
    if text.is_null() {
        return None;
    }
    let mut length = 0;
    // SAFETY: no NUL was met before, so this unit can still be read.
    while length < most && unsafe { text.add(length).read_unaligned() } != 0 {
        length += 1;
    }
    if !text.is_aligned() {
        // SAFETY: as above.
        let copy: Vec<u16> = (0..length).map(|at| unsafe { text.add(at).read_unaligned() }).collect();
        // Text at an odd address is rare enough to be kept for good rather than to complicate every caller.
        return Some(copy.leak());
    }
    // SAFETY: `length` units were read just now, and the caller keeps them in place during the call.
    Some(unsafe { std::slice::from_raw_parts(text, length) })
}

/// The text that a structure points to.
///
/// # Safety
/// `text` is NULL or ends in NUL.
pub(super) unsafe fn text_at<'a>(text: *const u16) -> Option<&'a [u16]> {
    // SAFETY: so the caller of this function promises.
    unsafe { until_nul(text, usize::MAX) }
}

/// A NULL-terminated array of LPCWSTR.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct InTexts<'a>(*const InText<'a>);

impl<'a> InTexts<'a> {
    /// The texts; none for NULL.
    pub(super) fn get(self) -> Vec<&'a [u16]> {
        let mut texts = Vec::new();
        if self.0.is_null() {
            return texts;
        }
        // SAFETY: the caller promises an array that ends in a NULL pointer, so all up to that one can be read.
        while let Some(text) = unsafe { self.0.add(texts.len()).read_unaligned() }.get() {
            texts.push(text);
        }
        texts
    }
}

/// A pointer to bytes to be read.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct InBytes(pub(super) *const c_void);

impl InBytes {
    /// The bytes; `None` for NULL, unless the length is 0.
    ///
    /// # Safety
    /// `length` is the argument that the C prototype pairs with this one, in bytes.
    pub(super) unsafe fn with_length<'a>(self, length: u32) -> Option<&'a [u8]> {
        match (length, self.0.is_null()) {
            (0, _) => Some(&[]),
            (_, true) => None,
            // SAFETY: the caller promises that many bytes, for the time of the call.
            _ => Some(unsafe { std::slice::from_raw_parts(self.0.cast(), length as usize) }),
        }
    }
}

impl InBytes {
    /// As [`InBytes::with_length`], for an operation that goes on when the call has returned.
    ///
    /// # Safety
    /// As there; and the C prototype's documentation has the caller keep the bytes as long as the operation may need
    /// them.
    pub(super) unsafe fn lent(self, length: u32) -> Option<Lent> {
        // SAFETY: as this function asks for.
        unsafe { self.with_length(length) }.map(Lent)
    }
}

/// Bytes that the caller keeps for an operation, which does not copy them: a body may be large.
pub(super) struct Lent(&'static [u8]);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

/// A pointer to structures to be read.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct InArray<T>(*const T);

impl<T: Copy> InArray<T> {
    /// Copies of the structures; `None` for NULL, unless there are none.
    ///
    /// # Safety
    /// `count` is the argument that the C prototype pairs with this one.
    pub(super) unsafe fn with_length(self, count: u32) -> Option<Vec<T>> {
        if self.0.is_null() && count > 0 {
            return None;
        }
        // SAFETY: the caller promises that many.
        Some((0..count as usize).map(|at| unsafe { self.0.add(at).read_unaligned() }).collect())
    }
}

/// A pointer to one value that the function writes, and may read.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Out<T>(*mut T);

impl<T: Copy> Out<T> {
    pub(super) fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// The pointer itself, of a value that is to be freed.
    pub(super) fn address(self) -> *mut T {
        self.0
    }

    /// The value that is there; `None` for NULL.
    pub(super) fn get(self) -> Option<T> {
        // SAFETY: the caller promises NULL or a value that can be read.
        (!self.0.is_null()).then(|| unsafe { self.0.read_unaligned() })
    }

    /// The DWORD that the value begins with, for a structure that tells its size; `None` for NULL.
    pub(super) fn head(self) -> Option<u32> {
        Out(self.0.cast()).get()
    }

    /// Writes the value, unless the pointer is NULL.
    pub(super) fn put(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: the caller promises NULL or a place for such a value.
            unsafe { self.0.write_unaligned(value) };
        }
    }
}
