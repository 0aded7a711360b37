//! Rules about callbacks, and waiting for one.

use rstest::rstest;

use crate::caught;
use crate::fake::{Call, Does};

const RESOLVING: u32 = 0x1;
const CONNECTED: u32 = 0x8;
/// The handle that the rules are about, and another.
const OURS: usize = 7;
const OTHER: usize = 9;
const CONTEXT: usize = 0xC0;

#[rstest]
#[case::once_but_never("once: RESOLVING", once, silent)]
#[case::once_but_twice("once: RESOLVING", once, twice)]
#[case::once_on_this_handle("once: RESOLVING, on: $h", once, on_another)]
#[case::never("never: RESOLVING", silent, once)]
#[case::never_on_this_handle("never: RESOLVING, on: $h", on_another, once)]
#[case::some("some: RESOLVING", twice, silent)]
#[case::once_of_several("once: [RESOLVING, CONNECTED]", once, resolving_connected)]
#[case::at_most_once("at-most-once: RESOLVING", silent, twice)]
#[case::so_many("some: RESOLVING, times: 2", twice, once)]
#[case::by_its_short_name("once: HANDLE_CREATED", created_resolving_connected, silent)]
#[case::of_a_recorder("once: RESOLVING, recorder: 0", once, silent)]
#[case::on_the_caller_s_thread("some: RESOLVING, thread: caller", once, elsewhere)]
#[case::on_another_thread("some: RESOLVING, thread: other", elsewhere, once)]
#[case::during_a_call("once: RESOLVING, during: $set", once, too_late)]
#[case::during_a_later_call("once: RESOLVING, during: $close", too_late, once)]
#[case::after_a_call("never: RESOLVING, after: $set", once, too_late)]
#[case::last("last: CONNECTED", resolving_connected, connected_resolving)]
#[case::last_of_none("last: CONNECTED", resolving_connected, silent)]
#[case::before("before: [RESOLVING, CONNECTED]", resolving_connected, connected_resolving)]
#[case::before_of_three(
    "before: [HANDLE_CREATED, RESOLVING, CONNECTED]",
    created_resolving_connected,
    connected_resolving
)]
#[case::before_without_the_first("before: [RESOLVING, CONNECTED]", silent, connected)]
#[case::context("once: RESOLVING, context: 0xC0", once, with_another_context)]
#[case::context_of_each("some: RESOLVING, context: 0xC0", once, with_another_context_later)]
#[case::context_of_the_last("last: RESOLVING, context: 0xC0", once, with_another_context)]
#[case::context_in_an_order(
    "before: [RESOLVING, CONNECTED], context: 0xC0",
    resolving_connected,
    in_another_context
)]
fn rules(#[case] rule: &str, #[case] honest: Does, #[case] liar: Does) {
    let rule = rule.replace("RESOLVING", "WINHTTP_CALLBACK_STATUS_RESOLVING_NAME");
    let rule = rule.replace("CONNECTED", "WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER");
    caught(&format!("{STEPS}\ncallbacks: [{{ {rule} }}]"), honest, liar, "callbacks");
}

#[rstest]
#[case::comes("within: 1", once, silent)]
#[case::comes_on_this_handle("within: 1, on: $h", once, on_another)]
#[case::comes_not("within: 1, comes: false", silent, once)]
#[case::comes_not_on_this_handle("within: 1, on: $h, comes: false", on_another, once)]
fn waiting(#[case] how: &str, #[case] honest: Does, #[case] liar: Does) {
    let wait = format!("wait: WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, {how}");
    let shown = wait.replace(", comes: false", "").replace("within: 1, on: $h", "on: $h, within: 1");
    caught(&format!("{STEPS}\n- {{ {wait} }}"), honest, liar, &shown);
}

#[rstest]
#[case::so_many("RESOLVING_NAME, times: 2", twice, once)]
#[case::any_of_several("[CONNECTED_TO_SERVER, RESOLVING_NAME]", once, silent)]
#[case::so_many_of_several("[CONNECTED_TO_SERVER, RESOLVING_NAME], times: 2", resolving_connected, once)]
fn waiting_for_more(#[case] wait: &str, #[case] honest: Does, #[case] liar: Does) {
    let name = |name: &str| format!("WINHTTP_CALLBACK_STATUS_{name}");
    let shown = ["CONNECTED_TO_SERVER", "RESOLVING_NAME"]
        .iter()
        .fold(wait.to_owned(), |text, it| text.replace(it, &name(it)));
    caught(
        &format!("{STEPS}\n- {{ wait: {wait}, within: 1 }}"),
        honest,
        liar,
        &format!("wait: {shown}, within: 1"),
    );
}

#[rstest]
#[case::nothing("HEADERS_AVAILABLE, with: NULL", none::<0x2_0000>, number::<0x2_0000, 0>)]
#[case::a_number("REQUEST_SENT, with: { DWORD: 5 }", number::<0x20, 5>, number::<0x20, 6>)]
#[case::a_number_that_is_not_there("REQUEST_SENT, with: { DWORD: 5 }", number::<0x20, 5>, none::<0x20>)]
#[case::a_number_of_a_kind("REQUEST_SENT, with: { DWORD: { at-least: 5 } }", number::<0x20, 5>, number::<0x20, 4>)]
#[case::a_length("DATA_AVAILABLE, with: { length: 4 }", number::<0x4_0000, 9>, length::<0x4_0000, 3>)]
#[case::a_text("RESOLVING_NAME, with: { text: here }", here, there)]
#[case::a_handle("HANDLE_CREATED, with: { HINTERNET: $h }", number::<0x400, OURS>, number::<0x400, OTHER>)]
#[case::the_function_of_a_result(
    "REQUEST_ERROR, with: { WINHTTP_ASYNC_RESULT: { dwResult: API_READ_DATA } }",
    result::<3, 6>,
    result::<4, 6>
)]
#[case::the_error_of_a_result(
    "REQUEST_ERROR, with: { WINHTTP_ASYNC_RESULT: { dwError: ERROR_INVALID_HANDLE } }",
    result::<3, 6>,
    result::<3, 7>
)]
#[case::the_memory_of_a_call(
    "READ_COMPLETE, with: { at: $query.lpBuffer, length: 2 }",
    memory,
    beside_the_memory
)]
#[case::what_is_in_the_memory("READ_COMPLETE, with: { bytes: \"cdcd\" }", memory, number::<0x8_0000, 1>)]
fn coming_with(#[case] rule: &str, #[case] honest: Does, #[case] liar: Does) {
    let query = "- { WinHttpQueryOption: { hInternet: $h, dwOption: 1, lpBuffer: { space: 4 } }, as: query }";
    let steps = STEPS.replace("\n- WinHttpSet", &format!("\n{query}\n- WinHttpSet"));
    caught(&format!("{steps}\ncallbacks: [{{ once: {rule} }}]"), honest, liar, "callbacks");
}

/// The second callback that is set is another than the first.
#[test]
fn of_one_recorder() {
    let set = |recorder, flags| {
        format!(
            "- WinHttpSetStatusCallback: {{ hInternet: 7, lpfnInternetCallback: {recorder}, dwNotificationFlags: {flags} }}"
        )
    };
    let (first, second) = (set("recorder", 1), set("recorder-1", 2));
    let case = format!("steps:\n{first}\n{second}\ncallbacks: [{{ once: RESOLVING_NAME, recorder: 1 }}]");
    caught(&case, tells_the::<2>, tells_the::<1>, "callbacks");
}

fn tells_the<const FLAGS: usize>(call: &Call) -> u64 {
    if call.words[2] == FLAGS {
        call.notify(1, &[(OURS, CONTEXT, RESOLVING)]);
    }
    0
}

fn none<const STATUS: u32>(call: &Call) -> u64 {
    comes_with(call, STATUS, 0, 0)
}

/// A pointer-sized number whose length the documentation of most statuses does not tell.
fn number<const STATUS: u32, const NUMBER: usize>(call: &Call) -> u64 {
    comes_with(call, STATUS, std::ptr::from_ref(&NUMBER).expose_provenance(), 4)
}

fn length<const STATUS: u32, const LENGTH: u32>(call: &Call) -> u64 {
    comes_with(call, STATUS, std::ptr::from_ref(&[0_u8; 4]).expose_provenance(), LENGTH)
}

fn here(call: &Call) -> u64 {
    comes_with(call, RESOLVING, [104_u16, 101, 114, 101, 0].as_ptr().expose_provenance(), 0)
}

fn there(call: &Call) -> u64 {
    comes_with(call, RESOLVING, [116_u16, 104, 101, 114, 101, 0].as_ptr().expose_provenance(), 0)
}

fn result<const FUNCTION: u64, const ERROR: u64>(call: &Call) -> u64 {
    comes_with(call, 0x20_0000, [FUNCTION, ERROR].as_ptr().expose_provenance(), 16)
}

fn memory(call: &Call) -> u64 {
    comes_with(call, 0x8_0000, call.kept(), 2)
}

fn beside_the_memory(call: &Call) -> u64 {
    comes_with(call, 0x8_0000, call.kept() + 1, 2)
}

fn comes_with(call: &Call, status: u32, information: usize, length: u32) -> u64 {
    match call.name {
        "WinHttpOpen" => OURS as u64,
        "WinHttpQueryOption" => {
            call.keep(2);
            1
        }
        "WinHttpSetStatusCallback" => {
            call.notify_with(1, status, information, length);
            0
        }
        _ => 1,
    }
}

const STEPS: &str = "steps:
- { WinHttpOpen: { dwFlags: 0 }, as: h }
- WinHttpSetStatusCallback: { hInternet: $h, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }
  as: set
- WinHttpCloseHandle: { hInternet: $h }
  as: close";

fn says(call: &Call, notifications: &[(usize, usize, u32)]) -> u64 {
    match call.name {
        "WinHttpOpen" => OURS as u64,
        "WinHttpSetStatusCallback" => {
            call.notify(1, notifications);
            0
        }
        _ => 1,
    }
}

fn silent(call: &Call) -> u64 {
    says(call, &[])
}

fn once(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, RESOLVING)])
}

fn twice(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, RESOLVING), (OURS, CONTEXT, RESOLVING)])
}

fn elsewhere(call: &Call) -> u64 {
    if call.name == "WinHttpSetStatusCallback" {
        call.notify_elsewhere(1, OURS, RESOLVING);
    }
    says(call, &[])
}

fn too_late(call: &Call) -> u64 {
    match call.name {
        "WinHttpSetStatusCallback" => call.keep(1),
        "WinHttpCloseHandle" => call.notify_kept(OURS, RESOLVING),
        _ => {}
    }
    says(call, &[])
}

fn created_resolving_connected(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, 0x400), (OURS, CONTEXT, RESOLVING), (OURS, CONTEXT, CONNECTED)])
}

fn on_another(call: &Call) -> u64 {
    says(call, &[(OTHER, CONTEXT, RESOLVING)])
}

fn connected(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, CONNECTED)])
}

fn resolving_connected(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, RESOLVING), (OURS, CONTEXT, CONNECTED)])
}

fn connected_resolving(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, CONNECTED), (OURS, CONTEXT, RESOLVING)])
}

fn with_another_context(call: &Call) -> u64 {
    says(call, &[(OURS, 1, RESOLVING)])
}

fn with_another_context_later(call: &Call) -> u64 {
    says(call, &[(OURS, CONTEXT, RESOLVING), (OURS, 1, RESOLVING)])
}

fn in_another_context(call: &Call) -> u64 {
    says(call, &[(OURS, 1, RESOLVING), (OURS, CONTEXT, CONNECTED)])
}
