//! What the peer must have seen.

use std::io::{Read, Write};
use std::net::TcpStream;

use rstest::rstest;

use crate::caught;
use crate::fake::{Call, Does};

#[rstest]
#[case::one_request("[{}]", one, none)]
#[case::one_request_but_two("[{}]", one, two)]
#[case::no_request("[]", none, one)]
#[case::method("[{ method: GET }]", one, posts)]
#[case::target("[{ target: /a }]", one, elsewhere)]
#[case::header("[{ headers: { host: h } }]", one, to_another_host)]
#[case::header_that_is_not_there("[{ headers: { host: h } }]", one, without_host)]
#[case::first_of_two_headers("[{ headers: { x: b } }]", with_two_reversed, with_two)]
#[case::two_headers("[{ headers: { x: [a, b] } }]", with_two, with_two_reversed)]
#[case::one_of_two_headers("[{ headers: { host: [h] } }]", one, without_host)]
#[case::one_of_two_values("[{ headers: { x: { one-of: [c, a] } } }]", with_one, without_host)]
#[case::two_of_two_values("[{ headers: { x: { one-of: [a, b] } } }]", with_one, with_two)]
#[case::only_one_header("[{ headers: { x: [a] } }]", with_one, with_two)]
#[case::no_header("[{ headers: { x: NULL } }]", one, with_two)]
#[case::no_header_as_a_list("[{ headers: { x: [] } }]", one, with_one)]
fn requests(#[case] rules: &str, #[case] honest: Does, #[case] liar: Does) {
    let case = format!(
        "origin: ok
steps:
- WinHttpConnect: {{ hSession: 1, pswzServerName: \"127.0.0.1\", nServerPort: $port }}
  succeeds: true
requests: {rules}"
    );
    caught(&case, honest, liar, "requests at the peer");
}

#[test]
fn that_no_request_comes_is_asked_of_a_peer_that_is_there() {
    let case = "steps:
- WinHttpConnect: { hSession: 1, pswzServerName: \"127.0.0.1\", nServerPort: $port }
  succeeds: true
requests: []";
    caught(case, none, one, "requests at the peer");
}

fn none(_: &Call) -> u64 {
    1
}

fn one(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
}

fn two(call: &Call) -> u64 {
    one(call);
    one(call)
}

fn posts(call: &Call) -> u64 {
    send(call, "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
}

fn elsewhere(call: &Call) -> u64 {
    send(call, "GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
}

fn to_another_host(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nHost: i\r\nConnection: close\r\n\r\n")
}

fn with_one(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nX: a\r\nConnection: close\r\n\r\n")
}

fn with_two(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nX: a\r\nx: b\r\nConnection: close\r\n\r\n")
}

fn with_two_reversed(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nX: b\r\nx: a\r\nConnection: close\r\n\r\n")
}

fn without_host(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.0\r\n\r\n")
}

/// Asks the peer and reads its answer to the end, when connecting: then it has seen the request.
fn send(call: &Call, request: &str) -> u64 {
    if call.name == "WinHttpConnect" {
        let mut stream = TcpStream::connect(("127.0.0.1", call.words[2] as u16)).expect("the peer listens");
        stream.write_all(request.as_bytes()).expect("the peer reads");
        stream.read_to_end(&mut Vec::new()).expect("the peer answers and closes");
    }
    1
}
