use insta::assert_snapshot;
use rstest::rstest;
use winhttp_reports::diff::Diff;
use winhttp_reports::record::{Has, Verdict};

use crate::fixtures::{difference, keepalive, passed, presence, run, rust, wine};

#[test]
fn between_two_back_ends() {
    let (rust, mut wine) = (rust(), wine());
    wine.results[1].differences[0] = difference(Some(1), "return value", "FALSE", "87");
    let diff = Diff::between(&rust, &wine);
    assert!(diff.is_regression());
    assert_snapshot!("diff_text", diff.text());
    assert_snapshot!("diff_markdown", diff.markdown());
}

#[test]
fn the_same_twice() {
    let (a, b) = (rust(), rust());
    let diff = Diff::between(&a, &b);
    assert!(diff.is_empty() && !diff.is_regression());
    assert!(diff.text().ends_with("\nthe runs tell the same\n"), "{}", diff.text());
}

#[rstest]
#[case(Verdict::Pass, Verdict::Fail, true)]
#[case(Verdict::Pass, Verdict::Skipped, true)]
#[case(Verdict::Fail, Verdict::Crash, true)]
#[case(Verdict::Skipped, Verdict::Hang, true)]
#[case(Verdict::Fail, Verdict::Pass, false)]
#[case(Verdict::Skipped, Verdict::Fail, false)]
#[case(Verdict::Crash, Verdict::Hang, false)]
fn a_regression_is_worse_than_before(
    #[case] before: Verdict,
    #[case] after: Verdict,
    #[case] regression: bool,
) {
    let with = |verdict| {
        let case = winhttp_reports::record::CaseResult { verdict, ..passed("handles/x") };
        run("rust", "lib", &[], &[], vec![case])
    };
    let (a, b) = (with(before), with(after));
    assert_eq!(Diff::between(&a, &b).is_regression(), regression);
}

#[rstest]
#[case(Has::Yes, Has::No, true)]
#[case(Has::Yes, Has::Unknown, false)]
#[case(Has::No, Has::Yes, false)]
fn so_is_a_function_that_is_gone(#[case] before: Has, #[case] after: Has, #[case] regression: bool) {
    let with = |has| run("rust", "lib", &[presence("WinHttpOpen", has, None)], &[], vec![]);
    let (a, b) = (with(before), with(after));
    assert_eq!(Diff::between(&a, &b).is_regression(), regression);
}

#[test]
fn cases_that_come_and_go_are_listed() {
    let a = run("rust", "lib", &[], &[], vec![passed("handles/old"), keepalive()]);
    let b = run("rust", "lib", &[], &[], vec![keepalive(), passed("handles/new")]);
    let diff = Diff::between(&a, &b);
    assert_eq!(diff.appeared[0].id, "handles/new");
    assert_eq!(diff.disappeared[0].id, "handles/old");
    assert!(!diff.is_regression() && !diff.is_empty());
}

/// What nobody asked is not gone, and what only the whole run asked is not new.
#[test]
fn a_part_is_compared_with_its_own_cases() {
    let whole = run("rust", "lib", &[], &[], vec![passed("handles/other"), passed("handles/one")]);
    let failed = winhttp_reports::record::CaseResult { verdict: Verdict::Fail, ..passed("handles/one") };
    let mut part = run("rust", "lib", &[], &[], vec![failed]);
    part.header.filters = vec!["one".to_owned()];
    let diff = Diff::between(&whole, &part);
    assert!(diff.is_regression() && diff.disappeared.is_empty(), "{}", diff.text());
    assert!(diff.text().contains("(only one)\n"), "{}", diff.text());
    let diff = Diff::between(&part, &whole);
    assert!(!diff.is_regression() && diff.appeared.is_empty(), "{}", diff.text());
}
