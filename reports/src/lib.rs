//! What a finished run means.
//!
//! [`record`] is the schema of a run as the harness writes it, a line a case; [`run`] reads it back and refuses
//! what is not finished. Every other module is one format, a pure function of finished runs. Nothing here judges,
//! and nothing here reads a case file.
#![forbid(unsafe_code)]

pub mod badge;
pub mod diff;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod matrix;
mod pages;
mod presence;
pub mod record;
pub mod run;
mod standing;
mod templates;
pub mod text;
mod words;

pub use run::{NotRun, Run};
