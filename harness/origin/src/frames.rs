//! What the peer is to send and to wait for once a WebSocket is there. Plain data.

use crate::script::Payload;
use crate::transcript::Opcode;
use serde::Serialize;

/// One thing after the other on a WebSocket. After the last, frames are read; Ping is answered with Pong, and Close
/// with Close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FramePhase {
    /// Sends a text message in one frame.
    Text(Payload),
    /// Sends a binary message in one frame.
    Binary(Payload),
    /// Sends a Ping.
    Ping(Payload),
    /// Sends a Pong.
    Pong(Payload),
    /// Sends a Close; the connection stays open.
    Close(CloseFrame),
    /// Sends a frame bit by bit, right or wrong.
    Frame(RawFrame),
    /// Sends these bytes.
    Raw(Payload),
    /// Waits until a frame of one of these kinds has come.
    Until(Vec<Opcode>),
    /// Answers Ping with Pong and Close with Close, and sends data frames back, until the connection ends.
    Echo,
    /// Never goes on: nothing more is read or sent, and the connection stays open.
    Stall,
    /// Closes the connection, with or without a Close before.
    Cut,
    /// Resets the connection.
    Reset,
}

/// What is in a Close frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CloseFrame {
    /// The status; without it the frame is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The reason, behind the status.
    pub reason: Payload,
}

/// A frame of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawFrame {
    /// The four bits: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong.
    pub opcode: u8,
    /// Whether it is the last of its message.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// The three reserved bits, the first of them worth 4.
    pub reserved: u8,
    /// Masked, as only a client may.
    pub masked: bool,
    /// What it carries.
    pub payload: Payload,
}

impl FramePhase {
    pub(crate) fn map_texts(&mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
        let payload = match self {
            FramePhase::Text(payload)
            | FramePhase::Binary(payload)
            | FramePhase::Ping(payload)
            | FramePhase::Pong(payload)
            | FramePhase::Raw(payload)
            | FramePhase::Close(CloseFrame { reason: payload, .. })
            | FramePhase::Frame(RawFrame { payload, .. }) => payload,
            FramePhase::Until(_)
            | FramePhase::Echo
            | FramePhase::Stall
            | FramePhase::Cut
            | FramePhase::Reset => return,
        };
        payload.bytes.0 = replace(&payload.bytes.0);
    }
}
