//! What holds in every case, though no case says so.

use rstest::rstest;

use crate::caught;
use crate::fake::{Call, Does, fails, returns};

/// WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING.
const CLOSING: u32 = 0x800;
const RESOLVING: u32 = 0x1;

const QUERY: &str = "steps:
- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { space: 4 } }
  open: true";

#[rstest]
#[case::not_set_by_a_bool("WinHttpCloseHandle: { hInternet: 1 }", fails::<6>, returns::<0>)]
#[case::set_to_success_by_a_bool("WinHttpCloseHandle: { hInternet: 1 }", fails::<6>, fails::<0>)]
#[case::not_set_by_a_handle("WinHttpOpen: { dwFlags: 0 }", fails::<6>, returns::<0>)]
fn last_error(#[case] call: &str, #[case] honest: Does, #[case] liar: Does) {
    let case = format!("steps: [{{ {call}, fails: true }}]");
    caught(&case, honest, liar, "invariant: last error");
}

#[rstest]
#[case::after(after, "lpBuffer")]
#[case::before(before, "lpBuffer")]
#[case::of_the_length(after_the_length, "lpdwBufferLength")]
fn nothing_is_written_outside(#[case] liar: Does, #[case] param: &str) {
    caught(QUERY, inside, liar, &format!("invariant: {param}"));
}

#[test]
fn nothing_is_written_beside_the_memory_of_an_earlier_call() {
    let case = format!("{QUERY}\n- WinHttpCloseHandle: {{ hInternet: 1 }}\n  succeeds: true");
    caught(&case, inside, later, "invariant: memory of an earlier call");
}

#[rstest]
#[case::it_comes_twice(closes_twice)]
#[case::another_comes_after_it(talks_after_closing)]
fn closing_is_the_last_callback_of_a_handle(#[case] liar: Does) {
    let case = "steps:
- WinHttpSetStatusCallback: { hInternet: 7, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }
  succeeds: true";
    caught(case, closes, liar, "invariant: callbacks");
}

/// The value of a closed handle may be given to a new one, which has callbacks of its own.
#[test]
fn a_handle_that_is_given_away_again_is_another() {
    let case = "steps:
- { WinHttpOpen: { dwFlags: 0 }, as: a }
- WinHttpSetStatusCallback: { hInternet: $a, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }
- { WinHttpOpen: { dwFlags: 0 }, as: b }
- WinHttpSetStatusCallback: { hInternet: $b, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }
  succeeds: true";
    caught(case, opens_the_same_again, closes_the_first_again, "invariant: callbacks");
}

/// So may one that comes through a pointer.
#[test]
fn a_handle_that_is_given_away_again_through_a_pointer_is_another() {
    let case = "steps:
- WinHttpCreateProxyResolver: { hSession: 1, phResolver: { HINTERNET: NULL } }
- WinHttpSetStatusCallback: { hInternet: 7, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }
- WinHttpCreateProxyResolver: { hSession: 1, phResolver: { HINTERNET: NULL } }
- WinHttpSetStatusCallback: { hInternet: 7, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }
  succeeds: true";
    caught(case, resolves_by::<7>, resolves_by::<8>, "invariant: callbacks");
}

fn resolves_by<const HANDLE: u8>(call: &Call) -> u64 {
    if call.name == "WinHttpCreateProxyResolver" {
        call.put(1, 0, &[HANDLE, 0, 0, 0, 0, 0, 0, 0]);
    }
    says(call, &[(7, 0, CLOSING)])
}

fn opens_the_same_again(call: &Call) -> u64 {
    if call.name == "WinHttpOpen" { 7 } else { says(call, &[(7, 0, CLOSING)]) }
}

fn closes_the_first_again(call: &Call) -> u64 {
    if call.name == "WinHttpOpen" { 8 } else { says(call, &[(7, 0, CLOSING)]) }
}

fn inside(call: &Call) -> u64 {
    if call.name == "WinHttpQueryOption" {
        call.put(2, 0, &[0; 4]);
        call.put(3, 0, &[4, 0, 0, 0]);
    }
    1
}

fn after(call: &Call) -> u64 {
    call.put(2, 4, &[0]);
    1
}

fn before(call: &Call) -> u64 {
    call.put(2, -1, &[0]);
    1
}

fn after_the_length(call: &Call) -> u64 {
    call.put(3, 4, &[0; 4]);
    1
}

fn later(call: &Call) -> u64 {
    match call.name {
        "WinHttpQueryOption" => call.keep(2),
        _ => call.put_kept(6, &[0]),
    }
    1
}

fn closes(call: &Call) -> u64 {
    says(call, &[(7, 0, RESOLVING), (7, 0, CLOSING), (8, 0, RESOLVING), (8, 0, CLOSING)])
}

fn closes_twice(call: &Call) -> u64 {
    says(call, &[(7, 0, CLOSING), (7, 0, CLOSING)])
}

fn talks_after_closing(call: &Call) -> u64 {
    says(call, &[(7, 0, CLOSING), (7, 0, RESOLVING)])
}

fn says(call: &Call, notifications: &[(usize, usize, u32)]) -> u64 {
    if call.name == "WinHttpSetStatusCallback" {
        call.notify(1, notifications);
    }
    0
}
