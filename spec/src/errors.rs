//! Error codes: the page "Error messages", and the Win32 codes that WinHTTP's pages name.

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

/// The name of an error code.
#[must_use]
pub fn name(value: u32) -> Option<&'static str> {
    ERRORS.iter().find(|error| error.value == value).map(|error| error.name)
}
