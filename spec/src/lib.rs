//! What Microsoft's documentation promises about the WinHTTP C API.
//!
//! Tables (functions, options, structs, constants, handle kinds, Windows versions) and the ledger of
//! requirements. Nothing here runs anything: the harness compiles cases against these tables, the reports
//! name their entries. Numbers come from `windows-sys`; what that crate lacks is listed with its source in
//! [`constants::GAPS`].
#![forbid(unsafe_code)]

pub mod constants;
pub mod errors;
pub mod functions;
pub mod handles;
pub mod options;
pub mod requirements;
pub mod statuses;
pub mod structs;
pub mod windows;
