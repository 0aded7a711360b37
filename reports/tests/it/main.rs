//! The formats, on small runs made here.

mod badge;
mod diff;
mod fixtures;
mod junit;
mod markdown;
mod read;
mod text;
