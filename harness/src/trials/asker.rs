//! Asks the cases of trials, with workers that several threads share.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libtest_mimic::{Completion, Failed};
use winhttp_host::{Backend, BackendError, Subject};
use winhttp_reports::record::{CaseResult, Difference, Verdict};

use super::{Trials, shown};
use crate::baseline::Baseline;
use crate::case::Case;
use crate::late::Late;
use crate::presence::Inventory;
use crate::run::Worker;
use crate::suite::Root;

/// How many reasons are told at the end.
const REASONS: usize = 20;

/// Whoever asks.
pub(super) struct Asker {
    backend: Backend,
    root: Root,
    inventory: Inventory,
    idle: Mutex<Vec<Worker>>,
    tally: Mutex<Tally>,
}

/// What is told at the end.
struct Tally {
    baseline: Baseline,
    /// What happened when the trial was over whose it is, and is not known.
    late: Vec<Late>,
    known: BTreeMap<String, u32>,
    skipped: BTreeMap<String, u32>,
}

impl Asker {
    /// Starts the first worker and asks what the subject has of what these cases need.
    pub(super) fn start(trials: &Trials, wanted: &[&Case]) -> Result<Self, String> {
        let (backend, root) = (trials.backend.clone(), trials.root.clone());
        let mut worker = worker(&backend, &root).map_err(|error| error.to_string())?;
        let inventory = worker.inventory_for(wanted).map_err(|error| error.to_string())?;
        let path = trials.baseline.clone().unwrap_or_else(|| root.baseline(&backend.label(worker.about())));
        let baseline = Baseline::read(&path)?;
        let tally = Tally { baseline, late: Vec::new(), known: BTreeMap::new(), skipped: BTreeMap::new() };
        Ok(Self { backend, root, inventory, idle: Mutex::new(vec![worker]), tally: Mutex::new(tally) })
    }

    /// Asks one case and holds it against the baseline.
    pub(super) fn ask(&self, case: &Case) -> Result<Completion, Failed> {
        let idle = lock(&self.idle).pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => worker(&self.backend, &self.root).map_err(|error| error.to_string())?,
        };
        // A trial cannot be kept until the next answer, as a result of `run` is.
        let (mut result, late) = worker.ask_and_wait(case, &self.inventory);
        lock(&self.idle).push(worker);
        let mut tally = lock(&self.tally);
        tally.late(late);
        tally.add(&mut result);
        match result.verdict {
            _ if !result.gate => Err(shown::text(&result).into()),
            Verdict::Skipped => Ok(Completion::ignored_with(result.reason)),
            _ => Ok(Completion::Completed),
        }
    }

    /// Tells, on standard error, what the summary does not: known failures and skipped cases with their reasons, and
    /// after a `whole` run what is stale in the baseline; and what happened too late for a trial to fail. True if the
    /// run fails for one of these.
    pub(super) fn tell(&self, whole: bool) -> bool {
        let mut tally = lock(&self.tally);
        for worker in lock(&self.idle).iter_mut() {
            tally.late(worker.since());
        }
        list("known failures", &tally.known);
        list("skipped", &tally.skipped);
        let stale = if whole { tally.baseline.stale() } else { Vec::new() };
        for entry in &stale {
            eprintln!("stale in the baseline: {entry}");
        }
        for Late { id, difference, .. } in &tally.late {
            let Difference { what, expected, observed, .. } = difference;
            eprintln!("late: {id}: {what}: expected {expected}, observed {observed}");
        }
        !stale.is_empty() || !tally.late.is_empty()
    }
}

impl Tally {
    fn late(&mut self, late: Vec<Late>) {
        let Self { baseline, late: kept, .. } = self;
        kept.extend(late.into_iter().filter(|it| !baseline.allows(&it.id, it.verdict)));
    }

    fn add(&mut self, result: &mut CaseResult) {
        (result.known, result.gate) = self.baseline.check(&result.id, result.verdict);
        match (&result.known, result.verdict) {
            (Some(known), _) if result.gate => *self.known.entry(known.reason.clone()).or_default() += 1,
            (_, Verdict::Skipped) => *self.skipped.entry(result.reason.clone()).or_default() += 1,
            _ => {}
        }
    }
}

fn list(what: &str, reasons: &BTreeMap<String, u32>) {
    if reasons.is_empty() {
        return;
    }
    eprintln!("{what}: {}", reasons.values().sum::<u32>());
    let mut most: Vec<_> = reasons.iter().collect();
    most.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (reason, count) in most.iter().take(REASONS) {
        eprintln!("  {count:>5} {reason}");
    }
    if most.len() > REASONS {
        eprintln!("        and {} reasons more", most.len() - REASONS);
    }
}

fn worker(backend: &Backend, root: &Root) -> Result<Worker, BackendError> {
    Worker::start(&|| Ok(Box::new(backend.start(root.path())?) as Box<dyn Subject + Send>))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half-changed by a panic: each critical section is one push, pop or count.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
