//! Telling long bodies apart without keeping them.

use serde::{Deserialize, Serialize};

/// A running FNV-1a hash of 64 bits. It tells mistakes from what was meant, not forgeries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Goes on over more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The digest of these bytes, so many times.
    pub fn of_repeated(bytes: &[u8], times: u64) -> Digest {
        let mut digest = Digest::default();
        (0..times).for_each(|_| digest.update(bytes));
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn it_is_fnv_1a() {
        let mut digest = Digest::default();
        digest.update(b"foo");
        digest.update(b"bar");
        assert_eq!(digest, Digest(0x8594_4171_f739_67e8));
        assert_eq!(Digest::of_repeated(b"ab", 3), Digest::of_repeated(b"ababab", 1));
    }
}
