//! Follows pointers that the subject gave.
#![allow(unsafe_code)]

use crate::bytes::Bytes;

/// The longest text that is followed, in UTF-16 units.
const TEXT_LIMIT: usize = 64 * 1024;

/// The zero-terminated text at `pointer`, without the terminator.
pub(crate) fn text(pointer: *const u16) -> Bytes {
    let mut bytes = Vec::new();
    for at in 0..TEXT_LIMIT {
        // SAFETY: the subject gave this pointer as that of a zero-terminated text. If it is not, the process
        // faults, and that is what the harness is there to see.
        let unit = unsafe { pointer.add(at).read_unaligned() };
        if unit == 0 {
            break;
        }
        bytes.extend(unit.to_le_bytes());
    }
    bytes.into()
}
