//! Callbacks that come when their case has ended: the next answer of the same agent tells of them.

use std::collections::VecDeque;

use winhttp_machine::Observation;
use winhttp_reports::record::{CaseResult, Difference, Verdict};

use crate::compile::Compiled;
use crate::judge::Closed;

/// A callback can be told apart from those of so many plans before.
const LIMIT: usize = 16;

/// The cases that an agent was asked, the last first, and which handles they saw closed.
#[derive(Default)]
pub(crate) struct Recent(VecDeque<(String, Closed)>);

/// A late callback that breaks a promise.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    /// How many cases ago the callback was given to the subject.
    pub(crate) ago: u32,
    /// The case.
    pub(crate) id: String,
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
            let (id, closed) = self.0.get_mut(before)?;
            let difference = closed.late(callback)?;
            Some(Late { ago: callback.ago, id: id.clone(), difference })
        });
        broken.collect()
    }

    /// Another case was asked.
    pub(crate) fn asked(&mut self, id: &str, compiled: &Compiled, observation: &Observation) {
        self.0.push_front((id.to_owned(), Closed::of(compiled, observation)));
        self.0.truncate(LIMIT);
    }
}

/// A case was judged before its last callback came.
pub(crate) fn amend(result: &mut CaseResult, late: &Late) {
    let Difference { what, expected, observed, .. } = &late.difference;
    if result.verdict == Verdict::Pass {
        result.verdict = Verdict::Fail;
        result.reason = format!("{what}: expected {expected}, observed {observed}");
    }
    if result.verdict == Verdict::Fail {
        result.differences.push(late.difference.clone());
    }
}
