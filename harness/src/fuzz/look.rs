//! Puts one program to a subject and looks at what it comes to.

use winhttp_host::{Answer, Left};
use winhttp_machine::{Observation, Seen};
use winhttp_reports::record::{Difference, Verdict};
use winhttp_spec::constants;

use super::finding::{Signature, WRITES};
use super::memory::Room;
use super::oracle::{self, Promise};
use super::program::{Needed, Program, Verb};
use crate::case::Case;
use crate::compile::{Compiled, Uses, uses};
use crate::judge::judge;
use crate::presence::Inventory;
use crate::run::{Facts, Worker};

/// What came of a program.
pub(super) struct Look {
    /// The program as a case, with what is expected.
    pub(super) case: Case,
    /// What is promised of each call.
    pub(super) promises: Vec<Promise>,
    pub(super) verdict: Verdict,
    /// Why it was not asked, where it was not.
    pub(super) reason: String,
    /// What is wrong.
    pub(super) symptoms: Vec<Symptom>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Symptom {
    pub(super) signature: Signature,
    /// At which call of the program.
    pub(super) call: Option<usize>,
    /// What the judge says is different; empty for a crash or hang.
    pub(super) what: String,
    /// Expected and observed, in one line.
    pub(super) reason: String,
}

/// The kind of a finding where a query gives something else.
const ROUND_TRIP: &str = "a query gives what was set";
/// The queries for more than this are not put again with the length that they asked for, in bytes.
const NEED_LIMIT: u32 = 1 << 16;

/// Puts a program.
///
/// # Errors
///
/// It cannot be put at all.
pub(super) fn look(worker: &mut Worker, program: &Program, inventory: &Inventory) -> Result<Look, String> {
    let mut needed = Needed::new();
    if program.asks_what_is_needed() {
        let facts = worker.put(&program.case(&needed))?;
        if let Answer::Observed(observation) = &facts.answer {
            needed = what_is_needed(program, &facts.compiled, observation);
        }
    }
    let mut case = program.case(&needed);
    let functions = Uses { options: Default::default(), ..uses(&case) };
    if let Some(lack) = inventory.lack(&functions) {
        return Ok(Look {
            case,
            promises: Vec::new(),
            verdict: Verdict::Skipped,
            reason: lack.to_string(),
            symptoms: Vec::new(),
        });
    }
    let Facts { mut compiled, answer, transcript, .. } = worker.put(&case)?;
    let observation = match &answer {
        Answer::Observed(observation) => Some(observation),
        Answer::NotAsked(reason) => return Err(reason.clone()),
        Answer::Crashed { .. } | Answer::Hung { .. } => None,
    };
    let promises = oracle::promise(program, &mut case, &mut compiled, observation, inventory);
    let judgement = judge(&case, &compiled, &answer, transcript.as_ref());
    let symptoms = match &answer {
        Answer::Crashed { left, .. } => vec![ending(program, &compiled, left, "crash", &judgement.reason)],
        Answer::Hung { left } => vec![ending(program, &compiled, left, "hang", &judgement.reason)],
        _ => differences(program, &compiled, &promises, &judgement.differences),
    };
    Ok(Look { case, promises, verdict: judgement.verdict, reason: judgement.reason, symptoms })
}

/// What the queries without a buffer asked for.
fn what_is_needed(program: &Program, compiled: &Compiled, observation: &Observation) -> Needed {
    let too_small = constants::value("ERROR_INSUFFICIENT_BUFFER");
    let parts = compiled.parts.iter().filter(|part| !part.setup);
    let asked = program.calls().zip(parts).enumerate().filter_map(|(at, (call, part))| {
        let Seen::Returned { value, error, copies, .. } = observation.steps.get(part.at as usize)? else {
            return None;
        };
        let refused = *value as u32 == 0 && Some(u64::from(*error)) == too_small;
        if !refused || !matches!(call.verb, Verb::Query(Room::Needed)) {
            return None;
        }
        let length = copies.get(part.memory.get(&3)?.copy)?.as_ref()?;
        let length = u32::from_le_bytes(length.0.get(..4)?.try_into().ok()?);
        (1..=NEED_LIMIT).contains(&length).then_some((at, length))
    });
    asked.collect()
}

/// The subject did not live to the end.
fn ending(program: &Program, compiled: &Compiled, left: &Option<Left>, kind: &str, reason: &str) -> Symptom {
    let running = left.as_ref().and_then(|left| compiled.running(left.step));
    let call = running.and_then(|part| call_of(compiled, part));
    let (function, option) = match call.and_then(|call| program.calls().nth(call)) {
        Some(call) => (call.function(), call.option_name()),
        None if running.is_none() => ("WinHttpCloseHandle", "at the end"),
        None => ("set-up", ""),
    };
    Symptom {
        signature: Signature { function: function.into(), option: option.into(), kind: kind.into() },
        call,
        what: String::new(),
        reason: reason.to_owned(),
    }
}

/// The number of the call that a part of the compiled case is; `None` for a set-up.
fn call_of(compiled: &Compiled, part: usize) -> Option<usize> {
    let before = compiled.parts[..part].iter().filter(|part| !part.setup).count();
    (!compiled.parts[part].setup).then_some(before)
}

fn differences(
    program: &Program,
    compiled: &Compiled,
    promises: &[Promise],
    differences: &[Difference],
) -> Vec<Symptom> {
    let unset =
        |step| differences.iter().any(|other| other.step == step && other.what == "invariant: last error");
    differences
        .iter()
        // Without an error code there is no telling whether it would have been the right one.
        .filter(|difference| difference.what != "return value" || !unset(difference.step))
        .map(|difference| {
            let call = difference.step.and_then(|part| call_of(compiled, part as usize));
            let rule = call.and_then(|call| promises.get(call)).map_or("", |promise| promise.rule);
            let kind = match &*difference.what {
                "return value" => rule.to_owned(),
                _ if difference.expected == "unchanged" => WRITES.to_owned(),
                what if what.starts_with("invariant") => what.to_owned(),
                "lpBuffer" => ROUND_TRIP.to_owned(),
                what => format!("{rule}: {what}"),
            };
            let (function, option) = call
                .and_then(|call| program.calls().nth(call))
                .map_or(("callbacks", ""), |call| (call.function(), call.option_name()));
            Symptom {
                signature: Signature { function: function.into(), option: option.into(), kind },
                call,
                what: difference.what.clone(),
                reason: format!("expected {}, observed {}", difference.expected, difference.observed),
            }
        })
        .collect()
}
