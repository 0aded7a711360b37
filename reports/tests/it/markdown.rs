use insta::assert_snapshot;
use winhttp_reports::markdown::render;

use crate::fixtures::{native, run, rust, unexpected, wine};

#[test]
fn two_runs_and_one_that_was_not() {
    assert_snapshot!(render(&[rust(), wine()], &[native()]));
}

#[test]
fn many_unexpected_cases_fit_a_comment() {
    let cases = (0..2000).map(|n| unexpected(&format!("handles/case-{n}"))).collect();
    let text = render(&[run("rust", "lib", &[], &[], cases)], &[]);
    assert!(text.contains("… and 1,975 more"), "{text}");
    assert!(text.len() < 65_536);
}
