//! The machine: a plan in, an observation out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::buffer::Memory;
use crate::callback;
use crate::check::check;
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Step};
use crate::shared::{Reactor, Shared};
use crate::state::State;
use crate::table::Table;
use crate::thread::{Alone, LastError, Thread};

/// Buffers of this many past plans stay allocated, so that a subject that writes late hits nobody else.
const QUARANTINE: usize = 16;

/// Told as it happens; a host learns from it where a process died, and what had become of the steps before. Steps of
/// several threads tell it in turn.
pub trait Mark: Send + Sync {
    /// A plan begins: microseconds since 1970.
    fn began(&self, _unix_us: u64) {}
    /// Step number `step` is what is running now.
    fn step(&self, step: u32);
    /// It has ended.
    fn ended(&self, _step: u32, _seen: &Seen) {}
}

/// Nobody wants to know.
impl Mark for () {
    fn step(&self, _: u32) {}
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
        let last_error = LastError::find(&mut table);
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
    pub fn run(&mut self, plan: &Plan, mark: &Arc<dyn Mark>) -> Result<Observation, String> {
        check(plan)?;
        let memory = plan
            .buffers
            .iter()
            .map(|buffer| Memory::new(buffer).ok_or_else(|| format!("no memory for {} bytes", buffer.length)))
            .collect::<Result<Vec<_>, _>>()?;
        let steps = vec![Seen::NotReached; plan.steps.len() + plan.finally.len()];
        let state = State { memory, steps, overruns: Vec::new() };
        let (began, began_unix_us) = (Instant::now(), unix_us());
        mark.began(began_unix_us);
        // One thread needs no locks: this is the way of nearly every plan.
        let alone = !plan.steps.iter().any(|step| matches!(step, Step::When(_) | Step::Start(_)));
        let (state, late) = if alone {
            let late = callback::begin(began, &plan.payloads, None);
            let hold = Alone { table: &mut self.table, state, mark: &**mark };
            let mut thread = Thread::new(hold, self.last_error, began, 0);
            thread.run(plan);
            thread.finish(plan);
            (thread.end().state, late)
        } else {
            let shared = Shared::new(plan, &mut self.table, self.last_error, state, Arc::clone(mark), began);
            let late = callback::begin(began, &plan.payloads, Some(Arc::new(Reactor(Arc::clone(&shared)))));
            (shared.run(), late)
        };
        let mut callbacks = callback::take();
        for callback in &mut callbacks {
            callback.at = state.place(callback.information as usize);
        }
        let State { memory, steps, overruns } = state;
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
