//! The scripted peer: a server on loopback that does to the subject what a case says, and writes
//! down what it saw.
//!
//! ```
//! use std::time::Duration;
//! use winhttp_origin::{Origin, Script};
//!
//! let mut origin = Origin::start()?;
//! origin.arm(Script::Ok)?;
//! // ... the subject talks to 127.0.0.1, port origin.port() ...
//! let transcript = origin.finish(Duration::ZERO);
//! assert!(transcript.connections.is_empty());
//! # std::io::Result::Ok(())
//! ```
//!
//! | file | what it holds | what will be added there |
//! | --- | --- | --- |
//! | `script` | what the peer is to do: data, no input or output | every new behaviour, as a variant of [`Reply`] (answers) or [`Script`] (whole connections) |
//! | `frames` | the same for what is sent on a WebSocket | |
//! | `turns` | which of a script's answers is next | |
//! | `origin`, `case` | the listening socket; one case after the other, a thread a connection | the HTTP proxy's and the TLS port |
//! | `full` | a listener that leaves whoever connects waiting | how other systems do it |
//! | `conversation` | a connection from its first byte to its end | the doing of each new [`Reply`] or [`Phase`] |
//! | `http1` | reading requests, writing responses | chunked responses |
//! | `websocket` | the RFC 6455 handshake and frames | frames that the peer sends unasked |
//! | `wire` | a socket whose waiting ends when the case does | TLS goes between it and `http1`; HTTP/2 beside `http1` |
//! | `log`, `transcript` | writing down, within limits; what was written down | new kinds of [`What`] |
//! | `digest` | telling long bodies apart without keeping them | |
//! | `bytes` | bytes as readable text | |
#![forbid(unsafe_code)]

mod bytes;
mod case;
mod conversation;
mod digest;
mod frames;
mod full;
mod http1;
mod log;
mod origin;
mod script;
mod transcript;
mod turns;
mod websocket;
mod wire;

pub use bytes::Bytes;
pub use digest::Digest;
pub use frames::{CloseFrame, FramePhase, RawFrame};
pub use full::CAN_BE_UNREACHABLE;
pub use origin::{Family, Origin};
pub use script::{Payload, Phase, Raw, Reply, Response, Route, Script, Then, Until};
pub use transcript::{Connection, End, Event, Excerpt, Head, Opcode, Received, Request, Transcript, What};
