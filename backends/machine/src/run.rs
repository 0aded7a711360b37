//! The loop: step after step.
#![allow(unsafe_code)]

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use crate::buffer::Memory;
use crate::bytes::Bytes;
use crate::call::call;
use crate::callback;
use crate::check::check;
use crate::follow::text;
use crate::observation::{Observation, Overrun, Seen};
use crate::plan::{Call, Copy, Plan, Step, Word};
use crate::table::{Address, Table};

/// Buffers of this many past plans stay allocated, so that a subject that writes late hits nobody else.
const QUARANTINE: usize = 16;

/// Told before each step; a host learns from the last mark where a process died.
pub trait Mark {
    /// Step number `step` begins.
    fn step(&mut self, step: u32);
}

/// Nobody wants to know.
impl Mark for () {
    fn step(&mut self, _: u32) {}
}

/// Executes plans over one table.
pub struct Machine {
    table: Table,
    last_error: LastError,
    quarantine: VecDeque<Vec<Memory>>,
}

impl Machine {
    /// A machine over `table`. One at a time in a process: the recording callbacks are the process's.
    #[must_use]
    pub fn new(mut table: Table) -> Self {
        let last_error = LastError { get: table.find("GetLastError"), set: table.find("SetLastError") };
        Self { table, last_error, quarantine: VecDeque::new() }
    }

    /// For each name, whether the table has it.
    pub fn exports(&mut self, names: &[String]) -> Vec<bool> {
        names.iter().map(|name| self.table.find(name).is_some()).collect()
    }

    /// Executes a plan.
    ///
    /// # Errors
    ///
    /// A plan that refers to a buffer, callback or range that does not exist, has too many arguments, or wants
    /// more memory than there is: nothing has been called then.
    pub fn run(&mut self, plan: &Plan, mark: &mut dyn Mark) -> Result<Observation, String> {
        check(plan)?;
        let memory = plan
            .buffers
            .iter()
            .map(|buffer| Memory::new(buffer).ok_or_else(|| format!("no memory for {} bytes", buffer.length)))
            .collect::<Result<Vec<_>, _>>()?;
        let (began, began_unix_us) = (Instant::now(), unix_us());
        let late = callback::begin(began, &plan.payloads);
        let steps = Vec::with_capacity(plan.steps.len() + plan.finally.len());
        let (table, last_error) = (&mut self.table, self.last_error);
        let mut run = Run { table, last_error, memory, began, now: 0, steps, overruns: Vec::new() };
        run.all(plan, mark);
        let Run { memory, steps, overruns, .. } = run;
        let mut callbacks = callback::take();
        for callback in &mut callbacks {
            callback.at = place(&memory, callback.information as usize);
        }
        self.quarantine.push_back(memory);
        if self.quarantine.len() > QUARANTINE {
            self.quarantine.pop_front();
        }
        Ok(Observation { began_unix_us, steps, callbacks, late, overruns })
    }
}

/// Microseconds since 1970; 0 if the clock says that it is earlier.
fn unix_us() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

/// The functions around every call.
#[derive(Clone, Copy)]
struct LastError {
    get: Option<Address>,
    set: Option<Address>,
}

struct Run<'a> {
    table: &'a mut Table,
    last_error: LastError,
    memory: Vec<Memory>,
    began: Instant,
    /// When the step before this one ended, in microseconds: the clock is read once a step.
    now: u64,
    steps: Vec<Seen>,
    overruns: Vec<Overrun>,
}

impl Run<'_> {
    fn all(&mut self, plan: &Plan, mark: &mut dyn Mark) {
        for step in &plan.steps {
            if !self.step(step, mark) {
                break;
            }
        }
        self.steps.resize(plan.steps.len(), Seen::NotReached);
        for step in &plan.finally {
            self.step(step, mark);
        }
    }

    /// Executes one step; false ends the list.
    fn step(&mut self, step: &Step, mark: &mut dyn Mark) -> bool {
        let number = self.steps.len() as u32;
        mark.step(number);
        callback::at_step(number);
        let go_on = match step {
            Step::Call(call) => self.call(call),
            Step::Put(put) => {
                let word = self.word(put.word);
                let at = put.offset as usize;
                self.memory[put.buffer as usize].contents_mut()[at..at + size_of::<usize>()]
                    .copy_from_slice(&word.to_ne_bytes());
                self.saw(Seen::Done)
            }
            Step::Wait(wait) => {
                let handle = wait.handle.map(|word| self.word(word) as u64);
                let timeout = Duration::from_millis(u64::from(wait.timeout_ms));
                let came = callback::wait(&wait.statuses, handle, wait.times, timeout);
                self.now = self.began.elapsed().as_micros() as u64;
                self.saw(Seen::Waited(came))
            }
        };
        for (buffer, memory) in self.memory.iter_mut().enumerate() {
            self.overruns.extend(memory.overrun(buffer as u32, number));
        }
        go_on
    }

    /// Notes what became of a step; the list goes on.
    fn saw(&mut self, seen: Seen) -> bool {
        self.steps.push(seen);
        true
    }

    fn call(&mut self, wanted: &Call) -> bool {
        if wanted.unless_zero.is_some_and(|word| self.word(word) == 0) {
            return self.saw(Seen::NotReached);
        }
        let Some(address) = self.table.find(&wanted.function) else {
            return self.saw(Seen::NotExported) && !wanted.require;
        };
        let mut words = [0_usize; crate::call::MAX_ARGUMENTS];
        for (slot, word) in words.iter_mut().zip(&wanted.arguments) {
            *slot = self.word(*word);
        }
        let words = &words[..wanted.arguments.len()];
        let LastError { get, set } = self.last_error;
        let (started, callbacks) = (self.now, callback::count());
        if let (Some(set), Some(value)) = (set, wanted.last_error) {
            // SAFETY: see `Table::new`; SetLastError takes one number.
            unsafe { call(set, &[value as usize]) };
        }
        // SAFETY: see `Table::new`; `check` has seen that the arguments are not too many.
        let value = unsafe { call(address, words) }.unwrap_or_default() as u64;
        // SAFETY: see `Table::new`; GetLastError takes nothing.
        let error = get.and_then(|get| unsafe { call(get, &[]) }).unwrap_or_default() as u32;
        self.now = self.began.elapsed().as_micros() as u64;
        let succeeded = wanted.success.is_none_or(|non_zero| (value != 0) == non_zero);
        let copies = wanted.copy.iter().map(|copy| self.copy(*copy, succeeded)).collect();
        let (micros, callbacks) = ((started, self.now), (callbacks, callback::count()));
        self.saw(Seen::Returned { value, error, copies, micros, callbacks }) && (succeeded || !wanted.require)
    }

    #[inline]
    fn word(&self, word: Word) -> usize {
        match word {
            Word::Number(number) => number as usize,
            Word::Kept(step) => match self.steps.get(step as usize) {
                Some(Seen::Returned { value, .. }) => *value as usize,
                _ => 0,
            },
            Word::Pointer(buffer, offset) => self.memory[buffer as usize].address(offset),
            Word::Load(buffer, offset) => self.load(buffer, offset),
            Word::Callback(number) => callback::address(number).map_or(0, |address| address.0 as usize),
        }
    }

    fn load(&self, buffer: u32, offset: u32) -> usize {
        let at = offset as usize;
        let bytes = &self.memory[buffer as usize].contents()[at..at + size_of::<usize>()];
        bytes.try_into().map_or(0, usize::from_ne_bytes)
    }

    fn copy(&self, copy: Copy, succeeded: bool) -> Option<Bytes> {
        match copy {
            Copy::Range(buffer, offset, length) => {
                let (from, to) = (offset as usize, offset as usize + length as usize);
                Some(Bytes::from(&self.memory[buffer as usize].contents()[from..to]))
            }
            Copy::Text(buffer, offset) => {
                let pointer = self.load(buffer, offset) as *const u16;
                (succeeded && !pointer.is_null()).then(|| text(pointer))
            }
        }
    }
}

/// The buffer that a pointer leads into, and at which byte.
fn place(memory: &[Memory], pointer: usize) -> Option<(u32, u32)> {
    memory.iter().enumerate().find_map(|(number, memory)| {
        let offset = pointer.checked_sub(memory.address(0))?;
        // An empty buffer has a place, too.
        (offset < memory.length().max(1)).then_some((number as u32, offset as u32))
    })
}
