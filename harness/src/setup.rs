//! Set-up shorthands, taken apart into the calls they stand for.

use crate::case::{Argument, CallStep, Content, Scalar, Setup, SetupKind};
use crate::make::{self, reference, text};

const USER_AGENT: &str = "winhttp-conformance";
/// The peer's address, and the host of requests that are never sent.
const HOST: &str = "$host";

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
        SetupKind::Resolver => &["WinHttpOpen", "WinHttpCreateProxyResolver"],
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
                (
                    "dwFlags",
                    if setup.asynchronous || setup.kind == SetupKind::Resolver {
                        constant("WINHTTP_FLAG_ASYNC")
                    } else {
                        make::word(Scalar::Number(make::number(0)))
                    },
                ),
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
                vec![
                    ("hConnect", Argument::Word(connect)),
                    ("pwszVerb", text("GET")),
                    ("pwszObjectName", text("/")),
                ],
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
        SetupKind::Resolver => {
            let session = above(SetupKind::Session, calls);
            let handle = make::data(Content::Pointer("HINTERNET", make::null()));
            calls.push(call(
                "WinHttpCreateProxyResolver",
                Some(name),
                vec![("hSession", Argument::Word(session)), ("phResolver", handle)],
            ));
        }
    }
}

fn call(function: &str, name: Option<&str>, arguments: Vec<(&str, Argument)>) -> CallStep {
    CallStep { name: name.map(str::to_owned), ..make::call(function, arguments) }
}

fn constant(name: &str) -> Argument {
    make::word(Scalar::Number(make::constant(name)))
}
