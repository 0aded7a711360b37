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
use winhttp_machine::Plan;
use winhttp_origin::{CAN_BE_UNREACHABLE, Family, Origin, Script, Transcript};
use winhttp_reports::record::{CaseResult, Source, Verdict};
use winhttp_spec::structs::Width;

use crate::case::{Case, Step, every};
use crate::compile::{Compiled, compile, uses};
use crate::judge::{self, Timing};
use crate::late::{Late, Recent, amend};
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
    /// When it was asked.
    pub(crate) timing: Timing,
}

/// A subject, its peer, and what the subject has.
pub struct Worker {
    subject: Box<dyn Subject + Send>,
    origin: Origin,
    recent: Recent,
    /// What the last answer told of the cases before.
    late: Vec<Late>,
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
        Ok(Self { subject: start()?, origin, recent: Recent::default(), late: Vec::new() })
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
        self.replace_subject();
        self.subject.noise();
    }

    /// As [`Worker::renew`], but what the old process printed is still to be had.
    fn replace_subject(&mut self) {
        self.subject.renew();
        self.recent.forget();
    }

    /// Asks a case. The result knows nothing of baselines yet.
    pub fn ask(&mut self, case: &Case, inventory: &Inventory) -> CaseResult {
        let began = Instant::now();
        // A mistake of the harness's own costs one case, too.
        let answered = catch_unwind(AssertUnwindSafe(|| self.answer(case, inventory)));
        let mut result = answered.unwrap_or_else(|panic| {
            self.replace_subject();
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
        let family = family(case);
        let port = self.origin.port_at(family).map_err(|error| no_listener(&error))?;
        let compiled = compile(case, port, Width::W64)?;
        let changes = uses(case).functions.iter().any(|name| OF_THE_MACHINE.contains(name));
        let _alone = changes.then(|| MACHINE.write().unwrap_or_else(PoisonError::into_inner));
        let _beside = (!changes).then(|| MACHINE.read().unwrap_or_else(PoisonError::into_inner));
        if case.isolated {
            self.replace_subject();
        }
        let began = Instant::now();
        if let Some(script) = &compiled.script {
            self.origin.arm_at(family, script.clone()).map_err(|error| no_listener(&error))?;
        }
        let deadline = case.deadline_ms.map_or(DEADLINE, |millis| Duration::from_millis(u64::from(millis)));
        let deadline = deadline + passing(case);
        let answer = self.subject.ask(&compiled.plan, deadline);
        let timing = Timing { took_us: began.elapsed().as_micros() as u64, here: self.subject.is_here() };
        let transcript = compiled.script.is_some().then(|| self.origin.finish(PATIENCE));
        match &answer {
            Answer::Observed(observation) => {
                self.late = self.recent.late(observation);
                self.recent.asked(&case.id, &compiled, observation);
            }
            Answer::Crashed { .. } | Answer::Hung { .. } | Answer::NotAsked(_) => self.recent.forget(),
        }
        if case.isolated {
            self.replace_subject();
        }
        Ok(Facts { compiled, answer, transcript, timing })
    }

    /// What the last answer told of the cases before.
    fn told(&mut self) -> Vec<Late> {
        std::mem::take(&mut self.late)
    }

    /// What has happened since the last answer. Nobody knows what happens after that, if there is no other question.
    pub(crate) fn since(&mut self) -> Vec<Late> {
        if self.recent.is_empty() {
            return Vec::new();
        }
        match self.subject.ask(&Plan::default(), DEADLINE) {
            Answer::Observed(observation) => {
                let late = self.recent.late(&observation);
                self.recent.asked_nothing();
                late
            }
            Answer::Crashed { how, .. } => self.recent.ended(how).into_iter().collect(),
            Answer::Hung { .. } => self.recent.ended("did not answer".to_owned()).into_iter().collect(),
            Answer::NotAsked(_) => Vec::new(),
        }
    }

    /// Asks a case, and what has happened since its answer. Gives also what is known by then of the cases before.
    pub(crate) fn ask_and_wait(&mut self, case: &Case, inventory: &Inventory) -> (CaseResult, Vec<Late>) {
        let mut result = self.ask(case, inventory);
        let mut late = self.told();
        if was_asked(case, &result) {
            late.extend(self.since());
        }
        amend(&mut result, &late);
        late.retain(|late| late.id != case.id);
        (result, late)
    }

    fn answer(&mut self, case: &Case, inventory: &Inventory) -> CaseResult {
        self.late.clear();
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
        if inventory.too_slow(case) {
            return verdict(Verdict::Skipped, "slow: asked with --slow".to_owned());
        }
        if case.ipv6
            && let Err(error) = self.origin.port_at(Family::V6)
        {
            return verdict(Verdict::Skipped, format!("this machine has no IPv6 on loopback: {error}"));
        }
        if case.origin.as_ref().is_some_and(Script::is_unreachable) && !CAN_BE_UNREACHABLE {
            return verdict(Verdict::Skipped, "this system refuses what it cannot accept".to_owned());
        }
        let Facts { compiled, answer, transcript, timing } = match self.put(case) {
            Ok(facts) => facts,
            Err(reason) => return verdict(Verdict::Broken, reason),
        };
        let judgement = judge::judge(case, &compiled, &answer, transcript.as_ref());
        let pass = judgement.verdict == Verdict::Pass;
        let mut result = verdict(judgement.verdict, judgement.reason);
        if !pass || case.source.is_some() {
            result.steps = judge::steps(&compiled, &answer, &judgement.differences);
            let timeline = judge::timeline(&compiled, &answer, transcript.as_ref(), timing);
            (result.timeline, result.clock) = (timeline.moments, timeline.clock);
        }
        result.differences = judgement.differences;
        result.noise = self.subject.noise();
        if judgement.verdict == Verdict::Fail && may_outlive_the_case(&answer, transcript.is_some()) {
            self.renew();
        }
        // The case before this one is told itself.
        for late in self.late.iter().filter(|late| late.ago > 1) {
            result.noise.push_str(&format!("\nlate, of {}: {}", late.id, late.difference.observed));
        }
        result
    }
}

/// How much time a case lets pass; it may be real.
fn passing(case: &Case) -> Duration {
    let millis = every(&case.steps).into_iter().map(|step| match step {
        Step::Pass(millis) => u64::from(*millis),
        _ => 0,
    });
    Duration::from_millis(millis.sum())
}

fn family(case: &Case) -> Family {
    if case.ipv6 { Family::V6 } else { Family::V4 }
}

fn no_listener(error: &std::io::Error) -> String {
    format!("the peer cannot listen: {error}")
}

/// Whether what went wrong may still be under way, or have spoilt memory: then the next question goes to another process.
fn may_outlive_the_case(answer: &Answer, with_a_peer: bool) -> bool {
    with_a_peer || matches!(answer, Answer::Observed(observation) if !observation.overruns.is_empty())
}

fn verdict(verdict: Verdict, reason: String) -> CaseResult {
    CaseResult { verdict, reason, ..CaseResult::default() }
}

/// How many workers a machine wants: three a processor, because a case that waits needs none.
#[must_use]
pub fn default_jobs() -> usize {
    3 * processors()
}

/// How many processors the machine has for this program; 1 if it does not say.
#[must_use]
pub fn processors() -> usize {
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
                let mut kept = None;
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let case = case(index);
                    let result = worker.ask(&case, inventory);
                    // A result is kept until the next answer, which tells of callbacks that came too late.
                    let asked = was_asked(&case, &result);
                    let ready = if asked { kept.replace((index, result)) } else { Some((index, result)) };
                    if !pass_on(ready, &worker.told(), &results) {
                        return;
                    }
                }
                pass_on(kept, &worker.since(), &results);
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

/// Whether a question was put; what the answer to the next one tells is told of this case.
fn was_asked(case: &Case, result: &CaseResult) -> bool {
    result.verdict != Verdict::Skipped && case.presence.is_none()
}

/// Passes a result on, with what is known of it by now; false if nobody wants it.
fn pass_on(
    result: Option<(usize, CaseResult)>,
    late: &[Late],
    results: &mpsc::SyncSender<(usize, CaseResult)>,
) -> bool {
    let Some((index, mut result)) = result else { return true };
    amend(&mut result, late);
    results.send((index, result)).is_ok()
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
