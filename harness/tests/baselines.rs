//! A baseline cannot go stale, and blessing keeps what people wrote.

use rstest::rstest;
use winhttp_conformance::baseline::{Baseline, BlessError, Glob, bless};
use winhttp_reports::record::{CaseResult, Footer, Verdict};

const HEAD: &str = "backend: fake\nknown:\n";

fn baseline(entries: &str) -> Baseline {
    Baseline::parse(&format!("{HEAD}{entries}")).expect("a baseline")
}

#[rstest]
#[case::no_reason("  - { cases: a/b, verdict: fail }", "known[0]: missing field `reason`")]
#[case::empty_reason("  - { cases: a/b, verdict: fail, reason: ' ' }", "an entry without a reason")]
#[case::no_verdict("  - { cases: a/b, reason: x }", "known[0]: missing field `verdict`")]
#[case::unknown_verdict("  - { cases: a/b, verdict: flaky, reason: x }", "unknown variant `flaky`")]
#[case::a_pass("  - { cases: a/b, verdict: pass, reason: x }", "an entry lists what is wrong, not `pass`")]
#[case::a_skip(
    "  - { cases: a/b, verdict: skipped, reason: x }",
    "an entry lists what is wrong, not `skipped`"
)]
#[case::unknown_key("  - { cases: a/b, verdict: fail, reasons: x }", "unknown field `reasons`")]
#[case::a_pattern_without_count(
    "  - { cases: a/*, verdict: fail, reason: x }",
    "says how many cases it lists"
)]
#[case::a_count_without_pattern("  - { cases: a/b (1), verdict: fail, reason: x }", "and only such a one")]
#[case::a_count_that_is_none("  - { cases: a/* (many), verdict: fail, reason: x }", "the count is a number")]
fn no_baseline(#[case] entries: &str, #[case] says: &str) {
    let error = Baseline::parse(&format!("{HEAD}{entries}\n")).expect_err("it is malformed");
    assert!(error.contains(says), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_an_empty_baseline() {
    let mut empty = Baseline::read("/nowhere/fake.yaml".as_ref()).expect("an empty baseline");
    assert_eq!(empty.check("a/b", Verdict::Pass), (None, true));
    assert!(empty.stale().is_empty());
}

#[rstest]
#[case::a_pass("c", Verdict::Pass, true, None)]
#[case::a_skip("c", Verdict::Skipped, true, None)]
#[case::a_failure("c", Verdict::Fail, false, None)]
#[case::a_crash("c", Verdict::Crash, false, None)]
#[case::a_hang("c", Verdict::Hang, false, None)]
#[case::a_blocked_case("c", Verdict::Blocked, false, None)]
#[case::a_broken_case("c", Verdict::Broken, false, None)]
#[case::the_listed_failure("a", Verdict::Fail, true, Some("why (http://x)"))]
#[case::an_unexpected_pass("a", Verdict::Pass, false, Some("why (http://x)"))]
#[case::another_verdict("a", Verdict::Crash, false, Some("why (http://x)"))]
#[case::a_listed_case_that_is_skipped("a", Verdict::Skipped, false, Some("why (http://x)"))]
#[case::the_listed_crash("b", Verdict::Crash, true, Some("it too"))]
fn a_verdict_against_the_baseline(
    #[case] id: &str,
    #[case] verdict: Verdict,
    #[case] gate: bool,
    #[case] reason: Option<&str>,
) {
    let mut baseline = baseline(
        "  - { cases: a, verdict: fail, reason: why, link: 'http://x' }\n  - { cases: [b, d], verdict: crash, reason: it too }\n",
    );
    let (known, passes) = baseline.check(id, verdict);
    assert_eq!((known.map(|known| known.reason).as_deref(), passes), (reason, gate));
}

#[rstest]
#[case::usual(Verdict::Fail, true)]
#[case::sometimes(Verdict::Pass, true)]
#[case::also_sometimes(Verdict::Hang, true)]
#[case::never(Verdict::Crash, false)]
#[case::skipped(Verdict::Skipped, false)]
fn what_is_not_the_same_twice(#[case] verdict: Verdict, #[case] gate: bool) {
    let entry = "  - { cases: a, verdict: fail, sometimes: [pass, hang], reason: a race }\n";
    assert_eq!(baseline(entry).check("a", verdict).1, gate);
}

#[test]
fn blessing_keeps_what_is_not_the_same_twice() {
    let text =
        format!("{HEAD}  - cases: a\n    verdict: fail\n    sometimes: [pass, hang]\n    reason: a race\n");
    let footer = Footer::default();
    for verdict in [Verdict::Pass, Verdict::Fail, Verdict::Hang] {
        let results = [result("a", verdict)];
        assert_eq!(bless(&text, "fake", &[], &footer, &results, None).as_deref(), Ok(text.as_str()));
    }
}

#[rstest]
#[case::all_as_listed(&[("a", Verdict::Fail), ("b/1", Verdict::Fail), ("b/2", Verdict::Fail)], &[])]
#[case::a_verdict_may_differ_for_the_gate_says_so(&[("a", Verdict::Pass), ("b/1", Verdict::Fail), ("b/2", Verdict::Fail)], &[])]
#[case::one_gone(&[("b/1", Verdict::Fail), ("b/2", Verdict::Fail)], &["a: matches no case"])]
#[case::one_less(&[("a", Verdict::Fail), ("b/1", Verdict::Fail)], &["b/*: matches 1 cases, not 2"])]
#[case::one_more(
    &[("a", Verdict::Fail), ("b/1", Verdict::Fail), ("b/2", Verdict::Fail), ("b/3", Verdict::Fail)],
    &["b/*: matches 3 cases, not 2"]
)]
#[case::one_skipped(&[("a", Verdict::Skipped), ("b/1", Verdict::Fail), ("b/2", Verdict::Fail)], &["a: listed, but skipped"])]
#[case::nothing_ran(&[], &["a: matches no case", "b/*: matches 0 cases, not 2"])]
fn what_is_stale(#[case] ran: &[(&str, Verdict)], #[case] stale: &[&str]) {
    let mut baseline = baseline("  - { cases: [a, b/* (2)], verdict: fail, reason: why }\n");
    for (id, verdict) in ran {
        baseline.check(id, *verdict);
    }
    assert_eq!(baseline.stale(), stale);
}

#[rstest]
#[case("a/b", "a/b", true)]
#[case("a/b", "a/bc", false)]
#[case("a/*", "a/b/c", true)]
#[case("*/c", "a/b/c", true)]
#[case("a/*/c", "a/b/c", true)]
#[case("a/*/c", "a/c", false)]
#[case("a*a", "a", false)]
#[case("*[x=1]", "a/b[x=1]", true)]
#[case("*", "", true)]
#[case("a**b", "a-b", true)]
fn patterns(#[case] pattern: &str, #[case] id: &str, #[case] matches: bool) {
    assert_eq!(Glob::new(pattern).matches(id), matches);
}

const WRITTEN: &str = "# What is known of the fake.
backend: fake

# Everything below was looked at.
known:
  # It is lazy by design.
  - cases:
      # the first of its kind
      - a/one # and the last
      - \"a/many/* (2)\"
      - a/gone
    verdict: fail
    reason: >
      It is lazy. It always was:
      - today
      - and tomorrow.
    link: http://example.org/1

  - cases: b/only
    verdict: crash
    reason: it falls over
# the end
";

fn result(id: &str, verdict: Verdict) -> CaseResult {
    CaseResult { id: id.into(), verdict, ..CaseResult::default() }
}

fn as_written() -> Vec<CaseResult> {
    vec![
        result("a/one", Verdict::Fail),
        result("a/many/1", Verdict::Fail),
        result("a/many/2", Verdict::Fail),
        result("a/gone", Verdict::Fail),
        result("b/only", Verdict::Crash),
        result("c", Verdict::Pass),
        result("d", Verdict::Skipped),
    ]
}

fn blessed(results: &[CaseResult], reason: Option<&str>) -> Result<String, BlessError> {
    bless(WRITTEN, "fake", &[], &Footer::default(), results, reason)
}

#[test]
fn what_still_holds_is_not_touched() {
    assert_eq!(blessed(&as_written(), None).as_deref(), Ok(WRITTEN));
}

#[test]
fn what_no_longer_holds_goes_and_comments_stay() {
    let mut results = as_written();
    results[2] = result("a/many/2", Verdict::Pass);
    results[3] = result("a/gone", Verdict::Pass);
    results[4] = result("b/only", Verdict::Pass);
    let blessed = blessed(&results, None).expect("a baseline");
    insta::assert_snapshot!(blessed);
}

#[test]
fn what_is_new_comes_last_under_its_reason() {
    let mut results = as_written();
    results.push(result("c/new[text=a \"b\"]", Verdict::Fail));
    results.push(result("c/dies", Verdict::Hang));
    results[4] = result("b/only", Verdict::Fail);
    assert_eq!(blessed(&results, None), Err(BlessError::NoReason(3)));
    assert_eq!(blessed(&results, Some("  ")), Err(BlessError::NoReason(3)));
    let blessed = blessed(&results, Some("new: \"it\" regressed")).expect("a baseline");
    insta::assert_snapshot!(blessed);
    let mut baseline = Baseline::parse(&blessed).expect("a baseline");
    for result in &results {
        assert!(baseline.check(&result.id, result.verdict).1, "{}", result.id);
    }
    assert!(baseline.stale().is_empty());
}

#[test]
fn blessing_nothing_makes_a_baseline() {
    let results = [result("a", Verdict::Fail), result("b", Verdict::Pass)];
    let blessed =
        bless("", "fake", &[], &Footer::default(), &results, Some("first look")).expect("a baseline");
    assert_eq!(
        blessed,
        "backend: fake\nknown:\n  - cases:\n      - \"a\"\n    verdict: fail\n    reason: \"first look\"\n"
    );
    let none = bless("", "fake", &[], &Footer::default(), &[], None).expect("a baseline");
    Baseline::parse(&none).expect("it can be read");
}

#[test]
fn an_empty_list_is_one_to_append_to() {
    let text = "# None.\nbackend: fake\nknown: []\n";
    let bless = |results: &[CaseResult]| bless(text, "fake", &[], &Footer::default(), results, Some("seen"));
    assert_eq!(bless(&[result("a", Verdict::Pass)]).as_deref(), Ok(text));
    let blessed = bless(&[result("a", Verdict::Fail)]);
    let entry = "  - cases:\n      - \"a\"\n    verdict: fail\n    reason: \"seen\"\n";
    assert_eq!(blessed, Ok(format!("# None.\nbackend: fake\nknown:\n{entry}")));
}

#[test]
fn what_cannot_be_edited_is_refused() {
    let text = "backend: fake\nknown:\n  - { cases: [a, b], verdict: fail, reason: x }\n";
    let results = [result("a", Verdict::Fail), result("b", Verdict::Fail)];
    let error = bless(text, "fake", &[], &Footer::default(), &results, None).expect_err("refused");
    assert!(error.to_string().starts_with("the baseline could not be rewritten: only entries of the form"));
}

#[test]
fn a_run_that_was_not_whole_is_refused() {
    let interrupted = Footer { interrupted: true, ..Footer::default() };
    let error = bless(WRITTEN, "fake", &[], &interrupted, &as_written(), None).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the run was interrupted: a baseline is rewritten only after a complete run"
    );
    let error = bless(WRITTEN, "fake", &["a".into()], &Footer::default(), &as_written(), None);
    assert_eq!(
        error.expect_err("refused").to_string(),
        "the run was restricted to a: a baseline is rewritten only after a complete run"
    );
}

#[test]
fn blessing_twice_changes_nothing() {
    let mut results = as_written();
    results.push(result("c/new", Verdict::Fail));
    let once = blessed(&results, Some("regressed")).expect("a baseline");
    assert_eq!(bless(&once, "fake", &[], &Footer::default(), &results, None).as_deref(), Ok(&*once));
}
