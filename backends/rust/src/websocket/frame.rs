//! Frames on their way out, and what may be in those that come in.

use std::hash::{BuildHasher, RandomState};

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

use crate::error::{Error, Result};

/// A control frame's payload is at most this long.
pub(super) const MAX_CONTROL: u64 = 125;

/// No frame's payload is longer: the highest bit of its length is 0 (RFC 6455, section 5.2).
const MAX: u64 = i64::MAX as u64;

/// A frame as a client sends it: masked.
pub(super) fn encode(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let mask = fresh_mask();
    let header = FrameHeader { is_final, rsv1: false, rsv2: false, rsv3: false, opcode, mask: Some(mask) };
    let length = payload.len() as u64;
    let mut frame = Vec::with_capacity(header.len(length) + payload.len());
    // Writing to a Vec cannot fail.
    let _ = header.format(length, &mut frame);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// Four bytes that a peer cannot predict: a keyed hash, with a key that the system chose at random.
fn fresh_mask() -> [u8; 4] {
    let hash = RandomState::new().hash_one(0_u8).to_ne_bytes();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Refuses a frame that a server may not send, here or now (RFC 6455, section 5). `message` tells whether a
/// fragmented message is under way.
pub(super) fn check(header: &FrameHeader, length: u64, message: bool) -> Result<()> {
    let reserved = header.rsv1 || header.rsv2 || header.rsv3;
    let fits = match header.opcode {
        OpCode::Data(Data::Text | Data::Binary) => !message,
        OpCode::Data(Data::Continue) => message,
        OpCode::Control(Control::Close | Control::Ping | Control::Pong) => {
            header.is_final && length <= MAX_CONTROL
        }
        OpCode::Data(Data::Reserved(_)) | OpCode::Control(Control::Reserved(_)) => false,
    };
    let valid = fits && length <= MAX && !reserved && header.mask.is_none();
    if valid { Ok(()) } else { Err(Error::INVALID_SERVER_RESPONSE) }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_frame_is_masked_and_its_payload_comes_back() {
        let frame = encode(OpCode::Data(Data::Text), false, b"hello");
        let mut cursor = Cursor::new(&frame);
        let (header, length) = FrameHeader::parse(&mut cursor).unwrap().unwrap();
        let mask = header.mask.unwrap();
        let payload = &frame[cursor.position() as usize..];
        let plain: Vec<u8> =
            payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        assert_eq!((length, header.is_final, plain.as_slice()), (5, false, b"hello".as_slice()));
    }

    #[test]
    fn a_length_with_its_highest_bit_is_refused() {
        let mut cursor = Cursor::new([0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0]);
        let (header, length) = FrameHeader::parse(&mut cursor).unwrap().unwrap();
        assert!(check(&header, length, false).is_err());
        assert!(check(&header, MAX, false).is_ok());
    }

    #[test]
    fn masks_differ() {
        assert_ne!(fresh_mask(), fresh_mask());
    }
}
