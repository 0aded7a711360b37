//! What the documentation promises of each call of a program, in the light of what the calls before it came to.
//!
//! The promises are written into the case as expectations, so that the judge alone judges, and so that the case that is
//! committed in the end is the very case that failed.

mod query;
mod set;
mod url;

use winhttp_machine::{Observation, Seen};
use winhttp_spec::handles::HandleKind;

use super::model::{Model, State};
use super::program::{Call, Choice, Program, Verb};
use crate::case::{Case, Expect, Step};
use crate::compile::{Compiled, Part, Uses};
use crate::judge::{is_documented, succeeded};
use crate::matrix::{Handle, cells, fails, open, succeeds};
use crate::presence::Inventory;

/// What is promised of one call.
#[derive(Clone, Debug)]
pub(super) struct Promise {
    /// In the words of the case language.
    pub(super) expect: Expect,
    /// The name of the rule, for findings.
    pub(super) rule: &'static str,
    /// The requirements behind it.
    pub(super) covers: Vec<String>,
}

impl Promise {
    fn new(rule: &'static str, expect: Expect, covers: &[&str]) -> Self {
        Self { expect, rule, covers: covers.iter().map(|id| (*id).to_owned()).collect() }
    }

    /// Nothing but the invariants.
    fn nothing(function: &str) -> Self {
        let covers = match function {
            "WinHttpSetStatusCallback" => "WinHttpSetStatusCallback/invalid-callback-on-failure".to_owned(),
            "WinHttpCrackUrl" | "WinHttpCreateUrl" => format!("{function}/false-and-last-error"),
            _ => format!("{function}/false-sets-last-error"),
        };
        Self { expect: open(), rule: "documented outcome", covers: vec![covers] }
    }
}

/// The promises of a program's calls, in their order; they are written into the case and what it was compiled to, too.
///
/// `observation` is what the case came to when it was put without them; `None` if the subject did not live to tell.
pub(super) fn promise(
    program: &Program,
    case: &mut Case,
    compiled: &mut Compiled,
    observation: Option<&Observation>,
    inventory: &Inventory,
) -> Vec<Promise> {
    let mut model = Model::default();
    let parts = compiled.parts.iter_mut().filter(|part| !part.setup);
    let steps = case.steps.iter_mut().filter_map(|step| match step {
        Step::Call(step) => Some(step),
        _ => None,
    });
    let mut promises = Vec::new();
    for ((call, part), step) in program.calls().zip(parts).zip(steps) {
        let seen = observation.and_then(|observation| Outcome::of(observation, part));
        let sent = program.has_sent(call.target);
        let mut promise = match call.verb {
            Verb::ThereAndBack(url, _) if !call.second => url::apart(url, seen.as_ref()),
            // Made of nothing, if it was not taken apart.
            Verb::ThereAndBack(..) if !model.is_apart() => Promise::nothing(call.function()),
            Verb::ThereAndBack(url, space) => url::together(url, space, THERE_AND_BACK, seen.as_ref()),
            Verb::Create(url, space) => url::together(url, space, "URL of components", seen.as_ref()),
            _ => of_call(call, sent, part, &model, inventory),
        };
        if let Some(seen) = &seen {
            // A code that no page knows is the plainer finding, whatever else was promised.
            if !seen.success && !is_documented(step.function, seen.error) {
                promise = Promise::nothing(call.function());
            }
            // A query that is refused whatever the buffer is one finding, not one for each kind of buffer.
            if !seen.success && query::is_about_length(promise.rule) && !query::is_too_small(seen.error) {
                promise.rule = query::REFUSED;
            }
            if seen.success {
                model.succeeded(call);
            } else {
                model.failed(call);
            }
        }
        step.expect = promise.expect.clone();
        part.step = Step::Call(step.clone());
        promises.push(promise);
    }
    promises
}

/// The rule for a URL that was taken apart and put together again.
const THERE_AND_BACK: &str = "a URL there and back";

/// What a call came to.
struct Outcome {
    success: bool,
    error: u32,
}

impl Outcome {
    fn of(observation: &Observation, part: &Part) -> Option<Self> {
        let (Step::Call(call), Seen::Returned { value, error, .. }) =
            (&part.step, observation.steps.get(part.at as usize)?)
        else {
            return None;
        };
        Some(Self { success: succeeded(call.function, *value), error: *error })
    }
}

fn of_call(call: Call<'_>, sent: bool, part: &Part, model: &Model, inventory: &Inventory) -> Promise {
    let state = model.state(call.target);
    match call.verb {
        Verb::Close => close(state),
        Verb::Watch => watch(state),
        // No page says what becomes of options when a parent is closed, only that requests fail.
        _ if state == State::Orphan => Promise::nothing(call.function()),
        _ if lacks(inventory, call.choice) => Promise::nothing(call.function()),
        Verb::Query(room) => query::promise(call, room, state, part, model),
        Verb::Set(given) => set::promise(call, given, state, sent),
        Verb::ThereAndBack(..) | Verb::Create(..) => Promise::nothing(call.function()),
    }
}

fn close(state: State) -> Promise {
    match state {
        State::Kind(HandleKind::Null) | State::Forged => {
            Promise::new("a close of no handle fails", fails(&[]), &["WinHttpCloseHandle/valid-handle"])
        }
        State::Kind(_) => {
            Promise::new("a handle can be closed", succeeds(), &["WinHttpCloseHandle/returns-true"])
        }
        // The page leaves open what a second close gives.
        State::Closed | State::Orphan => Promise::nothing("WinHttpCloseHandle"),
    }
}

fn watch(state: State) -> Promise {
    match state {
        State::Kind(HandleKind::Null) | State::Forged | State::Closed => Promise::new(
            "no handle takes no callback",
            fails(&[]),
            &["WinHttpSetStatusCallback/invalid-callback-on-failure"],
        ),
        State::Kind(_) => {
            Promise::new("a handle takes a callback", succeeds(), &["WinHttpSetStatusCallback/any-handle"])
        }
        State::Orphan => Promise::nothing("WinHttpSetStatusCallback"),
    }
}

/// Whether the subject does not have the option at all: one missing option must not read as fifty wrong behaviours.
fn lacks(inventory: &Inventory, choice: Choice) -> bool {
    let options = choice.option().map(|option| option.name).into_iter().collect();
    inventory.lack(&Uses { options, ..Uses::default() }).is_some()
}

/// The handle in the words of the generated matrix.
fn handle(state: State) -> Handle {
    match state {
        State::Kind(kind) => Handle::Kind(kind),
        State::Closed | State::Orphan => Handle::Closed,
        State::Forged => Handle::Forged,
    }
}

/// A number that no version of winhttp.h gives a name, on one of the handles that the pages speak of. Small ones may be
/// options that are not documented.
fn is_no_option(number: u32, state: State) -> bool {
    /// Above all names of the header by far.
    const UNUSED: u32 = 0x1_0000;
    number >= UNUSED && matches!(state, State::Kind(HandleKind::Session | HandleKind::Request))
}

/// Requirements of the option's own cells behind the rule's.
fn with_cells(mut promise: Promise, choice: Choice, state: State, verb: &str) -> Promise {
    promise
        .covers
        .extend(choice.option().map(|option| cells(option, handle(state), verb, &[])).unwrap_or_default());
    promise
}
