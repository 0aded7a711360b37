//! Subjects that do not live to tell.

use std::time::Duration;

use rstest::rstest;
use winhttp_agent::About;
use winhttp_conformance::run::Start;
use winhttp_host::{Answer, BackendError, Left, Subject};
use winhttp_machine::{Plan, Step, Word};
use winhttp_reports::record::Verdict;

use crate::{ONE, find, fuzz, lies};

/// WINHTTP_OPTION_CONNECT_TIMEOUT.
const CONNECT_TIMEOUT: u64 = 3;

/// Ends, in its way, at every set of one option.
struct Ends {
    honest: Box<dyn Subject + Send>,
    how: fn(Option<u32>) -> Answer,
}

impl Subject for Ends {
    fn ask(&mut self, plan: &Plan, deadline: Duration) -> Answer {
        let fatal = |step: &Step| {
            matches!(step, Step::Call(call)
                if call.function == "WinHttpSetOption" && call.arguments[1] == Word::Number(CONNECT_TIMEOUT))
        };
        match plan.steps.iter().position(fatal) {
            Some(step) => (self.how)(Some(step as u32)),
            None => self.honest.ask(plan, deadline),
        }
    }

    fn about(&self) -> &About {
        self.honest.about()
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        self.honest.exports(names)
    }
}

fn crashes(step: Option<u32>) -> Answer {
    Answer::Crashed { left: left(step), how: "was ended by SIGSEGV".into() }
}

fn hangs(step: Option<u32>) -> Answer {
    Answer::Hung { left: left(step) }
}

fn left(step: Option<u32>) -> Option<Left> {
    step.map(|step| Left { step, ..Left::default() })
}

#[rstest]
#[case::crash(crashes, "crash", Verdict::Crash)]
#[case::hang(hangs, "hang", Verdict::Hang)]
fn an_end_is_found(#[case] how: fn(Option<u32>) -> Answer, #[case] kind: &str, #[case] verdict: Verdict) {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let start = move || -> Result<Box<dyn Subject + Send>, BackendError> {
        Ok(Box::new(Ends { honest: lies::subject(lies::honest()), how }))
    };
    find(&start, 1000, "WinHttpSetOption", kind, verdict);
}

/// Cannot even open a session.
struct Nothing(About);

impl Subject for Nothing {
    fn ask(&mut self, _: &Plan, _: Duration) -> Answer {
        Answer::NotAsked("the cable is out".into())
    }

    fn about(&self) -> &About {
        &self.0
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        Ok(vec![true; names.len()])
    }
}

#[test]
fn a_subject_that_cannot_be_asked_is_no_finding() {
    let start: &Start<'_> = &|| Ok(Box::new(Nothing(About::default())));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let fuzz = winhttp_conformance::fuzz::Fuzz {
        start,
        seed: 1,
        jobs: 2,
        programs: Some(9),
        time: None,
        stop: &stop,
    };
    assert_eq!(fuzz.run(|_| {}).unwrap_err().0, "the cable is out");
}

#[test]
fn a_subject_without_the_functions_is_not_asked() {
    struct Lacks(Box<dyn Subject + Send>);
    impl Subject for Lacks {
        fn ask(&mut self, plan: &Plan, deadline: Duration) -> Answer {
            self.0.ask(plan, deadline)
        }
        fn about(&self) -> &About {
            self.0.about()
        }
        fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
            Ok(vec![false; names.len()])
        }
    }
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let ended = fuzz(&|| Ok(Box::new(Lacks(lies::subject(lies::honest())))), 20);
    assert_eq!((ended.programs, ended.not_asked, ended.findings.len()), (20, 20, 0));
    assert!(ended.why_not.starts_with("not exported"), "{}", ended.why_not);
}
