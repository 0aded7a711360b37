//! Puts cases to a back end: workers, each with an agent and a peer of its own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, mpsc};
use std::time::{Duration, Instant};

use winhttp_agent::About;
use winhttp_host::{Answer, BackendError, Subject};
use winhttp_origin::{Origin, Transcript};
use winhttp_reports::record::{CaseResult, Source, Verdict};
use winhttp_spec::structs::Width;

use crate::case::Case;
use crate::compile::{Compiled, compile, uses};
use crate::judge;
use crate::presence::{self, Inventory};

/// How long a case may take unless it says otherwise.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the peer waits, at the end of a case that asks about requests, for bytes that are on their way.
const PATIENCE: Duration = Duration::ZERO;

/// What these functions change belongs to the machine, or to the Wine prefix, and so to all agents.
const OF_THE_MACHINE: &[&str] = &["WinHttpSetDefaultProxyConfiguration"];
/// A case that changes the machine is asked while no other is.
static MACHINE: RwLock<()> = RwLock::new(());

/// Starts one more subject of a back end.
pub type Start<'a> = dyn Fn() -> Result<Box<dyn Subject + Send>, BackendError> + Sync + 'a;

/// What came of a case, before anybody has an opinion.
pub(crate) struct Facts {
    /// What was asked.
    pub(crate) compiled: Compiled,
    /// What the subject answered.
    pub(crate) answer: Answer,
    /// What the peer saw, if it had a part.
    pub(crate) transcript: Option<Transcript>,
}

/// A subject, its peer, and what the subject has.
pub struct Worker {
    subject: Box<dyn Subject + Send>,
    origin: Origin,
}

impl Worker {
    /// A subject and a peer.
    ///
    /// # Errors
    ///
    /// One of them does not start.
    pub fn start(start: &Start<'_>) -> Result<Self, BackendError> {
        let origin =
            Origin::start().map_err(|error| BackendError(format!("the peer does not start: {error}")))?;
        Ok(Self { subject: start()?, origin })
    }

    /// Who the subject is.
    #[must_use]
    pub fn about(&self) -> &About {
        self.subject.about()
    }

    /// Asks what the subject has; the process that answered is not used again.
    ///
    /// # Errors
    ///
    /// It cannot be asked.
    pub fn inventory(&mut self) -> Result<Inventory, BackendError> {
        let inventory = presence::take(&mut *self.subject, &mut self.origin);
        self.subject.renew();
        self.subject.noise();
        inventory
    }

    /// Asks what the subject has of what these cases need.
    ///
    /// # Errors
    ///
    /// It cannot be asked.
    pub fn inventory_for(&mut self, cases: &[&Case]) -> Result<Inventory, BackendError> {
        let inventory = presence::take_for(&mut *self.subject, &mut self.origin, cases.iter().copied());
        self.subject.renew();
        self.subject.noise();
        inventory
    }

    /// The next case goes to a process that has answered none before.
    pub(crate) fn renew(&mut self) {
        self.subject.renew();
        self.subject.noise();
    }

    /// Asks a case. The result knows nothing of baselines yet.
    pub fn ask(&mut self, case: &Case, inventory: &Inventory) -> CaseResult {
        let began = Instant::now();
        // A mistake of the harness's own costs one case, too.
        let answered = catch_unwind(AssertUnwindSafe(|| self.answer(case, inventory)));
        let mut result = answered.unwrap_or_else(|panic| {
            self.subject.renew();
            let message =
                panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            verdict(Verdict::Broken, format!("the harness panicked: {}", message.unwrap_or("no message")))
        });
        result.id.clone_from(&case.id);
        result.covers.clone_from(&case.covers);
        result.source =
            case.source.as_ref().map(|source| Source { file: source.file.clone(), line: source.line });
        result.micros = began.elapsed().as_micros() as u64;
        result
    }

    /// Puts a case to the subject; nobody judges.
    ///
    /// # Errors
    ///
    /// The case cannot be compiled.
    pub(crate) fn put(&mut self, case: &Case) -> Result<Facts, String> {
        let compiled = compile(case, self.origin.port(), Width::W64)?;
        let changes = uses(case).functions.iter().any(|name| OF_THE_MACHINE.contains(name));
        let _alone = changes.then(|| MACHINE.write().unwrap_or_else(PoisonError::into_inner));
        let _beside = (!changes).then(|| MACHINE.read().unwrap_or_else(PoisonError::into_inner));
        if case.isolated {
            self.subject.renew();
        }
        if let Some(script) = &compiled.script {
            self.origin.arm(script.clone());
        }
        let deadline = case.deadline_ms.map_or(DEADLINE, |millis| Duration::from_millis(u64::from(millis)));
        let answer = self.subject.ask(&compiled.plan, deadline);
        let transcript = compiled.script.is_some().then(|| self.origin.finish(PATIENCE));
        if case.isolated {
            self.subject.renew();
        }
        Ok(Facts { compiled, answer, transcript })
    }

    fn answer(&mut self, case: &Case, inventory: &Inventory) -> CaseResult {
        if let Some(option) = &case.presence {
            return match inventory.option(option) {
                Ok(None) => verdict(Verdict::Pass, String::new()),
                Ok(Some(lack)) => verdict(Verdict::Skipped, lack.to_string()),
                Err(reason) => verdict(Verdict::Fail, reason),
            };
        }
        if let Some(lack) = inventory.lack(&uses(case)) {
            return verdict(Verdict::Skipped, lack.to_string());
        }
        let Facts { compiled, answer, transcript } = match self.put(case) {
            Ok(facts) => facts,
            Err(reason) => return verdict(Verdict::Broken, reason),
        };
        let judgement = judge::judge(case, &compiled, &answer, transcript.as_ref());
        let pass = judgement.verdict == Verdict::Pass;
        let mut result = verdict(judgement.verdict, judgement.reason);
        if !pass || case.source.is_some() {
            result.steps = judge::steps(&compiled, &answer, &judgement.differences);
            result.timeline = judge::timeline(&answer, transcript.as_ref());
        }
        result.differences = judgement.differences;
        result.noise = self.subject.noise();
        result
    }
}

fn verdict(verdict: Verdict, reason: String) -> CaseResult {
    CaseResult { verdict, reason, ..CaseResult::default() }
}

/// How many workers a machine wants.
#[must_use]
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Asks `count` cases with `jobs` workers; `each` gets the results in the order of the cases. Returns how many were
/// asked: fewer than `count` only after `stop`, or after a worker that could not be started.
///
/// # Errors
///
/// The first worker that could not be started.
pub fn run<'a>(
    start: &Start<'_>,
    jobs: usize,
    inventory: &Inventory,
    count: usize,
    case: &(dyn Fn(usize) -> Cow<'a, Case> + Sync),
    stop: &AtomicBool,
    mut each: impl FnMut(CaseResult),
) -> Result<usize, BackendError> {
    let next = AtomicUsize::new(0);
    let failed = std::sync::Mutex::new(None);
    let mut order = Order::default();
    std::thread::scope(|scope| {
        // Bounded, so that a slow reader of results stops the workers and not the memory.
        let (results, arrived) = mpsc::sync_channel(256);
        for _ in 0..jobs.clamp(1, count.max(1)) {
            let (results, next, failed) = (results.clone(), &next, &failed);
            scope.spawn(move || {
                let mut worker = match Worker::start(start) {
                    Ok(worker) => worker,
                    Err(error) => {
                        // A poisoned lock would mean that storing an error panicked.
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        return;
                    }
                };
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    let result = worker.ask(&case(index), inventory);
                    if results.send((index, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        for (index, result) in arrived {
            order.push(index, result, &mut each);
        }
    });
    order.flush(&mut each);
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) if order.passed_on < count && !stop.load(Ordering::Relaxed) => Err(error),
        _ => Ok(order.passed_on),
    }
}

/// Puts results back into the order of the cases.
#[derive(Default)]
struct Order {
    next: usize,
    early: BTreeMap<usize, CaseResult>,
    passed_on: usize,
}

impl Order {
    fn push(&mut self, index: usize, result: CaseResult, each: &mut impl FnMut(CaseResult)) {
        self.early.insert(index, result);
        while let Some(result) = self.early.remove(&self.next) {
            each(result);
            self.next += 1;
            self.passed_on += 1;
        }
    }

    /// After a stop there may be gaps; what was asked is recorded all the same.
    fn flush(&mut self, each: &mut impl FnMut(CaseResult)) {
        for (_, result) in std::mem::take(&mut self.early) {
            each(result);
            self.passed_on += 1;
        }
    }
}
