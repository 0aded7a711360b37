//! What a program passes as buffer and length.
//!
//! The memory is always as long as a right implementation may reach: where a length lies, the data's own size is known.
//! Nothing that an implementation is to follow as a pointer is ever made up: such options are given `NULL` or less than
//! a pointer.

use winhttp_spec::options::{Caution, Data, Range, WinHttpOption};
use winhttp_spec::structs::{self, FieldType, Struct, Width};

use super::program::Choice;
use crate::case::{Argument, Content, Data as Memory, Number, Scalar};
use crate::make;
use crate::matrix::{is_number, size};

/// Room for any text, in bytes.
const ROOM: u32 = 4096;

/// The buffer of a query.
#[derive(Clone, Debug)]
pub(super) enum Room {
    /// `NULL`, and yet a length.
    Null { length: u32 },
    /// That many bytes.
    Space { bytes: u32, edge: bool },
    /// As many bytes as the data has, and some more or less.
    Around { delta: i32, edge: bool },
    /// As many bytes as the data has, and a length that no buffer has.
    Huge,
    /// As many bytes as the same query asks for when it is given no buffer.
    Needed,
}

impl Room {
    /// `lpBuffer`, and what `lpdwBufferLength` points to.
    pub(super) fn arguments(&self, choice: Choice, needed: Option<u32>) -> (Argument, u32) {
        let space = |bytes: u32, edge: bool| {
            Argument::Data(Memory { content: Content::Space(bytes), size: None, edge })
        };
        let data = choice.option().and_then(size).unwrap_or(ROOM);
        match (self, needed) {
            (Self::Needed, Some(bytes)) => (space(bytes, false), bytes),
            (Self::Needed, None) => (make::word(make::null()), 0),
            (Self::Null { length }, _) => (make::word(make::null()), *length),
            (Self::Space { bytes, edge }, _) => (space(*bytes, *edge), *bytes),
            (Self::Around { delta, edge }, _) => {
                let bytes = data.saturating_add_signed(*delta);
                (space(bytes, *edge), bytes)
            }
            (Self::Huge, _) if choice.option().is_some_and(is_number) => (space(data, false), u32::MAX),
            (Self::Huge, _) => (space(data, false), data),
        }
    }
}

/// The buffer of a set.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// `NULL`, and yet a length.
    Null { length: u32 },
    /// One of the option's values that matter, or any.
    Value { pick: u8, random: u64, shape: Shape },
}

/// How the memory lies around the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is the value.
    Exact,
    /// It is some bytes longer or shorter.
    Around { delta: i32, edge: bool },
    /// It is the value, and the length is one that no buffer has.
    Huge,
}

impl Given {
    /// `lpBuffer`, and `dwBufferLength` where it is not that of the memory.
    pub(super) fn arguments(&self, choice: Choice) -> (Argument, Option<u32>) {
        let (pick, random, shape) = match self {
            Self::Null { length } => return (make::word(make::null()), Some(*length)),
            Self::Value { pick, random, shape } => (*pick, *random, shape),
        };
        let Some(option) = choice.option().filter(|option| is_plain(option)) else {
            // Numbers that are no option may be options that are not documented.
            let limit = choice.option().and_then(size).unwrap_or(8).clamp(1, 8);
            let bytes = random.to_le_bytes()[..(random % u64::from(limit)) as usize].to_vec();
            return (make::data(Content::Bytes(bytes)), None);
        };
        let content = content(option, pick, random);
        match shape {
            Shape::Huge if is_number(option) => (make::data(content), Some(u32::MAX)),
            Shape::Exact | Shape::Huge => (make::data(content), None),
            Shape::Around { delta, edge } => {
                let size = Some(bytes(&content).saturating_add_signed(*delta));
                (Argument::Data(Memory { content, size, edge: *edge }), None)
            }
        }
    }

    /// The value, if the buffer is just that.
    pub(super) fn value(&self, option: &WinHttpOption) -> Option<Content> {
        match self {
            Self::Value { pick, random, shape: Shape::Exact } if is_plain(option) => {
                Some(content(option, *pick, *random))
            }
            _ => None,
        }
    }
}

/// Whether the option's buffer may hold anything: no pointers, and nothing that changes the process for good.
fn is_plain(option: &WinHttpOption) -> bool {
    let data = match option.data {
        Data::Dword | Data::Bool | Data::DwordPtr | Data::Wide | Data::None => true,
        Data::Struct(name) => structs::find(name).is_some_and(|of| !has_pointers(of)),
        Data::Pointer | Data::StructPointer(_) | Data::Unstated => false,
    };
    data && !matches!(option.caution, Some(Caution::Dereferences | Caution::ProcessWide | Caution::Internal))
}

fn has_pointers(definition: &Struct) -> bool {
    definition.fields.iter().any(|field| match field.ty {
        FieldType::Pointer | FieldType::WideStr | FieldType::NarrowStr => true,
        FieldType::Struct(name) => structs::find(name).is_none_or(has_pointers),
        _ => false,
    })
}

fn content(option: &WinHttpOption, pick: u8, random: u64) -> Content {
    let pick = usize::from(pick);
    match option.data {
        Data::DwordPtr => Content::Pointer("DWORD_PTR", Scalar::Number(make::number(random))),
        Data::Wide => {
            let text = TEXTS[pick % TEXTS.len()].to_owned();
            Content::Text { text, terminated: true }
        }
        Data::Struct(_) => {
            let size = size(option).unwrap_or_default() as usize;
            Content::Bytes(random.to_le_bytes().into_iter().cycle().take(size).collect())
        }
        data => {
            let word = if data == Data::Bool { "BOOL" } else { "DWORD" };
            let values = values(option);
            let any = || make::number(random & 0xFFFF_FFFF);
            Content::Dword(word, Scalar::Number(values.get(pick).cloned().unwrap_or_else(any)))
        }
    }
}

const TEXTS: [&str; 5] = [
    "a",
    "",
    "conformance.example",
    "\u{fc}ml\u{e4}ut \u{20ac} \u{1f600}",
    "a text that is longer than most buffers on a stack: \
     0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
     0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
     0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
];

/// The numbers that matter: documented values, then the edges.
fn values(option: &WinHttpOption) -> Vec<Number> {
    let number = |value: u32| make::number(u64::from(value));
    let mut values = documented(option);
    if let Range::AtLeast { minimum, .. } = option.range {
        values.push(number(minimum - 1));
    }
    values.extend([0, 1, 2, 0x7FFF_FFFF, u32::MAX].map(number));
    values
}

/// The numbers that the documentation allows by name.
pub(super) fn documented(option: &WinHttpOption) -> Vec<Number> {
    let number = |value: u32| make::number(u64::from(value));
    let mut values = match option.range {
        Range::OneOf(names) | Range::Flags(names) => names.iter().map(|name| make::constant(name)).collect(),
        Range::AtLeast { minimum, .. } => vec![number(minimum), number(minimum + 1)],
        Range::Unstated if option.data == Data::Bool => vec![make::constant("TRUE"), make::constant("FALSE")],
        Range::Unstated => Vec::new(),
    };
    values.extend(option.default.map(number));
    values
}

fn bytes(content: &Content) -> u32 {
    match content {
        Content::Space(size) => *size,
        Content::Dword(..) => 4,
        Content::Pointer(..) => Width::W64.pointer(),
        Content::Text { text, terminated } => {
            2 * (text.encode_utf16().count() as u32 + u32::from(*terminated))
        }
        Content::Bytes(bytes) => bytes.len() as u32,
        Content::Struct(definition, _) => definition.size(Width::W64),
        Content::Structs(definition, elements) => definition.size(Width::W64) * elements.len() as u32,
    }
}

/// A pointer to a 32-bit number.
pub(super) fn dword(value: u32) -> Argument {
    make::data(Content::Dword("DWORD", Scalar::Number(make::number(u64::from(value)))))
}

/// A 32-bit number by value.
pub(super) fn word(value: u32) -> Argument {
    make::word(Scalar::Number(make::number(u64::from(value))))
}
