//! One question, one answer, whatever the subject does.

use std::time::Duration;

use winhttp_agent::About;
use winhttp_machine::{Observation, Plan, Seen};

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

/// What is known of a plan that has no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The step that was running.
    pub step: u32,
    /// What had become of the first steps; [`Seen::NotReached`] of those of which nothing was noted. Nothing is copied.
    pub seen: Vec<Seen>,
    /// When the plan began, in microseconds since 1970.
    pub began_unix_us: u64,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The facts.
    Observed(Observation),
    /// The subject ended, or wrote something that is no answer.
    Crashed {
        /// Where it was, where that is known.
        left: Option<Left>,
        /// How it ended.
        how: String,
    },
    /// The subject did not answer in time and was ended.
    Hung {
        /// Where it was, where that is known.
        left: Option<Left>,
    },
    /// The subject could not execute the plan, or could not be started again.
    NotAsked(String),
}
