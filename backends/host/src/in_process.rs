//! A subject in this very process: for benchmarks, and for tests with a function table of their own. A crash is
//! the whole process's.

use std::sync::Arc;
use std::time::Duration;

use winhttp_agent::About;
use winhttp_machine::{Machine, Mark, Plan, Table};

use crate::{Answer, BackendError, Subject};

/// A machine without a process around it.
pub struct InProcess {
    machine: Machine,
    mark: Arc<dyn Mark>,
    about: About,
}

impl InProcess {
    /// A subject over `table`.
    #[must_use]
    pub fn new(table: Table, about: About) -> Self {
        Self { machine: Machine::new(table), mark: Arc::new(()), about }
    }
}

impl Subject for InProcess {
    /// The deadline is not kept: nothing can end a call in the own process.
    fn ask(&mut self, plan: &Plan, _: Duration) -> Answer {
        self.machine.run(plan, &self.mark).map_or_else(Answer::NotAsked, Answer::Observed)
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        Ok(self.machine.exports(names))
    }
}
