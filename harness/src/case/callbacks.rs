//! What the callbacks must have been.

use super::{Matcher, Number, Numeric, Reference};

/// What the callbacks must have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackRule {
    /// The rule.
    pub kind: CallbackRuleKind,
    /// Which callbacks it looks at.
    pub among: Among,
    /// The context value that those it names must carry.
    pub context: Option<Number>,
    /// What those it names must come with.
    pub with: Option<With>,
}

/// A rule about callbacks. Several statuses count as one: any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackRuleKind {
    /// Exactly one.
    Once(Vec<Number>),
    /// One or none.
    AtMostOnce(Vec<Number>),
    /// None.
    Never(Vec<Number>),
    /// One or more; with a number, exactly so many.
    Some(Vec<Number>, Option<u32>),
    /// The last one of all is this.
    Last(Vec<Number>),
    /// The first of each comes before every one of the next.
    Before(Vec<Number>),
}

impl CallbackRuleKind {
    /// The statuses that it names.
    #[must_use]
    pub fn statuses(&self) -> &[Number] {
        match self {
            Self::Once(statuses)
            | Self::AtMostOnce(statuses)
            | Self::Never(statuses)
            | Self::Some(statuses, _)
            | Self::Last(statuses)
            | Self::Before(statuses) => statuses,
        }
    }
}

/// The callbacks that a rule looks at: those that keep every condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Among {
    /// Of this handle.
    pub on: Option<Reference>,
    /// Of the recording callback with this number.
    pub recorder: Option<u8>,
    /// On this thread.
    pub thread: Option<CallbackThread>,
    /// Between the begin and the end of this call.
    pub during: Option<Reference>,
    /// After the end of this call.
    pub after: Option<Reference>,
}

/// The thread of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackThread {
    /// The one that makes the calls of the case's steps.
    Caller,
    /// Any other.
    Other,
}

/// What a callback comes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct With {
    /// `dwStatusInformationLength`.
    pub length: Option<Numeric>,
    /// `lpvStatusInformation` itself.
    pub at: Option<At>,
    /// What lies there.
    pub holds: Option<Matcher>,
}

/// Where `lpvStatusInformation` points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// Nowhere.
    Null,
    /// To the memory that was given to a call, `$call.parameter`.
    Memory(Reference),
}
