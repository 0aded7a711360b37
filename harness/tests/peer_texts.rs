//! Scripts of the peer and texts of a case: what is read, and what is filled in when the peer's port is known.

use rstest::rstest;
use winhttp_conformance::case::Case;
use winhttp_conformance::compile::{Compiled, compile};
use winhttp_conformance::load::load_text;
use winhttp_conformance::write::case_file;
use winhttp_machine::{Step, Word};
use winhttp_origin::{Bytes, Payload, Phase, Raw, Reply, Response, Route, Script, Then, Until};
use winhttp_spec::structs::Width;

fn load(case: &str) -> Case {
    let indented = case.trim().replace('\n', "\n    ");
    let text = format!("covers: [WinHttpResetAutoProxy/success]\ncases:\n  it:\n    {indented}\n");
    load_text("f", "f.yaml", &text).unwrap_or_else(|errors| panic!("{errors}")).remove(0)
}

fn asked(case: &str) -> Compiled {
    compile(&load(case), 8080, Width::W64).expect("it compiles")
}

fn script(origin: &str) -> Script {
    let steps = "steps: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]";
    asked(&format!("origin: {origin}\n{steps}")).script.expect("the case has a peer")
}

#[rstest]
#[case("ok", Script::Ok)]
#[case("websocket", Script::Websocket)]
#[case("websocket-refuse", Script::WebsocketRefuse)]
#[case("silent", Script::Silent)]
#[case("deaf", Script::Deaf)]
#[case("unreachable", Script::Unreachable)]
#[case("reset", Script::Reset)]
#[case("close", Script::Close)]
#[case(r"{ raw: { bytes: 'HTTP/1.1 200\r\n', then: close } }", raw(b"HTTP/1.1 200\r\n", Then::Close))]
#[case(r#"{ raw: { bytes: "a\r\n" } }"#, raw(b"a\r\n", Then::KeepOpen))]
#[case("{ raw: { bytes: { bytes: '0d 0AfF' } } }", raw(b"\r\n\xff", Then::KeepOpen))]
#[case("{ connections: [reset, ok] }", Script::Connections(vec![Script::Reset, Script::Ok]))]
#[case("{ connections: [ok, unreachable] }", Script::Connections(vec![Script::Ok, Script::Unreachable]))]
#[case::filled_in("{ raw: { bytes: '$host:$port $$port' } }", raw(b"127.0.0.1:8080 $port", Then::KeepOpen))]
#[case::not_filled_in("{ raw: { bytes: { bytes: '24706f7274 ff' } } }", raw(b"$port\xff", Then::KeepOpen))]
fn scripts(#[case] origin: &str, #[case] expected: Script) {
    assert_eq!(script(origin), expected);
}

fn raw(bytes: &[u8], then: Then) -> Script {
    Script::Raw(Raw { bytes: bytes.into(), then })
}

#[test]
fn a_route_table() {
    let origin = "
  routes:
    - { method: GET, target: /a, reply: { response: { status: 302, headers: [[Location, \"http://$host:$port/b\"]] } } }
    - { target: \"http://x:$port/\", replies: [close, { response: { body: 7 } }] }";
    let response = |status, headers: &[(&str, &str)], body: &str| {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Reply::Response(Response { status, reason: None, headers, body: body.into() })
    };
    let moved = response(302, &[("Location", "http://127.0.0.1:8080/b")], "");
    let routes = vec![
        Route { method: Some("GET".into()), target: "/a".into(), replies: vec![moved] },
        Route {
            method: None,
            target: "http://x:8080/".into(),
            replies: vec![Reply::Close, response(200, &[], "7")],
        },
    ];
    assert_eq!(script(origin), Script::Routes(routes));
}

#[test]
fn phases() {
    let origin = "
  - { until: head }
  - { send: \"to $host\\r\\n\" }
  - { send: { bytes: '00ff', repeat: 3 } }
  - { until: { body-bytes: 5 } }
  - { response: { status: 102 } }
  - { until: body }
  - { until: request }
  - reset";
    let response = Response { status: 102, reason: None, headers: vec![], body: "".into() };
    let phases = vec![
        Phase::Until(Until::Head),
        Phase::Send("to 127.0.0.1\r\n".into()),
        Phase::Send(Payload { bytes: Bytes(vec![0, 255]), repeat: 3 }),
        Phase::Until(Until::BodyBytes(5)),
        Phase::Response(response),
        Phase::Until(Until::Body),
        Phase::Until(Until::Request),
        Phase::Reset,
    ];
    assert_eq!(script(origin), Script::Phases(phases));
}

#[test]
fn phases_as_a_reply_begin_with_the_head_read() {
    let origin = "{ routes: [{ target: /, reply: [{ until: body }, { until: closed }] }] }";
    let reply = Reply::Phases(vec![Phase::Until(Until::Body), Phase::Until(Until::Closed)]);
    let route = Route { method: None, target: "/".into(), replies: vec![reply] };
    assert_eq!(script(origin), Script::Routes(vec![route]));
}

/// What is written of a case is read back as the same script.
#[rstest]
#[case("[stall]")]
#[case("{ connections: [silent, unreachable] }")]
#[case("[{ until: head }, upgrade, { send: { bytes: '8100' } }, stall]")]
#[case("[{ until: head }, { until: { body-bytes: 5 } }, { send: { text: a, repeat: 3 } }, close]")]
#[case(
    "{ connections: [[{ until: { connections: 2 } }, stall], { routes: [{ target: /, replies: [[{ until: closed }], silent] }] }] }"
)]
#[case(
    "{ websocket: [{ text: $port }, ping, { close: { status: 1001, reason: x } }, close, { until: pong }, { until: [ping, pong] }, echo] }"
)]
#[case(
    "{ routes: [{ target: /, reply: { websocket: [{ frame: { opcode: 1, final: false, reserved: 4, masked: true, payload: { text: a, repeat: 9 } } }, { raw: a }, cut] } }] }"
)]
#[case(r"{ raw: { bytes: { bytes: '24 5c 00 ff' }, then: reset } }")]
#[case(
    "{ routes: [{ target: '/$$', reply: { response: { reason: No, body: { text: $port, repeat: 2 } } } }] }"
)]
fn scripts_are_written_as_they_are_read(#[case] origin: &str) {
    let case = load(&format!(
        "origin: {origin}\nsteps: [{{ WinHttpCloseHandle: {{ hInternet: 1 }}, fails: true }}]"
    ));
    let text = case_file("it", &case);
    let again = load_text("f", "f.yaml", &text).unwrap_or_else(|errors| panic!("{errors}\n{text}")).remove(0);
    assert_eq!(again.origin, case.origin, "{text}");
}

#[test]
fn texts_of_calls_are_filled_in_and_counted_then() {
    let compiled = asked(
        "steps:
- WinHttpSetOption: { hInternet: 1, dwOption: WINHTTP_OPTION_USER_AGENT, lpBuffer: { text: \"$host:$port\" } }
  open: true
- WinHttpConnect: { hSession: 1, pswzServerName: $host, nServerPort: $port }
  open: true",
    );
    let wide =
        |text: &str| -> Vec<u8> { text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect() };
    let buffers: Vec<&[u8]> = compiled.plan.buffers.iter().map(|buffer| &buffer.bytes.0[..]).collect();
    assert_eq!(buffers, [wide("127.0.0.1:8080"), wide("127.0.0.1")]);
    let Step::Call(call) = &compiled.plan.steps[0] else { panic!("{compiled:?}") };
    assert_eq!(call.arguments[3], Word::Number(15));
}
