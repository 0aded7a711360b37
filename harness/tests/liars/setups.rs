//! A question that could not be asked is neither kept nor broken.

use rstest::rstest;
use winhttp_reports::record::Verdict;

use crate::fake::{Call, Does, ask, fails, returns};

#[rstest]
#[case::of_the_session("session", fails::<12>, "WinHttpOpen")]
#[case::of_the_connection("connect", no_connect, "WinHttpConnect")]
#[case::not_exported("request", returns::<1>, "WinHttpOpenRequest")]
fn a_set_up_that_fails_blocks_the_case(#[case] kind: &str, #[case] does: Does, #[case] named: &str) {
    let case = format!("steps:\n- {kind}: h\n- WinHttpCloseHandle: {{ hInternet: $h }}\n  fails: true");
    let result = ask(&case, does);
    assert_eq!(result.verdict, Verdict::Blocked, "{result:#?}");
    assert!(result.reason.starts_with("the set-up failed: ") && result.reason.contains(named), "{result:#?}");
}

#[test]
fn a_question_to_a_function_that_is_not_there_fails() {
    let result = ask("steps: [{ WinHttpCheckPlatform: {}, succeeds: true }]", returns::<1>);
    assert_eq!(result.verdict, Verdict::Fail);
    assert_eq!(result.differences[0].what, "export");
}

fn no_connect(call: &Call) -> u64 {
    if call.name == "WinHttpConnect" { call.fail(87) } else { 1 }
}
