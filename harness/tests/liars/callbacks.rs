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
#[case::last("last: CONNECTED", resolving_connected, connected_resolving)]
#[case::last_of_none("last: CONNECTED", resolving_connected, silent)]
#[case::before("before: [RESOLVING, CONNECTED]", resolving_connected, connected_resolving)]
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

const STEPS: &str = "steps:
- { WinHttpOpen: { dwFlags: 0 }, as: h }
- WinHttpSetStatusCallback: { hInternet: $h, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }";

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
