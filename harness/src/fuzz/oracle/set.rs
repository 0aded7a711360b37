//! `WinHttpSetOption`: what may be set, on which handle; and that the buffer is only read.

use winhttp_spec::options::{Range, WinHttpOption};

use super::{Promise, handle, is_no_option, with_cells};
use crate::case::{Argument, Content, Data, Scalar};
use crate::fuzz::memory::{Given, documented};
use crate::fuzz::model::State;
use crate::fuzz::program::{Call, Choice};
use crate::matrix::{Standing, fails, fails_because, no_handle, standing, succeeds};

const FUNCTION: &str = "WinHttpSetOption";
/// The place of `lpBuffer` among the parameters.
const BUFFER: usize = 2;

/// What is promised of a set, on a request that was `sent` or not.
pub(super) fn promise(call: Call<'_>, given: &Given, state: State, sent: bool) -> Promise {
    let mut promise = match call.choice {
        Choice::Number(number) if is_no_option(number, state) => no_option(call, given),
        Choice::Number(_) => Promise::nothing(FUNCTION),
        Choice::Documented(option) => of_option(option, given, state, sent),
    };
    if matches!(given, Given::Value { .. }) {
        promise.expect.unchanged.push(BUFFER);
    }
    with_cells(promise, call.choice, state, "set")
}

fn no_option(call: Call<'_>, given: &Given) -> Promise {
    let expect = match given.arguments(call.choice).0 {
        Argument::Data(Data { content: Content::Bytes(bytes), .. }) if !bytes.is_empty() => {
            fails(&["ERROR_WINHTTP_INVALID_OPTION"])
        }
        // Two mistakes.
        _ => fails_because(&[
            ("ERROR_WINHTTP_INVALID_OPTION", "WinHttpSetOption/invalid-option"),
            ("ERROR_INVALID_PARAMETER", "WinHttpSetOption/invalid-parameter"),
        ]),
    };
    Promise::new("no option", expect, &["WinHttpSetOption/invalid-option"])
}

fn of_option(option: &'static WinHttpOption, given: &Given, state: State, sent: bool) -> Promise {
    let value = given.value(option);
    let not_settable = [
        ("ERROR_WINHTTP_OPTION_NOT_SETTABLE", "WinHttpSetOption/option-not-settable"),
        ("ERROR_INVALID_PARAMETER", "WinHttpSetOption/unsettable-option-invalid-parameter"),
        ("ERROR_WINHTTP_INCORRECT_HANDLE_TYPE", "WinHttpSetOption/incorrect-handle-type"),
    ];
    let covers =
        ["WinHttpSetOption/option-not-settable", "WinHttpSetOption/unsettable-option-invalid-parameter"];
    match standing(option, handle(state), option.set) {
        Standing::NoHandle if value.is_some() => {
            Promise::new("no handle", no_handle(handle(state), FUNCTION), &["error-messages/invalid-handle"])
        }
        Standing::WrongHandle if value.is_some() => Promise::new(
            "wrong handle",
            fails(&["ERROR_WINHTTP_INCORRECT_HANDLE_TYPE"]),
            &["WinHttpSetOption/incorrect-handle-type"],
        ),
        Standing::WrongFunction if value.is_some() => {
            Promise::new("not settable", fails_because(&not_settable[..2]), &covers)
        }
        Standing::Wrong if value.is_some() => {
            Promise::new("not settable", fails_because(&not_settable), &covers)
        }
        // Two mistakes, and no order between them.
        Standing::NoHandle | Standing::WrongHandle | Standing::WrongFunction | Standing::Wrong => {
            Promise::new("refused", fails(&[]), &["WinHttpSetOption/handle-kind-by-option"])
        }
        // Some options must be set before the request is sent, and no page lists them all.
        Standing::Valid if sent => Promise::nothing(FUNCTION),
        Standing::Valid => valid(option, value.as_ref()),
        Standing::Open => Promise::nothing(FUNCTION),
    }
}

/// An option that can be set on this handle.
fn valid(option: &'static WinHttpOption, value: Option<&Content>) -> Promise {
    let covers = ["WinHttpSetOption/returns-true", "WinHttpSetOption/sets-option"];
    let number = match (value, option.caution) {
        (Some(Content::Dword(_, Scalar::Number(number))), None) => number,
        (Some(Content::Pointer(..)), None) => return Promise::new("any pointer", succeeds(), &covers),
        _ => return Promise::nothing(FUNCTION),
    };
    match option.range {
        Range::AtLeast { minimum, error } if number.value < u64::from(minimum) => Promise::new(
            "below the minimum",
            error.map_or_else(|| fails(&[]), |error| fails(&[error])),
            &["WinHttpSetOption/invalid-parameter"],
        ),
        _ if documented(option).iter().any(|known| known.value == number.value) => {
            Promise::new("a documented value", succeeds(), &covers)
        }
        _ => Promise::nothing(FUNCTION),
    }
}
