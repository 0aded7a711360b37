//! Set-up shorthands, taken apart into the calls they stand for.

use winhttp_spec::constants;
use winhttp_spec::functions::{self, Function};

use crate::case::{Argument, CallStep, Content, Data, Expect, Number, Reference, Scalar, Setup, SetupKind};

const USER_AGENT: &str = "winhttp-conformance";
/// The peer's address, and the host of requests that are never sent.
const HOST: &str = "127.0.0.1";

/// The functions that a set-up calls.
pub(crate) fn functions(kind: SetupKind) -> impl Iterator<Item = &'static str> {
    let names: &[&str] = match kind {
        SetupKind::Session => &["WinHttpOpen"],
        SetupKind::Connect => &["WinHttpOpen", "WinHttpConnect"],
        SetupKind::Request => &["WinHttpOpen", "WinHttpConnect", "WinHttpOpenRequest"],
        SetupKind::WebSocket => &[
            "WinHttpOpen",
            "WinHttpConnect",
            "WinHttpOpenRequest",
            "WinHttpSetOption",
            "WinHttpSendRequest",
            "WinHttpReceiveResponse",
            "WinHttpWebSocketCompleteUpgrade",
        ],
    };
    names.iter().copied().chain(["WinHttpCloseHandle"])
}

/// The calls of a set-up.
pub(crate) fn calls(setup: &Setup) -> Vec<CallStep> {
    let mut calls = Vec::new();
    obtain(setup, setup.kind, &setup.name, &mut calls);
    calls
}

/// Obtains a handle of `kind` under `name`, and the ones above it first unless the set-up starts from one.
fn obtain(setup: &Setup, kind: SetupKind, name: &str, calls: &mut Vec<CallStep>) {
    let above = |above: SetupKind, calls: &mut Vec<CallStep>| match &setup.from {
        Some(from) if kind == setup.kind => Scalar::Reference(from.clone()),
        _ => {
            let name = format!("{}.{}", setup.name, above.word());
            obtain(setup, above, &name, calls);
            reference(&name)
        }
    };
    match kind {
        SetupKind::Session => calls.push(call(
            "WinHttpOpen",
            Some(name),
            vec![
                ("pszAgentW", text(USER_AGENT)),
                ("dwAccessType", constant("WINHTTP_ACCESS_TYPE_NO_PROXY")),
                ("dwFlags", if setup.asynchronous { constant("WINHTTP_FLAG_ASYNC") } else { number(0) }),
            ],
        )),
        SetupKind::Connect => {
            let session = above(SetupKind::Session, calls);
            calls.push(call(
                "WinHttpConnect",
                Some(name),
                vec![
                    ("hSession", Argument::Word(session)),
                    ("pswzServerName", text(HOST)),
                    ("nServerPort", Argument::Word(Scalar::Port)),
                ],
            ));
        }
        SetupKind::Request => {
            let connect = above(SetupKind::Connect, calls);
            calls.push(call(
                "WinHttpOpenRequest",
                Some(name),
                vec![("hConnect", Argument::Word(connect)), ("pwszVerb", text("GET")), ("pwszObjectName", text("/"))],
            ));
        }
        SetupKind::WebSocket => {
            let request = above(SetupKind::Request, calls);
            let request = || Argument::Word(request.clone());
            let option = constant("WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET");
            calls.push(call("WinHttpSetOption", None, vec![("hInternet", request()), ("dwOption", option)]));
            calls.push(call("WinHttpSendRequest", None, vec![("hRequest", request())]));
            calls.push(call("WinHttpReceiveResponse", None, vec![("hRequest", request())]));
            calls.push(call("WinHttpWebSocketCompleteUpgrade", Some(name), vec![("hRequest", request())]));
        }
    }
}

fn call(function: &str, name: Option<&str>, arguments: Vec<(&str, Argument)>) -> CallStep {
    let function: &'static Function =
        functions::find(function).unwrap_or_else(|| panic!("the function table lacks {function}"));
    let index = |name: &str| {
        let found = function.params.iter().position(|param| param.name == name);
        found.unwrap_or_else(|| panic!("{} has no parameter {name} in the function table", function.name))
    };
    let arguments = arguments.into_iter().map(|(name, argument)| (index(name), argument)).collect();
    CallStep { function, arguments, name: name.map(str::to_owned), last_error: None, expect: Expect::default() }
}

fn reference(name: &str) -> Scalar {
    Scalar::Reference(Reference { path: name.split('.').map(str::to_owned).collect() })
}

fn text(text: &str) -> Argument {
    let content = Content::Text { text: text.to_owned(), terminated: true };
    Argument::Data(Data { content, size: None, edge: false })
}

fn constant(name: &str) -> Argument {
    let value = constants::value(name).unwrap_or_else(|| panic!("the constants lack {name}"));
    Argument::Word(Scalar::Number(Number { value, text: name.to_owned() }))
}

fn number(value: u64) -> Argument {
    Argument::Word(Scalar::Number(Number { value, text: value.to_string() }))
}
