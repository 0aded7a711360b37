//! A re-implementation of the WinHTTP C API.
//!
//! The crate is three things at once: a library in process ([`table`] names every exported function with its
//! address), `libwinhttp.so` with `include/winhttp.h` for programs on Linux, and a drop-in `winhttp.dll` for Windows.
//!
//! A safe core has one file a concept; `unsafe` is allowed in the thin `abi` layer only, which turns a caller's
//! pointers into slices and options, results into return values and last errors, and panics into
//! `ERROR_WINHTTP_INTERNAL_ERROR`. Strings are UTF-16 and a DWORD has 32 bits on every platform. The only source is
//! Microsoft's documentation; where it contradicts itself, a comment names the pages and the reading that was chosen.
#![deny(unsafe_code)]

mod abi;
mod auto_proxy;
mod components;
mod connection;
mod error;
mod handle;
mod headers;
mod http1;
mod http_date;
mod last_error;
mod notification;
mod operation;
mod option;
mod proxy;
mod request;
mod session;
mod timeouts;
mod url;
mod websocket;
mod wire;
mod worker;

pub use abi::table::{Entry, State, table};
