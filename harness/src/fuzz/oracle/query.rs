//! `WinHttpQueryOption`: who may ask, the length protocol, and that a query gives what was set.

use winhttp_spec::constants;
use winhttp_spec::options::{Data, Range, WinHttpOption};
use winhttp_spec::requirements::ledger;

use super::{Promise, handle, is_no_option, with_cells};
use crate::case::{Argument, Content, Expect, Matcher, Number, Numeric, Scalar, Step};
use crate::compile::Part;
use crate::fuzz::memory::{Room, documented};
use crate::fuzz::model::{Model, State};
use crate::fuzz::program::{Call, Choice};
use crate::make;
use crate::matrix::{Standing, fails, fails_because, needs_history, no_handle, size, standing, succeeds};

const FUNCTION: &str = "WinHttpQueryOption";
/// The places of `lpBuffer` and `lpdwBufferLength` among the parameters.
const BUFFER: usize = 2;
const LENGTH: usize = 3;

// The rules of the length protocol, for findings.
const NO_BUFFER: &str = "no buffer";
const SHORT: &str = "short buffer";
const ROOM_ENOUGH: &str = "room enough";
const NEEDED: &str = "the length asked for suffices";
/// What they all come to where an option that can be queried is refused.
pub(super) const REFUSED: &str = "refused although valid";

/// Whether the rule is one of the length protocol.
pub(super) fn is_about_length(rule: &str) -> bool {
    [NO_BUFFER, SHORT, ROOM_ENOUGH, NEEDED].contains(&rule)
}

/// Whether the code asks for a longer buffer.
pub(super) fn is_too_small(code: u32) -> bool {
    constants::value("ERROR_INSUFFICIENT_BUFFER") == Some(u64::from(code))
}

/// What is promised of a query.
pub(super) fn promise(call: Call<'_>, room: &Room, state: State, part: &Part, model: &Model) -> Promise {
    let given = Given::of(part);
    let promise = match call.choice {
        Choice::Number(number) => of_number(number, state, &given),
        Choice::Documented(option) => of_option(option, call, room, state, &given, model),
    };
    with_cells(promise, call.choice, state, "query")
}

/// What the buffer is: `NULL`, or that many bytes by its declared length.
struct Given {
    null: bool,
    length: u32,
}

impl Given {
    fn of(part: &Part) -> Self {
        let Step::Call(call) = &part.step else { return Self { null: true, length: 0 } };
        let argument = |wanted: usize| {
            call.arguments.iter().find(|(index, _)| *index == wanted).map(|(_, argument)| argument)
        };
        let length = match argument(LENGTH) {
            Some(Argument::Data(data)) => match &data.content {
                Content::Dword(_, Scalar::Number(number)) => number.value as u32,
                _ => 0,
            },
            _ => 0,
        };
        Self { null: !matches!(argument(BUFFER), Some(Argument::Data(_))), length }
    }

    fn holds(&self, bytes: u32) -> bool {
        !self.null && self.length >= bytes
    }
}

fn of_number(number: u32, state: State, given: &Given) -> Promise {
    if !is_no_option(number, state) {
        return Promise::nothing(FUNCTION);
    }
    let expect = if given.holds(1) {
        fails(&["ERROR_WINHTTP_INVALID_OPTION"])
    } else {
        fails_because(&[
            ("ERROR_WINHTTP_INVALID_OPTION", "WinHttpQueryOption/invalid-option"),
            ("ERROR_INSUFFICIENT_BUFFER", "WinHttpQueryOption/null-buffer"),
        ])
    };
    Promise::new("no option", expect, &["WinHttpQueryOption/invalid-option"])
}

fn of_option(
    option: &'static WinHttpOption,
    call: Call<'_>,
    room: &Room,
    state: State,
    given: &Given,
    model: &Model,
) -> Promise {
    // Room for anything: then a refusal has nothing to do with the buffer.
    let roomy = given.holds(size(option).unwrap_or(1));
    match standing(option, handle(state), option.query) {
        Standing::NoHandle if roomy => {
            Promise::new("no handle", no_handle(handle(state), FUNCTION), &["error-messages/invalid-handle"])
        }
        Standing::WrongHandle if roomy => Promise::new(
            "wrong handle",
            fails_because(&[
                ("ERROR_WINHTTP_INCORRECT_HANDLE_TYPE", "WinHttpQueryOption/incorrect-handle-type"),
                ("ERROR_INVALID_PARAMETER", "WinHttpQueryOption/option-invalid-for-handle-type"),
            ]),
            &[
                "WinHttpQueryOption/incorrect-handle-type",
                "WinHttpQueryOption/option-invalid-for-handle-type",
            ],
        ),
        // Two mistakes, and no order between them; or no page gives a code.
        Standing::NoHandle | Standing::WrongHandle | Standing::WrongFunction | Standing::Wrong => {
            Promise::new("refused", fails(&[]), &["WinHttpQueryOption/handle-kind-by-option"])
        }
        // As much as the subject itself asked for a moment ago.
        Standing::Valid if !given.null && matches!(room, Room::Needed) && !depends(option) => {
            needed(option, given.length)
        }
        Standing::Open | Standing::Valid if given.null => no_buffer(option, state),
        Standing::Valid => valid(option, call, given, model),
        Standing::Open => Promise::nothing(FUNCTION),
    }
}

/// Whether it takes more than a long enough buffer: the handle in some state, or something in the buffer that says
/// what is asked.
fn depends(option: &WinHttpOption) -> bool {
    needs_history(option) || option.data == Data::Unstated
}

/// A query with exactly the length that the same query gave when it was given no buffer.
fn needed(option: &WinHttpOption, bytes: u32) -> Promise {
    let exactly = |bytes: u32| make::number(u64::from(bytes));
    // No page says whether the length that is returned in the end counts the terminator.
    let length = match option.data {
        Data::Wide if bytes >= 2 => Numeric::OneOf(vec![exactly(bytes), exactly(bytes - 2)]),
        _ => Numeric::Equals(Scalar::Number(exactly(bytes))),
    };
    Promise::new(
        NEEDED,
        Expect { gives: vec![(LENGTH, Matcher::Dword("DWORD", length))], ..succeeds() },
        &["WinHttpQueryOption/null-buffer-length", "WinHttpQueryOption/returned-length"],
    )
}

fn no_buffer(option: &WinHttpOption, state: State) -> Promise {
    let valid = standing(option, handle(state), option.query) == Standing::Valid;
    let covers = ["WinHttpQueryOption/null-buffer", "WinHttpQueryOption/null-buffer-length"];
    match size(option) {
        Some(size) if valid && !needs_history(option) => Promise::new(NO_BUFFER, too_small(size), &covers),
        _ => Promise::new(NO_BUFFER, fails(&[]), &covers),
    }
}

fn too_small(size: u32) -> Expect {
    Expect { gives: vec![length(size)], ..fails(&["ERROR_INSUFFICIENT_BUFFER"]) }
}

fn length(size: u32) -> (usize, Matcher) {
    let size = Scalar::Number(make::number(u64::from(size)));
    (LENGTH, Matcher::Dword("DWORD", Numeric::Equals(size)))
}

/// An option that can be queried on this handle, with a buffer.
fn valid(option: &'static WinHttpOption, call: Call<'_>, given: &Given, model: &Model) -> Promise {
    let value = model.value(call.target, option).and_then(|value| round_trip(option, value));
    let Some(size) = size(option).filter(|_| !needs_history(option)) else {
        return match value {
            Some((matcher, bytes)) if given.holds(bytes) => {
                set_before(option, Expect { gives: vec![(BUFFER, matcher)], ..succeeds() })
            }
            Some((_, bytes)) if !given.holds(bytes - 2) => {
                let covers =
                    ["WinHttpQueryOption/short-buffer", "WinHttpQueryOption/insufficient-buffer-length"];
                Promise::new(SHORT, fails(&["ERROR_INSUFFICIENT_BUFFER"]), &covers)
            }
            _ => Promise::nothing(FUNCTION),
        };
    };
    match value {
        _ if !given.holds(size) => {
            let covers = ["WinHttpQueryOption/short-buffer", "WinHttpQueryOption/insufficient-buffer-length"];
            Promise::new(SHORT, too_small(size), &covers)
        }
        Some((matcher, _)) => {
            set_before(option, Expect { gives: vec![(BUFFER, matcher), length(size)], ..succeeds() })
        }
        None => Promise::new(
            ROOM_ENOUGH,
            Expect { gives: vec![length(size)], ..succeeds() },
            &["WinHttpQueryOption/returns-true", "WinHttpQueryOption/returned-length"],
        ),
    }
}

fn set_before(option: &WinHttpOption, expect: Expect) -> Promise {
    let own = format!("option-flags/{}/roundtrip", option.slug());
    let mut promise = Promise::new(
        ROOM_ENOUGH,
        expect,
        &["WinHttpSetOption/sets-option", "WinHttpQueryOption/queries-option"],
    );
    promise.covers.extend(ledger().requirement(&own).map(|_| own));
    promise
}

/// What a query gives after this was set, and how many bytes it needs; `None` where nothing is promised.
fn round_trip(option: &WinHttpOption, value: &Content) -> Option<(Matcher, u32)> {
    let equals = |number: &Number| Numeric::Equals(Scalar::Number(number.clone()));
    match (option.name, value) {
        // A query adds what it found out about the connection.
        ("WINHTTP_OPTION_SECURITY_FLAGS", _) => None,
        // Zero stands for two connections; the ledger has it as a contradiction.
        ("WINHTTP_OPTION_MAX_CONNS_PER_SERVER", Content::Dword(_, Scalar::Number(number)))
            if number.value == 0 =>
        {
            None
        }
        (_, Content::Dword("BOOL", Scalar::Number(number))) if number.value > 1 => {
            Some((Matcher::Dword("BOOL", Numeric::Not(Scalar::Number(make::constant("FALSE")))), 4))
        }
        (_, Content::Dword(word, Scalar::Number(number))) if in_range(option, number) => {
            Some((Matcher::Dword(word, equals(number)), 4))
        }
        (_, Content::Pointer(word, Scalar::Number(number))) => {
            Some((Matcher::Pointer(word, equals(number)), 8))
        }
        // Of the other texts no page says whether their length is passed in bytes or characters.
        ("WINHTTP_OPTION_USER_AGENT", Content::Text { text, .. }) => {
            Some((Matcher::Text(text.clone()), 2 * (text.encode_utf16().count() as u32 + 1)))
        }
        _ => None,
    }
}

/// Whether the documentation knows what the number means.
fn in_range(option: &WinHttpOption, number: &Number) -> bool {
    match option.range {
        Range::Unstated => true,
        Range::AtLeast { minimum, .. } => number.value >= u64::from(minimum),
        Range::OneOf(_) | Range::Flags(_) => {
            documented(option).iter().any(|known| known.value == number.value)
        }
    }
}
