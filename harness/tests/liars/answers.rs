//! Agents of the user's own: what their answer leaves out must not read as kept.

use std::time::Duration;

use rstest::rstest;
use winhttp_agent::About;
use winhttp_conformance::presence::Inventory;
use winhttp_conformance::run::Worker;
use winhttp_host::{Answer, BackendError, Subject};
use winhttp_machine::{Bytes, Observation, Plan, Seen};
use winhttp_reports::record::Verdict;

use crate::fake::load;

const CASE: &str = "steps:
- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { bytes: \"07000000\" } }
  succeeds: true
  gives: { lpBuffer: { DWORD: 7 } }
- { wait: WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, comes: false }";

#[rstest]
#[case::everything(vec![returned(&[4, 4]), Seen::Waited(false)], Verdict::Pass)]
#[case::nothing(vec![], Verdict::Broken)]
#[case::not_the_last_step(vec![returned(&[4, 4])], Verdict::Broken)]
#[case::not_the_first_step(vec![Seen::NotReached, Seen::Waited(false)], Verdict::Broken)]
#[case::no_memory(vec![returned(&[]), Seen::Waited(false)], Verdict::Broken)]
#[case::too_little_memory(vec![returned(&[2, 4]), Seen::Waited(false)], Verdict::Broken)]
#[case::a_wait_for_a_call(vec![Seen::Waited(true), Seen::Waited(false)], Verdict::Broken)]
#[case::a_call_for_a_wait(vec![returned(&[4, 4]), returned(&[])], Verdict::Broken)]
fn that_say(#[case] steps: Vec<Seen>, #[case] verdict: Verdict) {
    let observation = Observation { steps, ..Observation::default() };
    let start = || Ok(Box::new(Says { observation: observation.clone(), about: About::default() }) as Box<_>);
    let result = Worker::start(&start).expect("a peer").ask(&load(CASE), &Inventory::default());
    assert_eq!(result.verdict, verdict, "{result:#?}");
}

fn returned(copies: &[usize]) -> Seen {
    let copies = copies.iter().map(|length| Some(Bytes::from(&[7, 0, 0, 0][..*length]))).collect();
    Seen::Returned { value: 1, error: 0, copies, micros: (0, 0), callbacks: (0, 0) }
}

/// Gives the same answer to every question.
struct Says {
    observation: Observation,
    about: About,
}

impl Subject for Says {
    fn ask(&mut self, _: &Plan, _: Duration) -> Answer {
        Answer::Observed(self.observation.clone())
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        Ok(vec![true; names.len()])
    }
}
