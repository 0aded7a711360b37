//! Error codes: the page "Error messages", and the Win32 codes that WinHTTP's pages name.

use crate::constants::{CONSTANTS, Constant};

mod table;

pub use table::ERRORS;

/// One error code.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCode {
    /// The documented name.
    pub name: &'static str,
    /// Its number.
    pub value: u32,
    /// When it is returned, in our own words.
    pub says: &'static str,
    /// The page marks it obsolete or reserved.
    pub obsolete: bool,
}

/// The name of a code: of one that a page lists, else of any `ERROR_…` or `WSA…` that the headers know.
#[must_use]
pub fn name(value: u32) -> Option<&'static str> {
    let listed = ERRORS.iter().find(|error| error.value == value).map(|error| error.name);
    listed.or_else(|| {
        let is_code =
            |constant: &&Constant| constant.name.starts_with("ERROR_") || constant.name.starts_with("WSA");
        CONSTANTS.iter().filter(is_code).find(|code| code.value == u64::from(value)).map(|code| code.name)
    })
}
