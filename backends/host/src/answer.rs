//! One question, one answer, whatever the subject does.

use std::time::Duration;

use winhttp_agent::About;
use winhttp_machine::{Observation, Plan};

use crate::BackendError;

/// An implementation that can be asked.
pub trait Subject {
    /// Asks it to execute a plan. Never fails: a subject that dies is an answer too, and the next question is
    /// put to a fresh one.
    fn ask(&mut self, plan: &Plan, deadline: Duration) -> Answer;

    /// Who it is.
    fn about(&self) -> &About;

    /// For each name, whether the subject exports it.
    ///
    /// # Errors
    ///
    /// The subject could not be asked.
    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError>;

    /// The next question goes to a process that has answered none before.
    fn renew(&mut self) {}

    /// Whether it runs on this machine for certain, and so reads its clock.
    fn is_here(&self) -> bool {
        true
    }

    /// What it has printed to standard error since the last time, shortened.
    fn noise(&mut self) -> String {
        String::new()
    }
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The facts.
    Observed(Observation),
    /// The subject ended, or wrote something that is no answer.
    Crashed {
        /// The step that was running, where that is known.
        step: Option<u32>,
        /// How it ended.
        how: String,
    },
    /// The subject did not answer in time and was ended.
    Hung {
        /// The step that was running, where that is known.
        step: Option<u32>,
    },
    /// The subject could not execute the plan, or could not be started again.
    NotAsked(String),
}
