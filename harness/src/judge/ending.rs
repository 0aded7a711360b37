//! Of a subject that ended, or did not answer, in the middle of a case: where that was, and what is known of before.

use std::borrow::Cow;

use winhttp_host::{Answer, Left};
use winhttp_machine::{Observation, Step as PlanStep};
use winhttp_reports::record::{Difference, Verdict};

use super::Judgement;
use crate::case::Step;
use crate::compile::{Compiled, Part};

/// The judgement, whatever the case expects.
pub(super) fn judge(compiled: &Compiled, left: Option<&Left>, verdict: Verdict, how: &str) -> Judgement {
    let running = left.and_then(|left| compiled.running(left.step));
    let at = match (running, left) {
        (Some(index), _) => format!("in step {}, {}", index + 1, compiled.parts[index].step),
        (None, Some(left)) => format!("at the end, in {}", at_the_end(compiled, left)),
        (None, None) => "somewhere in the case".to_owned(),
    };
    let reason = format!("{how} {at}");
    let difference = Difference {
        step: running.map(|index| index as u32),
        what: "invariant: process".into(),
        expected: "the case comes to its end".into(),
        observed: if running.is_some() { how.to_owned() } else { reason.clone() },
    };
    Judgement { verdict, reason, differences: vec![difference] }
}

/// What was seen: all of it, or what had been noted when the subject ended.
pub(super) fn observation(answer: &Answer) -> Cow<'_, Observation> {
    match answer {
        Answer::Observed(observation) => Cow::Borrowed(observation),
        Answer::Crashed { left: Some(left), .. } | Answer::Hung { left: Some(left) } => {
            let (began_unix_us, steps) = (left.began_unix_us, left.seen.clone());
            Cow::Owned(Observation { began_unix_us, steps, ..Observation::default() })
        }
        _ => Cow::Owned(Observation::default()),
    }
}

/// What is said of a step of which nothing was seen.
pub(super) fn unseen(compiled: &Compiled, answer: &Answer, part: &Part) -> &'static str {
    let left = match answer {
        Answer::Crashed { left, .. } | Answer::Hung { left } => left.as_ref(),
        Answer::Observed(_) | Answer::NotAsked(_) => return "not reached",
    };
    let Some(left) = left else { return "not known" };
    let running = compiled.running(left.step).map(|index| compiled.parts[index].at);
    let one_after_the_other =
        !compiled.parts.iter().any(|part| matches!(part.step, Step::When(_) | Step::Meanwhile(_)));
    match running {
        Some(running) if part.at == running => "did not return",
        Some(running) if part.at > running && one_after_the_other => "not reached",
        _ => "not known",
    }
}

/// The call or wait that did not return, if the case has it.
pub(super) fn unreturned(compiled: &Compiled, answer: &Answer) -> Option<usize> {
    match answer {
        Answer::Crashed { left, .. } | Answer::Hung { left } => compiled.running(left.as_ref()?.step),
        Answer::Observed(_) | Answer::NotAsked(_) => None,
    }
}

/// The call that gives back what the case was given.
fn at_the_end(compiled: &Compiled, left: &Left) -> String {
    let number = (left.step as usize).checked_sub(compiled.plan.steps.len());
    let Some(PlanStep::Call(call)) = number.and_then(|number| compiled.plan.finally.get(number)) else {
        return "what gives handles back".to_owned();
    };
    let handle = call.arguments.first().and_then(|word| compiled.name_of(*word)).unwrap_or_default();
    format!("{}({handle})", call.function)
}
