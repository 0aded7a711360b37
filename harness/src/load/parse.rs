//! One case: from nodes to the typed form, names resolved, values checked against their types.

mod callbacks;
mod expectations;
mod frames;
mod memory;
mod origin;
mod parts;
mod requests;
mod scalars;
mod steps;
mod threads;

use std::collections::BTreeMap;
use std::ops::Range;

use winhttp_spec::functions::{Function, Type};

use crate::case::{Case, Expect, SetupKind, Step, every};
use crate::diagnostics::Diagnostic;
use crate::load::words::{self, Word};
use crate::system_functions;
use crate::yaml::{Key, Kind, Node};

type Entries = [(Key, Node)];

/// How long a `wait` waits if it does not say.
const WAIT_MS: u32 = 5000;

/// Parses a case whose axes are replaced.
pub(super) fn case(name: &Key, entries: &Entries, problems: &mut Vec<Diagnostic>) -> Case {
    let before = problems.len();
    for (key, _) in entries {
        known(key, words::CASE, "a case", problems);
    }
    let mut parse = Parse { problems, names: BTreeMap::new(), callbacks: Vec::new() };
    let case = Case {
        covers: parse.covers(name, get(entries, "covers")),
        about: get(entries, "about").and_then(|(_, node)| parse.text(node)),
        origin: get(entries, "origin").and_then(|(_, node)| parse.origin(node)),
        ipv6: parse.flag(entries, "ipv6"),
        isolated: parse.flag(entries, "isolated"),
        slow: parse.flag(entries, "slow"),
        steps: parse.steps(name, get(entries, "steps")),
        callbacks: parse.list(get(entries, "callbacks"), Parse::callback_rule),
        requests: get(entries, "requests").map(|entry| parse.requests(entry)),
        frames: get(entries, "frames").map(|entry| parse.list(Some(entry), Parse::frame_rule)),
        deadline_ms: get(entries, "deadline").and_then(|(_, node)| parse.small(node)),
        ..Case::default()
    };
    // Where an assertion was not understood, that is said already.
    if !(asserts(&case) || problems.len() > before && tries_to_assert(entries)) {
        problems.push(
            Diagnostic::at(
                name.span.clone(),
                format!("the case `{}` asserts nothing, so it cannot fail", name.text),
            )
            .help("say what a call must do: `succeeds: true`, `fails: ERROR_…`, `returns:`, `gives:`"),
        );
    }
    case
}

/// Refuses a key that is none of the words.
pub(super) fn known(key: &Key, words: &'static [Word], of: &str, problems: &mut Vec<Diagnostic>) {
    if !words::names(words).any(|word| word == key.text) {
        let message = format!("{of} has no key `{}`", key.text);
        problems.push(Diagnostic::at(key.span.clone(), message).suggest(&key.text, words::names(words)));
    }
}

/// Refuses a name that is no good in an id.
pub(super) fn check_name(name: &Key, problems: &mut Vec<Diagnostic>) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if name.text.is_empty() || !name.text.chars().all(fits) {
        problems.push(
            Diagnostic::at(name.span.clone(), format!("`{}` is no good as a name", name.text))
                .help("names are made of small letters, digits, `-` and `.`, and read as what is promised: `refuses-less-than-15-s`"),
        );
    }
}

fn get<'a>(entries: &'a Entries, name: &str) -> Option<(&'a Key, &'a Node)> {
    entries.iter().find(|(key, _)| key.text == name).map(|(key, node)| (key, node))
}

fn asserts(case: &Case) -> bool {
    let step = |step: &Step| match step {
        Step::Setup(_) | Step::Join(_) | Step::Pass(_) | Step::Meanwhile(_) => false,
        Step::Wait(_) => true,
        Step::When(when) => !when.optional,
        Step::Call(call) => {
            let Expect { outcomes, open, gives, unchanged } = &call.expect;
            *open || !(outcomes.is_empty() && gives.is_empty() && unchanged.is_empty())
        }
    };
    !case.callbacks.is_empty()
        || case.requests.is_some()
        || case.frames.is_some()
        || every(&case.steps).into_iter().any(step)
}

/// Whether a key stands in the case that asserts, or that would if it were spelt right.
fn tries_to_assert(entries: &Entries) -> bool {
    let sets_up = ["as", "last-error"];
    let call = |key: &str| words::names(words::CALL).any(|word| word == key) && !sets_up.contains(&key);
    let known = |key: &str| {
        sets_up.contains(&key)
            || function(key).is_some()
            || SetupKind::ALL.iter().any(|kind| kind.word() == key)
            || words::names(words::SETUP).any(|word| word == key)
    };
    let step = |step: &Node| match &step.value {
        Kind::Map(entries) => entries.iter().any(|(key, _)| call(&key.text) || !known(&key.text)),
        _ => true,
    };
    entries.iter().any(|(key, node)| match (&*key.text, &node.value) {
        ("steps", Kind::List(steps)) => steps.iter().any(step),
        ("steps" | "callbacks" | "requests" | "frames", _) => true,
        (other, _) => !words::names(words::CASE).any(|word| word == other),
    })
}

/// What a name of an earlier step stands for.
#[derive(Clone, Copy)]
enum Named {
    Setup(SetupKind),
    Call(&'static Function),
    /// Steps that can be waited for.
    Steps,
    /// The handle of the callback that the step is in.
    Callback,
}

struct Parse<'a> {
    problems: &'a mut Vec<Diagnostic>,
    names: BTreeMap<String, Named>,
    /// The `on` of each callback that the step is in.
    callbacks: Vec<bool>,
}

impl Parse<'_> {
    fn wrong(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.problems.push(Diagnostic::at(span.clone(), message));
    }
}

fn function(name: &str) -> Option<&'static Function> {
    winhttp_spec::functions::find(name).or_else(|| system_functions::find(name))
}

/// Lengths are derived; numbers and what may be `NULL` are zero.
fn can_be_left_out(function: &Function, index: usize) -> bool {
    let param = &function.params[index];
    let number = matches!(param.ty, Type::Dword | Type::Word | Type::Qword | Type::DwordPtr);
    param.optional || number || param.length_of.is_some()
}
