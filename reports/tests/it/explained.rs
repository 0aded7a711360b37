use insta::assert_snapshot;
use winhttp_reports::record::{CaseResult, Clock, Verdict};
use winhttp_reports::text::{explained, in_short};

use crate::fixtures::{keepalive, passed};

#[test]
fn a_failed_case() {
    let text = explained("wine-8.0", &keepalive(), false);
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    assert_snapshot!(text);
}

#[test]
fn a_case_that_ended_the_subject() {
    let result = CaseResult {
        verdict: Verdict::Crash,
        reason: "was ended by SIGSEGV in WinHttpSendRequest".to_owned(),
        clock: Some(Clock::Apart),
        noise: "one line\nand \u{1b}[31manother".to_owned(),
        ..keepalive()
    };
    assert_snapshot!(explained("wine-8.0", &result, false));
}

#[test]
fn a_generated_case_that_passed() {
    assert_snapshot!(explained("rust", &passed("handles/close-once"), false), @"rust: pass");
}

#[test]
fn colours_take_no_room() {
    let plain = explained("wine-8.0", &keepalive(), false);
    let coloured = explained("wine-8.0", &keepalive(), true);
    assert!(coloured.contains("\x1b[31mfail\x1b[0m"), "{coloured}");
    let mut stripped = coloured;
    for colour in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"] {
        stripped = stripped.replace(colour, "");
    }
    assert_eq!(stripped, plain);
}

#[test]
fn in_a_line_or_two() {
    let long = CaseResult { reason: "word ".repeat(30), ..keepalive() };
    let text = [in_short("rust", &passed("handles/close-once"), false), in_short("wine-8.0", &long, false)];
    assert_snapshot!(text.concat());
}
