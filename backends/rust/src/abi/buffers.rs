//! Buffers that the caller gives for answers.

use std::ffi::c_void;

use super::arguments::Out;
use crate::error::{Error, Result};

/// A pointer to bytes to be written.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct OutBytes(*mut c_void);

impl OutBytes {
    /// The buffer to fill, now or on another thread; `None` for NULL, unless the length is 0.
    ///
    /// # Safety
    /// `length` is the argument that the C prototype pairs with this one, in bytes. In an asynchronous session the
    /// API has the caller keep the buffer until the operation completes.
    pub(super) unsafe fn with_length(self, length: u32) -> Option<CallerBuffer> {
        match (length, self.0.is_null()) {
            (_, false) => Some(CallerBuffer { start: self.0.cast(), length: length as usize }),
            (0, true) => Some(CallerBuffer { start: std::ptr::dangling_mut(), length: 0 }),
            (_, true) => None,
        }
    }

    /// What the buffer holds as it comes in; empty for NULL.
    ///
    /// # Safety
    /// As for [`OutBytes::with_length`].
    pub(super) unsafe fn as_input<'a>(self, length: u32) -> &'a [u8] {
        if self.0.is_null() {
            return &[];
        }
        // SAFETY: the caller promises that many bytes, for the time of the call.
        unsafe { std::slice::from_raw_parts(self.0.cast(), length as usize) }
    }
}

/// A pointer to characters to be written, whose number another argument or the documentation gives.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct OutText(*mut u16);

impl OutText {
    /// The buffer that a structure points to.
    pub(super) fn at(pointer: *mut u16) -> OutText {
        OutText(pointer)
    }

    pub(super) fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// Writes text and a terminator.
    ///
    /// # Safety
    /// The buffer has room for both.
    pub(super) unsafe fn put(self, text: &[u16]) {
        for (at, unit) in text.iter().chain([&0]).enumerate() {
            // SAFETY: the caller vouches for as much room.
            unsafe { self.0.add(at).write_unaligned(*unit) };
        }
    }
}

/// A caller's buffer while an operation fills it.
pub(super) struct CallerBuffer {
    start: *mut u8,
    length: usize,
}

// SAFETY: the caller lends the buffer to the operation, whatever thread that runs on, and does not touch it before
// the operation has completed.
unsafe impl Send for CallerBuffer {}

impl CallerBuffer {
    /// Where the buffer is, for the notification that names it.
    pub(super) fn address(&self) -> usize {
        self.start.expose_provenance()
    }
}

impl AsMut<[u8]> for CallerBuffer {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: the caller promised this many bytes, and lent them out.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

/// A buffer with the length protocol of WinHttpQueryOption, WinHttpQueryHeaders and WinHttpQueryHeadersEx: too small or NULL, it is left
/// alone, and the length says what is needed.
pub(super) struct Answered {
    buffer: OutBytes,
    room: u32,
    length: Out<u32>,
}

impl Answered {
    /// `ERROR_INVALID_PARAMETER` without a place for the length.
    ///
    /// # Safety
    /// `length` is what the C prototype pairs with the buffer, and holds the buffer's size in bytes.
    pub(super) unsafe fn new(buffer: OutBytes, length: Out<u32>) -> Result<Answered> {
        Ok(Answered { buffer, room: length.get().ok_or(Error::INVALID_PARAMETER)?, length })
    }

    /// Writes one value, once there is room for it; only then is it made.
    pub(super) fn put<T: Copy>(&self, make: impl FnOnce() -> Result<T>) -> Result<()> {
        let place: *mut T = self.room_for(size_of::<T>())?.cast();
        let value = make()?;
        // SAFETY: the buffer has room for it.
        unsafe { place.write_unaligned(value) };
        self.length.put(size_of::<T>() as u32);
        Ok(())
    }

    /// Writes text and a terminator. The terminator always needs room; `counted` says whether the length that is
    /// reported on success has it.
    pub(super) fn put_text(&self, text: &[u16], counted: bool) -> Result<()> {
        let units = text.len() + 1;
        let place = OutText(self.room_for(units * 2)?.cast());
        // SAFETY: the buffer has room for `units` of them.
        unsafe { place.put(text) };
        let reported = if counted { units } else { text.len() };
        self.length.put((reported * 2) as u32);
        Ok(())
    }

    /// The buffer, once there is room for so many bytes, which are reported as written.
    pub(super) fn reserve(&self, needed: usize) -> Result<*mut c_void> {
        let place = self.room_for(needed)?;
        self.length.put(needed as u32);
        Ok(place)
    }

    fn room_for(&self, needed: usize) -> Result<*mut c_void> {
        if self.buffer.0.is_null() || (self.room as usize) < needed {
            self.length.put(needed as u32);
            return Err(Error::INSUFFICIENT_BUFFER);
        }
        Ok(self.buffer.0)
    }
}
