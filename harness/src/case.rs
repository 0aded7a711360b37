//! A case: one question with its expected answers, every name resolved, ready to be compiled.
//!
//! Cases come from three places and look alike: files ([`crate::load`]), the option table ([`crate::matrix`]) and the
//! fuzzer ([`crate::fuzz`]). [`std::fmt::Display`] writes values the way the case language reads them.

use winhttp_origin::{Opcode, Payload, Script};
use winhttp_spec::functions::Function;
use winhttp_spec::structs::{FieldType, Struct};

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

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Obtains handles; if that fails, the question was never asked.
    Setup(Setup),
    /// A call.
    Call(Box<CallStep>),
    /// Waits for a callback.
    Wait(WaitStep),
    /// From now on: what to do in a callback.
    When(WhenStep),
    /// What another thread does from now on.
    Meanwhile(MeanwhileStep),
    /// Waits until the steps of a callback or of another thread are done.
    Join(JoinStep),
    /// Lets time pass, in milliseconds.
    Pass(u32),
}

impl Step {
    /// The steps inside it.
    #[must_use]
    pub fn inner(&self) -> &[Self] {
        match self {
            Self::When(WhenStep { steps, .. }) | Self::Meanwhile(MeanwhileStep { steps, .. }) => steps,
            Self::Setup(_) | Self::Call(_) | Self::Wait(_) | Self::Join(_) | Self::Pass(_) => &[],
        }
    }
}

/// Every step, those inside others behind these.
#[must_use]
pub fn every(steps: &[Step]) -> Vec<&Step> {
    steps.iter().flat_map(|step| std::iter::once(step).chain(every(step.inner()))).collect()
}

/// What to do in a callback, once, on its thread.
#[derive(Clone, Debug)]
pub struct WhenStep {
    /// Which statuses: any of them.
    pub statuses: Vec<Number>,
    /// On which handle.
    pub on: Option<Reference>,
    /// In which of these callbacks, counted from now.
    pub nth: u32,
    /// The callback need not come.
    pub optional: bool,
    /// A name to wait for.
    pub name: Option<String>,
    /// What to do.
    pub steps: Vec<Step>,
}

/// What another thread does.
#[derive(Clone, Debug)]
pub struct MeanwhileStep {
    /// A name to wait for.
    pub name: Option<String>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// Waits until the steps of a callback or of another thread are done.
#[derive(Clone, Debug)]
pub struct JoinStep {
    /// Which.
    pub of: Reference,
    /// For how long, in milliseconds.
    pub within_ms: u32,
}

/// Obtains a handle and the ones above it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Of which kind.
    pub kind: SetupKind,
    /// The name it gets; handles above it are `name.session`, `name.connect`, `name.request`.
    pub name: String,
    /// The handle to make it from; `None` makes those too.
    pub from: Option<Reference>,
    /// Opens the session with WINHTTP_FLAG_ASYNC, which that of a resolver always is.
    pub asynchronous: bool,
}

/// What a set-up can obtain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetupKind {
    /// `WinHttpOpen`.
    Session,
    /// … and `WinHttpConnect` to the peer.
    Connect,
    /// … and `WinHttpOpenRequest`.
    Request,
    /// … and an upgrade: WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET, send, receive, complete.
    WebSocket,
    /// `WinHttpOpen`, asynchronous as its page asks, and `WinHttpCreateProxyResolver`.
    Resolver,
}

impl SetupKind {
    /// Every kind, outermost first.
    pub const ALL: [Self; 5] = [Self::Session, Self::Connect, Self::Request, Self::WebSocket, Self::Resolver];

    /// The word in case files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Connect => "connect",
            Self::Request => "request",
            Self::WebSocket => "websocket",
            Self::Resolver => "resolver",
        }
    }

    /// The kinds that a set-up of this one obtains first.
    #[must_use]
    pub const fn above(self) -> &'static [Self] {
        match self {
            Self::Session => &[],
            Self::Connect | Self::Resolver => &[Self::Session],
            Self::Request => &[Self::Session, Self::Connect],
            Self::WebSocket => &[Self::Session, Self::Connect, Self::Request],
        }
    }
}

/// A call and what is expected of it.
#[derive(Clone, Debug)]
pub struct CallStep {
    /// Which function.
    pub function: &'static Function,
    /// The arguments that are given, by parameter index.
    pub arguments: Vec<(usize, Argument)>,
    /// The name of its result.
    pub name: Option<String>,
    /// `SetLastError` before the call.
    pub last_error: Option<Number>,
    /// What is expected.
    pub expect: Expect,
}

/// Waits for callbacks.
#[derive(Clone, Debug)]
pub struct WaitStep {
    /// Which statuses: any of them.
    pub statuses: Vec<Number>,
    /// On which handle.
    pub on: Option<Reference>,
    /// How many of them, counted from the case's begin.
    pub times: u32,
    /// For how long, in milliseconds.
    pub within_ms: u32,
    /// Whether it must come.
    pub comes: bool,
}

/// A named thing of an earlier step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `$name`, `$name.session`, or `$call.parameter[.field]`.
    pub path: Vec<String>,
}

/// A number and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its value.
    pub value: u64,
    /// `WINHTTP_FLAG_ASYNC`, `0x10`, `A | B`.
    pub text: String,
}

/// A machine word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A number or constant.
    Number(Number),
    /// What an earlier step gave.
    Reference(Reference),
    /// A handle that was never returned by the subject.
    Forged,
    /// A recording callback, by number.
    Recorder(u8),
    /// The peer's port.
    Port,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Passed by value.
    Word(Scalar),
    /// A pointer to memory of the case's own.
    Data(Data),
}

/// Memory that the case provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// What is in it.
    pub content: Content,
    /// Its size in bytes, where it is not that of the content.
    pub size: Option<u32>,
    /// Placed right before an unmapped page.
    pub edge: bool,
}

/// What is in the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing yet: that many bytes of a fill pattern.
    Space(u32),
    /// A 32-bit number; the word is `DWORD` or `BOOL`.
    Dword(&'static str, Scalar),
    /// A pointer-sized number, handle or pointer; the word is `DWORD_PTR`, `HINTERNET` or `LPVOID`.
    Pointer(&'static str, Scalar),
    /// UTF-16 text.
    Text {
        /// The characters.
        text: String,
        /// With a terminator.
        terminated: bool,
    },
    /// These bytes.
    Bytes(Vec<u8>),
    /// A struct; members that are not given are zero.
    Struct(&'static Struct, Members),
    /// An array of structs.
    Structs(&'static Struct, Vec<Members>),
}

/// The members of a struct that are given.
pub type Members = Vec<(Member, FieldValue)>;

/// A member of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `member`, `outer.inner`, `array[3]`.
    pub path: String,
    /// Its type.
    pub ty: FieldType,
}

/// A member's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// A number or pointer.
    Scalar(Scalar),
    /// A pointer to text.
    Text(String),
}

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

/// A request the peer must have received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRule {
    /// The method.
    pub method: Option<String>,
    /// The target as sent.
    pub target: Option<String>,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub version: Option<String>,
    /// What its headers must be, by name without regard to case.
    pub headers: Vec<(String, HeaderRule)>,
    /// Headers that must be there, whatever their value.
    pub present: Vec<String>,
    /// Headers that must not be there.
    pub absent: Vec<String>,
    /// These headers are there and follow each other like this; others may be between them.
    pub order: Vec<String>,
    /// These headers are there, each as often as it is named, and no others.
    pub all_headers: Option<Vec<String>>,
    /// The body, without its framing.
    pub body: Option<BodyRule>,
    /// Whether the whole body came.
    pub complete: Option<bool>,
    /// On which connection it came.
    pub connection: Option<ConnectionRule>,
}

/// What the headers of one name must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderRule {
    /// Exactly these values, a header each, in this order; without any, there must be no such header.
    All(Vec<String>),
    /// The first one has this value; there may be others.
    First(String),
    /// One header, with one of these values.
    OneOf(Vec<String>),
    /// One header, whose value begins like this.
    StartsWith(String),
    /// All such headers together are the list of these (RFC 9110, section 5.6.1), in this order.
    Listed(Vec<String>),
}

/// What a body must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// These bytes, and all of them.
    Is(Payload),
    /// So many bytes, and all of them.
    Length(u64),
}

/// On which connection a request must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRule {
    /// On the one that the request before came on.
    Same,
    /// On one that no request before came on.
    New,
}

/// A WebSocket frame the peer must have received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRule {
    /// Its kind.
    pub kind: Opcode,
    /// What it carries, of a Close behind the status.
    pub payload: Option<Payload>,
    /// The status of a Close: some, or none in an empty frame.
    pub status: Option<Option<u16>>,
    /// Whether it is the last of its message.
    pub is_final: Option<bool>,
}
