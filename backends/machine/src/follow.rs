//! Follows pointers that the subject gave.
#![allow(unsafe_code)]

use crate::bytes::Bytes;
use crate::plan::Shape;

/// The longest text that is followed, in characters.
const TEXT_LIMIT: usize = 64 * 1024;

/// What lies behind a pointer; nothing behind NULL.
pub(crate) fn behind(pointer: *const u8, shape: Shape) -> Option<Bytes> {
    if pointer.is_null() {
        return None;
    }
    Some(match shape {
        Shape::Text => text::<2>(pointer),
        Shape::NarrowText => text::<1>(pointer),
        // SAFETY: the subject gave this pointer as that of so many bytes. If it is not, the process faults, and that
        // is what the harness is there to see.
        Shape::Bytes(length) => Bytes::from(unsafe { std::slice::from_raw_parts(pointer, length as usize) }),
    })
}

/// The pointer that is stored behind a pointer, so many bytes on; NULL behind NULL.
pub(crate) fn pointer(pointer: *const u8, offset: u32) -> *const u8 {
    if pointer.is_null() {
        return pointer;
    }
    // SAFETY: the subject gave this pointer as that of a struct with a pointer there. If it is not, the process
    // faults, and that is what the harness is there to see.
    unsafe { pointer.add(offset as usize).cast::<*const u8>().read_unaligned() }
}

/// The zero-terminated text of characters of `SIZE` bytes, without the terminator.
fn text<const SIZE: usize>(pointer: *const u8) -> Bytes {
    let mut bytes = Vec::new();
    for at in 0..TEXT_LIMIT {
        // SAFETY: the subject gave this pointer as that of a zero-terminated text. If it is not, the process
        // faults, and that is what the harness is there to see.
        let character = unsafe { pointer.add(at * SIZE).cast::<[u8; SIZE]>().read() };
        if character == [0; SIZE] {
            break;
        }
        bytes.extend(character);
    }
    bytes.into()
}
