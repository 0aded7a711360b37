//! What an author is told about a wrong case file: every error at once, each with its line, a caret and advice.

mod folders;
mod mutations;

use rstest::rstest;
use winhttp_conformance::load::load_text;

/// The errors of a file with this text, as they are shown.
fn shown(text: &str) -> String {
    match load_text("folder/file", "cases/folder/file.yaml", text) {
        Ok(cases) => panic!("nothing was found wrong; {} cases", cases.len()),
        Err(errors) => errors.to_string(),
    }
}

/// A file whose only case has these steps.
fn with_steps(steps: &str) -> String {
    let steps = steps.replace('\n', "\n      ");
    format!("covers: [WinHttpResetAutoProxy/success]\ncases:\n  a-case:\n    steps:\n      {steps}\n")
}

#[rstest]
#[case::unknown_key_of_a_file("cover: [WinHttpResetAutoProxy/success]\ncases: {}")]
#[case::unknown_key_of_a_case(
    "covers: [WinHttpResetAutoProxy/success]\ncases:\n  a-case:\n    step:\n      - session: s"
)]
#[case::no_cases("covers: [WinHttpResetAutoProxy/success]")]
#[case::cases_in_a_list("covers: [WinHttpResetAutoProxy/success]\ncases:\n  - a-case")]
#[case::a_case_without_steps("covers: [WinHttpResetAutoProxy/success]\ncases:\n  a-case: {}")]
#[case::a_case_that_is_no_mapping("covers: [WinHttpResetAutoProxy/success]\ncases:\n  a-case: 7")]
#[case::a_name_that_is_no_id(
    "covers: [WinHttpResetAutoProxy/success]\ncases:\n  Refuses NULL:\n    steps: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]"
)]
#[case::no_requirement(
    "cases:\n  a-case:\n    steps: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]"
)]
#[case::unknown_requirement(
    "covers: [WinHttpResetAutoProxy/sucess]\ncases:\n  a-case:\n    steps: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]"
)]
#[case::duplicate_key("covers: [WinHttpResetAutoProxy/success]\ncases: {}\ncovers: []")]
#[case::duplicate_case("covers: [WinHttpResetAutoProxy/success]\ncases:\n  a-case: {}\n  a-case: {}")]
#[case::empty("")]
#[case::only_a_comment("# to be written\n")]
#[case::not_a_mapping("- WinHttpOpen\n- WinHttpClose")]
#[case::two_documents("covers: []\ncases: {}\n---\ncases: {}")]
#[case::bad_yaml("covers: [WinHttpResetAutoProxy/success\ncases:\n  a: {}")]
#[case::a_tab("covers:\n\t- WinHttpResetAutoProxy/success")]
#[case::an_anchor("covers: &c [WinHttpResetAutoProxy/success]\ncases: *c")]
#[case::a_tag("covers: !!binary abcd\ncases: {}")]
#[case::a_key_that_is_no_word("cases:\n  ? [a, b]\n  : c")]
#[case::an_origin_that_is_none(
    "covers: [WinHttpResetAutoProxy/success]\norigin: okay\ncases:\n  a-case:\n    steps: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]"
)]
fn of_a_file(#[case] text: &str) {
    snapshot(&shown(text));
}

#[rstest]
#[case::misspelt_function("- WinHttpOpn: {}\n  succeeds: true")]
#[case::misspelt_setup("- sesion: s")]
#[case::misspelt_parameter("- WinHttpCloseHandle: { hInternt: NULL }\n  fails: true")]
#[case::missing_parameter("- WinHttpCloseHandle: {}\n  fails: true")]
#[case::misspelt_constant("- WinHttpOpen: { dwFlags: WINHTTP_FLAG_ASINC }\n  succeeds: true")]
#[case::misspelt_constant_among_flags(
    "- WinHttpOpen: { dwFlags: WINHTTP_FLAG_ASYNC | WINHTTP_FLAG_SECURE_DEFAULT }\n  succeeds: true"
)]
#[case::constant_that_is_nothing_like_any("- WinHttpOpen: { dwFlags: XYZZY }\n  succeeds: true")]
#[case::misspelt_expectation("- WinHttpOpen: {}\n  suceeds: true")]
#[case::succeeds_false("- WinHttpOpen: {}\n  succeeds: false")]
#[case::fails_with_success("- WinHttpOpen: {}\n  fails: ERROR_SUCCESS")]
#[case::two_expectations("- WinHttpOpen: {}\n  succeeds: true\n  fails: true")]
#[case::either_without_a_reason(
    "- WinHttpOpen: {}\n  either: [{ succeeds: true }, { fails: true, because: WinHttpResetAutoProxy/success }]"
)]
#[case::either_of_one(
    "- WinHttpOpen: {}\n  either: [{ succeeds: true, because: WinHttpResetAutoProxy/success }]"
)]
#[case::no_assertion("- session: s\n- WinHttpCloseHandle: { hInternet: $s }")]
#[case::number_too_large("- WinHttpOpen: { dwFlags: 0x100000000 }\n  succeeds: true")]
#[case::number_too_large_for_a_word(
    "- WinHttpWebSocketClose: { hWebSocket: NULL, usStatus: 65536 }\n  fails: true"
)]
#[case::number_too_large_for_64_bits("- WinHttpOpen: { dwFlags: 99999999999999999999 }\n  succeeds: true")]
#[case::a_fraction("- WinHttpOpen: { dwFlags: 1.5 }\n  succeeds: true")]
#[case::text_for_a_pointer(
    "- WinHttpSetOption: { hInternet: NULL, dwOption: 1, lpBuffer: hello }\n  succeeds: true"
)]
#[case::memory_for_a_number("- WinHttpOpen: { dwFlags: { DWORD: 1 } }\n  succeeds: true")]
#[case::misspelt_memory(
    "- WinHttpSetOption: { hInternet: NULL, dwOption: 1, lpBuffer: { DWROD: 1 } }\n  succeeds: true"
)]
#[case::misspelt_member(
    "- WinHttpSetOption: { hInternet: NULL, dwOption: 38, lpBuffer: { WINHTTP_PROXY_INFO: { dwAcessType: 1 } } }\n  succeeds: true"
)]
#[case::odd_hexadecimal_digits(
    "- WinHttpSetOption: { hInternet: NULL, dwOption: 1, lpBuffer: { bytes: \"0f0\" } }\n  succeeds: true"
)]
#[case::huge_space(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { space: 16777217 } }\n  succeeds: true"
)]
#[case::gives_where_there_is_no_memory(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: NULL }\n  gives: { lpBuffer: { DWORD: 1 } }"
)]
#[case::gives_without_a_type(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { space: 4 } }\n  gives: { lpBuffer: 1 }"
)]
#[case::misspelt_condition(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { space: 4 } }\n  gives: { lpBuffer: { DWORD: { at-leats: 1 } } }"
)]
#[case::element_that_is_not_there(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { WINHTTP_REQUEST_TIMES: {} } }\n  gives: { lpBuffer: { WINHTTP_REQUEST_TIMES: { \"rgullTimes[64]\": 1 } } }"
)]
#[case::behind_after_a_failure(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { LPVOID: NULL } }\n  fails: true\n  gives: { lpBuffer: { behind: { DWORD: 1 } } }"
)]
#[case::behind_what(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { LPVOID: NULL } }\n  gives: { lpBuffer: { behind: 1 } }"
)]
#[case::behind_a_number(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { WINHTTP_PROXY_RESULT: {} } }\n  gives: { lpBuffer: { WINHTTP_PROXY_RESULT: { cEntries: { behind: { DWORD: 1 } } } } }"
)]
#[case::alternatives_behind_a_pointer(
    "- WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { LPVOID: NULL } }\n  gives: { lpBuffer: { behind: { one-of: [{ bytes: \"00\" }, { text: a }] } } }"
)]
#[case::returns_what_it_returns("- WinHttpOpen: {}\n  as: s\n  returns: $s")]
#[case::unknown_name("- session: sess\n- WinHttpCloseHandle: { hInternet: $ses }\n  succeeds: true")]
#[case::unknown_part("- session: s\n- WinHttpCloseHandle: { hInternet: $s.connect }\n  succeeds: true")]
#[case::a_name_twice("- session: s\n- session: s\n- WinHttpCloseHandle: { hInternet: $s }\n  succeeds: true")]
#[case::a_step_that_is_no_mapping("- WinHttpOpen")]
#[case::a_dollar_sign_in_a_text(
    "- WinHttpSetOption: { hInternet: NULL, dwOption: 41, lpBuffer: { text: costs $5 } }\n  fails: true"
)]
#[case::wait_for_nothing_known("- { wait: WINHTTP_CALLBACK_STATUS_HANDLE_CLOSNG, within: 5 }")]
#[case::when_without_anything_to_do("- when: REDIRECT")]
#[case::when_with_nothing_to_do("- when: REDIRECT\n  do: []")]
#[case::when_misspelt("- when: REDIRCT\n  do: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]")]
#[case::when_with_a_misspelt_key(
    "- when: REDIRECT\n  od: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]"
)]
#[case::when_the_zeroth(
    "- when: REDIRECT\n  nth: 0\n  do: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]"
)]
#[case::the_callback_outside_of_one("- WinHttpCloseHandle: { hInternet: $callback }\n  succeeds: true")]
#[case::closing_nobody_knows_what(
    "- when: REDIRECT\n  do: [{ WinHttpCloseHandle: { hInternet: $callback }, succeeds: true }]"
)]
#[case::a_mistake_in_a_callback(
    "- when: REDIRECT\n  do: [{ WinHttpCloseHandle: { hInternt: NULL }, fails: true }]"
)]
#[case::meanwhile_nothing("- session: s\n- meanwhile: []\n- wait: REDIRECT")]
#[case::meanwhile_no_list("- meanwhile: { session: s }\n- wait: REDIRECT")]
#[case::join_what_is_no_steps("- session: s\n- join: $s\n- wait: REDIRECT")]
#[case::join_what_comes_later("- join: $later\n- meanwhile: [{ wait: REDIRECT }]\n  as: later")]
#[case::no_number_to_pass("- pass: soon\n- wait: REDIRECT")]
#[case::only_an_optional_callback("- when: REDIRECT\n  optional: true\n  do: [{ session: s }]")]
fn of_a_step(#[case] steps: &str) {
    snapshot(&shown(&with_steps(steps)));
}

#[rstest]
#[case::an_axis_that_nobody_uses("{ size: [1, 2] }", "NULL")]
#[case::an_axis_that_is_no_list("{ size: 1 }", "$size")]
#[case::a_value_that_does_not_fit("{ size: [1, 2, forty] }", "$size")]
#[case::too_many_combinations(
    "{ size: [1, 2, 3, 4, 5, 6, 7, 8, 9], b: [1, 2, 3, 4, 5, 6, 7, 8, 9], c: [1, 2, 3, 4, 5, 6, 7, 8, 9], d: [1, 2, 3, 4, 5, 6, 7, 8, 9] }",
    "$size"
)]
#[case::the_same_value_twice("{ size: [1, 1] }", "$size")]
#[case::rows_that_are_no_mappings("[1, 2]", "NULL")]
#[case::no_rows("[]", "NULL")]
#[case::a_row_whose_name_is_no_name("[{ as: [a], size: 1 }, { as: A B, size: 2 }]", "$size")]
#[case::a_value_whose_name_is_no_name("{ size: { Small: 1 } }", "$size")]
#[case::an_id_that_is_too_long(
    "{ size: [WINHTTP_FLAG_ASYNC | WINHTTP_FLAG_SECURE_DEFAULTS | WINHTTP_FLAG_ASYNC | WINHTTP_FLAG_SECURE_DEFAULTS | WINHTTP_FLAG_ASYNC | WINHTTP_FLAG_SECURE_DEFAULTS] }",
    "$size"
)]
fn of_axes(#[case] each: &str, #[case] value: &str) {
    let text = format!(
        "covers: [WinHttpResetAutoProxy/success]
cases:
  a-case:
    each: {each}
    steps:
      - WinHttpOpen: {{ dwFlags: {value} }}
        succeeds: true
"
    );
    snapshot(&shown(&text));
}

#[rstest]
#[case::two_rules_in_one(
    "callbacks: [{ once: WINHTTP_CALLBACK_STATUS_REDIRECT, never: WINHTTP_CALLBACK_STATUS_REDIRECT }]"
)]
#[case::misspelt_rule("callbacks: [{ onec: WINHTTP_CALLBACK_STATUS_REDIRECT }]")]
#[case::before_what("callbacks: [{ before: WINHTTP_CALLBACK_STATUS_REDIRECT }]")]
#[case::rules_that_are_no_list("callbacks: { once: WINHTTP_CALLBACK_STATUS_REDIRECT }")]
#[case::before_one("callbacks: [{ before: [REDIRECT] }]")]
#[case::misspelt_status("callbacks: [{ once: READ_COMPLET }]")]
#[case::misspelt_long_status("callbacks: [{ once: WINHTTP_CALLBACK_STATUS_READ_COMPLET }]")]
#[case::times_of_once("callbacks: [{ once: REDIRECT, times: 2 }]")]
#[case::a_recorder_that_is_not_there("callbacks: [{ once: REDIRECT, recorder: 4 }]")]
#[case::a_thread_that_is_none("callbacks: [{ once: REDIRECT, thread: main }]")]
#[case::during_nothing("callbacks: [{ once: REDIRECT, during: $send }]")]
#[case::with_for_several("callbacks: [{ some: [REDIRECT, READ_COMPLETE], with: NULL }]")]
#[case::with_for_none("callbacks: [{ never: REDIRECT, with: { text: x } }]")]
#[case::with_another_type("callbacks: [{ once: REDIRECT, with: { DWORD: 1 } }]")]
#[case::with_what_is_not_documented("callbacks: [{ once: DETECTING_PROXY, with: { DWORD: 1 } }]")]
#[case::with_an_undocumented_length("callbacks: [{ once: REQUEST_SENT, with: { DWORD: 1, length: 4 } }]")]
#[case::with_nothing_said("callbacks: [{ once: REDIRECT, with: 1 }]")]
#[case::at_no_memory("callbacks: [{ once: READ_COMPLETE, with: { at: $s } }]")]
#[case::misspelt_kind_of_frame("frames: [{ tekst: a }]")]
#[case::frame_that_is_no_mapping("frames: [[text, a]]")]
#[case::two_kinds_of_frame("frames: [{ text: a, binary: b }]")]
#[case::misspelt_request("requests: [{ methode: GET }]")]
#[case::version_that_is_none("requests: [{ version: HTTP/2 }]")]
#[case::headers_in_a_list("requests: [{ headers: [Host, h] }]")]
#[case::misspelt_rule_about_a_header("requests: [{ headers: { Host: { starts: h } } }]")]
#[case::names_that_are_no_list("requests: [{ absent: Host }]")]
#[case::body_of_no_kind("requests: [{ body: { txt: a } }]")]
#[case::body_with_a_length_and_a_text("requests: [{ body: { text: a, length: 1 } }]")]
#[case::repeat_that_is_no_number("requests: [{ body: { text: a, repeat: often } }]")]
#[case::connection_that_is_neither("requests: [{ connection: old }]")]
#[case::same_connection_as_none("requests: [{ connection: same }, {}]")]
#[case::dollar_sign("requests: [{ target: 'http://$prot/' }]")]
fn of_rules(#[case] rules: &str) {
    snapshot(&shown(&format!(
        "covers: [WinHttpResetAutoProxy/success]\ncases:\n  a-case:\n    steps: [{{ session: s }}]\n    {rules}\n"
    )));
}

#[rstest]
#[case::word("okay")]
#[case::two_at_once("{ raw: { bytes: a }, routes: [] }")]
#[case::no_routes("{ routes: [] }")]
#[case::routes_alone("routes")]
#[case::ok_with_something("{ ok: 1 }")]
#[case::route_without_a_target("{ routes: [{ reply: close }] }")]
#[case::route_with_two_replies("{ routes: [{ target: /, reply: close, replies: [close] }] }")]
#[case::misspelt_reply("{ routes: [{ target: /, replies: [{ responce: {} }] }] }")]
#[case::misspelt_key_of_a_response("{ routes: [{ target: /, reply: { response: { state: 200 } } }] }")]
#[case::header_that_is_no_pair("{ routes: [{ target: /, reply: { response: { headers: [a, b] } } }] }")]
#[case::status_that_is_no_number("{ routes: [{ target: /, reply: { response: { status: OK } } }] }")]
#[case::unknown_escape("{ raw: { bytes: 'a\\qb' } }")]
#[case::odd_hexadecimal_digits("{ raw: { bytes: { bytes: abc } } }")]
#[case::misspelt_then("{ raw: { bytes: a, then: open } }")]
#[case::connection_after_an_unreachable_one("{ connections: [unreachable, ok] }")]
#[case::unreachable_reply("{ routes: [{ target: /, reply: unreachable }] }")]
#[case::connections_in_connections("{ connections: [ok, { connections: [ok] }] }")]
#[case::dollar_sign(
    "{ routes: [{ target: /, reply: { response: { headers: [[Location, 'http://$hst/']] } } }] }"
)]
#[case::misspelt_phase("[{ snd: a }]")]
#[case::no_phases("{ routes: [{ target: /, reply: [] }] }")]
#[case::phase_after_the_end("[stall, { send: a }]")]
#[case::body_of_no_request("[{ until: body }]")]
#[case::upgrade_of_no_request("[upgrade]")]
#[case::http_after_the_upgrade("[{ until: head }, upgrade, { until: head }]")]
#[case::misspelt_event("[{ until: haed }]")]
#[case::event_with_nothing("[{ until: head }, { until: body-bytes }]")]
#[case::repeat_that_is_no_number("[{ send: { text: a, repeat: often } }]")]
#[case::send_of_two_things("[{ send: { text: a, bytes: ff } }]")]
#[case::misspelt_frame("{ websocket: [{ txt: a }] }")]
#[case::no_frames("{ websocket: [] }")]
#[case::frame_without_an_opcode("{ websocket: [{ frame: { payload: a } }] }")]
#[case::opcode_of_five_bits("{ websocket: [{ frame: { opcode: 16 } }] }")]
#[case::status_of_17_bits("{ websocket: [{ close: { status: 65536 } }] }")]
#[case::misspelt_key_of_a_close("{ websocket: [{ close: { code: 1000 } }] }")]
#[case::no_kind_of_frame("{ websocket: [{ until: message }] }")]
#[case::no_kind_of_frame_in_a_list("{ websocket: [{ until: [ping, message] }] }")]
#[case::none_of_the_kinds_of_frame("{ websocket: [{ until: [] }] }")]
fn of_the_peer(#[case] origin: &str) {
    snapshot(&shown(&format!(
        "covers: [WinHttpResetAutoProxy/success]
cases:
  a-case:
    origin: {origin}
    steps: [{{ WinHttpCloseHandle: {{ hInternet: NULL }}, fails: true }}]
"
    )));
}

#[test]
fn all_errors_of_a_file_at_once() {
    let text = "covers: [WinHttpResetAutoProxy/sucess]
isolatd: true
cases:
  first:
    steps:
      - session: s
      - WinHttpOpn: {}
      - WinHttpCloseHandle: { hInternt: $t }
        suceeds: true
  second:
    each: { flag: [WINHTTP_FLAG_ASINC, 0] }
    steps:
      - WinHttpOpen: { dwFlags: $flag }
";
    snapshot(&shown(text));
}

#[test]
fn nested_too_deep() {
    snapshot(&shown(&format!("cases: {}1{}", "[".repeat(40), "]".repeat(40))));
}

/// A hundred thousand levels: neither a stack nor a minute is spent.
#[test]
fn nested_absurdly_deep() {
    for level in ["[", "{a: ", "- ", "? "] {
        let said = shown(&level.repeat(100_000));
        let limit = ["nested more than 32 levels deep", "recursion limit exceeded"];
        assert!(limit.iter().any(|limit| said.contains(limit)), "{}", &said[..200]);
    }
}

/// A billion laughs: each list names the one before it nine times.
#[test]
fn a_bomb_of_aliases() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let names = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{names}]\n"));
    }
    let shown = shown(&text);
    let first: Vec<&str> = shown.lines().take(6).collect();
    snapshot(&first.join("\n"));
}

/// A snapshot with the name of the running test.
fn snapshot(text: &str) {
    let thread = std::thread::current();
    let name = thread.name().expect("tests have names").replace("::", "-");
    // Without rstest's numbers, so that a new row renames no file.
    let name = match name.split_once("-case_") {
        Some((group, row)) => {
            format!("{group}-{}", row.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_'))
        }
        None => name,
    };
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}
