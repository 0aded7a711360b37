//! YAML with positions: serde_yaml reads the values, a second pass over the parser's events says where they stand.
//!
//! The second pass comes first in time, because it is the one that cannot be made to explode: anchors and aliases
//! are no part of the case language, so a bomb of nested aliases ends there.

use std::collections::BTreeSet;
use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};
use serde_yaml::Value;

use crate::diagnostics::Diagnostic;

/// Deeper nesting is refused: it is no case file.
const DEPTH_LIMIT: usize = 32;

/// A YAML value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Kind,
    /// Where, in bytes.
    pub span: Range<usize>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, `~`, `NULL`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer.
    Number(i128),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping with text keys, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The text.
    pub text: String,
    /// Where, in bytes.
    pub span: Range<usize>,
}

/// Reads one document.
///
/// # Errors
///
/// Everything that makes it no case file: bad YAML, more than one document, anchors, aliases and tags, keys that are
/// no text, duplicate keys, numbers that are no integers.
pub fn read(text: &str) -> Result<Node, Vec<Diagnostic>> {
    let layout = Layout::read(text)?;
    let value: Value = serde_yaml::from_str(text).map_err(|error| vec![of_serde(text, &error)])?;
    let mut problems = Vec::new();
    let node = join(value, layout, &mut problems);
    if problems.is_empty() { Ok(node) } else { Err(problems) }
}

/// Where the values stand.
struct Layout {
    span: Range<usize>,
    children: Vec<(Option<Range<usize>>, Layout)>,
}

impl Layout {
    fn read(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let offsets = Offsets::new(text);
        let mut problems = Vec::new();
        let mut open: Vec<Open> = vec![Open::new(0, false)];
        for event in Parser::new_from_str(text) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = offsets.byte(error.marker().index());
                    problems.push(Diagnostic::at(at..at, format!("this is not YAML: {}", error.info())));
                    return Err(problems);
                }
            };
            let range = offsets.range(span);
            let (anchor, tag) = match &event {
                Event::Scalar(_, _, anchor, tag)
                | Event::SequenceStart(anchor, tag)
                | Event::MappingStart(anchor, tag) => (*anchor, tag.is_some()),
                _ => (0, false),
            };
            if anchor != 0 || tag || matches!(event, Event::Alias(_)) {
                problems.push(
                    Diagnostic::at(
                        range.clone(),
                        "anchors, aliases and tags are no part of the case language",
                    )
                    .help("write the value out, or use an axis under `each`"),
                );
            }
            match event {
                Event::DocumentStart(_) if !open[0].children.is_empty() => {
                    problems
                        .push(Diagnostic::at(range, "a case file is one document").help("remove the `---`"));
                    return Err(problems);
                }
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    if open.len() > DEPTH_LIMIT {
                        problems.push(Diagnostic::at(
                            range,
                            format!("nested more than {DEPTH_LIMIT} levels deep"),
                        ));
                        return Err(problems);
                    }
                    open.push(Open::new(range.start, matches!(event, Event::MappingStart(..))));
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    // The events of a parser nest: an end has a start, and the outermost level is never closed.
                    let Some(done) = open.pop() else { break };
                    let layout =
                        Self { span: done.start..range.end.max(done.start), children: done.children };
                    push(&mut open, layout);
                }
                Event::Scalar(text, ..) => {
                    if open.last_mut().is_some_and(|parent| parent.has_key(&text)) {
                        let message = format!("the key `{text}` stands here a second time");
                        problems.push(Diagnostic::at(range.clone(), message));
                    }
                    push(&mut open, Self { span: range, children: Vec::new() });
                }
                Event::Alias(_) => push(&mut open, Self { span: range, children: Vec::new() }),
                _ => {}
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let root = open.pop().and_then(|mut root| root.children.pop());
        root.map(|(_, layout)| layout).ok_or_else(|| vec![Diagnostic::of_file("the file is empty")])
    }
}

/// A mapping or sequence that is not closed yet.
struct Open {
    start: usize,
    mapping: bool,
    key: Option<Range<usize>>,
    keys: BTreeSet<String>,
    children: Vec<(Option<Range<usize>>, Layout)>,
}

impl Open {
    fn new(start: usize, mapping: bool) -> Self {
        Self { start, mapping, key: None, keys: BTreeSet::new(), children: Vec::new() }
    }

    /// Whether the next scalar is a key that the mapping has already; if it is a new one, it has it from now on.
    fn has_key(&mut self, text: &str) -> bool {
        self.mapping && self.key.is_none() && !self.keys.insert(text.to_owned())
    }
}

fn push(open: &mut [Open], layout: Layout) {
    let Some(parent) = open.last_mut() else { return };
    if parent.mapping && parent.key.is_none() {
        parent.key = Some(layout.span);
    } else {
        let key = parent.key.take();
        parent.children.push((key, layout));
    }
}

/// From the parser's character positions to byte positions.
struct Offsets(Option<Vec<usize>>);

impl Offsets {
    fn new(text: &str) -> Self {
        // In ASCII they are the same.
        let bytes = || text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self((!text.is_ascii()).then(bytes))
    }

    fn byte(&self, character: usize) -> usize {
        match &self.0 {
            None => character,
            Some(bytes) => bytes.get(character).or(bytes.last()).copied().unwrap_or_default(),
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.byte(span.start.index())..self.byte(span.end.index())
    }
}

/// Values and places together; both passes saw the same text, so they have the same shape.
fn join(value: Value, layout: Layout, problems: &mut Vec<Diagnostic>) -> Node {
    let span = layout.span;
    let value = match value {
        Value::Null => Kind::Null,
        Value::Bool(flag) => Kind::Bool(flag),
        Value::String(text) => Kind::Text(text),
        Value::Number(number) => {
            match number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from)) {
                Some(integer) => Kind::Number(integer),
                None => {
                    problems.push(Diagnostic::at(span.clone(), "not an integer that fits 64 bits"));
                    Kind::Null
                }
            }
        }
        Value::Sequence(items) => Kind::List(
            items
                .into_iter()
                .zip(layout.children)
                .map(|(item, (_, layout))| join(item, layout, problems))
                .collect(),
        ),
        Value::Mapping(entries) => Kind::Map(
            entries
                .into_iter()
                .zip(layout.children)
                .map(|((key, item), (key_span, layout))| {
                    let key_span = key_span.unwrap_or_else(|| span.clone());
                    let text = match key {
                        Value::String(text) => text,
                        Value::Null => "NULL".to_owned(),
                        Value::Bool(flag) => flag.to_string(),
                        Value::Number(number) => number.to_string(),
                        _ => {
                            problems.push(Diagnostic::at(key_span.clone(), "a key is a word"));
                            String::new()
                        }
                    };
                    (Key { text, span: key_span }, join(item, layout, problems))
                })
                .collect(),
        ),
        // Refused by the first pass.
        Value::Tagged(_) => Kind::Null,
    };
    Node { value, span }
}

fn of_serde(text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let message = error.to_string();
    let message = match message.split(" at line ").next().unwrap_or(&message) {
        // serde_yaml reads up to 128 bits, and gives up on what does not fit 64.
        large if large.contains("as u128") || large.contains("as i128") => {
            "an integer that does not fit 64 bits"
        }
        other => other,
    };
    match error.location() {
        Some(location) => {
            let at = location.index().min(text.len());
            Diagnostic::at(at..at, format!("this is not YAML that can be read: {message}"))
        }
        None => Diagnostic::of_file(format!("this is not YAML that can be read: {message}")),
    }
}
