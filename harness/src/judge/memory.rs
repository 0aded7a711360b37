//! Expectations on memory.

use std::borrow::Cow;
use std::ffi::CStr;

use winhttp_machine::{Bytes, Shape};
use winhttp_spec::functions::Type;
use winhttp_spec::structs::{Struct, Width};

use super::Facts;
use crate::behind::{self, Path};
use crate::case::{CallStep, Content, Data, FieldMatcher, Fields, Matcher, Numeric};
use crate::compile::{Memory, Part};
use crate::display::hex;
use crate::fill::Peer;

/// Longer memory is shown shortened, in bytes.
const SHOWN: usize = 48;

const TOO_SMALL: &str = "memory too small to hold it";

/// Where a call's expectations are judged: some of what they name is known only there.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    /// The call.
    pub(super) part: &'a Part,
    /// What was copied after it.
    pub(super) copies: &'a [Option<Bytes>],
}

/// A place in memory that was copied.
pub(super) struct Spot<'a> {
    /// The memory that it lies in: a parameter's, or what a pointer points to.
    block: Cow<'a, [u8]>,
    /// Where it lies; the last number counts in the block.
    path: Path,
    /// What lies behind pointers, where they were followed.
    followed: Option<(&'a Memory, &'a [Option<Bytes>])>,
}

impl<'a> Spot<'a> {
    /// What a callback came with.
    pub(super) fn of_callback(matcher: &Matcher, payload: &'a [u8]) -> Self {
        let block = match matcher {
            Matcher::Text(_) => terminated(payload, Shape::Text),
            _ => Cow::Borrowed(payload),
        };
        Self { block, path: Path::start(), followed: None }
    }

    /// The memory from here on.
    fn bytes(&self) -> &[u8] {
        let from = self.path.0.last().map_or(0, |from| *from as usize);
        self.block.get(from..).unwrap_or_default()
    }

    /// So many bytes on.
    fn on(&self, bytes: u32) -> Self {
        Self { block: self.block.clone(), path: self.path.on(bytes), followed: self.followed }
    }

    /// What the pointer here points to; nothing if it is NULL.
    fn behind(&self, shape: Shape) -> Behind<'a> {
        let copied = self.followed.and_then(|(held, copies)| {
            let copy = held.behind.get(&(self.path.clone(), shape))?;
            copies.get(*copy)
        });
        match copied {
            None => Behind::NotCopied,
            Some(None) => Behind::Null,
            Some(Some(bytes)) => Behind::There(Self {
                block: terminated(&bytes.0, shape),
                path: self.path.behind(),
                followed: self.followed,
            }),
        }
    }
}

/// What a pointer points to.
enum Behind<'a> {
    /// The memory is too small for a pointer.
    NotCopied,
    Null,
    There(Spot<'a>),
}

/// What was copied of a text is without its terminator.
fn terminated(bytes: &[u8], shape: Shape) -> Cow<'_, [u8]> {
    match shape {
        Shape::Bytes(_) => Cow::Borrowed(bytes),
        Shape::Text | Shape::NarrowText => [bytes, &[0, 0]].concat().into(),
    }
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
            let block = Cow::Borrowed(&bytes.0[..]);
            let spot = Spot { block, path: Path::start(), followed: Some((held, here.copies)) };
            self.memory(matcher, &spot, name, Some(here), report);
        }
    }

    /// Holds memory against what it must be.
    pub(super) fn memory<F: FnMut(String, String, String)>(
        &self,
        matcher: &Matcher,
        spot: &Spot<'_>,
        name: &str,
        here: Option<Here<'_>>,
        differ: &mut F,
    ) {
        match matcher {
            Matcher::Dword(_, numeric) => {
                self.numeric(numeric, number(spot.bytes(), 4), here, name.to_owned(), differ);
            }
            Matcher::Pointer(_, numeric) => {
                self.numeric(numeric, number(spot.bytes(), 8), here, name.to_owned(), differ);
            }
            Matcher::Text(_) | Matcher::Bytes(_) | Matcher::OneOf(_) => {
                let matcher = filled(matcher, &self.compiled.peer);
                if let Some(observed) = mismatch(&matcher, spot.bytes()) {
                    differ(name.to_owned(), wanted(&matcher), observed);
                }
            }
            Matcher::Struct(definition, fields) => {
                self.members(definition, fields, spot, &format!("{name}."), here, differ);
            }
            Matcher::Structs(definition, elements) => {
                for (index, fields) in elements.iter().enumerate() {
                    let spot = spot.on(index as u32 * definition.size(Width::W64));
                    self.members(definition, fields, &spot, &format!("{name}[{index}]."), here, differ);
                }
            }
            Matcher::Behind(matcher) => self.behind(matcher, spot, name, here, differ),
        }
    }

    fn members<F: FnMut(String, String, String)>(
        &self,
        definition: &Struct,
        fields: &Fields,
        spot: &Spot<'_>,
        prefix: &str,
        here: Option<Here<'_>>,
        differ: &mut F,
    ) {
        for (member, matcher) in fields {
            // A member that is not there was refused when the case was read.
            let Some((ty, offset)) = definition.member(&member.path, Width::W64) else { continue };
            let (what, spot) = (format!("{prefix}{}", member.path), spot.on(offset));
            match matcher {
                FieldMatcher::Numeric(numeric) => {
                    let observed = number(spot.bytes(), ty.size(Width::W64) as usize);
                    self.numeric(numeric, observed, here, what, differ);
                }
                FieldMatcher::Text(wanted) => {
                    let wanted = wanted.as_ref().map(|text| self.compiled.peer.fill(text));
                    let shape = behind::text(ty);
                    let observed = match spot.behind(shape) {
                        Behind::NotCopied => {
                            differ(what, shown(&wanted), TOO_SMALL.to_owned());
                            continue;
                        }
                        Behind::Null => None,
                        Behind::There(text) => text_of(text.bytes(), shape),
                    };
                    if observed != wanted {
                        differ(what, shown(&wanted), shown(&observed));
                    }
                }
                FieldMatcher::Behind(matcher) => self.behind(matcher, &spot, &what, here, differ),
            }
        }
    }

    /// Holds what the pointer here points to against what it must be.
    fn behind<F: FnMut(String, String, String)>(
        &self,
        matcher: &Matcher,
        spot: &Spot<'_>,
        name: &str,
        here: Option<Here<'_>>,
        differ: &mut F,
    ) {
        let found = behind::shape(matcher, Width::W64).map_or(Behind::NotCopied, |shape| spot.behind(shape));
        let missing = match (matcher, found) {
            (Matcher::Struct(definition, fields), Behind::There(spot)) => {
                return self.members(definition, fields, &spot, &format!("{name}->"), here, differ);
            }
            // What C calls an array's elements.
            (Matcher::Structs(..), Behind::There(spot)) => {
                return self.memory(matcher, &spot, name, here, differ);
            }
            (_, Behind::There(spot)) => {
                return self.memory(matcher, &spot, &format!("*{name}"), here, differ);
            }
            (_, Behind::Null) => "NULL",
            (_, Behind::NotCopied) => TOO_SMALL,
        };
        differ(
            name.to_owned(),
            format!("a pointer to {}", wanted(&filled(matcher, &self.compiled.peer))),
            missing.to_owned(),
        );
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
            return report(what, numeric.to_string(), TOO_SMALL.to_owned());
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
            Numeric::AtLeast(scalar) => {
                let wanted = self.value(scalar, here);
                (wanted.is_some_and(|wanted| observed >= wanted), wanted)
            }
            Numeric::AtMost(scalar) => {
                let wanted = self.value(scalar, here);
                (wanted.is_some_and(|wanted| observed <= wanted), wanted)
            }
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
        Some(
            Matcher::Bytes(_)
            | Matcher::OneOf(_)
            | Matcher::Struct(..)
            | Matcher::Structs(..)
            | Matcher::Behind(_),
        ) => short(bytes),
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

/// The text that a pointer points to.
fn text_of(bytes: &[u8], shape: Shape) -> Option<String> {
    match shape {
        Shape::NarrowText => {
            CStr::from_bytes_until_nul(bytes).ok().map(|text| text.to_string_lossy().into_owned())
        }
        Shape::Text | Shape::Bytes(_) => wide_text(bytes),
    }
}

fn shown(text: &Option<String>) -> String {
    text.as_ref().map_or_else(|| "NULL".to_owned(), |text| format!("{text:?}"))
}

/// Zero-terminated UTF-16 text; `None` without a terminator.
pub(super) fn wide_text(bytes: &[u8]) -> Option<String> {
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
