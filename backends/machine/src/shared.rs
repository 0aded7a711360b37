//! A plan of several threads: steps in callbacks, and steps beside the others.
//!
//! What the threads share is behind locks that are held while something is looked up or noted, never during a call of
//! the subject.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::callback::{self, React};
use crate::observation::Seen;
use crate::plan::{Plan, Step, When};
use crate::run::Mark;
use crate::state::State;
use crate::table::{Address, Table};
use crate::thread::{Hold, LastError, Thread};

/// What the threads of a plan share.
pub(crate) struct Shared {
    plan: Plan,
    functions: BTreeMap<String, Option<Address>>,
    last_error: LastError,
    began: Instant,
    mark: Arc<dyn Mark>,
    state: Mutex<Option<State>>,
    /// The steps that are running, in the order in which they began, and whether each only waits.
    running: Mutex<Vec<(u32, bool)>>,
    blocks: Mutex<Blocks>,
    changed: Condvar,
}

/// The steps behind a [`Step::When`] or a [`Step::Start`].
#[derive(Default)]
struct Blocks {
    armed: Vec<Armed>,
    /// How many are being executed in callbacks.
    reacting: usize,
    done: BTreeSet<u32>,
    threads: Vec<JoinHandle<()>>,
}

/// Steps that wait for their callback.
struct Armed {
    step: u32,
    statuses: Vec<u32>,
    handle: Option<u64>,
    /// How many callbacks are still to come.
    left: u32,
}

impl Shared {
    pub(crate) fn new(
        plan: &Plan,
        table: &mut Table,
        last_error: LastError,
        state: State,
        mark: Arc<dyn Mark>,
        began: Instant,
    ) -> Arc<Self> {
        let mut functions = BTreeMap::new();
        let calls = plan.steps.iter().chain(&plan.finally).filter_map(|step| match step {
            Step::Call(call) => Some(call.function.as_str()),
            _ => None,
        });
        for name in calls.chain([crate::thread::PASS_TIME]) {
            functions.insert(name.to_owned(), table.find(name));
        }
        Arc::new(Self {
            plan: plan.clone(),
            functions,
            last_error,
            began,
            mark,
            state: Mutex::new(Some(state)),
            running: Mutex::default(),
            blocks: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Executes the plan; the steps of all threads have ended when it returns.
    pub(crate) fn run(self: &Arc<Self>) -> State {
        let mut thread = self.thread(0);
        thread.run(&self.plan);
        self.settle();
        thread.finish(&self.plan);
        self.settle();
        // No callback finds anything to do any more.
        lock(&self.blocks).armed.clear();
        self.settle();
        // Only `run` takes it, and only once.
        lock(&self.state).take().unwrap_or_else(|| unreachable!("the state is there until the end"))
    }

    fn thread(self: &Arc<Self>, called: u64) -> Thread<Arc<Self>> {
        Thread::new(Arc::clone(self), self.last_error, self.began, called)
    }

    /// From now on, a callback like this gets these steps.
    pub(crate) fn arm(&self, step: u32, when: &When, handle: Option<u64>) {
        lock(&self.blocks).armed.push(Armed {
            step,
            statuses: when.statuses.clone(),
            handle,
            left: when.nth,
        });
    }

    /// Executes the steps behind this one on a thread of their own.
    pub(crate) fn start(self: &Arc<Self>, step: u32, steps: u32) {
        let shared = Arc::clone(self);
        let thread = std::thread::spawn(move || {
            shared.block(step, steps, 0);
            shared.done(step);
        });
        lock(&self.blocks).threads.push(thread);
    }

    /// Waits until the steps behind this one are done; false after `timeout`.
    pub(crate) fn join(&self, step: u32, timeout: Duration) -> bool {
        let (blocks, _) = self
            .changed
            .wait_timeout_while(lock(&self.blocks), timeout, |blocks| !blocks.done.contains(&step))
            .unwrap_or_else(PoisonError::into_inner);
        blocks.done.contains(&step)
    }

    fn block(self: &Arc<Self>, step: u32, steps: u32, called: u64) {
        let first = step as usize + 1;
        self.thread(called).range(&self.plan, first, first + steps as usize);
    }

    fn done(&self, step: u32) {
        lock(&self.blocks).done.insert(step);
        self.changed.notify_all();
    }

    /// Waits for every thread, and for every callback in which something is being done.
    fn settle(&self) {
        loop {
            let mut blocks = self
                .changed
                .wait_while(lock(&self.blocks), |blocks| blocks.reacting > 0)
                .unwrap_or_else(PoisonError::into_inner);
            let threads = std::mem::take(&mut blocks.threads);
            drop(blocks);
            if threads.is_empty() {
                return;
            }
            for thread in threads {
                // A panic is the machine's own, and its steps are seen not to have been reached.
                let _ = thread.join();
            }
        }
    }

    /// Executes the steps behind this one in a callback.
    fn in_callback(self: &Arc<Self>, step: u32, handle: u64) {
        let Some(Step::When(when)) = self.plan.steps.get(step as usize) else { return };
        Arc::clone(self).with(|state| state.steps[step as usize] = Seen::Waited(true));
        self.mark.ended(step, &Seen::Waited(true));
        self.block(step, when.steps, handle);
        self.done(step);
    }

    /// Tells which step is to blame if the process dies now: the last that began and does not only wait.
    fn tell(&self, running: &[(u32, bool)]) {
        let calls = running.iter().rev().find(|(_, waits)| !waits);
        if let Some((step, _)) = calls.or(running.last()) {
            self.mark.step(*step);
            callback::at_step(*step);
        }
    }
}

/// What the recording callbacks turn to.
pub(crate) struct Reactor(pub(crate) Arc<Shared>);

impl React for Reactor {
    fn due(&self, handle: u64, status: u32) -> Vec<u32> {
        let mut blocks = lock(&self.0.blocks);
        let mut due = Vec::new();
        blocks.armed.retain_mut(|armed| {
            if armed.statuses.contains(&status) && armed.handle.is_none_or(|it| it == handle) {
                armed.left = armed.left.saturating_sub(1);
                if armed.left == 0 {
                    due.push(armed.step);
                    return false;
                }
            }
            true
        });
        blocks.reacting += usize::from(!due.is_empty());
        due
    }

    fn react(&self, due: &[u32], handle: u64, number: usize) {
        let Self(shared) = self;
        let error = shared.last_error.get();
        for step in due {
            shared.in_callback(*step, handle);
        }
        // What the steps left there is not the subject's.
        shared.last_error.set(error);
        callback::returns(number);
        lock(&shared.blocks).reacting -= 1;
        shared.changed.notify_all();
    }
}

impl Hold for Arc<Shared> {
    fn find(&mut self, name: &str) -> Option<Address> {
        self.functions.get(name).copied().flatten()
    }

    fn with<R>(&mut self, what: impl FnOnce(&mut State) -> R) -> R {
        let mut state = lock(&self.state);
        // It is taken when all threads have ended.
        what(state.as_mut().unwrap_or_else(|| unreachable!("the state is there until the end")))
    }

    fn begins(&mut self, step: u32, waits: bool) {
        let mut running = lock(&self.running);
        running.push((step, waits));
        self.tell(&running);
    }

    fn ends(&mut self, step: u32) {
        let mark = Arc::clone(&self.mark);
        self.with(|state| mark.ended(step, &state.steps[step as usize]));
        let mut running = lock(&self.running);
        running.retain(|(other, _)| *other != step);
        self.tell(&running);
    }

    fn shared(&self) -> Option<Arc<Shared>> {
        Some(Arc::clone(self))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half-written by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
