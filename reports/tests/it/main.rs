//! The formats, on small runs made here.

mod badge;
mod diff;
mod fixtures;
mod html;
mod junit;
mod markdown;
mod matrix;
mod read;
mod text;
