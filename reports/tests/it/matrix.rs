use insta::assert_snapshot;
use winhttp_reports::matrix::table;
use winhttp_reports::record::{CaseResult, Verdict};

use crate::fixtures::{ledger, native, passed, run, rust, wine};

#[test]
fn two_back_ends_and_one_that_was_not_run() {
    assert_snapshot!(table(&[rust(), wine()], &[native()], &ledger()));
}

#[test]
fn what_does_not_fit_goes_below() {
    let runs = ["one", "two", "three", "a-back-end-with-a-very-long-label"]
        .map(|name| run(name, "lib", &[], &[], vec![passed("handles/x")]));
    let text = table(&runs, &[], &ledger());
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert_eq!(text.matches("documentation page").count(), 2, "{text}");
}

#[test]
fn a_requirement_unknown_to_the_ledger_is_listed() {
    let old = CaseResult { covers: vec!["an-old-page/promise".to_owned()], ..passed("handles/x") };
    let text = table(&[run("rust", "lib", &[], &[], vec![old])], &[], &ledger());
    let page = text.lines().find(|line| line.starts_with("an-old-page")).unwrap();
    assert_eq!(
        page.split_whitespace().collect::<Vec<_>>(),
        ["an-old-page", "1", "·", "1", "·", "·"],
        "{text}"
    );
}

#[test]
fn one_failure_breaks_a_promise() {
    let failed = CaseResult { verdict: Verdict::Fail, ..passed("handles/y") };
    let text = table(&[run("rust", "lib", &[], &[], vec![passed("handles/x"), failed])], &[], &ledger());
    let page = text.lines().find(|line| line.starts_with("WinHttpSetOption")).unwrap();
    let numbers: Vec<_> = page.split_whitespace().skip(1).collect();
    assert_eq!(numbers, ["3", "2", "·", "1", "·"], "{text}");
}
