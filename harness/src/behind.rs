//! The pointers that an expectation follows. The compiler has what lies behind them copied, the judge looks there.

use winhttp_machine::Shape;
use winhttp_spec::structs::{FieldType, Width};

use crate::case::{FieldMatcher, Fields, Matcher, Member};

/// Where something lies: how many bytes into a parameter's memory; with a second number, so many bytes into what the
/// pointer there points to; and so forth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<u32>);

impl Path {
    /// The beginning of a parameter's memory.
    pub(crate) fn start() -> Self {
        Self(vec![0])
    }

    /// So many bytes on.
    pub(crate) fn on(&self, bytes: u32) -> Self {
        let mut path = self.clone();
        if let Some(last) = path.0.last_mut() {
            *last += bytes;
        }
        path
    }

    /// Where the pointer that is here points to.
    pub(crate) fn behind(&self) -> Self {
        let mut path = self.clone();
        path.0.push(0);
        path
    }
}

/// Every pointer that is followed to find out whether the memory at a place is as it must be, and what lies there.
pub(crate) fn pointers(matcher: &Matcher, at: &Path, width: Width) -> Vec<(Path, Shape)> {
    match matcher {
        Matcher::Behind(matcher) => behind(matcher, at, width),
        Matcher::Struct(definition, fields) => {
            fields.iter().flat_map(|field| of_field(definition, field, at, width)).collect()
        }
        Matcher::Structs(definition, elements) => {
            let size = definition.size(width);
            let element = |(index, fields): (usize, &Fields)| {
                pointers(&Matcher::Struct(definition, fields.clone()), &at.on(index as u32 * size), width)
            };
            elements.iter().enumerate().flat_map(element).collect()
        }
        Matcher::Dword(..)
        | Matcher::Pointer(..)
        | Matcher::Text(_)
        | Matcher::Bytes(_)
        | Matcher::OneOf(_) => Vec::new(),
    }
}

fn of_field(
    definition: &winhttp_spec::structs::Struct,
    (member, matcher): &(Member, FieldMatcher),
    at: &Path,
    width: Width,
) -> Vec<(Path, Shape)> {
    let Some((_, offset)) = definition.member(&member.path, width) else { return Vec::new() };
    match matcher {
        FieldMatcher::Numeric(_) => Vec::new(),
        FieldMatcher::Text(_) => vec![(at.on(offset), text(member.ty))],
        FieldMatcher::Behind(matcher) => behind(matcher, &at.on(offset), width),
    }
}

fn behind(matcher: &Matcher, at: &Path, width: Width) -> Vec<(Path, Shape)> {
    let here = shape(matcher, width).map(|shape| (at.clone(), shape));
    here.into_iter().chain(pointers(matcher, &at.behind(), width)).collect()
}

/// What text a member points to.
pub(crate) fn text(ty: FieldType) -> Shape {
    if ty == FieldType::NarrowStr { Shape::NarrowText } else { Shape::Text }
}

/// What has to be copied of memory to find out whether it is as it must be; `None` where that cannot be said.
pub(crate) fn shape(matcher: &Matcher, width: Width) -> Option<Shape> {
    Some(match matcher {
        Matcher::Dword(..) => Shape::Bytes(4),
        Matcher::Pointer(..) | Matcher::Behind(_) => Shape::Bytes(width.pointer()),
        Matcher::Text(_) => Shape::Text,
        Matcher::Bytes(bytes) => Shape::Bytes(bytes.len() as u32),
        Matcher::Struct(definition, _) => Shape::Bytes(definition.size(width)),
        Matcher::Structs(definition, elements) => {
            Shape::Bytes(definition.size(width) * elements.len() as u32)
        }
        // One reads texts to their end, bytes by their number: not both at once.
        Matcher::OneOf(matchers) => {
            let texts = matchers.iter().all(|matcher| matches!(matcher, Matcher::Text(_)));
            return texts.then_some(Shape::Text);
        }
    })
}
