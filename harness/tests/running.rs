//! Putting many cases to a back end: order, stopping, workers that do not start, and a harness that panics.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use winhttp_agent::About;
use winhttp_conformance::case::Case;
use winhttp_conformance::load::load_text;
use winhttp_conformance::presence::Inventory;
use winhttp_conformance::run::run;
use winhttp_host::{Answer, BackendError, Subject};
use winhttp_machine::{Notification, Observation, Plan, Seen};
use winhttp_reports::record::Verdict;

const COUNT: usize = 300;

/// Answers that every call returned TRUE; in the case with the number `PANIC` it does not answer.
struct Agreeable(About);

const PANIC: u64 = 13;

impl Subject for Agreeable {
    fn ask(&mut self, plan: &Plan, _: Duration) -> Answer {
        let text = format!("{plan:?}");
        assert!(!text.contains(&format!("Number({PANIC})]")), "thirteen");
        let seen =
            Seen::Returned { value: 1, error: 0, copies: Vec::new(), micros: (0, 0), callbacks: (0, 0) };
        Answer::Observed(Observation { steps: vec![seen; plan.steps.len()], ..Observation::default() })
    }

    fn about(&self) -> &About {
        &self.0
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        Ok(vec![true; names.len()])
    }
}

fn agreeable() -> Result<Box<dyn Subject + Send>, BackendError> {
    Ok(Box::new(Agreeable(About::default())))
}

fn cases(handle: impl Fn(usize) -> usize) -> Vec<Case> {
    let case = |number: usize| {
        let handle = handle(number);
        format!(
            "  case-{number}:\n    steps: [{{ WinHttpCloseHandle: {{ hInternet: {handle} }}, succeeds: true }}]\n"
        )
    };
    let cases: String = (0..COUNT).map(case).collect();
    let text = format!("covers: [WinHttpResetAutoProxy/success]\ncases:\n{cases}");
    load_text("f", "f.yaml", &text).unwrap_or_else(|errors| panic!("{errors}"))
}

#[rstest]
fn results_come_in_the_order_of_the_cases(#[values(0, 1, 2, 7, 1000)] jobs: usize) {
    let cases = cases(|_| 1);
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    let mut ids = Vec::new();
    let stop = AtomicBool::new(false);
    let asked = run(&agreeable, jobs, &Inventory::default(), COUNT, &case, &stop, |result| {
        assert_eq!(result.verdict, Verdict::Pass, "{result:#?}");
        ids.push(result.id);
    });
    assert_eq!(asked, Ok(COUNT));
    assert!(ids.iter().eq(cases.iter().map(|case| &case.id)));
}

#[test]
fn a_stop_ends_the_run_and_what_was_asked_is_told() {
    let cases = cases(|_| 1);
    let stop = AtomicBool::new(false);
    let made = AtomicU32::new(0);
    let case = |index: usize| {
        if made.fetch_add(1, Ordering::Relaxed) == 50 {
            stop.store(true, Ordering::Relaxed);
        }
        Cow::Borrowed(&cases[index])
    };
    let mut told = 0;
    let asked = run(&agreeable, 4, &Inventory::default(), COUNT, &case, &stop, |_| told += 1);
    assert_eq!(asked, Ok(told));
    assert!((51..COUNT).contains(&told), "{told}");
}

#[test]
fn no_cases_are_no_error() {
    let none = |_: usize| -> Cow<'_, Case> { panic!("there is none") };
    let stop = AtomicBool::new(false);
    assert_eq!(run(&agreeable, 4, &Inventory::default(), 0, &none, &stop, |_| {}), Ok(0));
}

#[test]
fn workers_that_do_not_start_leave_their_share_to_the_others() {
    let cases = cases(|_| 1);
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    let started = AtomicU32::new(0);
    let start = || match started.fetch_add(1, Ordering::Relaxed) {
        1 => agreeable(),
        _ => Err(BackendError("no room".into())),
    };
    let stop = AtomicBool::new(false);
    assert_eq!(run(&start, 4, &Inventory::default(), COUNT, &case, &stop, |_| {}), Ok(COUNT));
}

#[test]
fn no_worker_that_starts_is_an_error() {
    let cases = cases(|_| 1);
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    let start = || Err(BackendError("no room".into()));
    let stop = AtomicBool::new(false);
    let asked = run(&start, 4, &Inventory::default(), COUNT, &case, &stop, |_| panic!("nobody asked"));
    assert_eq!(asked, Err(BackendError("no room".into())));
}

#[test]
fn a_mistake_of_the_harness_costs_one_case() {
    let cases = cases(|number| if number == 40 { PANIC as usize } else { 1 });
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    let mut broken = Vec::new();
    let stop = AtomicBool::new(false);
    let asked = run(&agreeable, 2, &Inventory::default(), COUNT, &case, &stop, |result| {
        if result.verdict != Verdict::Pass {
            broken.push((result.id, result.verdict, result.reason));
        }
    });
    assert_eq!(asked, Ok(COUNT));
    let reason = "the harness panicked: thirteen".to_owned();
    assert_eq!(broken, [("f/case-40".to_owned(), Verdict::Broken, reason)]);
}

/// Every call returns 7. Says in its second answer that a callback of the first question's has come for the handle 7,
/// after HANDLE_CLOSING, which came before the first question's calls.
struct Late(Agreeable, u32);

impl Subject for Late {
    fn ask(&mut self, plan: &Plan, deadline: Duration) -> Answer {
        let Answer::Observed(mut observation) = self.0.ask(plan, deadline) else {
            panic!("it always answers")
        };
        for step in &mut observation.steps {
            if let Seen::Returned { value, callbacks, .. } = step {
                (*value, *callbacks) = (7, (1, 1));
            }
        }
        let callback =
            |status, ago| Notification { handle: 7, status, thread: 1, ago, ..Notification::default() };
        self.1 += 1;
        Answer::Observed(match self.1 {
            1 => Observation { callbacks: vec![callback(0x800, 0)], ..observation },
            2 => Observation { late: vec![callback(1, 1)], ..observation },
            _ => observation,
        })
    }

    fn about(&self) -> &About {
        self.0.about()
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        self.0.exports(names)
    }
}

/// The case is to blame whose handle it was, though its answer was there already.
#[rstest]
#[case::told_with_the_next_answer(COUNT)]
#[case::told_after_the_last(1)]
fn a_callback_after_the_end_of_a_case_is_its_failure(#[case] count: usize) {
    let cases = cases(|_| 1);
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    let late = || Ok(Box::new(Late(Agreeable(About::default()), 0)) as Box<dyn Subject + Send>);
    let mut failed = Vec::new();
    let stop = AtomicBool::new(false);
    let asked = run(&late, 1, &Inventory::default(), count, &case, &stop, |result| {
        if result.verdict != Verdict::Pass {
            failed.push((result.id, result.verdict, result.differences.len()));
        }
    });
    assert_eq!(asked, Ok(count));
    assert_eq!(failed, [("f/case-0".to_owned(), Verdict::Fail, 1)]);
}

/// The value of a closed handle may be given to a new one, whose callbacks may come when the case has ended.
#[rstest]
#[case::to_nobody("WinHttpCloseHandle: { hInternet: 7 }", Verdict::Fail)]
#[case::to_a_new_handle("WinHttpOpen: { dwFlags: 0 }", Verdict::Pass)]
fn a_value_that_was_given_away_is_no_closed_handle(#[case] call: &str, #[case] verdict: Verdict) {
    let text = format!(
        "covers: [WinHttpResetAutoProxy/success]\ncases:\n  one:\n    steps: [{{ {call}, succeeds: true }}]\n"
    );
    let cases = load_text("f", "f.yaml", &text).unwrap_or_else(|errors| panic!("{errors}"));
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    let late = || Ok(Box::new(Late(Agreeable(About::default()), 0)) as Box<dyn Subject + Send>);
    let stop = AtomicBool::new(false);
    let asked = run(&late, 1, &Inventory::default(), 1, &case, &stop, |result| {
        assert_eq!(result.verdict, verdict, "{result:#?}");
    });
    assert_eq!(asked, Ok(1));
}

/// A case that lets much time pass is asked of a subject that has a clock of its own, or if that is wanted.
#[test]
fn a_slow_case_is_skipped_unless_it_is_wanted() {
    let text = "covers: [WinHttpResetAutoProxy/success]
cases:
  slow:
    slow: true
    steps:
      - WinHttpCloseHandle: { hInternet: 1 }
        succeeds: true
";
    let cases = load_text("f", "f.yaml", text).unwrap_or_else(|errors| panic!("{errors}"));
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    for (slow, verdict) in [(false, Verdict::Skipped), (true, Verdict::Pass)] {
        let mut inventory = Inventory::default();
        inventory.slow = slow;
        let stop = AtomicBool::new(false);
        let asked = run(&agreeable, 1, &inventory, 1, &case, &stop, |result| {
            assert_eq!(result.verdict, verdict, "{result:#?}");
        });
        assert_eq!(asked, Ok(1));
    }
}
