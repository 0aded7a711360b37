//! What the peer saw and did in a case: facts with times, no opinions.

use crate::bytes::Bytes;
use crate::digest::Digest;
use serde::{Deserialize, Serialize};

/// Everything that happened between `arm` and `finish`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// When the script was armed, in microseconds since 1970 by the system's clock: all other times count
    /// from there, and what happened elsewhere on this machine can be put beside them.
    #[serde(default)]
    pub armed_unix_us: u64,
    /// The connections in the order in which they were accepted.
    pub connections: Vec<Connection>,
    /// How many more connections were closed unserved because the case had too many.
    pub refused: u64,
}

/// One connection. Its last event is [`What::Ended`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// The bytes as they came, before any reading into requests or frames.
    pub received: Excerpt,
    /// What came last, where a request would have begun, and is none.
    #[serde(default)]
    pub no_request: Excerpt,
    /// How many events were left out because there were too many.
    pub unrecorded: u64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in microseconds since the case's script was armed.
    pub at_us: u64,
    /// What.
    pub what: What,
}

/// What can happen on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The connection was accepted.
    Accepted,
    /// A request head came. Its body grows afterwards, its time is that of the head.
    Request(Request),
    /// The peer sent these bytes.
    Sent(Excerpt),
    /// A WebSocket frame came.
    Frame {
        /// What kind of frame.
        opcode: Opcode,
        /// Whether it is the last one of its message.
        fin: bool,
        /// Whether it was masked, as RFC 6455 demands of a client.
        masked: bool,
        /// The payload, unmasked.
        payload: Excerpt,
        /// Of the whole payload, also of what was not kept.
        #[serde(default)]
        digest: Digest,
    },
    /// The connection is over.
    Ended(End),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The subject closed it in order.
    ClosedBySubject,
    /// The subject reset it.
    ResetBySubject,
    /// The script closed it.
    Closed,
    /// The script reset it.
    Reset,
    /// It was still open when the case was over.
    CaseOver,
    /// The subject sent what cannot be understood, or the peer itself failed; the text says which.
    Error(String),
}

/// A request as it was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Everything before the body.
    pub head: Head,
    /// The body without its framing.
    pub body: Excerpt,
    /// Of the whole body, also of what was not kept.
    #[serde(default)]
    pub digest: Digest,
    /// Whether the whole body came.
    pub complete: bool,
}

/// A request's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// As sent.
    pub method: String,
    /// As sent, query included.
    pub target: String,
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub version: String,
    /// Names and values in the order and letter case in which they came. What is not UTF-8 in a value
    /// is shown as U+FFFD; [`Connection::received`] has the bytes.
    pub headers: Vec<(String, String)>,
}

/// The first bytes of something, and how long it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// As much as was kept.
    pub bytes: Bytes,
    /// How many bytes there were.
    pub length: u64,
}

/// The kind of a WebSocket frame (RFC 6455, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Transcript {
    /// All requests, connection by connection.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.connections.iter().flat_map(|connection| &connection.events).filter_map(|event| {
            match &event.what {
                What::Request(request) => Some(request),
                _ => None,
            }
        })
    }
}

/// A request and where it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// The number of its connection.
    pub connection: usize,
    /// When its head came, in microseconds since the case's script was armed.
    pub at_us: u64,
    /// What came.
    pub request: &'a Request,
}

impl Transcript {
    /// All WebSocket frames in the order in which they came, whatever connection they came on.
    pub fn frames(&self) -> Vec<&What> {
        let mut frames: Vec<&Event> = self
            .connections
            .iter()
            .flat_map(|connection| &connection.events)
            .filter(|event| matches!(event.what, What::Frame { .. }))
            .collect();
        frames.sort_by_key(|event| event.at_us);
        frames.into_iter().map(|event| &event.what).collect()
    }

    /// All requests in the order in which they came, whatever connection they came on.
    pub fn received(&self) -> Vec<Received<'_>> {
        let mut received = Vec::new();
        for (number, connection) in self.connections.iter().enumerate() {
            for Event { at_us, what } in &connection.events {
                if let What::Request(request) = what {
                    received.push(Received { connection: number, at_us: *at_us, request });
                }
            }
        }
        received.sort_by_key(|received| received.at_us);
        received
    }
}

impl Connection {
    /// How it ended.
    pub fn end(&self) -> Option<&End> {
        match &self.events.last()?.what {
            What::Ended(end) => Some(end),
            _ => None,
        }
    }
}

impl Head {
    /// The value of the first header of that name, in whatever letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of all headers of that name, in whatever letter case.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether one of the comma-separated values of the headers of that name is `token`.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(token))
    }

    pub(crate) fn asks_for_websocket(&self) -> bool {
        self.has_token("Upgrade", "websocket")
    }
}
