//! The loop: step after step. The plan's own thread runs it, and where a plan says so, others do.
#![allow(unsafe_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::call;
use crate::callback;
use crate::observation::Seen;
use crate::plan::{Call, Plan, Step};
use crate::run::Mark;
use crate::shared::Shared;
use crate::state::State;
use crate::table::{Address, Table};

/// A subject with a clock of its own exports this: `BOOL (DWORD milliseconds)` has that much time pass.
pub const PASS_TIME: &str = "WinHttpRustPassTime";

/// The functions around every call.
#[derive(Clone, Copy)]
pub(crate) struct LastError {
    get: Option<Address>,
    set: Option<Address>,
}

impl LastError {
    pub(crate) fn find(table: &mut Table) -> Self {
        Self { get: table.find("GetLastError"), set: table.find("SetLastError") }
    }

    pub(crate) fn get(self) -> u32 {
        // SAFETY: see `Table::new`; GetLastError takes nothing.
        self.get.and_then(|get| unsafe { call(get, &[]) }).unwrap_or_default() as u32
    }

    pub(crate) fn set(self, value: u32) {
        if let Some(set) = self.set {
            // SAFETY: see `Table::new`; SetLastError takes one number.
            unsafe { call(set, &[value as usize]) };
        }
    }
}

/// How a thread gets at what the steps share. It never does so during a call.
pub(crate) trait Hold {
    /// The function of that name.
    fn find(&mut self, name: &str) -> Option<Address>;
    /// Does something with the state.
    fn with<R>(&mut self, what: impl FnOnce(&mut State) -> R) -> R;
    /// A step begins; one that only waits is not what a process dies of.
    fn begins(&mut self, step: u32, waits: bool);
    /// It has ended.
    fn ends(&mut self, step: u32);
    /// Those who share; `None` for the only thread.
    fn shared(&self) -> Option<Arc<Shared>>;
}

/// The only thread.
pub(crate) struct Alone<'a> {
    pub(crate) table: &'a mut Table,
    pub(crate) state: State,
    pub(crate) mark: &'a dyn Mark,
}

impl Hold for Alone<'_> {
    fn find(&mut self, name: &str) -> Option<Address> {
        self.table.find(name)
    }

    #[inline]
    fn with<R>(&mut self, what: impl FnOnce(&mut State) -> R) -> R {
        what(&mut self.state)
    }

    #[inline]
    fn begins(&mut self, step: u32, _: bool) {
        self.mark.step(step);
        callback::at_step(step);
    }

    #[inline]
    fn ends(&mut self, step: u32) {
        self.mark.ended(step, &self.state.steps[step as usize]);
    }

    fn shared(&self) -> Option<Arc<Shared>> {
        None
    }
}

/// A thread that executes steps.
pub(crate) struct Thread<H> {
    hold: H,
    last_error: LastError,
    began: Instant,
    /// When the step before this one ended, in microseconds: the clock is read once a step.
    now: u64,
    /// The handle of the callback that it is in.
    called: usize,
}

impl<H: Hold> Thread<H> {
    pub(crate) fn new(hold: H, last_error: LastError, began: Instant, called: u64) -> Self {
        let now = began.elapsed().as_micros() as u64;
        Self { hold, last_error, began, now, called: called as usize }
    }

    /// What it held.
    pub(crate) fn end(self) -> H {
        self.hold
    }

    /// Executes a plan's steps, up to the first that must succeed and does not.
    pub(crate) fn run(&mut self, plan: &Plan) {
        self.range(plan, 0, plan.steps.len());
    }

    /// Executes some of a plan's steps.
    pub(crate) fn range(&mut self, plan: &Plan, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let (go_on, skip) = self.step(at as u32, &plan.steps[at]);
            if !go_on {
                return;
            }
            at += 1 + skip;
        }
    }

    /// Executes what is executed in any case.
    pub(crate) fn finish(&mut self, plan: &Plan) {
        for (at, step) in plan.finally.iter().enumerate() {
            self.step((plan.steps.len() + at) as u32, step);
        }
    }

    /// Executes one step; tells whether to go on, and how many of the next steps are not for this thread.
    fn step(&mut self, number: u32, step: &Step) -> (bool, usize) {
        self.hold.begins(number, matches!(step, Step::Wait(_) | Step::Join(_)));
        let (go_on, skip) = match step {
            Step::Call(call) => (self.call(number, call), 0),
            _ => (true, self.beside(number, step)),
        };
        self.hold.with(|state| state.watch(number));
        self.hold.ends(number);
        (go_on, skip)
    }

    /// Executes a step that is no call.
    fn beside(&mut self, number: u32, step: &Step) -> usize {
        let called = self.called;
        let (seen, skip) = match step {
            Step::Call(_) => return 0,
            Step::Put(put) => {
                self.hold.with(|state| state.put(put, called));
                (Seen::Done, 0)
            }
            Step::Wait(wait) => {
                let handle = self.hold.with(|state| wait.handle.map(|word| state.word(word, called) as u64));
                let timeout = Duration::from_millis(u64::from(wait.timeout_ms));
                (Seen::Waited(callback::wait(&wait.statuses, handle, wait.times, timeout)), 0)
            }
            Step::When(when) => {
                let handle = self.hold.with(|state| when.handle.map(|word| state.word(word, called) as u64));
                if let Some(shared) = self.hold.shared() {
                    shared.arm(number, when, handle);
                }
                (Seen::Waited(false), when.steps as usize)
            }
            Step::Start(steps) => {
                if let Some(shared) = self.hold.shared() {
                    shared.start(number, *steps);
                }
                (Seen::Done, *steps as usize)
            }
            Step::Join(join) => {
                let timeout = Duration::from_millis(u64::from(join.timeout_ms));
                let done = self.hold.shared().is_some_and(|shared| shared.join(join.step, timeout));
                (Seen::Waited(done), 0)
            }
            Step::Pass(millis) => {
                self.pass(*millis);
                (Seen::Done, 0)
            }
        };
        self.now = self.began.elapsed().as_micros() as u64;
        self.hold.with(|state| {
            // A callback may have come before this is noted.
            if !matches!((&seen, &state.steps[number as usize]), (Seen::Waited(false), Seen::Waited(true))) {
                state.steps[number as usize] = seen;
            }
        });
        skip
    }

    fn pass(&mut self, millis: u32) {
        match self.hold.find(PASS_TIME) {
            // SAFETY: see `Table::new`; the function takes one number.
            Some(address) => drop(unsafe { call(address, &[millis as usize]) }),
            // The subject's time is everybody's.
            None => std::thread::sleep(Duration::from_millis(u64::from(millis))),
        }
    }

    /// Makes a call; false ends the steps.
    fn call(&mut self, number: u32, wanted: &Call) -> bool {
        let called = self.called;
        let mut words = [0_usize; crate::call::MAX_ARGUMENTS];
        let left_out = self.hold.with(|state| {
            for (slot, word) in words.iter_mut().zip(&wanted.arguments) {
                *slot = state.word(*word, called);
            }
            wanted.unless_zero.is_some_and(|word| state.word(word, called) == 0)
        });
        if left_out {
            return true;
        }
        let Some(address) = self.hold.find(&wanted.function) else {
            self.hold.with(|state| state.steps[number as usize] = Seen::NotExported);
            return !wanted.require;
        };
        let words = &words[..wanted.arguments.len()];
        let (started, before) = (self.now, callback::count());
        if let Some(value) = wanted.last_error {
            self.last_error.set(value);
        }
        // SAFETY: see `Table::new`; `check` has seen that the arguments are not too many.
        let value = unsafe { call(address, words) }.unwrap_or_default() as u64;
        let error = self.last_error.get();
        let callbacks = (before, callback::count());
        self.now = self.began.elapsed().as_micros() as u64;
        let micros = (started, self.now);
        let succeeded = wanted.success.is_none_or(|non_zero| (value != 0) == non_zero);
        self.hold.with(|state| {
            let copies = wanted.copy.iter().map(|copy| state.copy(copy, succeeded)).collect();
            state.steps[number as usize] = Seen::Returned { value, error, copies, micros, callbacks };
        });
        succeeded || !wanted.require
    }
}
