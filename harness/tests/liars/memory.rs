//! What the memory behind parameters must hold.

use rstest::rstest;

use crate::caught;
use crate::fake::{Call, Does, fails, returns};

#[rstest]
#[case::dword("{ DWORD: 7 }", gives::<7>, gives::<8>)]
#[case::dword_untouched("{ DWORD: 7 }", gives::<7>, returns::<1>)]
#[case::bool("{ BOOL: TRUE }", gives::<1>, gives::<0>)]
#[case::not("{ DWORD: { not: 7 } }", gives::<8>, gives::<7>)]
#[case::at_least("{ DWORD: { at-least: 7 } }", gives::<7>, gives::<6>)]
#[case::at_most("{ DWORD: { at-most: 7 } }", gives::<7>, gives::<8>)]
#[case::one_of("{ DWORD: { one-of: [6, 7] } }", gives::<7>, gives::<8>)]
#[case::pointer("{ LPVOID: 0x100000007 }", pointer::<0x1_0000_0007>, pointer::<0x2_0000_0007>)]
#[case::dword_ptr("{ DWORD_PTR: { at-least: 0x100000000 } }", pointer::<0x1_0000_0007>, pointer::<7>)]
#[case::handle("{ HINTERNET: $opened }", pointer::<HANDLE>, pointer::<7>)]
#[case::not_the_handle("{ HINTERNET: { not: $opened } }", pointer::<7>, pointer::<HANDLE>)]
#[case::recorder("{ LPVOID: recorder }", recorder, pointer::<7>)]
#[case::text("{ text: \"ab\" }", text, other_text)]
#[case::text_with_a_dollar_sign("{ text: \"$$p\" }", text_with_a_dollar_sign, other_text)]
#[case::one_of_texts_with_a_dollar_sign(
    "{ one-of: [{ text: \"xy\" }, { text: \"$$p\" }] }",
    text_with_a_dollar_sign,
    other_text
)]
#[case::text_that_goes_on("{ text: \"ab\" }", text, longer_text)]
#[case::text_without_terminator("{ text: \"ab\" }", text, endless_text)]
#[case::one_of_texts("{ one-of: [{ text: \"xy\" }, { text: \"ab\" }] }", text, other_text)]
#[case::one_of_bytes("{ one-of: [{ bytes: \"61 00 62\" }, { text: \"xy\" }] }", text, other_text)]
#[case::bytes("{ bytes: \"61 00 62\" }", text, other_text)]
fn of_a_buffer(#[case] held: &str, #[case] honest: Does, #[case] liar: Does) {
    let case = format!(
        "steps:
- WinHttpOpen: {{ dwFlags: 0 }}
  as: opened
- WinHttpSetStatusCallback: {{ hInternet: $opened, lpfnInternetCallback: recorder, dwNotificationFlags: 0 }}
- WinHttpQueryOption: {{ hInternet: $opened, dwOption: 1, lpBuffer: {{ space: 8 }} }}
  gives: {{ lpBuffer: {held} }}"
    );
    caught(&case, honest, liar, "lpBuffer");
}

#[rstest]
#[case::number("dwAccessType: 3", info::<3, true>, info::<1, true>, "lpBuffer.dwAccessType")]
#[case::number_condition("dwAccessType: { at-least: 2 }", info::<3, true>, info::<1, true>, "lpBuffer.dwAccessType")]
#[case::text("lpszProxy: \"proxy\"", info::<3, true>, info::<4, true>, "lpBuffer.lpszProxy")]
#[case::text_that_is_not_there("lpszProxy: \"proxy\"", info::<3, true>, info::<3, false>, "lpBuffer.lpszProxy")]
#[case::null("lpszProxy: NULL", info::<3, false>, info::<3, true>, "lpBuffer.lpszProxy")]
fn of_a_struct(#[case] member: &str, #[case] honest: Does, #[case] liar: Does, #[case] what: &str) {
    let case = format!(
        "steps:
- WinHttpQueryOption: {{ hInternet: 1, dwOption: 38, lpBuffer: {{ WINHTTP_PROXY_INFO: {{}} }} }}
  gives: {{ lpBuffer: {{ WINHTTP_PROXY_INFO: {{ {member} }} }} }}"
    );
    caught(&case, honest, liar, what);
}

/// Two entries, of which the second leads to others; see [`Hosts`].
#[rstest]
#[case::number("{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { cHosts: 2 } }", 0, "lpBuffer->cHosts")]
#[case::null("{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { cHosts: 2 } }", 1, "lpBuffer")]
#[case::struct_behind_a_member(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: { pwszHost: \"one\" } } } } }",
    2,
    "lpBuffer->pHostConnectionGroups->pwszHost"
)]
#[case::null_behind_a_member(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: { cConnectionGroups: 0 } } } } }",
    3,
    "lpBuffer->pHostConnectionGroups"
)]
#[case::second_element(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: [{}, { cConnectionGroups: 1 }] } } } }",
    4,
    "lpBuffer->pHostConnectionGroups[1].cConnectionGroups"
)]
#[case::text_of_the_second_element(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: [{ pwszHost: \"one\" }, { pwszHost: \"two\" }] } } } }",
    5,
    "lpBuffer->pHostConnectionGroups[1].pwszHost"
)]
#[case::behind_the_second_element(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: [{}, { pConnectionGroups: { behind: { WINHTTP_CONNECTION_GROUP: { cConnections: 7, guidGroup.Data1: 8 } } } }] } } } }",
    6,
    "lpBuffer->pHostConnectionGroups[1].pConnectionGroups->guidGroup.Data1"
)]
#[case::bytes_behind_a_member(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: [{}, { pConnectionGroups: { behind: { bytes: \"07000000 08\" } } }] } } } }",
    6,
    "*lpBuffer->pHostConnectionGroups[1].pConnectionGroups"
)]
#[case::text_behind_a_member(
    "{ WINHTTP_QUERY_CONNECTION_GROUP_RESULT: { pHostConnectionGroups: { behind: { WINHTTP_HOST_CONNECTION_GROUP: { pwszHost: { behind: { one-of: [{ text: \"none\" }, { text: \"one\" }] } } } } } } }",
    2,
    "*lpBuffer->pHostConnectionGroups->pwszHost"
)]
#[case::pointer_behind_a_pointer(
    "{ behind: { WINHTTP_HOST_CONNECTION_GROUP: [{}, { cConnectionGroups: 1 }] } }",
    4,
    "*lpBuffer[1].cConnectionGroups"
)]
fn behind_pointers(#[case] held: &str, #[case] lie: usize, #[case] what: &str) {
    // The last case begins where the hosts are.
    let begin = if held.starts_with("{ behind") { "DWORD_PTR: 1" } else { "DWORD_PTR: 0" };
    let case = format!(
        "steps:
- WinHttpQueryOption: {{ hInternet: 1, dwOption: 1, lpBuffer: {{ {begin} }} }}
  gives: {{ lpBuffer: {{ behind: {held} }} }}"
    );
    const LIARS: [Does; 7] =
        [hosts::<0>, hosts::<1>, hosts::<2>, hosts::<3>, hosts::<4>, hosts::<5>, hosts::<6>];
    caught(&case, hosts::<7>, LIARS[lie], what);
}

#[rstest]
#[case::equals("rgullTimes[5]", ": \"$t.lpBuffer.rgullTimes[4]\"", times::<7, 7>, times::<7, 8>)]
#[case::not("rgullTimes[5]", ": { not: \"$t.lpBuffer.rgullTimes[4]\" }", times::<7, 8>, times::<7, 7>)]
#[case::at_least("rgullTimes[5]", ": { at-least: \"$t.lpBuffer.rgullTimes[4]\" }", times::<7, 7>, times::<7, 6>)]
#[case::at_most("rgullTimes[5]", ": { at-most: \"$t.lpBuffer.rgullTimes[4]\" }", times::<7, 7>, times::<7, 8>)]
#[case::of_an_earlier_call("rgullTimes[5]", ": { at-least: \"$e.lpBuffer.rgullTimes[5]\" }", later::<1>, later::<0>)]
#[case::smaller_numbers("cTimes", ": { at-most: \"$e.lpBuffer.cTimes\" }", times::<1, 2>, later::<1>)]
#[case::a_whole_number("cTimes", ": { at-most: \"$e.lpdwBufferLength\" }", times::<1, 2>, later::<1>)]
fn compared_with_each_other(
    #[case] member: &str,
    #[case] condition: &str,
    #[case] honest: Does,
    #[case] liar: Does,
) {
    let query = |dw_option: u32| {
        format!(
            "- WinHttpQueryOption: {{ hInternet: 1, dwOption: {dw_option}, lpBuffer: {{ WINHTTP_REQUEST_TIMES: {{ cTimes: 64 }} }}, lpdwBufferLength: 64 }}"
        )
    };
    let case = format!(
        "steps:
{}
  as: e
  succeeds: true
{}
  as: t
  gives: {{ lpBuffer: {{ WINHTTP_REQUEST_TIMES: {{ \"{member}\"{condition} }} }} }}",
        query(1),
        query(2)
    );
    caught(&case, honest, liar, &format!("lpBuffer.{member}"));
}

#[test]
fn narrow_text_of_a_member() {
    let case = "steps:
- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { WINHTTP_CREDS: {} } }
  gives: { lpBuffer: { WINHTTP_CREDS: { lpszUserName: me, lpszPassword: NULL } } }";
    caught(case, narrow::<0>, narrow::<1>, "lpBuffer.lpszUserName");
    caught(case, narrow::<0>, narrow::<2>, "lpBuffer.lpszPassword");
}

/// A pointer does not fit into the memory, so nothing lies behind it.
#[test]
fn behind_a_pointer_that_does_not_fit() {
    let case = "steps:
- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { space: 4 } }
  gives: { lpBuffer: { behind: { DWORD: 7 } } }";
    let told = crate::fake::ask(case, gives::<7>);
    assert_eq!(
        told.reason,
        "lpBuffer: expected a pointer to {DWORD: 7}, observed memory too small to hold it"
    );
}

#[rstest]
#[case::after_success("succeeds: true", length::<4, 1>, length::<5, 1>)]
#[case::after_the_promised_failure("fails: ERROR_INSUFFICIENT_BUFFER", length::<4, 0>, length::<8, 0>)]
fn of_a_length(#[case] outcome: &str, #[case] honest: Does, #[case] liar: Does) {
    let case = format!(
        "steps:
- WinHttpQueryOption: {{ hInternet: 1, dwOption: 1, lpBuffer: {{ space: 2 }} }}
  {outcome}
  gives: {{ lpdwBufferLength: 4 }}"
    );
    caught(&case, honest, liar, "lpdwBufferLength");
}

#[rstest]
#[case::after_failure("fails: true", fails::<122>, scribbles::<0>)]
#[case::after_success("succeeds: true", returns::<1>, scribbles::<1>)]
fn unchanged(#[case] outcome: &str, #[case] honest: Does, #[case] liar: Does) {
    let case = format!(
        "steps:
- WinHttpQueryOption: {{ hInternet: 1, dwOption: 1, lpBuffer: {{ bytes: \"00112233\", size: 8 }} }}
  {outcome}
  unchanged: [lpBuffer]"
    );
    caught(&case, honest, liar, "lpBuffer");
}

/// What WinHttpOpen returns.
const HANDLE: u64 = 0x1_2345_6789;

fn gives<const NUMBER: u32>(call: &Call) -> u64 {
    buffer(call, &NUMBER.to_le_bytes())
}

fn pointer<const WORD: u64>(call: &Call) -> u64 {
    buffer(call, &WORD.to_le_bytes());
    if call.name == "WinHttpOpen" { HANDLE } else { 1 }
}

/// Memory is read after a success, so a failure would keep every promise about it.
#[test]
fn of_a_call_that_fails() {
    let case = "steps:
- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { space: 4 } }
  gives: { lpBuffer: { DWORD: 7 } }";
    caught(case, gives::<7>, fails::<122>, "return value");
}

fn recorder(call: &Call) -> u64 {
    match call.name {
        "WinHttpSetStatusCallback" => call.keep(1),
        "WinHttpQueryOption" => {
            let pointer = call.kept().to_le_bytes();
            call.put(2, 0, &pointer);
        }
        _ => {}
    }
    1
}

fn text(call: &Call) -> u64 {
    buffer(call, b"a\0b\0\0\0")
}

fn text_with_a_dollar_sign(call: &Call) -> u64 {
    buffer(call, b"$\0p\0\0\0")
}

fn other_text(call: &Call) -> u64 {
    buffer(call, b"a\0c\0\0\0")
}

fn longer_text(call: &Call) -> u64 {
    buffer(call, b"a\0b\0c\0\0\0")
}

fn endless_text(call: &Call) -> u64 {
    buffer(call, b"a\0b\0c\0d\0")
}

fn buffer(call: &Call, bytes: &[u8]) -> u64 {
    if call.name == "WinHttpQueryOption" {
        call.put(2, 0, bytes);
    }
    1
}

/// A WINHTTP_PROXY_INFO; access type 4 comes with another text.
fn info<const ACCESS: u32, const PROXY: bool>(call: &Call) -> u64 {
    static PROXIES: [[u16; 6]; 2] = [wide(b"proxy\0"), wide(b"peoxy\0")];
    call.put(2, 0, &[0; 24]);
    call.put(2, 0, &ACCESS.to_le_bytes());
    if PROXY {
        let text = &PROXIES[usize::from(ACCESS == 4)];
        call.put(2, 8, &text.as_ptr().expose_provenance().to_le_bytes());
    }
    1
}

/// Two hosts, of which the second has a group. Every lie differs from the truth in one place.
struct Hosts {
    result: [usize; 2],
    hosts: [usize; 6],
    group: [u32; 5],
}

fn hosts<const LIE: usize>(call: &Call) -> u64 {
    const ONE: [u16; 4] = wide(b"one\0");
    static NAMES: [[u16; 4]; 3] = [ONE, wide(b"two\0"), wide(b"too\0")];
    let name = |at: usize| NAMES[at].as_ptr().expose_provenance();
    // What is given to the case outlives it.
    let given: &'static mut Hosts = Box::leak(Box::new(Hosts {
        result: [if LIE == 0 { 3 } else { 2 }, 0],
        hosts: [
            name(if LIE == 2 { 2 } else { 0 }),
            0,
            0,
            name(if LIE == 5 { 2 } else { 1 }),
            if LIE == 4 { 2 } else { 1 },
            0,
        ],
        group: [7, if LIE == 6 { 9 } else { 8 }, 0, 0, 0],
    }));
    given.hosts[5] = given.group.as_ptr().expose_provenance();
    given.result[1] = if LIE == 3 { 0 } else { given.hosts.as_ptr().expose_provenance() };
    let second = call.got(2) == 1;
    let pointer = match LIE {
        1 => 0,
        _ if second => given.result[1..].as_ptr().expose_provenance(),
        _ => given.result.as_ptr().expose_provenance(),
    };
    call.put(2, 0, &pointer.to_le_bytes());
    1
}

/// A WINHTTP_REQUEST_TIMES with two of its times.
fn times<const FOURTH: u64, const FIFTH: u64>(call: &Call) -> u64 {
    call.put(2, 8 + 4 * 8, &FOURTH.to_le_bytes());
    call.put(2, 8 + 5 * 8, &FIFTH.to_le_bytes());
    1
}

/// The second query gives a later time than the first, or an earlier one, and more of them.
fn later<const LATER: u64>(call: &Call) -> u64 {
    let first = call.words[1] == 1;
    call.put(2, 8 + 5 * 8, &if first { 5_u64 } else { 4 + 2 * LATER }.to_le_bytes());
    call.put(2, 0, &if first { 64_u32 } else { 65 }.to_le_bytes());
    1
}

/// A WINHTTP_CREDS.
fn narrow<const LIE: u32>(call: &Call) -> u64 {
    static NAMES: [[u8; 3]; 2] = [*b"me\0", *b"no\0"];
    call.put(2, 0, &[0; 16]);
    call.put(2, 0, &NAMES[usize::from(LIE == 1)].as_ptr().expose_provenance().to_le_bytes());
    if LIE == 2 {
        call.put(2, 8, &NAMES[0].as_ptr().expose_provenance().to_le_bytes());
    }
    1
}

const fn wide<const LENGTH: usize>(text: &[u8; LENGTH]) -> [u16; LENGTH] {
    let mut units = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        units[at] = text[at] as u16;
        at += 1;
    }
    units
}

fn length<const LENGTH: u32, const SUCCESS: u64>(call: &Call) -> u64 {
    call.put(3, 0, &LENGTH.to_le_bytes());
    if SUCCESS == 0 { call.fail(122) } else { 1 }
}

fn scribbles<const SUCCESS: u64>(call: &Call) -> u64 {
    call.put(2, 7, &[0]);
    if SUCCESS == 0 { call.fail(122) } else { 1 }
}
