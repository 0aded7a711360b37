//! What a call must come to.

use winhttp_spec::structs::Struct;

use super::{Member, Number, Scalar};

/// What is expected of a call.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The allowed outcomes; empty if nothing is promised of the outcome.
    pub outcomes: Vec<Outcome>,
    /// The outcome stays open: it is recorded, and only the invariants judge.
    pub open: bool,
    /// What the memory behind a parameter must hold after success (or after the one allowed failure).
    pub gives: Vec<(usize, Matcher)>,
    /// Parameters whose memory must be as before.
    pub unchanged: Vec<usize>,
}

/// One allowed outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What happens.
    pub kind: OutcomeKind,
    /// The requirement that allows it, where there are several.
    pub because: Option<String>,
}

/// What may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// The function succeeds, by its return convention.
    Succeeds,
    /// It fails with one of these codes; with any, if there is none.
    Fails(Vec<Number>),
    /// It returns exactly this.
    Returns(Scalar),
}

/// What a piece of memory must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// A 32-bit number; the word is `DWORD` or `BOOL`.
    Dword(&'static str, Numeric),
    /// A pointer-sized value.
    Pointer(&'static str, Numeric),
    /// Zero-terminated UTF-16 text.
    Text(String),
    /// These bytes first.
    Bytes(Vec<u8>),
    /// One of these texts and bytes.
    OneOf(Vec<Matcher>),
    /// A struct with these members.
    Struct(&'static Struct, Fields),
    /// An array that begins with these structs.
    Structs(&'static Struct, Vec<Fields>),
    /// A pointer, and this behind it.
    Behind(Box<Matcher>),
}

/// What members of a struct must hold.
pub type Fields = Vec<(Member, FieldMatcher)>;

impl Matcher {
    /// All conditions on numbers in it.
    #[must_use]
    pub fn numerics(&self) -> Vec<&Numeric> {
        fn of_field((_, matcher): &(Member, FieldMatcher)) -> Vec<&Numeric> {
            match matcher {
                FieldMatcher::Numeric(numeric) => vec![numeric],
                FieldMatcher::Behind(matcher) => matcher.numerics(),
                FieldMatcher::Text(_) => Vec::new(),
            }
        }
        match self {
            Self::Dword(_, numeric) | Self::Pointer(_, numeric) => vec![numeric],
            Self::Text(_) | Self::Bytes(_) | Self::OneOf(_) => Vec::new(),
            Self::Struct(_, fields) => fields.iter().flat_map(of_field).collect(),
            Self::Structs(_, elements) => elements.iter().flatten().flat_map(of_field).collect(),
            Self::Behind(matcher) => matcher.numerics(),
        }
    }
}

/// What a member must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldMatcher {
    /// A number.
    Numeric(Numeric),
    /// A pointer to this text; `None` for `NULL`.
    Text(Option<String>),
    /// A pointer, and this behind it.
    Behind(Box<Matcher>),
}

/// What a number must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numeric {
    /// Exactly this.
    Equals(Scalar),
    /// Not this.
    Not(Scalar),
    /// This or more.
    AtLeast(Scalar),
    /// This or less.
    AtMost(Scalar),
    /// One of these.
    OneOf(Vec<Number>),
}

impl Numeric {
    /// What it compares with, where that is one thing.
    #[must_use]
    pub const fn scalar(&self) -> Option<&Scalar> {
        match self {
            Self::Equals(scalar) | Self::Not(scalar) | Self::AtLeast(scalar) | Self::AtMost(scalar) => {
                Some(scalar)
            }
            Self::OneOf(_) => None,
        }
    }
}
