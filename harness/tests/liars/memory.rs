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

const fn wide(text: &[u8; 6]) -> [u16; 6] {
    let mut units = [0; 6];
    let mut at = 0;
    while at < 6 {
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
