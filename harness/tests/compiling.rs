//! What a case becomes: its ids, its lengths, its memory, and what is given back.

use rstest::rstest;
use winhttp_conformance::case::Case;
use winhttp_conformance::compile::{Compiled, compile, uses};
use winhttp_conformance::load::load_text;
use winhttp_machine::{Call, Copy, Place, Shape, Step, Word};
use winhttp_spec::structs::Width;

fn load(case: &str) -> Vec<Case> {
    let indented = case.trim().replace('\n', "\n    ");
    let text = format!("covers: [WinHttpResetAutoProxy/success]\ncases:\n  it:\n    {indented}\n");
    load_text("f", "f.yaml", &text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn plan(steps: &str) -> Compiled {
    compile(&load(&format!("steps:\n{steps}"))[0], 8080, Width::W64).expect("it compiles")
}

fn call(compiled: &Compiled, at: usize) -> &Call {
    let Step::Call(call) = &compiled.plan.steps[at] else { panic!("{:?}", compiled.plan.steps[at]) };
    call
}

/// The length that a call gets for its buffer.
fn length(call: &Call) -> u64 {
    match call.arguments[3] {
        Word::Number(number) => number,
        word => panic!("{word}"),
    }
}

#[rstest]
#[case::dword("{ DWORD: 1 }", 4)]
#[case::pointer("{ DWORD_PTR: 1 }", 8)]
#[case::bytes("{ bytes: \"00 11 22\" }", 3)]
#[case::space("{ space: 100 }", 100)]
#[case::a_struct("{ WINHTTP_PROXY_INFO: {} }", 24)]
#[case::another_size("{ DWORD: 1, size: 3 }", 3)]
#[case::null("NULL", 0)]
fn lengths_of_option_buffers(#[case] buffer: &str, #[case] expected: u64) {
    let steps = format!(
        "- WinHttpSetOption: {{ hInternet: 1, dwOption: WINHTTP_OPTION_CONTEXT_VALUE, lpBuffer: {buffer} }}\n  open: true"
    );
    assert_eq!(length(call(&plan(&steps), 0)), expected);
}

#[rstest]
#[case::terminated("Accept: a", 9)]
#[case::empty("", 0)]
#[case::beyond_the_basic_plane("\u{1F600}", 2)]
fn lengths_of_texts_are_characters_without_terminator(#[case] text: &str, #[case] expected: u64) {
    let steps = format!(
        "- WinHttpAddRequestHeaders: {{ hRequest: 1, lpszHeaders: \"{text}\", dwModifiers: 0 }}\n  open: true"
    );
    assert_eq!(call(&plan(&steps), 0).arguments[2], Word::Number(expected));
}

#[test]
fn a_length_that_the_case_gives_is_kept() {
    let compiled = plan(
        "- WinHttpSetOption: { hInternet: 1, dwOption: 1, lpBuffer: { DWORD: 1 }, dwBufferLength: 0xFFFFFFFF }\n  open: true",
    );
    assert_eq!(length(call(&compiled, 0)), 0xFFFF_FFFF);
}

#[test]
fn a_length_behind_a_pointer_is_memory_of_its_own() {
    let compiled = plan(
        "- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { space: 7 } }\n  gives: { lpdwBufferLength: 7 }",
    );
    let Word::Pointer(buffer, 0) = call(&compiled, 0).arguments[3] else { panic!("a pointer") };
    let buffer = &compiled.plan.buffers[buffer as usize];
    assert_eq!((buffer.length, &buffer.bytes.0[..]), (4, &[7, 0, 0, 0][..]));
}

#[test]
fn text_is_utf_16_with_and_without_terminator() {
    let compiled = plan(
        "- WinHttpSetOption: { hInternet: 1, dwOption: 1, lpBuffer: { text: \"aé\" } }\n  open: true
- WinHttpSetOption: { hInternet: 1, dwOption: 1, lpBuffer: { chars: \"aé\", edge: true } }\n  open: true",
    );
    let [terminated, bare] = &compiled.plan.buffers[..] else { panic!("two buffers") };
    assert_eq!((&terminated.bytes.0[..], terminated.place), (&b"a\0\xE9\0\0\0"[..], Place::Watched));
    assert_eq!((&bare.bytes.0[..], bare.place), (&b"a\0\xE9\0"[..], Place::Edge));
}

#[test]
fn members_stand_where_the_c_compiler_puts_them() {
    let compiled = plan(
        "- WinHttpSetOption: { hInternet: 1, dwOption: 38, lpBuffer: { WINHTTP_PROXY_INFO: { dwAccessType: 3, lpszProxy: \"p\" } } }\n  open: true",
    );
    let [text, info] = &compiled.plan.buffers[..] else { panic!("two buffers") };
    assert_eq!(text.bytes.0[..], *b"p\0\0\0");
    assert_eq!((info.length, &info.bytes.0[..4]), (24, &[3, 0, 0, 0][..]));
    let Step::Put(put) = &compiled.plan.steps[0] else { panic!("the pointer is put in before the call") };
    assert_eq!((put.buffer, put.offset, put.word), (1, 8, Word::Pointer(0, 0)));
}

#[test]
fn an_array_of_structs_is_counted_in_elements() {
    let compiled = plan(
        "- WinHttpAddRequestHeadersEx: { hRequest: 1, dwModifiers: 0, ullFlags: 0, pHeaders: { WINHTTP_EXTENDED_HEADER: [{ pwszName: a }, { pszName: b, pszValue: \"\" }] } }\n  open: true",
    );
    let [wide, narrow, empty, array] = &compiled.plan.buffers[..] else { panic!("three texts, one array") };
    assert_eq!(wide.bytes.0[..], *b"a\0\0\0");
    assert_eq!((&narrow.bytes.0[..], &empty.bytes.0[..]), (&b"b\0"[..], &b"\0"[..]));
    assert_eq!(array.length, 32);
    let put = |at: usize| match &compiled.plan.steps[at] {
        Step::Put(put) => (put.buffer, put.offset, put.word),
        other => panic!("{other:?}"),
    };
    let text = |buffer| Word::Pointer(buffer, 0);
    assert_eq!([put(0), put(1), put(2)], [(3, 0, text(0)), (3, 16, text(1)), (3, 24, text(2))]);
    assert_eq!(call(&compiled, 3).arguments[4], Word::Number(2), "cHeaders");
}

#[test]
fn a_struct_of_an_earlier_call_is_given_as_it_is() {
    let compiled = plan(
        "- WinHttpGetDefaultProxyConfiguration: { pProxyInfo: { WINHTTP_PROXY_INFO: {} } }\n  as: q\n  open: true
- WinHttpSetDefaultProxyConfiguration: { pProxyInfo: $q.pProxyInfo }\n  open: true
- GlobalFree: { hMem: $q.pProxyInfo.lpszProxy }\n  open: true",
    );
    let given = |at| call(&compiled, at).arguments[0];
    assert_eq!(given(0), Word::Pointer(0, 0));
    assert_eq!(given(1), given(0), "its address");
    assert_eq!(given(2), Word::Load(0, 8), "what is in it");
}

#[test]
fn what_lies_behind_pointers_is_copied_once_a_place() {
    let compiled = plan(
        "- WinHttpQueryOption: { hInternet: 1, dwOption: 1, lpBuffer: { LPVOID: NULL } }\n  gives: { lpBuffer: { behind: { WINHTTP_PROXY_RESULT: { cEntries: 2, pEntries: { behind: { WINHTTP_PROXY_RESULT_ENTRY: [{ fProxy: 1 }, { pwszProxy: p }] } } } } } }",
    );
    let copies = &call(&compiled, 0).copy;
    let behind = |path: &[u32], shape| Copy::Behind(0, path.to_vec(), shape);
    let expected = [
        Copy::Range(0, 0, 8),
        behind(&[0], Shape::Bytes(16)),
        behind(&[0, 8], Shape::Bytes(64)),
        behind(&[0, 8, 32 + 16], Shape::Text),
        // The length.
        Copy::Range(1, 0, 4),
    ];
    assert_eq!(copies[..], expected);
}

#[rstest]
#[case::no_such_member("$t.lpBuffer.cTime")]
#[case::no_such_element("$t.lpBuffer.rgullTimes[64]")]
#[case::no_such_memory("$t.hInternet")]
fn a_number_to_compare_with_that_is_not_there(#[case] reference: &str) {
    let steps = format!(
        "steps:\n- WinHttpQueryOption: {{ hInternet: 1, dwOption: 1, lpBuffer: {{ WINHTTP_REQUEST_TIMES: {{}} }} }}\n  as: t\n  gives: {{ lpBuffer: {{ WINHTTP_REQUEST_TIMES: {{ cTimes: {{ at-least: \"{reference}\" }} }} }} }}"
    );
    assert!(compile(&load(&steps)[0], 8080, Width::W64).is_err());
}

#[test]
fn what_is_obtained_is_given_back_the_last_first() {
    let compiled = plan("- request: r\n- WinHttpCloseHandle: { hInternet: $r.connect }\n  succeeds: true");
    let given_back: Vec<_> = compiled
        .plan
        .finally
        .iter()
        .map(|step| match step {
            Step::Call(call) => (call.function.as_str(), call.arguments[0], call.unless_zero),
            other => panic!("{other:?}"),
        })
        .collect();
    let close = |step| ("WinHttpCloseHandle", Word::Kept(step), Some(Word::Kept(step)));
    assert_eq!(given_back, [close(2), close(0)], "the connection was closed by the case");
}

#[test]
fn a_set_up_must_succeed_and_the_question_need_not() {
    let compiled = plan("- connect: c\n- WinHttpCloseHandle: { hInternet: $c }\n  fails: true");
    let required: Vec<bool> = (0..3).map(|at| call(&compiled, at).require).collect();
    assert_eq!(required, [true, true, false]);
    assert_eq!(call(&compiled, 1).arguments[2], Word::Number(8080), "the peer's port");
}

#[rstest]
#[case::none("each: { a: [1, 2] }\nsteps: [{ WinHttpOpen: { dwFlags: $a }, open: true }]", &["f/it[a=1]", "f/it[a=2]"])]
#[case::every_combination(
    "each: { a: [1, 2], b: [NULL, WINHTTP_FLAG_ASYNC] }\nsteps: [{ WinHttpOpen: { dwFlags: $a, dwAccessType: $b }, open: true }]",
    &["f/it[a=1,b=NULL]", "f/it[a=1,b=WINHTTP_FLAG_ASYNC]", "f/it[a=2,b=NULL]", "f/it[a=2,b=WINHTTP_FLAG_ASYNC]"]
)]
#[case::row_by_row(
    "each: [{ a: 1, b: x y }, { a: 2, b: { DWORD: 3 } }]\nsteps: [{ WinHttpSetOption: { hInternet: NULL, dwOption: $a, lpBuffer: { DWORD: 3 } }, open: true }, { WinHttpOpen: { pszAgentW: $b }, open: true }]",
    &["f/it[a=1]", "f/it[a=2]"]
)]
#[case::as_many_values_as_tell_rows_apart(
    "each: [{ a: 1, b: 1, c: 1 }, { a: 1, b: 2, c: 1 }, { a: 2, b: 1, c: 1 }]\nsteps: [{ WinHttpOpen: { dwFlags: $a, dwAccessType: $b }, open: true }, { WinHttpOpen: { dwFlags: $c }, open: true }]",
    &["f/it[a=1,b=1]", "f/it[a=1,b=2]", "f/it[a=2,b=1]"]
)]
#[case::named_rows(
    "each: [{ as: none, a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 2 }]\nsteps: [{ WinHttpOpen: { dwFlags: $a, dwAccessType: $b }, open: true }]",
    &["f/it[none]", "f/it[a=2]", "f/it[a=1]"]
)]
#[case::named_values(
    "each: { a: { none: 0, async: WINHTTP_FLAG_ASYNC }, b: [1, 2] }\nsteps: [{ WinHttpOpen: { dwFlags: $a, dwAccessType: $b }, open: true }]",
    &["f/it[a=none,b=1]", "f/it[a=none,b=2]", "f/it[a=async,b=1]", "f/it[a=async,b=2]"]
)]
#[case::control_characters(
    "each: { a: [\"x\\x01y\", \"\\x7Fz\\0\"] }\nsteps: [{ WinHttpOpen: { pszAgentW: $a }, open: true }]",
    &["f/it[a=x-y]", "f/it[a=z]"]
)]
#[case::a_kind_of_handle(
    "each: { kind: [session, request] }\nsteps: [{ $kind: h }, { WinHttpCloseHandle: { hInternet: $h }, succeeds: true }]",
    &["f/it[kind=session]", "f/it[kind=request]"]
)]
fn axes(#[case] case: &str, #[case] ids: &[&str]) {
    let cases = load(case);
    let made: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(made, ids);
}

#[test]
fn a_case_uses_what_its_set_up_and_its_calls_use() {
    let cases = load(
        "steps: [{ websocket: w }, { WinHttpSetOption: { hInternet: $w, dwOption: WINHTTP_OPTION_CONTEXT_VALUE }, open: true }]",
    );
    let uses = uses(&cases[0]);
    assert!(uses.functions.contains("WinHttpWebSocketCompleteUpgrade"));
    let options: Vec<_> = uses.options.into_iter().collect();
    assert_eq!(options, ["WINHTTP_OPTION_CONTEXT_VALUE", "WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET"]);
}

/// A resolver's handle comes through a pointer; its name means it all the same, and it is given back before its
/// session.
#[test]
fn a_resolver_is_what_the_pointer_got() {
    let compiled =
        plan("- resolver: p\n- WinHttpGetProxyResult: { hResolver: $p, pProxyResult: NULL }\n  fails: true");
    let Some(Word::Load(buffer, 0)) = compiled.names.get("p").copied() else {
        panic!("{:?}", compiled.names)
    };
    assert_eq!(call(&compiled, 1).arguments[1], Word::Pointer(buffer, 0));
    assert_eq!(call(&compiled, 2).arguments[0], Word::Load(buffer, 0));
    let given_back: Vec<Word> = compiled
        .plan
        .finally
        .iter()
        .map(|step| match step {
            Step::Call(call) => call.arguments[0],
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(given_back, [Word::Load(buffer, 0), Word::Kept(0)]);
}
