//! Steps in callbacks and beside others.

use rstest::rstest;

use crate::caught;
use crate::fake::{Call, Does};

const RESOLVING: u32 = 0x1;
const CLOSING: u32 = 0x800;
const SET: &str =
    "WinHttpSetStatusCallback: { hInternet: 7, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }";

/// What is expected of a call in a callback is held against it like that of any other.
#[test]
fn a_call_in_a_callback() {
    let case = format!(
        "steps:
- {{ WinHttpOpen: {{ dwFlags: 0 }}, as: h }}
- when: RESOLVING_NAME
  on: $h
  do:
    - WinHttpQueryOption: {{ hInternet: $callback, dwOption: 1 }}
      succeeds: true
- {SET}"
    );
    caught(&case, finds_the_handle, finds_no_handle, "return value");
}

#[rstest]
#[case::comes("", once, silent)]
#[case::a_second_comes("nth: 2\n  ", twice, once)]
#[case::comes_on_this_handle("on: $h\n  ", once, on_another)]
fn a_callback_to_do_something_in(#[case] how: &str, #[case] honest: Does, #[case] liar: Does) {
    let case = format!(
        "steps:
- {{ WinHttpOpen: {{ dwFlags: 0 }}, as: h }}
- when: RESOLVING_NAME
  {how}do: [{{ WinHttpCloseHandle: {{ hInternet: 9 }}, succeeds: true }}]
- {SET}"
    );
    let keys = how.trim().replace("on: $h", ", on: $h").replace("nth: 2", ", nth: 2");
    caught(&case, honest, liar, &format!("when: WINHTTP_CALLBACK_STATUS_RESOLVING_NAME{keys}"));
}

/// It need not come, but if it does, what is to be done in it is judged.
#[test]
fn a_callback_that_may_come() {
    let case = format!(
        "steps:
- when: RESOLVING_NAME
  optional: true
  do: [{{ WinHttpCloseHandle: {{ hInternet: 9 }}, fails: true }}]
- {SET}
  returns: NULL"
    );
    caught(&case, silent, once, "return value");
}

#[test]
fn a_call_beside_the_others() {
    let case = "steps:
- meanwhile:
    - WinHttpCloseHandle: { hInternet: 9 }
      succeeds: true
  as: other
- join: $other";
    caught(case, |_| 1, |call| call.fail(6), "return value");
}

#[test]
fn waiting_for_what_is_done_in_a_callback() {
    let case = format!(
        "steps:
- when: RESOLVING_NAME
  optional: true
  do: [{{ WinHttpCloseHandle: {{ hInternet: 9 }}, succeeds: true }}]
  as: done
- {SET}
- {{ join: $done, within: 1 }}"
    );
    caught(&case, once, silent, "join: $done, within: 1");
}

/// HANDLE_CLOSING does not come while another callback of the handle is at work.
#[test]
fn closing_during_another_callback() {
    let case = format!(
        "steps:
- {{ WinHttpOpen: {{ dwFlags: 0 }}, as: h }}
- when: RESOLVING_NAME
  on: $h
  do: [{{ WinHttpCloseHandle: {{ hInternet: $callback }}, succeeds: true }}]
- {SET}"
    );
    caught(&case, closes_afterwards, closes_at_once, "invariant: callbacks");
}

fn closes_afterwards(call: &Call) -> u64 {
    match call.name {
        "WinHttpOpen" => 7,
        "WinHttpSetStatusCallback" => {
            call.notify(1, &[(7, 0, RESOLVING), (7, 0, CLOSING)]);
            0
        }
        _ => 1,
    }
}

fn closes_at_once(call: &Call) -> u64 {
    match call.name {
        "WinHttpOpen" => 7,
        "WinHttpSetStatusCallback" => {
            call.keep(1);
            call.notify(1, &[(7, 0, RESOLVING)]);
            0
        }
        "WinHttpCloseHandle" => {
            call.notify_kept(7, CLOSING);
            1
        }
        _ => 1,
    }
}

fn finds_the_handle(call: &Call) -> u64 {
    match call.name {
        "WinHttpQueryOption" if call.words[0] != 7 => call.fail(6),
        _ => once(call),
    }
}

fn finds_no_handle(call: &Call) -> u64 {
    match call.name {
        "WinHttpQueryOption" => call.fail(6),
        _ => once(call),
    }
}

fn silent(call: &Call) -> u64 {
    says(call, &[])
}

fn once(call: &Call) -> u64 {
    says(call, &[(7, 0, RESOLVING)])
}

fn twice(call: &Call) -> u64 {
    says(call, &[(7, 0, RESOLVING), (7, 0, RESOLVING)])
}

fn on_another(call: &Call) -> u64 {
    says(call, &[(9, 0, RESOLVING)])
}

fn says(call: &Call, notifications: &[(usize, usize, u32)]) -> u64 {
    match call.name {
        "WinHttpOpen" => 7,
        "WinHttpSetStatusCallback" => {
            call.notify(1, notifications);
            0
        }
        _ => 1,
    }
}
