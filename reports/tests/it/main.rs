//! The formats, on small runs made here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod badge;
mod diff;
mod explained;
mod fixtures;
mod html;
mod junit;
mod markdown;
mod matrix;
mod read;
mod text;
