use insta::assert_snapshot;
use winhttp_reports::text::{Options, summary};

use crate::fixtures::{difference, native, passed, run, rust, unexpected, wine};

#[test]
fn two_runs_and_one_that_was_not() {
    assert_snapshot!(summary(&[rust(), wine()], &[native()], Options::default()));
}

#[test]
fn long_lists_are_cut() {
    let mut cases: Vec<_> = (0..4).map(|n| unexpected(&format!("handles/case-{n}"))).collect();
    cases[0].differences = (0..12).map(|n| difference(None, &format!("field {n}"), "0", "1")).collect();
    let mut run = run("library", "libwinhttp.so", &[], &[], cases);
    run.footer.interrupted = true;
    run.header.filters = vec!["handles/".to_owned()];
    assert_snapshot!(summary(&[run], &[], Options { cases: 2, ..Options::default() }));
}

#[test]
fn few_unexpected_cases_have_their_time_lines() {
    let text = |cases: usize| {
        let mut all = vec![crate::fixtures::keepalive()];
        all.extend((1..cases).map(|n| unexpected(&format!("handles/case-{n}"))));
        summary(&[run("wine-8.0", "lib", &[], &[], all)], &[], Options::default())
    };
    let line = "0.800  callback  REQUEST_SENT on $ws.request";
    let hint =
        "step by step: conform explain 'options/websocket-keepalive/refuses-less-than-15-s[interval=14999]'";
    assert!(text(3).contains(line) && !text(3).contains(hint), "{}", text(3));
    assert!(!text(4).contains(line) && text(4).contains(hint), "{}", text(4));
}

#[test]
fn colour_only_where_asked_for() {
    let plain = summary(&[rust(), wine()], &[], Options::default());
    assert!(!plain.contains('\x1b'), "{plain}");
    let coloured = summary(&[rust(), wine()], &[], Options { colour: true, ..Options::default() });
    assert!(coloured.contains("\x1b[31mFAILS\x1b[0m"), "{coloured}");
}

#[test]
fn a_skip_is_not_a_pass() {
    let mut skipped = passed("handles/x");
    skipped.verdict = winhttp_reports::record::Verdict::Skipped;
    let text = summary(&[run("rust", "lib", &[], &[], vec![skipped])], &[], Options::default());
    assert!(text.contains("0 pass, 1 skipped of 1 case"), "{text}");
}
