//! A case: one question with its expected answers, every name resolved, ready to be compiled.
//!
//! Cases come from three places and look alike: files ([`crate::load`]), the option table ([`crate::matrix`]) and the
//! fuzzer ([`crate::fuzz`]). [`std::fmt::Display`] writes values the way the case language reads them.

mod callbacks;
mod expectations;
mod peer;
mod steps;
mod values;

use winhttp_origin::Script;

pub use callbacks::{Among, At, CallbackRule, CallbackRuleKind, CallbackThread, With};
pub use expectations::{Expect, FieldMatcher, Fields, Matcher, Numeric, Outcome, OutcomeKind};
pub use peer::{BodyRule, ConnectionRule, FrameRule, HeaderRule, RequestRule};
pub use steps::{CallStep, JoinStep, MeanwhileStep, Setup, SetupKind, Step, WaitStep, WhenStep, every};
pub use values::{Argument, Content, Data, FieldValue, Member, Members, Number, Reference, Scalar};

/// One question.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// `folder/file/name[axis=value]`.
    pub id: String,
    /// Ids of the requirements it covers; at least one.
    pub covers: Vec<String>,
    /// What it is about, where the name does not say it.
    pub about: Option<String>,
    /// What the peer does; `None` for a case without network.
    pub origin: Option<Script>,
    /// The peer listens on ::1 instead of 127.0.0.1.
    pub ipv6: bool,
    /// Needs a process of its own, because it changes one for good or depends on what happened in it.
    pub isolated: bool,
    /// The set-up and the question, in order.
    pub steps: Vec<Step>,
    /// What the callbacks must have been.
    pub callbacks: Vec<CallbackRule>,
    /// The requests the peer must have seen, in order; `None` if that is not the question.
    pub requests: Option<Vec<RequestRule>>,
    /// It lets so much time pass that it is asked only of a subject with a clock of its own, or if that is wanted.
    pub slow: bool,
    /// The WebSocket frames the peer must have received, in order; `None` if that is not the question.
    pub frames: Option<Vec<FrameRule>>,
    /// How long it may take, in milliseconds; `None` for the usual limit.
    pub deadline_ms: Option<u32>,
    /// Answered from what the implementation was found to have, not by executing the steps.
    pub presence: Option<String>,
    /// Where it is written; `None` for a generated case.
    pub source: Option<Source>,
}

/// A place in a case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path of the file, as shown.
    pub file: String,
    /// Line of the case's name, from 1.
    pub line: u32,
}
