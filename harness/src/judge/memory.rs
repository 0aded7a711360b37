//! Expectations on memory.

use winhttp_machine::Bytes;
use winhttp_spec::functions::Type;
use winhttp_spec::structs::Width;

use super::Facts;
use crate::case::{CallStep, Content, Data, FieldMatcher, Matcher, Numeric};
use crate::compile::{Memory, Part};
use crate::display::hex;
use crate::fill::Peer;

/// Longer memory is shown shortened, in bytes.
const SHOWN: usize = 48;

/// Where a call's expectations are judged: some of what they name is known only there.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    /// The call.
    pub(super) part: &'a Part,
    /// What was copied after it.
    pub(super) copies: &'a [Option<Bytes>],
}

impl Facts<'_> {
    /// Holds what the memory holds against what it must hold.
    pub(super) fn gives(
        &self,
        call: &CallStep,
        here: Here<'_>,
        report: &mut impl FnMut(String, String, String),
    ) {
        for (index, matcher) in &call.expect.gives {
            let name = call.function.params[*index].name;
            let Some(held) = here.part.memory.get(index) else { continue };
            let Some(Some(bytes)) = here.copies.get(held.copy) else { continue };
            let texts = |field: &str| text_behind(held, field, here.copies);
            self.memory(matcher, &bytes.0, name, texts, Some(here), report);
        }
    }

    /// Holds bytes against what they must be; `texts` gives those behind members.
    pub(super) fn memory(
        &self,
        matcher: &Matcher,
        bytes: &[u8],
        name: &str,
        texts: impl Fn(&str) -> Option<String>,
        here: Option<Here<'_>>,
        differ: &mut impl FnMut(String, String, String),
    ) {
        match matcher {
            Matcher::Dword(_, numeric) => {
                self.numeric(numeric, number(bytes, 4), here, name.to_owned(), differ);
            }
            Matcher::Pointer(_, numeric) => {
                self.numeric(numeric, number(bytes, 8), here, name.to_owned(), differ);
            }
            Matcher::Text(_) | Matcher::Bytes(_) | Matcher::OneOf(_) => {
                let matcher = filled(matcher, &self.compiled.peer);
                if let Some(observed) = mismatch(&matcher, bytes) {
                    differ(name.to_owned(), wanted(&matcher), observed);
                }
            }
            Matcher::Struct(definition, fields) => {
                for (field, matcher) in fields {
                    let what = format!("{name}.{}", field.name);
                    match matcher {
                        FieldMatcher::Numeric(numeric) => {
                            let size = field.ty.size(Width::W64) as usize;
                            let observed = definition
                                .member(field.name, Width::W64)
                                .and_then(|(_, offset)| number(bytes.get(offset as usize..)?, size));
                            self.numeric(numeric, observed, here, what, differ);
                        }
                        FieldMatcher::Text(wanted) => {
                            let wanted = wanted.as_ref().map(|text| self.compiled.peer.fill(text));
                            let observed = texts(field.name);
                            if observed != wanted {
                                let shown = |text: &Option<String>| {
                                    text.as_ref()
                                        .map_or_else(|| "NULL".to_owned(), |text| format!("{text:?}"))
                                };
                                differ(what, shown(&wanted), shown(&observed));
                            }
                        }
                    }
                }
            }
        }
    }

    pub(super) fn numeric(
        &self,
        numeric: &Numeric,
        observed: Option<u64>,
        here: Option<Here<'_>>,
        what: String,
        report: &mut impl FnMut(String, String, String),
    ) {
        let Some(observed) = observed else {
            return report(what, numeric.to_string(), "memory too small to hold it".to_owned());
        };
        let (fits, wanted) = match numeric {
            Numeric::Equals(scalar) => {
                let wanted = self.value(scalar, here);
                (wanted == Some(observed), wanted)
            }
            Numeric::Not(scalar) => {
                let wanted = self.value(scalar, here);
                (wanted.is_some_and(|wanted| wanted != observed), wanted)
            }
            Numeric::AtLeast(number) => (observed >= number.value, Some(number.value)),
            Numeric::AtMost(number) => (observed <= number.value, Some(number.value)),
            Numeric::OneOf(numbers) => (numbers.iter().any(|number| number.value == observed), None),
        };
        if !fits {
            let expected = numeric.to_string();
            let wanted =
                wanted.map(|value| value.to_string()).filter(|value| !expected.contains(value.as_str()));
            report(
                what,
                wanted.map_or(expected.clone(), |value| format!("{expected} ({value})")),
                observed.to_string(),
            );
        }
    }
}

/// Memory that must be as before.
pub(super) fn unchanged(
    call: &CallStep,
    part: &Part,
    copies: &[Option<Bytes>],
    report: &mut impl FnMut(String, String, String),
) {
    for index in &call.expect.unchanged {
        let Some(held) = part.memory.get(index) else { continue };
        let Some(Some(bytes)) = copies.get(held.copy) else { continue };
        let filled = |at: usize| held.before.get(at).copied().unwrap_or(FILL);
        if let Some(at) = (0..bytes.0.len()).find(|at| bytes.0[*at] != filled(*at)) {
            report(
                call.function.params[*index].name.to_owned(),
                "unchanged".to_owned(),
                format!("byte {at} is {:02x}, was {:02x}: {}", bytes.0[at], filled(at), short(&bytes.0)),
            );
        }
    }
}

/// What the machine fills uninitialised memory with.
const FILL: u8 = winhttp_machine::FILL;

/// The memory behind a parameter in words.
pub(super) fn text(call: &CallStep, index: usize, bytes: &[u8]) -> String {
    let matcher = call.expect.gives.iter().find(|(given, _)| *given == index).map(|(_, matcher)| matcher);
    let untouched = !bytes.is_empty() && bytes.iter().all(|byte| *byte == FILL);
    match matcher {
        _ if untouched => "untouched".to_owned(),
        Some(Matcher::Text(_)) => wide_text(bytes).map_or_else(|| short(bytes), |text| format!("{text:?}")),
        Some(Matcher::Bytes(_) | Matcher::OneOf(_) | Matcher::Struct(..)) => short(bytes),
        _ if call.function.params[index].ty == Type::DwordPointer => decimal(bytes),
        _ => match argument_content(call, index) {
            Some(Content::Text { .. }) => {
                wide_text(bytes).map_or_else(|| short(bytes), |text| format!("{text:?}"))
            }
            _ if bytes.len() == 4 => decimal(bytes),
            _ => short(bytes),
        },
    }
}

fn argument_content(call: &CallStep, index: usize) -> Option<&Content> {
    call.arguments.iter().find(|(given, _)| *given == index).and_then(|(_, argument)| match argument {
        crate::case::Argument::Data(Data { content, .. }) => Some(content),
        crate::case::Argument::Word(_) => None,
    })
}

/// The matcher with what only the peer knows in its texts.
fn filled(matcher: &Matcher, peer: &Peer) -> Matcher {
    match matcher {
        Matcher::Text(text) => Matcher::Text(peer.fill(text)),
        Matcher::OneOf(matchers) => Matcher::OneOf(matchers.iter().map(|it| filled(it, peer)).collect()),
        other => other.clone(),
    }
}

/// What there is instead of the text or bytes that must be there.
fn mismatch(matcher: &Matcher, bytes: &[u8]) -> Option<String> {
    match matcher {
        Matcher::Text(wanted) => match wide_text(bytes) {
            Some(observed) if observed == *wanted => None,
            Some(observed) => Some(format!("{observed:?}")),
            None => Some(format!("no terminator in {}", short(bytes))),
        },
        Matcher::Bytes(wanted) => (!bytes.starts_with(wanted)).then(|| short(bytes)),
        Matcher::OneOf(matchers) => {
            let observed: Option<Vec<_>> = matchers.iter().map(|matcher| mismatch(matcher, bytes)).collect();
            observed?.pop()
        }
        _ => None,
    }
}

fn wanted(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Text(text) => format!("{text:?}"),
        Matcher::Bytes(bytes) => hex(bytes),
        Matcher::OneOf(matchers) => matchers.iter().map(wanted).collect::<Vec<_>>().join(" or "),
        other => other.to_string(),
    }
}

fn text_behind(held: &Memory, field: &str, copies: &[Option<Bytes>]) -> Option<String> {
    let bytes = copies.get(*held.texts.get(field)?)?.as_ref()?;
    Some(String::from_utf16_lossy(&units(&bytes.0)))
}

/// Zero-terminated UTF-16 text; `None` without a terminator.
fn wide_text(bytes: &[u8]) -> Option<String> {
    let units = units(bytes);
    let end = units.iter().position(|unit| *unit == 0)?;
    Some(String::from_utf16_lossy(&units[..end]))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// The little-endian number in the first `size` bytes, at most eight.
pub(super) fn number(bytes: &[u8], size: usize) -> Option<u64> {
    let mut whole = [0; 8];
    let size = size.min(8);
    whole[..size].copy_from_slice(bytes.get(..size)?);
    Some(u64::from_le_bytes(whole))
}

fn decimal(bytes: &[u8]) -> String {
    number(bytes, bytes.len()).map_or_else(String::new, |value| value.to_string())
}

fn short(bytes: &[u8]) -> String {
    let shown = hex(&bytes[..bytes.len().min(SHOWN)]);
    if bytes.len() > SHOWN { format!("{shown}… ({} bytes)", bytes.len()) } else { shown }
}
