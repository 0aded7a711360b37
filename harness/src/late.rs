//! What happens when a case has ended: the next answer of the same agent tells of callbacks, or never comes.

use std::collections::VecDeque;

use winhttp_machine::Observation;
use winhttp_reports::record::{CaseResult, Difference, Verdict};

use crate::compile::Compiled;
use crate::judge::Closed;

/// A callback can be told apart from those of so many plans before.
const LIMIT: usize = 16;

/// What an agent was asked, the last first: the cases and which handles they saw closed. Between them there may be
/// questions that are no case.
#[derive(Default)]
pub(crate) struct Recent(VecDeque<Option<(String, Closed)>>);

/// A promise that is broken when the case has ended.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    /// How many questions ago the case was asked.
    pub(crate) ago: u32,
    /// The case.
    pub(crate) id: String,
    /// What that comes to.
    pub(crate) verdict: Verdict,
    /// The promise.
    pub(crate) difference: Difference,
}

impl Recent {
    /// The agent is another: nothing of the old one's can come any more.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// What an answer tells of the cases before.
    pub(crate) fn late(&mut self, observation: &Observation) -> Vec<Late> {
        let broken = observation.late.iter().filter_map(|callback| {
            let before = (callback.ago as usize).checked_sub(1)?;
            let (id, closed) = self.0.get_mut(before)?.as_mut()?;
            let difference = closed.late(callback)?;
            Some(Late { ago: callback.ago, id: id.clone(), verdict: Verdict::Fail, difference })
        });
        broken.collect()
    }

    /// The agent is gone, though nothing was asked of the subject.
    pub(crate) fn ended(&mut self, how: String) -> Option<Late> {
        let (id, _) = self.0.iter().flatten().next()?;
        let (what, expected) = ("invariant: process".into(), "it waits for the next question".into());
        let observed = format!("it {how}, when the case had ended");
        let difference = Difference { step: None, what, expected, observed };
        let late = Late { ago: 1, id: id.clone(), verdict: Verdict::Crash, difference };
        self.forget();
        Some(late)
    }

    /// Nothing was asked of this agent.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Another case was asked.
    pub(crate) fn asked(&mut self, id: &str, compiled: &Compiled, observation: &Observation) {
        self.push(Some((id.to_owned(), Closed::of(compiled, observation))));
    }

    /// No case was asked, only what has happened since.
    pub(crate) fn asked_nothing(&mut self) {
        self.push(None);
    }

    fn push(&mut self, asked: Option<(String, Closed)>) {
        self.0.push_front(asked);
        self.0.truncate(LIMIT);
    }
}

/// The case was judged before this happened, if it is among it.
pub(crate) fn amend(result: &mut CaseResult, late: &[Late]) {
    for late in late.iter().filter(|late| late.id == result.id) {
        let Difference { what, expected, observed, .. } = &late.difference;
        if result.verdict == Verdict::Pass {
            result.verdict = late.verdict;
            result.reason = format!("{what}: expected {expected}, observed {observed}");
        }
        if matches!(result.verdict, Verdict::Fail | Verdict::Crash) {
            result.differences.push(late.difference.clone());
        }
    }
}
