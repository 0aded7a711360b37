//! How a requirement stands on a back end, by the verdicts of the cases that cover it.

use std::collections::HashMap;

use serde::Serialize;

use crate::record::Verdict;
use crate::run::Run;

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// Every case passed.
    Kept,
    /// A case failed, crashed or hung.
    Broken,
    /// No case broke it, but not all were asked and passed, or there is none.
    Untold,
}

/// How many cases of a requirement speak for it, against it, or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) kept: u32,
    pub(crate) broken: u32,
    pub(crate) untold: u32,
}

impl Tally {
    pub(crate) fn standing(self) -> Standing {
        match self {
            Self { broken: 1.., .. } => Standing::Broken,
            Self { kept: 1.., untold: 0, .. } => Standing::Kept,
            _ => Standing::Untold,
        }
    }

    pub(crate) fn add(&mut self, standing: Standing) {
        match standing {
            Standing::Kept => self.kept += 1,
            Standing::Broken => self.broken += 1,
            Standing::Untold => self.untold += 1,
        }
    }
}

/// The cases of every requirement that a run covers.
pub(crate) fn tallies(run: &Run) -> HashMap<&str, Tally> {
    let mut tallies: HashMap<&str, Tally> = HashMap::new();
    for case in &run.results {
        for requirement in &case.covers {
            tallies.entry(requirement).or_default().add(standing(case.verdict));
        }
    }
    tallies
}

fn standing(verdict: Verdict) -> Standing {
    match verdict {
        Verdict::Pass => Standing::Kept,
        Verdict::Fail | Verdict::Crash | Verdict::Hang => Standing::Broken,
        Verdict::Skipped | Verdict::Blocked | Verdict::Broken => Standing::Untold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case((0, 0, 0), Standing::Untold)]
    #[case((3, 0, 0), Standing::Kept)]
    #[case((3, 0, 1), Standing::Untold)]
    #[case((0, 0, 1), Standing::Untold)]
    #[case((9, 1, 9), Standing::Broken)]
    fn a_promise_is_kept_only_by_passes(
        #[case] (kept, broken, untold): (u32, u32, u32),
        #[case] standing: Standing,
    ) {
        assert_eq!(Tally { kept, broken, untold }.standing(), standing);
    }
}
