//! The C ABI as a program uses it: every call goes through the exported functions.
#![cfg(not(windows))]
#![allow(unsafe_code, reason = "it calls C functions")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod asynchronous;
mod authentication;
mod bodies;
mod cancelling;
mod connections;
mod constants;
mod cookies;
mod exports;
mod extended;
mod handles;
mod options;
mod peer;
mod pooling;
mod proxies;
mod requests;
mod resolvers;
mod times;
mod url_properties;
mod urls;
mod websockets;
