//! Holds a run against the baseline, result by result.

use std::time::Instant;

use winhttp_reports::record::{CaseResult, Counts, Footer};

use crate::baseline::Baseline;

/// What a run has come to so far.
pub struct Gate {
    baseline: Baseline,
    counts: Counts,
    passed: bool,
    began: Instant,
}

impl Gate {
    /// Before the first result.
    #[must_use]
    pub fn new(baseline: Baseline) -> Self {
        Self { baseline, counts: Counts::default(), passed: true, began: Instant::now() }
    }

    /// Another result; it is told what the baseline says of it.
    pub fn check(&mut self, result: &mut CaseResult) {
        (result.known, result.gate) = self.baseline.check(&result.id, result.verdict);
        self.counts.add(result.verdict);
        self.passed &= result.gate;
    }

    /// After the last one. `complete`: every case of the suite was to be asked, so that what the baseline lists and no
    /// case matched is stale.
    #[must_use]
    pub fn footer(self, complete: bool, interrupted: bool) -> Footer {
        let stale = if complete && !interrupted { self.baseline.stale() } else { Vec::new() };
        let gate = self.passed && stale.is_empty() && !interrupted;
        let millis = self.began.elapsed().as_millis() as u64;
        Footer { counts: self.counts, interrupted, stale, gate, millis }
    }
}
