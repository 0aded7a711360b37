use insta::assert_snapshot;
use rstest::rstest;
use winhttp_reports::junit::render;
use winhttp_reports::record::Verdict;

use crate::fixtures::{run, rust, unexpected, wine};

#[test]
fn two_runs() {
    assert_snapshot!(render(&[rust(), wine()]).unwrap());
}

#[rstest]
#[case(Verdict::Pass, "<failure message=\"passes unexpectedly\"")]
#[case(Verdict::Fail, "<failure")]
#[case(Verdict::Blocked, "<failure")]
#[case(Verdict::Skipped, "<failure")]
#[case(Verdict::Crash, "<error")]
#[case(Verdict::Hang, "<error")]
#[case(Verdict::Broken, "<error")]
fn what_the_gate_stops_is_no_success(#[case] verdict: Verdict, #[case] element: &str) {
    let mut case = unexpected("handles/x");
    case.verdict = verdict;
    let xml = render(&[run("rust", "lib", &[], &[], vec![case])]).unwrap();
    assert!(xml.contains(element), "{xml}");
}
