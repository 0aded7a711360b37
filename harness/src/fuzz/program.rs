//! A program made by chance: a few calls on one or two handles, about one or two options.
//!
//! Nothing in it depends on anything else in it, so that every part can be made smaller by itself; which set-ups it
//! needs and what its buffers hold is worked out when it becomes a case.

use std::collections::BTreeMap;

use winhttp_spec::options::{OPTIONS, WinHttpOption};

use super::memory::{self, Given, Room};
use super::url::{Space, Url};
use crate::case::{Argument, CallStep, Case, Scalar, Setup, SetupKind, Step};
use crate::make;

/// How long a program may take, in milliseconds: its calls wait for nothing but the peer on loopback.
const DEADLINE_MS: u32 = 3000;

/// Calls in order, and what they choose their handles and options from.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) handles: [Target; 2],
    pub(super) options: [Choice; 2],
    /// The sessions are opened with WINHTTP_FLAG_ASYNC, where no upgrade has to wait for its end.
    pub(super) asynchronous: bool,
    pub(super) actions: Vec<Action>,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Action {
    /// On the second handle.
    pub(super) on_second: bool,
    /// With the second option.
    pub(super) of_second: bool,
    pub(super) verb: Verb,
}

/// What is called.
#[derive(Clone, Debug)]
pub(super) enum Verb {
    Query(Room),
    Set(Given),
    Close,
    /// `WinHttpSetStatusCallback` with a recording callback, for all notifications.
    Watch,
    /// `WinHttpCrackUrl`, and `WinHttpCreateUrl` of what that gave.
    ThereAndBack(Url, Space),
    /// `WinHttpCreateUrl`.
    Create(Url, Space),
}

impl Verb {
    /// How many calls it is.
    const fn calls(&self) -> usize {
        match self {
            Self::ThereAndBack(..) => 2,
            _ => 1,
        }
    }

    /// Whether it needs no handle.
    const fn is_of_urls(&self) -> bool {
        matches!(self, Self::ThereAndBack(..) | Self::Create(..))
    }
}

/// What is passed as the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Null,
    Forged,
    /// Of that kind, from the first or second set-up.
    Of(Root, SetupKind),
}

/// A set-up; it gets as deep as the calls need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    First,
    Second,
}

impl Root {
    const fn name(self) -> &'static str {
        match self {
            Self::First => "h",
            Self::Second => "k",
        }
    }
}

/// An option.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice {
    Documented(&'static WinHttpOption),
    Number(u32),
}

impl Choice {
    /// A number that the documentation knows is that option.
    pub(super) fn of(number: u32) -> Self {
        OPTIONS
            .iter()
            .find(|option| option.value == Some(number))
            .map_or(Self::Number(number), Self::Documented)
    }

    pub(super) const fn option(self) -> Option<&'static WinHttpOption> {
        match self {
            Self::Documented(option) => Some(option),
            Self::Number(_) => None,
        }
    }

    /// For findings: all numbers that are no option are one option.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Documented(option) => option.name,
            Self::Number(_) => "a number that is no documented option",
        }
    }

    fn argument(self) -> Argument {
        make::word(Scalar::Number(match self {
            Self::Documented(option) => make::constant(option.name),
            Self::Number(number) => make::number(u64::from(number)),
        }))
    }
}

/// A call with its handle and option chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) target: Target,
    pub(super) choice: Choice,
    pub(super) verb: &'a Verb,
    /// Of a verb that is two calls, the second.
    pub(super) second: bool,
}

impl Call<'_> {
    pub(super) const fn function(self) -> &'static str {
        match self.verb {
            Verb::Query(_) => "WinHttpQueryOption",
            Verb::Set(_) => "WinHttpSetOption",
            Verb::Close => "WinHttpCloseHandle",
            Verb::Watch => "WinHttpSetStatusCallback",
            Verb::ThereAndBack(..) if !self.second => "WinHttpCrackUrl",
            Verb::ThereAndBack(..) | Verb::Create(..) => "WinHttpCreateUrl",
        }
    }

    /// The option it is about, for findings.
    pub(super) const fn option_name(self) -> &'static str {
        match self.verb {
            Verb::Query(_) | Verb::Set(_) => self.choice.name(),
            Verb::Close | Verb::Watch | Verb::ThereAndBack(..) | Verb::Create(..) => "",
        }
    }
}

/// For each query that wants as much as is needed: how many bytes that is, as an earlier run has shown.
pub(super) type Needed = BTreeMap<usize, u32>;

impl Program {
    pub(super) fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        self.actions.iter().flat_map(|Action { on_second, of_second, verb }| {
            let target = if verb.is_of_urls() { Target::Null } else { self.handles[usize::from(*on_second)] };
            let choice = self.options[usize::from(*of_second)];
            (0..verb.calls()).map(move |at| Call { target, choice, verb, second: at == 1 })
        })
    }

    /// The queries that want as much as is needed, whatever that is.
    pub(super) fn asks_what_is_needed(&self) -> bool {
        self.actions.iter().any(|action| matches!(action.verb, Verb::Query(Room::Needed)))
    }

    /// The case, with nothing expected yet: its last steps are the calls, one each.
    pub(super) fn case(&self, needed: &Needed) -> Case {
        let mut steps: Vec<Step> = [Root::First, Root::Second]
            .into_iter()
            .filter_map(|root| Some(Step::Setup(self.setup(root, self.depth(root)?))))
            .collect();
        for (at, call) in self.calls().enumerate() {
            let step = self.step(at, call, needed.get(&at).copied());
            steps.push(Step::Call(Box::new(step)));
        }
        Case { id: "fuzz".to_owned(), steps, deadline_ms: Some(DEADLINE_MS), ..Case::default() }
    }

    /// Whether it is a request that was sent to become a WebSocket.
    pub(super) fn has_sent(&self, target: Target) -> bool {
        matches!(target, Target::Of(root, SetupKind::Request) if self.depth(root) == Some(SetupKind::WebSocket))
    }

    /// The deepest kind of handle that the calls use of a set-up.
    fn depth(&self, root: Root) -> Option<SetupKind> {
        self.calls()
            .filter_map(|call| match call.target {
                Target::Of(of, kind) if of == root => Some(kind),
                _ => None,
            })
            .max()
    }

    fn setup(&self, root: Root, kind: SetupKind) -> Setup {
        let asynchronous = self.asynchronous && kind != SetupKind::WebSocket;
        Setup { kind, name: root.name().to_owned(), from: None, asynchronous }
    }

    /// Call number `at`.
    fn step(&self, at: usize, call: Call<'_>, needed: Option<u32>) -> CallStep {
        let handle = || make::word(self.handle(call.target));
        let mut name = None;
        let arguments = match call.verb {
            Verb::Close => vec![("hInternet", handle())],
            Verb::Watch => vec![
                ("hInternet", handle()),
                ("lpfnInternetCallback", make::word(Scalar::Recorder(0))),
                (
                    "dwNotificationFlags",
                    make::word(Scalar::Number(make::constant("WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS"))),
                ),
            ],
            Verb::Query(room) => {
                let (buffer, length) = room.arguments(call.choice, needed);
                vec![
                    ("hInternet", handle()),
                    ("dwOption", call.choice.argument()),
                    ("lpBuffer", buffer),
                    ("lpdwBufferLength", memory::dword(length)),
                ]
            }
            Verb::Set(given) => {
                let (buffer, length) = given.arguments(call.choice);
                let mut arguments =
                    vec![("hInternet", handle()), ("dwOption", call.choice.argument()), ("lpBuffer", buffer)];
                arguments.extend(length.map(|length| ("dwBufferLength", memory::word(length))));
                arguments
            }
            Verb::ThereAndBack(url, _) if !call.second => {
                name = Some(format!("url{at}"));
                vec![("pwszUrl", make::text(&url.parts().0)), ("lpUrlComponents", Url::wanted())]
            }
            Verb::ThereAndBack(url, space) => {
                let components = make::reference(&format!("url{}.lpUrlComponents", at - 1));
                create_url(make::word(components), url, space)
            }
            Verb::Create(url, space) => create_url(url.components(), url, space),
        };
        CallStep { name, ..make::call(call.function(), arguments) }
    }

    fn handle(&self, target: Target) -> Scalar {
        match target {
            Target::Null => make::null(),
            Target::Forged => Scalar::Forged,
            Target::Of(root, kind) if self.depth(root) == Some(kind) => make::reference(root.name()),
            Target::Of(root, kind) => make::reference(&format!("{}.{}", root.name(), kind.word())),
        }
    }
}

fn create_url(components: Argument, url: &Url, space: &Space) -> Vec<(&'static str, Argument)> {
    let url = url.parts().0;
    vec![
        ("lpUrlComponents", components),
        ("pwszUrl", space.argument(&url)),
        ("pdwUrlLength", memory::dword(space.characters(&url))),
    ]
}
