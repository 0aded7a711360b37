//! `WinHttpQueryOption`: the length protocol, defaults, and who may ask.

use winhttp_spec::functions::Type;
use winhttp_spec::handles::HandleKind;
use winhttp_spec::options::{Data, WinHttpOption};
use winhttp_spec::requirements::ledger;

use super::{
    HUGE, Handle, Question, Standing, cells, fails, fails_because, is_number, is_vague, needs_history,
    no_handle, open, size, standing, succeeds,
};
use crate::case::{Argument, Case, Content, Expect, Matcher, Numeric};
use crate::make;

const FUNCTION: &str = "WinHttpQueryOption";
/// Room for any text.
const ROOM: u32 = 4096;

/// The cases of one option on one handle.
pub(super) fn cases(option: &WinHttpOption, handle: Handle, out: &mut Vec<Case>) {
    let exact = size(option).unwrap_or(ROOM);
    let mut ask = |probe: Probe, expect: Expect, general: &[&str]| {
        out.push(question(option, handle, probe.name(), general).case([(
            FUNCTION,
            probe.arguments(exact),
            expect,
        )]));
    };
    match standing(option, handle, option.query) {
        Standing::NoHandle => {
            let covers = ["error-messages/invalid-handle"];
            ask(Probe::Exact, no_handle(handle, FUNCTION), &covers);
        }
        Standing::WrongHandle => {
            let expect = fails_because(&[
                ("ERROR_WINHTTP_INCORRECT_HANDLE_TYPE", "WinHttpQueryOption/incorrect-handle-type"),
                ("ERROR_INVALID_PARAMETER", "WinHttpQueryOption/option-invalid-for-handle-type"),
            ]);
            let covers = [
                "WinHttpQueryOption/incorrect-handle-type",
                "WinHttpQueryOption/option-invalid-for-handle-type",
            ];
            ask(Probe::Exact, expect.clone(), &covers);
            ask(Probe::Null, expect_any_failure(), &covers);
        }
        Standing::WrongFunction | Standing::Wrong => {
            // No page gives a code for querying what can only be set; it must fail.
            ask(Probe::Exact, expect_any_failure(), &["WinHttpQueryOption/invalid-option"]);
        }
        Standing::Open => {
            ask(Probe::Exact, open(), &[]);
            ask(Probe::Null, expect_any_failure(), &["WinHttpQueryOption/null-buffer"]);
        }
        Standing::Valid if needs_history(option) || is_vague(option) || option.data == Data::Unstated => {
            ask(Probe::Exact, open(), &[]);
            ask(Probe::Short, open(), &[]);
            ask(Probe::Null, expect_any_failure(), &["WinHttpQueryOption/null-buffer"]);
        }
        Standing::Valid => match size(option) {
            Some(size) => fixed(option, handle, size, &mut ask),
            None => variable(option, &mut ask),
        },
    }
    if standing(option, handle, option.query) == Standing::Valid && is_number(option) && !is_vague(option) {
        out.extend(default(option, handle));
    }
}

/// A buffer of a known size.
fn fixed(option: &WinHttpOption, handle: Handle, size: u32, ask: &mut impl FnMut(Probe, Expect, &[&str])) {
    let too_small = || Expect {
        gives: vec![length(Numeric::Equals(make::scalar(size)))],
        ..fails(&["ERROR_INSUFFICIENT_BUFFER"])
    };
    let fits = || Expect { gives: vec![length(Numeric::Equals(make::scalar(size)))], ..succeeds() };
    let protocol = ["WinHttpQueryOption/insufficient-buffer-length"];
    let null = ["WinHttpQueryOption/null-buffer", "WinHttpQueryOption/insufficient-buffer-length"];
    let returned = ["WinHttpQueryOption/returned-length", "WinHttpQueryOption/returns-true"];
    ask(Probe::Null, too_small(), &null);
    ask(Probe::Exact, fits(), &returned);
    // The length protocol does not depend on the kind of handle; one upgrade a question is enough.
    if handle == Handle::Kind(HandleKind::WebSocket) {
        return;
    }
    ask(Probe::Zero, too_small(), &protocol);
    ask(Probe::Short, too_small(), &protocol);
    ask(Probe::Long, fits(), &returned);
    // A length that lies about the memory: nothing is promised, but a number has no reason to write more than its size.
    if is_number(option) {
        ask(Probe::Huge, open(), &["WinHttpQueryOption/returned-length"]);
    }
}

/// Text: some bytes, at least a terminator.
fn variable(option: &WinHttpOption, ask: &mut impl FnMut(Probe, Expect, &[&str])) {
    let some = || length(Numeric::AtLeast(make::scalar(2)));
    let too_small = || Expect { gives: vec![some()], ..fails(&["ERROR_INSUFFICIENT_BUFFER"]) };
    let protocol = ["WinHttpQueryOption/insufficient-buffer-length"];
    // A user name or password that was never set: no page says what a query gives.
    if !["WINHTTP_OPTION_USER_AGENT", "WINHTTP_OPTION_URL"].contains(&option.name) {
        ask(Probe::Exact, open(), &[]);
        ask(Probe::Null, expect_any_failure(), &["WinHttpQueryOption/null-buffer"]);
        return;
    }
    ask(Probe::Null, too_small(), &["WinHttpQueryOption/null-buffer", protocol[0]]);
    ask(Probe::Zero, too_small(), &protocol);
    ask(Probe::One, too_small(), &protocol);
    let fits = Expect { gives: vec![length(Numeric::AtMost(make::scalar(ROOM - 1)))], ..succeeds() };
    ask(Probe::Exact, fits, &["WinHttpQueryOption/returned-length"]);
}

/// A fresh handle has the documented default.
fn default(option: &WinHttpOption, handle: Handle) -> Option<Case> {
    let value = option.default?;
    let id = format!("option-flags/{}/default", option.slug());
    ledger().requirement(&id)?;
    let numeric = match other_default(option.name) {
        Some(other) => Numeric::OneOf(vec![make::number(u64::from(value)), make::number(u64::from(other))]),
        None => Numeric::Equals(make::scalar(value)),
    };
    let expect = Expect { gives: vec![(buffer_index(), Matcher::Dword("DWORD", numeric))], ..succeeds() };
    let mut question = question(option, handle, "default", &[]);
    question.covers.push(id);
    Some(question.case([(FUNCTION, Probe::Exact.arguments(4), expect)]))
}

/// The value that another page gives as the default, or that the page's words may also mean.
fn other_default(name: &str) -> Option<u32> {
    match name {
        // "1MB" and "64KB".
        "WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE" => Some(1_000_000),
        "WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE" => Some(64_000),
        // WinHttpReceiveResponse: five.
        "WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS" => Some(5),
        // WinHttpSetTimeouts: 0, which means no time-out.
        "WINHTTP_OPTION_RESOLVE_TIMEOUT" => Some(0),
        _ => None,
    }
}

/// What is passed as buffer and length.
#[derive(Clone, Copy)]
enum Probe {
    Null,
    Zero,
    One,
    Short,
    Exact,
    Long,
    Huge,
}

impl Probe {
    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Zero => "zero",
            Self::One => "one",
            Self::Short => "short",
            Self::Exact => "exact",
            Self::Long => "long",
            Self::Huge => "huge",
        }
    }

    fn arguments(self, exact: u32) -> Vec<(&'static str, Argument)> {
        let (buffer, length) = match self {
            Self::Null => (make::word(make::null()), 0),
            Self::Zero => (make::space(0), 0),
            Self::One => (make::space(1), 1),
            Self::Short => (make::space(exact - 1), exact - 1),
            Self::Exact => (make::space(exact), exact),
            Self::Long => (make::space(exact + 1), exact + 1),
            Self::Huge => (make::space(exact), HUGE),
        };
        let length = make::data(Content::Dword("DWORD", make::scalar(length)));
        vec![("lpBuffer", buffer), ("lpdwBufferLength", length)]
    }
}

fn question<'a>(option: &'a WinHttpOption, handle: Handle, variant: &str, general: &[&str]) -> Question<'a> {
    let covers = cells(option, handle, "query", general);
    Question { option, handle, verb: "query", variant: variant.to_owned(), covers }
}

fn expect_any_failure() -> Expect {
    fails(&[])
}

fn length(numeric: Numeric) -> (usize, Matcher) {
    (3, Matcher::Dword("DWORD", numeric))
}

/// The place of `lpBuffer` among the parameters; `lpdwBufferLength` follows it.
fn buffer_index() -> usize {
    let function = make::call(FUNCTION, vec![]).function;
    function.params.iter().position(|param| param.ty == Type::Buffer).unwrap_or(2)
}
