//! Return values and error codes, by the functions' return conventions.

use rstest::rstest;

use crate::caught;
use crate::fake::{Does, fails, returns};

const INVALID_HANDLE: u32 = 6;
const INVALID_PARAMETER: u32 = 87;
const IO_PENDING: u64 = 997;
/// WINHTTP_INVALID_STATUS_CALLBACK.
const NO_CALLBACK: u64 = u64::MAX;
/// No WinHTTP page names it.
const UNDOCUMENTED: u32 = 0x0012_3456;

#[rstest]
#[case::succeeds("succeeds: true", returns::<1>, fails::<INVALID_HANDLE>)]
#[case::succeeds_whatever_is_in_the_upper_half("succeeds: true", returns::<0xFFFF_FFFF_0000_0001>, low_half_false)]
#[case::fails("fails: true", fails::<INVALID_HANDLE>, returns::<1>)]
#[case::fails_with_the_code("fails: ERROR_INVALID_HANDLE", fails::<INVALID_HANDLE>, fails::<INVALID_PARAMETER>)]
#[case::fails_not_at_all("fails: ERROR_INVALID_HANDLE", fails::<INVALID_HANDLE>, returns::<1>)]
#[case::fails_with_one_of(
    "fails: [ERROR_INVALID_HANDLE, ERROR_INVALID_OPERATION]",
    fails::<INVALID_HANDLE>,
    fails::<INVALID_PARAMETER>
)]
#[case::returns("returns: TRUE", returns::<1>, returns::<2>)]
#[case::returns_false("returns: FALSE", fails::<INVALID_HANDLE>, returns::<1>)]
#[case::one_of_two_outcomes(
    "either: [{ succeeds: true, because: WinHttpResetAutoProxy/success }, { fails: ERROR_INVALID_HANDLE, because: WinHttpResetAutoProxy/success }]",
    fails::<INVALID_HANDLE>,
    fails::<INVALID_PARAMETER>
)]
#[case::open_but_documented("open: true", fails::<INVALID_PARAMETER>, fails::<UNDOCUMENTED>)]
fn of_a_function_with_bool(#[case] expected: &str, #[case] honest: Does, #[case] liar: Does) {
    call("WinHttpCloseHandle: { hInternet: 1 }", expected, honest, liar);
}

#[rstest]
#[case::succeeds("succeeds: true", returns::<7>, fails::<INVALID_PARAMETER>)]
#[case::succeeds_with_an_empty_lower_half("succeeds: true", returns::<0x7_0000_0000>, fails::<INVALID_PARAMETER>)]
#[case::fails("fails: ERROR_INVALID_PARAMETER", fails::<INVALID_PARAMETER>, returns::<7>)]
#[case::fails_with_the_code("fails: ERROR_INVALID_PARAMETER", fails::<INVALID_PARAMETER>, fails::<INVALID_HANDLE>)]
#[case::returns("returns: 7", returns::<7>, returns::<0x1_0000_0007>)]
#[case::open_but_documented("open: true", fails::<INVALID_PARAMETER>, fails::<UNDOCUMENTED>)]
fn of_a_function_with_handle(#[case] expected: &str, #[case] honest: Does, #[case] liar: Does) {
    call("WinHttpOpen: { dwFlags: 0 }", expected, honest, liar);
}

#[rstest]
#[case::succeeds("succeeds: true", returns::<0>, returns::<6>)]
#[case::fails("fails: true", returns::<6>, returns::<0>)]
#[case::pending_is_no_failure("fails: true", returns::<6>, returns::<IO_PENDING>)]
#[case::fails_with_the_code("fails: ERROR_INVALID_PARAMETER", returns::<87>, returns::<6>)]
#[case::fails_in_the_return_value_not_the_last_error(
    "fails: ERROR_INVALID_PARAMETER",
    returns::<87>,
    fails::<INVALID_PARAMETER>
)]
#[case::returns("returns: ERROR_INVALID_HANDLE", returns::<6>, returns::<87>)]
#[case::open_but_documented("open: true", returns::<87>, returns::<{ UNDOCUMENTED as u64 }>)]
fn of_a_function_with_code(#[case] expected: &str, #[case] honest: Does, #[case] liar: Does) {
    call("WinHttpWebSocketClose: { hWebSocket: 1, usStatus: 1000 }", expected, honest, liar);
}

#[rstest]
#[case::succeeds("succeeds: true", returns::<0>, no_callback)]
#[case::fails("fails: ERROR_INVALID_HANDLE", no_callback, returns::<0>)]
#[case::returns("returns: NULL", returns::<0>, returns::<8>)]
#[case::returns_the_recorder("returns: recorder", the_callback, returns::<0>)]
fn of_a_function_with_callback(#[case] expected: &str, #[case] honest: Does, #[case] liar: Does) {
    let function =
        "WinHttpSetStatusCallback: { hInternet: 1, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }";
    call(function, expected, honest, liar);
}

fn call(function: &str, expected: &str, honest: Does, liar: Does) {
    caught(&format!("steps: [{{ {function}, {expected} }}]"), honest, liar, "return value");
}

fn low_half_false(call: &crate::fake::Call) -> u64 {
    call.fail(INVALID_HANDLE);
    0xFFFF_FFFF_0000_0000
}

fn no_callback(call: &crate::fake::Call) -> u64 {
    call.fail(INVALID_HANDLE);
    NO_CALLBACK
}

fn the_callback(call: &crate::fake::Call) -> u64 {
    call.words.get(1).copied().unwrap_or(1) as u64
}
