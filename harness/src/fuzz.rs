//! Programs made by chance, judged by what holds for all of them, and shrunk to a case that can be committed.
//!
//! ```text
//! strategy ──▶ program ──▶ case ──▶ subject ──▶ oracle: promises ──▶ judge ──▶ shrink ──▶ case file
//! ```
//!
//! The oracle: no crash, no hang, no write outside of a buffer, the last error set by every failure, nothing after
//! HANDLE_CLOSING, a documented error; the length protocol of `WinHttpQueryOption`; what the option table refuses;
//! that a query gives what was set; and that URLs are put together of the components into which they are taken apart.
//! Program `n` of a seed is always the same program, whoever is asked.

mod finding;
mod look;
mod memory;
mod model;
mod oracle;
mod program;
mod strategy;
#[cfg(test)]
mod tests;
mod url;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use proptest::strategy::{BoxedStrategy, Strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use winhttp_host::BackendError;
use winhttp_reports::record::Verdict;

use crate::judge::judge;
use crate::load;
use crate::presence::Inventory;
use crate::run::{Facts, Start, Worker};
use look::{Look, Symptom, look};
use program::Program;

pub use finding::{Finding, Signature};

/// Shrinking tries at most this many programs …
const SHRINK_PROGRAMS: u32 = 1000;
/// … and at most this long, in milliseconds: a hang takes its whole deadline each time.
const SHRINK_MILLIS: u32 = 20_000;

/// A subject that cannot be asked so many times in a row cannot be asked at all.
const PATIENCE: u32 = 5;

/// What to try, and for how long.
pub struct Fuzz<'a> {
    /// How to start a subject.
    pub start: &'a Start<'a>,
    /// Decides which programs are made.
    pub seed: u64,
    /// How many subjects at once.
    pub jobs: usize,
    /// How many programs; `None` for as many as the time allows.
    pub programs: Option<u64>,
    /// For how long; `None` for as long as there are programs.
    pub time: Option<Duration>,
    /// Set to end early.
    pub stop: &'a AtomicBool,
}

/// What it came to.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// How many programs were made, shrinking apart.
    pub programs: u64,
    /// Of them, how many could not be asked because a set-up failed or a function is missing …
    pub not_asked: u64,
    /// … and why, the first time.
    pub why_not: String,
    /// What was found, in the order in which it was.
    pub findings: Vec<Finding>,
    /// How long it took.
    pub took: Duration,
}

impl Fuzz<'_> {
    /// Fuzzes; `each` is shown every finding as it comes.
    ///
    /// # Errors
    ///
    /// The subject cannot be asked.
    pub fn run(&self, mut each: impl FnMut(&Finding)) -> Result<Ended, BackendError> {
        let mut first = Worker::start(self.start)?;
        let inventory = first.inventory()?;
        let began = Instant::now();
        let shared = Shared {
            fuzz: self,
            inventory: &inventory,
            until: self.time.map(|time| began + time),
            next: AtomicU64::new(0),
            not_asked: Mutex::default(),
            known: Mutex::default(),
            error: Mutex::default(),
        };
        let mut ended = Ended::default();
        std::thread::scope(|scope| {
            let (findings, arrived) = mpsc::channel();
            let mut worker = Some(first);
            for _ in 0..self.jobs.max(1) {
                let (shared, findings, worker) = (&shared, findings.clone(), worker.take());
                scope.spawn(move || {
                    let worker = worker.map_or_else(|| Worker::start(shared.fuzz.start), Ok);
                    match worker {
                        Ok(worker) => Hunter::new(shared, worker).hunt(&findings),
                        Err(error) => shared.give_up(error.0),
                    }
                });
            }
            drop(findings);
            for finding in arrived {
                each(&finding);
                ended.findings.push(finding);
            }
        });
        if let Some(error) = lock(&shared.error).take() {
            return Err(BackendError(error));
        }
        (ended.not_asked, ended.why_not) = std::mem::take(&mut *lock(&shared.not_asked));
        ended.programs = shared.next.into_inner().min(self.programs.unwrap_or(u64::MAX));
        ended.took = began.elapsed();
        Ok(ended)
    }
}

/// What the hunters have in common.
struct Shared<'a> {
    fuzz: &'a Fuzz<'a>,
    inventory: &'a Inventory,
    until: Option<Instant>,
    next: AtomicU64,
    not_asked: Mutex<(u64, String)>,
    known: Mutex<BTreeSet<Signature>>,
    error: Mutex<Option<String>>,
}

impl Shared<'_> {
    fn over(&self) -> bool {
        self.fuzz.stop.load(Ordering::Relaxed) || lock(&self.error).is_some()
    }

    /// The number of the next program.
    fn next(&self) -> Option<u64> {
        if self.over() || self.until.is_some_and(|until| Instant::now() >= until) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.fuzz.programs.is_none_or(|programs| number < programs).then_some(number)
    }

    fn not_asked(&self, why: &str) {
        let mut not_asked = lock(&self.not_asked);
        not_asked.0 += 1;
        if not_asked.1.is_empty() {
            why.clone_into(&mut not_asked.1);
        }
    }

    fn give_up(&self, error: String) {
        lock(&self.error).get_or_insert(error);
    }
}

/// A poisoned lock would mean that storing a value panicked.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One worker and its programs.
struct Hunter<'a> {
    shared: &'a Shared<'a>,
    worker: RefCell<Worker>,
    programs: BoxedStrategy<Program>,
    config: Config,
    /// How many times in a row the subject could not be asked.
    failures: Cell<u32>,
}

impl<'a> Hunter<'a> {
    fn new(shared: &'a Shared<'a>, worker: Worker) -> Self {
        let config = Config {
            max_shrink_iters: SHRINK_PROGRAMS,
            max_shrink_time: SHRINK_MILLIS,
            failure_persistence: None,
            ..Config::default()
        };
        Self {
            shared,
            worker: RefCell::new(worker),
            programs: strategy::programs(),
            config,
            failures: Cell::new(0),
        }
    }

    fn hunt(&self, findings: &mpsc::Sender<Finding>) {
        while let Some(number) = self.shared.next() {
            let first = Cell::new(true);
            // A program may show several things, each of which is shrunk by itself.
            while let Some(finding) = self.program(number, &first) {
                if findings.send(finding).is_err() {
                    return;
                }
            }
        }
    }

    /// Puts a program; what is new about it is shrunk.
    fn program(&self, number: u64, first: &Cell<bool>) -> Option<Finding> {
        let mut runner = TestRunner::new_with_rng(self.config.clone(), rng(self.shared.fuzz.seed, number));
        let tree = self.programs.new_tree(&mut runner).ok()?;
        let smallest: RefCell<Option<(Look, Symptom)>> = RefCell::new(None);
        let result = runner.run_one(tree, |program| {
            let look = match look(&mut self.worker.borrow_mut(), &program, self.shared.inventory) {
                Ok(look) => look,
                Err(error) => {
                    self.failures.set(self.failures.get() + 1);
                    if self.failures.get() >= PATIENCE {
                        self.shared.give_up(error);
                    } else if first.take() {
                        self.shared.not_asked(&error);
                    }
                    return Ok(());
                }
            };
            self.failures.set(0);
            if first.take() && matches!(look.verdict, Verdict::Blocked | Verdict::Skipped | Verdict::Broken) {
                self.shared.not_asked(&look.reason);
            }
            if self.shared.over() {
                return Ok(());
            }
            let mut smallest = smallest.borrow_mut();
            let wanted = smallest.as_ref().map(|(_, symptom)| symptom.signature.clone());
            let symptom = look.symptoms.iter().find(|symptom| match &wanted {
                Some(wanted) => symptom.signature == *wanted,
                // Whoever adds it is the one who shrinks it.
                None => lock(&self.shared.known).insert(symptom.signature.clone()),
            });
            let Some(symptom) = symptom.cloned() else { return Ok(()) };
            let reason = symptom.reason.clone();
            *smallest = Some((look, symptom));
            Err(TestCaseError::fail(reason))
        });
        match result {
            Err(TestError::Fail(..)) => {
                smallest.into_inner().map(|(look, symptom)| self.finding(number, &look, &symptom))
            }
            Ok(_) | Err(TestError::Abort(_)) => None,
        }
    }

    fn finding(&self, number: u64, look: &Look, symptom: &Symptom) -> Finding {
        let (name, case) = finding::case(look, symptom, self.shared.fuzz.seed, number);
        let text = finding::text(&name, &case);
        Finding {
            signature: symptom.signature.clone(),
            program: number,
            reason: symptom.reason.clone(),
            calls: look.promises.len(),
            reproduced: self.fails_again(&name, &text, look.verdict, &symptom.what),
            name,
            text,
        }
    }

    /// Whether the file, as a reader of it would put it, fails in the same way.
    fn fails_again(&self, name: &str, text: &str, verdict: Verdict, what: &str) -> bool {
        let Ok(cases) = load::load_text("fuzz", &format!("{name}.yaml"), text) else { return false };
        let mut worker = self.worker.borrow_mut();
        worker.renew();
        cases.iter().any(|case| {
            let Ok(Facts { compiled, answer, transcript, .. }) = worker.put(case) else { return false };
            let judgement = judge(case, &compiled, &answer, transcript.as_ref());
            judgement.verdict == verdict
                && (what.is_empty() || judgement.differences.iter().any(|difference| difference.what == what))
        })
    }
}

/// The generator of one program, whatever was made before it and by whom.
fn rng(seed: u64, number: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}
