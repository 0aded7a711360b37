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
    /// No case broke it, but not all were asked and passed.
    Untold,
}

/// How many cases of a requirement speak for it, against it, or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) kept: usize,
    pub(crate) broken: usize,
    pub(crate) untold: usize,
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

/// How every requirement stands on every back end that ran.
pub(crate) struct Standings<'a> {
    /// Tallies by requirement, a map a run.
    of_runs: Vec<HashMap<&'a str, Tally>>,
}

/// How the requirements of a page stand together.
pub(crate) struct Summary {
    /// Requirements that no run has a case of.
    pub(crate) uncovered: usize,
    /// How the others stand, a tally of requirements a run.
    pub(crate) of_runs: Vec<Tally>,
}

impl<'a> Standings<'a> {
    pub(crate) fn of(runs: &'a [Run]) -> Self {
        Self { of_runs: runs.iter().map(tallies).collect() }
    }

    /// The cases of a requirement, a tally a run; `None` where the run has none.
    pub(crate) fn requirement(&self, id: &str) -> Vec<Option<Tally>> {
        self.of_runs.iter().map(|tallies| tallies.get(id).copied()).collect()
    }

    /// The requirements of those ids together.
    pub(crate) fn summary(&self, ids: &[&str]) -> Summary {
        let mut summary = Summary { uncovered: 0, of_runs: vec![Tally::default(); self.of_runs.len()] };
        for id in ids {
            let cells = self.requirement(id);
            if cells.iter().all(Option::is_none) {
                summary.uncovered += 1;
                continue;
            }
            for (sum, cell) in summary.of_runs.iter_mut().zip(cells) {
                sum.add(cell.unwrap_or_default().standing());
            }
        }
        summary
    }
}

/// The cases of every requirement that a run covers.
fn tallies(run: &Run) -> HashMap<&str, Tally> {
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
        #[case] (kept, broken, untold): (usize, usize, usize),
        #[case] standing: Standing,
    ) {
        assert_eq!(Tally { kept, broken, untold }.standing(), standing);
    }
}
