//! From facts to a verdict: the only place that holds what was seen against what was promised.

mod conversation;
mod ending;
mod frames;
mod information;
mod invariants;
mod memory;
mod peer;
mod rules;
mod timeline;

use winhttp_host::Answer;
use winhttp_machine::{Copy, Observation, Seen, Shape};
use winhttp_origin::Transcript;
use winhttp_reports::record::{Difference, StepResult, Verdict};
use winhttp_spec::errors;
use winhttp_spec::functions::{Function, Returns};
use winhttp_spec::structs::Width;

use crate::case::{CallStep, Case, Outcome, OutcomeKind, Reference, Scalar, Step};
use crate::compile::{Compiled, FORGED, Memory, Part};

use memory::Here;

pub(crate) use invariants::{Closed, is_documented};
pub use timeline::{Timeline, Timing, timeline};

const ERROR_IO_PENDING: u32 = 997;

/// What the judge says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in one line; empty for a pass.
    pub reason: String,
    /// Every difference.
    pub differences: Vec<Difference>,
}

impl Judgement {
    fn new(verdict: Verdict, reason: String) -> Self {
        Self { verdict, reason, differences: Vec::new() }
    }
}

/// Judges an answer.
#[must_use]
pub fn judge(
    case: &Case,
    compiled: &Compiled,
    answer: &Answer,
    seen_by_peer: Option<&Transcript>,
) -> Judgement {
    match answer {
        Answer::Crashed { left, how } => ending::judge(compiled, left.as_ref(), Verdict::Crash, how),
        Answer::Hung { left } => ending::judge(compiled, left.as_ref(), Verdict::Hang, "no answer in time"),
        Answer::NotAsked(why) => Judgement::new(Verdict::Broken, why.clone()),
        Answer::Observed(observation) => {
            if let Some(reason) = blocked(compiled, observation) {
                return Judgement::new(Verdict::Blocked, reason);
            }
            if let Some(reason) = incomplete(compiled, observation) {
                return Judgement::new(Verdict::Broken, reason);
            }
            let differences = differences(case, compiled, observation, seen_by_peer);
            match differences.first() {
                None => Judgement::new(Verdict::Pass, String::new()),
                Some(first) => {
                    let reason =
                        format!("{}: expected {}, observed {}", first.what, first.expected, first.observed);
                    Judgement { verdict: Verdict::Fail, reason, differences }
                }
            }
        }
    }
}

/// The steps as they are shown: expected and observed side by side.
#[must_use]
pub fn steps(compiled: &Compiled, answer: &Answer, differences: &[Difference]) -> Vec<StepResult> {
    let observation = ending::observation(answer);
    compiled
        .parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let seen = seen(&observation, part);
            let expected = match &part.step {
                Step::Call(call) => call.expect.text(call.function),
                Step::Wait(wait) => if wait.comes { "comes" } else { "does not come" }.to_owned(),
                Step::When(when) => if when.optional { "may come" } else { "comes" }.to_owned(),
                Step::Join(_) => "done".to_owned(),
                Step::Setup(_) | Step::Meanwhile(_) | Step::Pass(_) => String::new(),
            };
            let observed = match (&part.step, seen) {
                (Step::Setup(_) | Step::Meanwhile(_) | Step::Pass(_), _) => String::new(),
                (_, Seen::NotReached) => ending::unseen(compiled, answer, part).to_owned(),
                (Step::Call(call), _) => observed_call(call, part, seen),
                (Step::Wait(_) | Step::When(_), Seen::Waited(true)) => "came".to_owned(),
                (Step::Wait(_) | Step::When(_), _) => "did not come".to_owned(),
                (Step::Join(_), Seen::Waited(true)) => "done".to_owned(),
                (Step::Join(_), _) => "not done".to_owned(),
            };
            StepResult {
                call: part.step.to_string(),
                expected,
                observed,
                setup: part.setup,
                ok: !differences.iter().any(|difference| difference.step == Some(index as u32)),
            }
        })
        .collect()
}

fn seen<'a>(observation: &'a Observation, part: &Part) -> &'a Seen {
    observation.steps.get(part.at as usize).unwrap_or(&Seen::NotReached)
}

/// Whether a step could be reached: those for a callback are if it came.
fn reached(observation: &Observation, part: &Part) -> bool {
    let came = |step: u32| matches!(observation.steps.get(step as usize), Some(Seen::Waited(true)));
    part.within.is_none_or(came)
}

/// Why the question was never asked, if a call of a set-up failed.
fn blocked(compiled: &Compiled, observation: &Observation) -> Option<String> {
    compiled.parts.iter().filter(|part| part.setup).find_map(|part| {
        let Step::Call(call) = &part.step else { return None };
        let observed = match seen(observation, part) {
            Seen::Returned { value, error, .. } if !succeeded(call.function, *value) => {
                outcome_text(call.function, *value, *error)
            }
            Seen::NotExported => "not exported".to_owned(),
            _ => return None,
        };
        Some(format!("the set-up failed: {}: {observed}", part.step))
    })
}

/// Why nothing can be judged, if the answer does not say what became of every step: an agent of the user's own may
/// leave something out, and what is left out must not read as kept.
fn incomplete(compiled: &Compiled, observation: &Observation) -> Option<String> {
    compiled.parts.iter().filter(|part| reached(observation, part)).find_map(|part| {
        let whole = match (&part.step, seen(observation, part)) {
            (Step::Call(_), Seen::Returned { copies, .. }) => copied(compiled, part, copies),
            (Step::Call(_), Seen::NotExported)
            | (Step::Wait(_) | Step::When(_) | Step::Join(_), Seen::Waited(_))
            | (Step::Meanwhile(_) | Step::Pass(_), Seen::Done) => true,
            _ => false,
        };
        (!whole).then(|| format!("the agent's answer does not say what became of {}", part.step))
    })
}

/// Whether everything was copied that the plan wants copied after this call.
fn copied(compiled: &Compiled, part: &Part, copies: &[Option<winhttp_machine::Bytes>]) -> bool {
    let Some(winhttp_machine::Step::Call(call)) = compiled.plan.steps.get(part.at as usize) else {
        return false;
    };
    call.copy.len() == copies.len()
        && call.copy.iter().zip(copies).all(|(wanted, copy)| match wanted {
            Copy::Range(_, _, length) => copy.as_ref().is_some_and(|bytes| bytes.0.len() == *length as usize),
            Copy::Behind(_, _, Shape::Bytes(length)) => {
                copy.as_ref().is_none_or(|bytes| bytes.0.len() == *length as usize)
            }
            Copy::Behind(_, _, Shape::Text | Shape::NarrowText) => true,
        })
}

fn differences(
    case: &Case,
    compiled: &Compiled,
    observation: &Observation,
    seen_by_peer: Option<&Transcript>,
) -> Vec<Difference> {
    let facts = Facts { compiled, observation };
    let mut differences = Vec::new();
    let judged = |part: &Part| !part.setup && reached(observation, part);
    for (index, part) in compiled.parts.iter().enumerate().filter(|(_, part)| judged(part)) {
        let mut report = |what: String, expected: String, observed: String| {
            differences.push(Difference { step: Some(index as u32), what, expected, observed });
        };
        match (&part.step, seen(observation, part)) {
            (Step::Call(call), Seen::Returned { value, error, copies, .. }) => {
                let outcome = facts.outcome(call, part, *value, *error, copies);
                if let Some(expected) = outcome.violated {
                    report("return value".into(), expected, outcome_text(call.function, *value, *error));
                }
                invariants::last_error(call, *value, *error, &mut report);
                if outcome.memory_counts {
                    facts.gives(call, Here { part, copies }, &mut report);
                }
                memory::unchanged(call, part, copies, &mut report);
            }
            (Step::Wait(wait), Seen::Waited(came)) if *came != wait.comes => {
                let text = |comes| if comes { "the callback comes" } else { "no such callback" };
                report(format!("{}", part.step), text(wait.comes).into(), text(*came).into());
            }
            (Step::When(when), Seen::Waited(false)) if !when.optional => {
                report(part.step.to_string(), "the callback comes".into(), "no such callback".into());
            }
            (Step::Join(_), Seen::Waited(false)) => {
                report(part.step.to_string(), "the steps are done".into(), "they are not".into());
            }
            (Step::Call(call), Seen::NotExported) => {
                report("export".into(), format!("{} is exported", call.function.name), "it is not".into());
            }
            _ => {}
        }
    }
    invariants::overruns(compiled, observation, &mut differences);
    invariants::closing(compiled, observation, &mut differences);
    rules::callbacks(case, &facts, &mut differences);
    peer::requests(case, &compiled.peer, seen_by_peer, &mut differences);
    frames::frames(case, &compiled.peer, seen_by_peer, &mut differences);
    differences
}

/// The observation, and the case's names in it.
struct Facts<'a> {
    compiled: &'a Compiled,
    observation: &'a Observation,
}

/// What became of a call's outcome.
struct Verdicts {
    /// What was expected, if that is not what happened.
    violated: Option<String>,
    /// Whether the expectations on memory apply.
    memory_counts: bool,
}

impl Facts<'_> {
    fn outcome(
        &self,
        call: &CallStep,
        part: &Part,
        value: u64,
        error: u32,
        copies: &[Option<winhttp_machine::Bytes>],
    ) -> Verdicts {
        let success = succeeded(call.function, value);
        let code = if call.function.returns == Returns::Code { value as u32 } else { error };
        let fits = |outcome: &Outcome| match &outcome.kind {
            OutcomeKind::Succeeds => success,
            // What is pending has not failed: only a case that names the code means it.
            OutcomeKind::Fails(codes) if codes.is_empty() => !success && code != ERROR_IO_PENDING,
            OutcomeKind::Fails(codes) => !success && codes.iter().any(|number| number.value as u32 == code),
            OutcomeKind::Returns(scalar) => self
                .value(scalar, Some(Here { part, copies }))
                .is_some_and(|wanted| same(call.function, wanted, value)),
        };
        let expect = &call.expect;
        let kept = if expect.open {
            success || is_documented(call.function, code)
        } else {
            expect.outcomes.is_empty() || expect.outcomes.iter().any(fits)
        };
        let only_failure = !expect.outcomes.is_empty()
            && expect.outcomes.iter().all(|outcome| matches!(outcome.kind, OutcomeKind::Fails(_)));
        Verdicts {
            violated: (!kept).then(|| expect_outcome_text(call)),
            memory_counts: kept && (success || only_failure),
        }
    }

    /// What a scalar of an expectation is in this observation.
    fn value(&self, scalar: &Scalar, here: Option<Here<'_>>) -> Option<u64> {
        match scalar {
            Scalar::Number(number) => Some(number.value),
            Scalar::Forged => Some(FORGED),
            Scalar::Port => Some(u64::from(self.compiled.peer.port)),
            Scalar::Recorder(number) => {
                let Here { part, copies } = here?;
                let bytes = copies.get(*part.recorders.get(number)?)?.as_ref()?;
                memory::number(&bytes.0, bytes.0.len())
            }
            Scalar::Reference(reference) => {
                self.named(&reference.path.join(".")).or_else(|| self.in_memory(reference))
            }
        }
    }

    /// The value a name stands for.
    fn named(&self, name: &str) -> Option<u64> {
        match self.compiled.names.get(name)? {
            winhttp_machine::Word::Kept(_) => match self.call_named(name)? {
                Seen::Returned { value, .. } => Some(*value),
                _ => None,
            },
            // A set-up's handle that came through a pointer: its call has no other memory.
            winhttp_machine::Word::Load(buffer, 0) => {
                let made = |part: &&Part| part.memory.values().any(|held| held.buffer == *buffer);
                let part = self.compiled.parts.iter().find(made)?;
                match seen(self.observation, part) {
                    Seen::Returned { copies, .. } => {
                        let bytes = copies.first()?.as_ref()?;
                        memory::number(&bytes.0, bytes.0.len())
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The number in the memory that a call was given: `$call.parameter`, `$call.parameter.member`.
    fn in_memory(&self, reference: &Reference) -> Option<u64> {
        let (part, held) = self.memory_named(reference)?;
        let Seen::Returned { copies, .. } = seen(self.observation, part) else { return None };
        let bytes = &copies.get(held.copy)?.as_ref()?.0;
        let (offset, size) = match reference.path.get(2) {
            None => (0, bytes.len() as u32),
            Some(member) => {
                held.layout?.member(member, Width::W64).map(|(ty, offset)| (offset, ty.size(Width::W64)))?
            }
        };
        memory::number(bytes.get(offset as usize..)?, size as usize)
    }

    /// The memory behind `$call.parameter`, and the call.
    fn memory_named(&self, reference: &Reference) -> Option<(&Part, &Memory)> {
        let [call, parameter, ..] = &reference.path[..] else { return None };
        self.compiled.parts.iter().find_map(|part| {
            let Step::Call(step) = &part.step else { return None };
            let index = step.function.params.iter().position(|param| param.name == parameter)?;
            let named = step.name.as_ref() == Some(call);
            named.then(|| part.memory.get(&index)).flatten().map(|held| (part, held))
        })
    }

    /// What became of the call whose result has this name.
    fn call_named(&self, name: &str) -> Option<&Seen> {
        let winhttp_machine::Word::Kept(step) = self.compiled.names.get(name)? else { return None };
        self.observation.steps.get(*step as usize)
    }
}

/// Whether a return value means success, by the function's convention.
pub(crate) fn succeeded(function: &Function, value: u64) -> bool {
    match function.returns {
        Returns::Bool => value as u32 != 0,
        Returns::Code => value as u32 == 0,
        Returns::Handle => value != 0,
        Returns::Callback => value != u64::MAX,
        Returns::Void => true,
    }
}

fn same(function: &Function, wanted: u64, value: u64) -> bool {
    match function.returns {
        Returns::Bool | Returns::Code => wanted as u32 == value as u32,
        Returns::Handle | Returns::Callback | Returns::Void => wanted == value,
    }
}

fn expect_outcome_text(call: &CallStep) -> String {
    let mut expect = call.expect.clone();
    expect.gives.clear();
    expect.unchanged.clear();
    expect.text(call.function)
}

/// A return value and last error in words.
pub(crate) fn outcome_text(function: &Function, value: u64, error: u32) -> String {
    let failed = !succeeded(function, value);
    let value = match function.returns {
        Returns::Bool if failed => "FALSE".to_owned(),
        Returns::Bool if value as u32 == 1 => "TRUE".to_owned(),
        Returns::Bool => format!("TRUE ({:#x})", value as u32),
        Returns::Code => return error_text(value as u32),
        Returns::Handle if failed => "NULL".to_owned(),
        Returns::Handle => "a handle".to_owned(),
        Returns::Callback if failed => "WINHTTP_INVALID_STATUS_CALLBACK".to_owned(),
        Returns::Callback if value == 0 => "NULL".to_owned(),
        Returns::Callback => format!("callback {value:#x}"),
        Returns::Void => "returned".to_owned(),
    };
    if failed { format!("{value}, {}", error_text(error)) } else { value }
}

/// An error code with its name.
pub(crate) fn error_text(code: u32) -> String {
    match errors::name(code) {
        _ if code == crate::compile::SENTINEL => "last error not set".to_owned(),
        Some(name) => format!("{name} ({code})"),
        None => format!("error {code}"),
    }
}

fn observed_call(call: &CallStep, part: &Part, seen: &Seen) -> String {
    match seen {
        Seen::Returned { value, error, copies, .. } => {
            let mut text = outcome_text(call.function, *value, *error);
            for (index, held) in &part.memory {
                let shown = call.expect.gives.iter().any(|(given, _)| given == index)
                    || call.function.params[*index].direction != winhttp_spec::functions::Direction::In;
                if let (true, Some(Some(bytes))) = (shown && !part.setup, copies.get(held.copy)) {
                    text.push_str(&format!(
                        "; {} = {}",
                        call.function.params[*index].name,
                        memory::text(call, *index, &bytes.0)
                    ));
                }
            }
            text
        }
        Seen::NotExported => "not exported".to_owned(),
        Seen::NotReached | Seen::Done | Seen::Waited(_) => String::new(),
    }
}
