//! The peer from outside: what a subject sees, and what the transcript says.

mod cases;
mod data;
mod http;
mod phases;
#[cfg(test)]
mod subject;
#[cfg(target_os = "linux")]
mod unreachable;
mod websocket;
