//! Named numbers: whatever a case may write by name.

mod table;

pub use table::{CONSTANTS, GAPS};

/// A named number.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// The name in the headers.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
}

/// A documented name that the metadata crate lacks, with the source of its value.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// The documented name.
    pub name: &'static str,
    /// The value, or `None` where no source states one.
    pub value: Option<u64>,
    /// Where the value, or its absence, comes from.
    pub source: &'static str,
}

/// The value of a named number.
#[must_use]
pub fn value(name: &str) -> Option<u64> {
    let known =
        CONSTANTS.binary_search_by(|constant| constant.name.cmp(name)).ok().map(|at| CONSTANTS[at].value);
    known.or_else(|| GAPS.iter().find(|gap| gap.name == name).and_then(|gap| gap.value))
}
