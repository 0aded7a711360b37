//! Cases made of the function table: function × handle that the function cannot take.
//!
//! Every argument but the handle is good. A wrong kind is refused with ERROR_WINHTTP_INCORRECT_HANDLE_TYPE where the
//! function's page has that code, and with any where it has none; a closed handle with ERROR_INVALID_HANDLE, which the
//! page "Error messages" says of all functions; what never was a handle with any code, because it cannot be used, and
//! no page says which code tells so. Every id is `matrix/handles/<function>/<handle>`.
//!
//! WinHttpUnregisterProxyChangeNotification is not asked: what it takes is no HINTERNET, and no page says that a wrong
//! one is recognised.

mod asked;

use winhttp_origin::Script;
use winhttp_spec::functions::Function;
use winhttp_spec::requirements::ledger;

use super::{fails, fails_because};
use crate::case::{Argument, CallStep, Case, Expect, RequestRule, Scalar, SetupKind, Step};
use crate::make;
use asked::{BODY, asked, constant, done, handle, number};

const CLOSED: [&str; 2] = ["WinHttpCloseHandle/closed-handle-unusable", "error-messages/invalid-handle"];
/// What CreateFile returns for a file that it cannot open.
const INVALID_HANDLE_VALUE: u64 = u64::MAX;

/// A parameter's name and its argument.
type Arguments = Vec<(&'static str, Argument)>;

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    asked().iter().flat_map(Asked::cases).collect()
}

/// Steps that bring a handle to where a function has its turn, and the function's arguments; nothing of a function that
/// takes none.
pub(crate) fn ready(function: &Function, steps: &mut Vec<Step>, origin: &mut Option<Script>) -> Arguments {
    let Some(asked) = asked().into_iter().find(|asked| asked.function.name == function.name) else {
        return Vec::new();
    };
    steps.push(make::setup(asked.takes[0], "h"));
    steps.extend(asked.after.calls());
    *origin = asked.after.needs().or(origin.take());
    let mut arguments = vec![(asked.function.params[0].name, handle())];
    arguments.extend(asked.arguments);
    arguments
}

/// A function that takes a handle as its first parameter.
struct Asked {
    function: &'static Function,
    /// The kinds of handle that its page names.
    takes: &'static [SetupKind],
    /// The requirement of its page that names them.
    named_by: &'static str,
    /// What a handle has to go through before the function has its turn.
    after: After,
    arguments: Arguments,
}

/// What was done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Nothing,
    /// It was sent, and its data are still to come.
    Headers,
    /// Its response was received.
    Response,
    /// The server has agreed to a WebSocket.
    Handshake,
}

/// What is passed as the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passed {
    Null,
    Forged,
    InvalidHandleValue,
    Closed(SetupKind),
    Wrong(SetupKind),
}

impl Asked {
    fn cases(&self) -> Vec<Case> {
        let closed = self.takes.iter().map(|kind| Passed::Closed(*kind));
        let wrong = SetupKind::ALL.into_iter().filter(|kind| !self.takes.contains(kind)).map(Passed::Wrong);
        [Passed::Null, Passed::Forged, Passed::InvalidHandleValue]
            .into_iter()
            .chain(closed)
            .chain(wrong)
            .filter_map(|passed| self.case(passed))
            .collect()
    }

    /// `None` where the page gives the handle a meaning.
    fn case(&self, passed: Passed) -> Option<Case> {
        let (expect, covers) = self.promised(passed)?;
        let (mut steps, handle) = self.obtain(passed);
        let mut arguments = vec![(self.function.params[0].name, make::word(handle))];
        arguments.extend(self.arguments.clone());
        let call = make::call(self.function.name, arguments);
        steps.push(Step::Call(Box::new(CallStep { expect, ..call })));
        let sent = matches!(passed, Passed::Closed(SetupKind::Request)).then_some(self.after);
        Some(Case {
            id: format!("matrix/handles/{}/{}", self.function.name, passed.name()),
            covers,
            origin: sent.and_then(After::needs),
            steps,
            requests: (self.function.name == "WinHttpSendRequest" && sent.is_some())
                .then(Vec::<RequestRule>::new),
            ..Case::default()
        })
    }

    /// What the documentation says of the call, and where.
    fn promised(&self, passed: Passed) -> Option<(Expect, Vec<String>)> {
        let name = self.function.name;
        let takes = self.own(self.named_by);
        let anything = fails(&[]);
        let invalid = || fails(&["ERROR_INVALID_HANDLE"]);
        Some(match (passed, name) {
            (Passed::Null, "WinHttpSetOption" | "WinHttpQueryOption") => return None,
            (Passed::Null, "WinHttpCreateProxyResolver") => (invalid(), vec![self.own("null-session")]),
            // Neither a valid handle nor one of WinHttpOpen: the page has a code for each, and no order.
            (Passed::Null | Passed::Forged | Passed::InvalidHandleValue, "WinHttpResetAutoProxy") => {
                let codes = [
                    ("ERROR_INVALID_HANDLE", "WinHttpResetAutoProxy/invalid-handle"),
                    ("ERROR_WINHTTP_INCORRECT_HANDLE_TYPE", "WinHttpResetAutoProxy/incorrect-handle-type"),
                ];
                (fails_because(&codes), codes.map(|(_, id)| id.to_owned()).to_vec())
            }
            (Passed::Closed(_), "WinHttpResetAutoProxy") => (invalid(), vec![self.own("invalid-handle")]),
            (Passed::Null, "WinHttpCloseHandle") => {
                (anything, vec![takes, self.own("false-sets-last-error")])
            }
            (Passed::Null, _) => (anything, vec![takes]),
            (Passed::Forged | Passed::InvalidHandleValue, _) => {
                (anything, vec!["hinternet-handles/not-interchangeable".to_owned(), takes])
            }
            (Passed::Closed(_), _) => {
                let made = (name == "WinHttpWebSocketCompleteUpgrade")
                    .then_some("hinternet-handles/websocket-needs-request");
                (invalid(), CLOSED.into_iter().chain(made).map(str::to_owned).collect())
            }
            (Passed::Wrong(_), _) => {
                let kinds = "hinternet-handles/kinds".to_owned();
                match self.wrong_type() {
                    Some(id) => {
                        let general = "error-messages/incorrect-handle-type".to_owned();
                        (fails(&["ERROR_WINHTTP_INCORRECT_HANDLE_TYPE"]), vec![id, general, kinds])
                    }
                    None => (anything, vec![takes, kinds]),
                }
            }
        })
    }

    /// The requirement of the page that has a code for a wrong kind of handle.
    fn wrong_type(&self) -> Option<String> {
        ["incorrect-handle-type", "not-a-session"]
            .map(|slug| self.own(slug))
            .into_iter()
            .find(|id| ledger().requirement(id).is_some())
    }

    fn own(&self, slug: &str) -> String {
        format!("{}/{slug}", self.function.name)
    }

    /// The steps that obtain the handle, and the word to pass.
    fn obtain(&self, passed: Passed) -> (Vec<Step>, Scalar) {
        match passed {
            Passed::Null => (Vec::new(), make::null()),
            Passed::Forged => (Vec::new(), Scalar::Forged),
            Passed::InvalidHandleValue => (Vec::new(), Scalar::Number(make::number(INVALID_HANDLE_VALUE))),
            Passed::Wrong(kind) => (vec![make::setup(kind, "h")], make::reference("h")),
            Passed::Closed(kind) => {
                let mut steps = vec![make::setup(kind, "h")];
                if kind == SetupKind::Request {
                    steps.extend(self.after.calls());
                }
                steps.push(done("WinHttpCloseHandle", vec![("hInternet", handle())]));
                (steps, make::reference("h"))
            }
        }
    }
}

impl After {
    /// The peer it takes.
    fn needs(self) -> Option<Script> {
        match self {
            Self::Nothing => None,
            Self::Headers | Self::Response => Some(Script::Ok),
            Self::Handshake => Some(Script::Websocket),
        }
    }

    /// The calls that bring a request there.
    fn calls(self) -> Vec<Step> {
        let request = || vec![("hRequest", handle())];
        let send = |more: Arguments| done("WinHttpSendRequest", request().into_iter().chain(more).collect());
        let receive = || done("WinHttpReceiveResponse", request());
        match self {
            Self::Nothing => Vec::new(),
            Self::Headers => vec![send(vec![("dwTotalLength", number(BODY.len() as u64))])],
            Self::Response => vec![send(Vec::new()), receive()],
            Self::Handshake => {
                let upgrade = constant("WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET");
                let upgrade = done("WinHttpSetOption", vec![("hInternet", handle()), ("dwOption", upgrade)]);
                vec![upgrade, send(Vec::new()), receive()]
            }
        }
    }
}

impl Passed {
    fn name(self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Forged => "forged".to_owned(),
            Self::InvalidHandleValue => "invalid-handle-value".to_owned(),
            Self::Closed(kind) => format!("closed-{}", kind.word()),
            Self::Wrong(kind) => kind.word().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use winhttp_spec::functions::{FUNCTIONS, Type};

    use super::*;

    #[test]
    fn every_function_that_takes_a_handle_is_asked() {
        let takes_handle =
            |function: &&Function| function.params.first().is_some_and(|it| it.ty == Type::Handle);
        let all: BTreeSet<&str> =
            FUNCTIONS.iter().filter(takes_handle).map(|function| function.name).collect();
        let mut asked: BTreeSet<&str> = asked().iter().map(|asked| asked.function.name).collect();
        asked.insert("WinHttpUnregisterProxyChangeNotification");
        assert_eq!(asked, all);
    }

    /// A page's own code is asked for, and no page's code of a function that has none.
    #[test]
    fn a_wrong_kind_has_a_code_where_the_page_has_one() {
        for asked in asked() {
            let named = asked.function.errors.contains(&"ERROR_WINHTTP_INCORRECT_HANDLE_TYPE");
            assert_eq!(asked.wrong_type().is_some(), named, "{}", asked.function.name);
        }
    }
}
