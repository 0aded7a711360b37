//! `WinHttpSetOption`: what may be set, to which values, with which lengths, and what a query then gives.

use winhttp_spec::handles::HandleKind;
use winhttp_spec::options::{Caution, Data, Range, SetLength, WinHttpOption};

use super::{
    HUGE, Handle, Question, Standing, cells, fails, fails_because, is_number, is_vague, no_handle, open,
    size, standing, succeeds,
};
use crate::case::{Argument, Case, Content, Data as Memory, Expect, Matcher, Number, Numeric, Scalar};
use crate::make;

const FUNCTION: &str = "WinHttpSetOption";

/// The cases of one option on one handle.
pub(super) fn cases(option: &WinHttpOption, handle: Handle, out: &mut Vec<Case>) {
    // A buffer that holds pointers is set by cases that are written, not made.
    let content = match option.data {
        Data::Dword => Some(Content::Dword("DWORD", Scalar::Number(plausible(option)))),
        Data::Bool => Some(Content::Dword("BOOL", Scalar::Number(plausible(option)))),
        Data::DwordPtr => Some(Content::Pointer("DWORD_PTR", Scalar::Number(make::number(0x1234)))),
        Data::Wide => Some(Content::Text { text: "conformance.example".to_owned(), terminated: true }),
        Data::Struct(_) | Data::StructPointer(_) | Data::Pointer | Data::None | Data::Unstated => None,
    };
    let mut ask = |variant: &str, buffer: Argument, length: Option<u32>, expect: Expect, general: &[&str]| {
        let mut arguments = vec![("lpBuffer", buffer)];
        arguments.extend(length.map(|length| ("dwBufferLength", make::word(make::scalar(length)))));
        out.push(question(option, handle, variant, general).case([(FUNCTION, arguments, expect)]));
    };
    let buffer = || content.clone().map_or_else(|| make::word(make::null()), make::data);
    match standing(option, handle, option.set) {
        Standing::NoHandle => {
            ask("exact", buffer(), None, no_handle(handle, FUNCTION), &["error-messages/invalid-handle"]);
        }
        Standing::WrongHandle if content.is_some() => {
            let expect = fails(&["ERROR_WINHTTP_INCORRECT_HANDLE_TYPE"]);
            ask("exact", buffer(), None, expect, &["WinHttpSetOption/incorrect-handle-type"]);
        }
        // Without a well-formed buffer there are two mistakes, and no order between them.
        Standing::WrongHandle => {
            ask("exact", buffer(), None, fails(&[]), &["WinHttpSetOption/incorrect-handle-type"])
        }
        Standing::WrongFunction => {
            let expect = fails_because(&[
                ("ERROR_WINHTTP_OPTION_NOT_SETTABLE", "WinHttpSetOption/option-not-settable"),
                ("ERROR_INVALID_PARAMETER", "WinHttpSetOption/unsettable-option-invalid-parameter"),
            ]);
            let covers = [
                "WinHttpSetOption/option-not-settable",
                "WinHttpSetOption/unsettable-option-invalid-parameter",
            ];
            ask("exact", any_content(option), None, expect, &covers);
        }
        Standing::Wrong => {
            let expect = fails_because(&[
                ("ERROR_WINHTTP_OPTION_NOT_SETTABLE", "WinHttpSetOption/option-not-settable"),
                ("ERROR_INVALID_PARAMETER", "WinHttpSetOption/unsettable-option-invalid-parameter"),
                ("ERROR_WINHTTP_INCORRECT_HANDLE_TYPE", "WinHttpSetOption/incorrect-handle-type"),
            ]);
            ask("exact", any_content(option), None, expect, &["WinHttpSetOption/option-not-settable"]);
        }
        Standing::Open => ask("exact", buffer(), None, open(), &[]),
        Standing::Valid if content.is_none() => ask("null", make::word(make::null()), Some(0), open(), &[]),
        Standing::Valid => {
            let exact = size(option);
            let promised = || if is_vague(option) { open() } else { succeeds() };
            match padded(option, content.as_ref()) {
                Some((padded, length)) => {
                    ask("exact", padded, Some(length), promised(), &["WinHttpSetOption/returns-true"]);
                }
                None => ask("exact", buffer(), None, promised(), &["WinHttpSetOption/returns-true"]),
            }
            // What a buffer that is too short comes to is not documented; that nothing behind it is read is only fair.
            ask(
                "null",
                make::word(make::null()),
                Some(exact.unwrap_or(4)),
                open(),
                &["WinHttpSetOption/invalid-parameter"],
            );
            if handle == Handle::Kind(HandleKind::WebSocket) {
                values(option, handle, out);
                return;
            }
            for (variant, length) in lengths(exact) {
                let buffer = Memory {
                    content: content.clone().unwrap_or(Content::Space(0)),
                    size: Some(length),
                    edge: true,
                };
                ask(variant, Argument::Data(buffer), None, open(), &["WinHttpSetOption/invalid-parameter"]);
            }
            if is_number(option) {
                ask("huge", buffer(), Some(HUGE), open(), &["WinHttpSetOption/invalid-parameter"]);
            }
            values(option, handle, out);
        }
    }
}

/// Text whose length the page counts in bytes or in characters, nobody knows which: followed by as many zeros, so that
/// both readings are the same text.
fn padded(option: &WinHttpOption, content: Option<&Content>) -> Option<(Argument, u32)> {
    let Some(Content::Text { text, .. }) = content else { return None };
    if option.set_length() != SetLength::Unstated {
        return None;
    }
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = bytes.len() as u32;
    let zeros = vec![0; bytes.len()];
    Some((make::data(Content::Bytes([bytes, zeros].concat())), length))
}

/// Lengths that are not that of the data, in bytes; the buffer ends where the memory does.
fn lengths(exact: Option<u32>) -> Vec<(&'static str, u32)> {
    match exact {
        Some(exact) => vec![("zero", 0), ("short", exact - 1), ("long", exact + 1)],
        None => vec![("zero", 0)],
    }
}

/// Documented and edge values, and what a query gives after them.
fn values(option: &WinHttpOption, handle: Handle, out: &mut Vec<Case>) {
    if !is_number(option) {
        return;
    }
    let word = if option.data == Data::Bool { "BOOL" } else { "DWORD" };
    let set = |number: &Number, expect: Expect| {
        (
            FUNCTION,
            vec![("lpBuffer", make::data(Content::Dword(word, Scalar::Number(number.clone()))))],
            expect,
        )
    };
    let vague = is_vague(option);
    let range = format!("option-flags/{}/minimum", option.slug());
    for (number, accepted) in edges(option) {
        let covers = if winhttp_spec::requirements::ledger().requirement(&range).is_some() {
            vec![range.as_str()]
        } else {
            vec![]
        };
        let variant = format!("value={}", number.text.replace(' ', ""));
        let case = question(option, handle, &variant, &covers);
        let expect = match accepted {
            Accepted::Yes if vague => open(),
            Accepted::Yes => succeeds(),
            Accepted::No(Some(error)) => fails(&[error]),
            Accepted::No(None) => fails(&[]),
            Accepted::Unstated => open(),
        };
        out.push(case.case([set(&number, expect)]));
        let queried = standing(option, handle, option.query) == Standing::Valid;
        if accepted == Accepted::Yes && queried && !vague {
            let room = make::space(4);
            let gives = vec![(2, Matcher::Dword(word, Numeric::Equals(Scalar::Number(number.clone()))))];
            let query = ("WinHttpQueryOption", vec![("lpBuffer", room)], Expect { gives, ..succeeds() });
            let case = question(option, handle, &format!("kept={}", number.text.replace(' ', "")), &[]);
            out.push(case.case([set(&number, succeeds()), query]));
        }
    }
}

/// What the documentation says of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accepted {
    Yes,
    No(Option<&'static str>),
    Unstated,
}

fn edges(option: &WinHttpOption) -> Vec<(Number, Accepted)> {
    use Accepted::{No, Unstated, Yes};
    let n = |value: u32| make::number(u64::from(value));
    // Turning it on twice, or at all, is allowed once a process.
    let once = option.caution == Some(Caution::ProcessWide);
    match (option.data, option.range) {
        (Data::Bool, _) => {
            vec![(make::constant("FALSE"), Yes), (make::constant("TRUE"), Yes), (n(2), Unstated)]
        }
        (_, Range::AtLeast { minimum, error }) => vec![
            (n(0), No(error)),
            (n(1), No(error)),
            (n(minimum - 1), No(error)),
            (n(minimum), Yes),
            (n(minimum + 1), Yes),
            (n(u32::MAX), Unstated),
        ],
        (_, Range::OneOf(names)) => {
            let mut values: Vec<_> = names.iter().map(|name| (make::constant(name), Yes)).collect();
            values.push((n(u32::MAX), Unstated));
            values
        }
        (_, Range::Flags(names)) => {
            let mut values: Vec<_> = names.iter().map(|name| (make::constant(name), Yes)).collect();
            values.push((n(0), Unstated));
            values.push((n(u32::MAX), Unstated));
            values
        }
        (_, Range::Unstated) => {
            let known = if once { vec![] } else { vec![(plausible(option), Yes)] };
            let edges = [0, 1, 0x7FFF_FFFF, u32::MAX]
                .into_iter()
                .filter(|value| u64::from(*value) != plausible(option).value);
            known.into_iter().chain(edges.map(|value| (n(value), Unstated))).collect()
        }
    }
}

/// A value that the option's own words allow: its default, a named value, or one in the middle of what it measures.
fn plausible(option: &WinHttpOption) -> Number {
    let range = match option.range {
        Range::OneOf([first, ..]) | Range::Flags([first, ..]) => Some(make::constant(first)),
        Range::AtLeast { minimum, .. } => Some(make::number(u64::from(minimum) * 2)),
        _ => None,
    };
    let named = option.default.map(|value| make::number(u64::from(value)));
    range.or(named).unwrap_or_else(|| match option.data {
        Data::Bool => make::constant("TRUE"),
        // Connections to open, as a count.
        _ if option.name.ends_with("CONNECTIONS") => make::number(2),
        // Sizes in bytes.
        _ => make::number(4096),
    })
}

/// Something well-formed for an option that cannot be set anyway.
fn any_content(option: &WinHttpOption) -> Argument {
    let bytes = size(option).unwrap_or(4) as usize;
    make::data(Content::Bytes(vec![0; bytes]))
}

fn question<'a>(option: &'a WinHttpOption, handle: Handle, variant: &str, general: &[&str]) -> Question<'a> {
    let covers = cells(option, handle, "set", general);
    Question { option, handle, verb: "set", variant: variant.to_owned(), covers }
}
