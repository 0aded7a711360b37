//! What the peer must have received.

use winhttp_origin::{Opcode, Payload};

/// A request the peer must have received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRule {
    /// The method.
    pub method: Option<String>,
    /// The target as sent.
    pub target: Option<String>,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub version: Option<String>,
    /// What its headers must be, by name without regard to case.
    pub headers: Vec<(String, HeaderRule)>,
    /// Headers that must be there, whatever their value.
    pub present: Vec<String>,
    /// Headers that must not be there.
    pub absent: Vec<String>,
    /// These headers are there and follow each other like this; others may be between them.
    pub order: Vec<String>,
    /// These headers are there, each as often as it is named, and no others.
    pub all_headers: Option<Vec<String>>,
    /// The body, without its framing.
    pub body: Option<BodyRule>,
    /// Whether the whole body came.
    pub complete: Option<bool>,
    /// On which connection it came.
    pub connection: Option<ConnectionRule>,
}

/// What the headers of one name must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderRule {
    /// Exactly these values, a header each, in this order; without any, there must be no such header.
    All(Vec<String>),
    /// The first one has this value; there may be others.
    First(String),
    /// One header, with one of these values.
    OneOf(Vec<String>),
    /// One header, whose value begins like this.
    StartsWith(String),
    /// All such headers together are the list of these (RFC 9110, section 5.6.1), in this order.
    Listed(Vec<String>),
}

/// What a body must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// These bytes, and all of them.
    Is(Payload),
    /// So many bytes, and all of them.
    Length(u64),
}

/// On which connection a request must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRule {
    /// On the one that the request before came on.
    Same,
    /// On one that no request before came on.
    New,
}

/// A WebSocket frame the peer must have received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRule {
    /// Its kind.
    pub kind: Opcode,
    /// What it carries, of a Close behind the status.
    pub payload: Option<Payload>,
    /// The status of a Close: some, or none in an empty frame.
    pub status: Option<Option<u16>>,
    /// Whether it is the last of its message.
    pub is_final: Option<bool>,
}
