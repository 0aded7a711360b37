//! What a case does.

use winhttp_spec::functions::Function;

use super::{Argument, Expect, Number, Reference};

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
