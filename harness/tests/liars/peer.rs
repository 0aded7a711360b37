//! What the peer must have received.

use std::io::{Read, Write};
use std::net::TcpStream;

use rstest::rstest;
use winhttp_reports::record::Verdict;

use crate::fake::{Call, Does, ask};

/// The honest fake passes; the liar fails, and it is said what was expected and what came.
#[rstest]
#[case::one_request_but_two("[{}]", one, two, "2: GET /a, GET /a")]
#[case::no_request("[]", none, one, "1: GET /a")]
#[case::a_request_that_does_not_come("[{}]", one, none, "none")]
#[case::method("[{ method: GET }]", one, posts, "POST")]
#[case::target("[{ target: /a }]", one, elsewhere, "/b")]
#[case::version("[{ version: HTTP/1.1 }]", one, without_host, "HTTP/1.0")]
#[case::header("[{ headers: { host: h } }]", one, to_another_host, "host: i")]
#[case::header_that_is_not_there("[{ headers: { host: h } }]", one, without_host, "no such header")]
#[case::header_twice("[{ headers: { host: h } }]", one, with_two_hosts, "host: h and host: h")]
#[case::headers("[{ headers: { host: [h, h] } }]", with_two_hosts, one, "host: h")]
#[case::one_of_two_values("[{ headers: { host: { one-of: [g, h] } } }]", one, to_another_host, "host: i")]
#[case::two_of_two_values(
    "[{ headers: { host: { one-of: [g, h] } } }]",
    one,
    with_two_hosts,
    "host: h and host: h"
)]
#[case::no_header("[{ headers: { host: NULL } }]", without_host, one, "host: h")]
#[case::no_header_as_a_list("[{ headers: { host: [] } }]", without_host, one, "host: h")]
#[case::headers_in_another_order("[{ headers: { x: [a, b] } }]", with_a_and_b, with_b_and_a, "x: b and x: a")]
#[case::first_of_two_headers(
    "[{ headers: { x: { first: a } } }]",
    with_a_and_b,
    with_b_and_a,
    "x: b and x: a"
)]
#[case::list("[{ headers: { x: { list: [a, b] } } }]", with_a_and_b, with_b_and_a, "x: b and x: a")]
#[case::list_of_one_header(
    "[{ headers: { host: { list: [h] } } }]",
    one,
    with_two_hosts,
    "host: h and host: h"
)]
#[case::header_begins("[{ headers: { host: { starts-with: h } } }]", one, to_another_host, "host: i")]
#[case::header_begins_twice(
    "[{ headers: { host: { starts-with: h } } }]",
    one,
    with_two_hosts,
    "host: h and host: h"
)]
#[case::header_with_the_port("[{ headers: { host: \"$host:$port\" } }]", to_the_peer, one, "host: h")]
#[case::present("[{ present: [Host] }]", one, without_host, "no headers")]
#[case::absent("[{ absent: [Host] }]", without_host, one, "Host: h")]
#[case::order("[{ order: [Host, Connection] }]", one, the_other_way_round, "Connection, Host")]
#[case::all_headers("[{ all-headers: [connection, host] }]", one, with_two_hosts, "Host, Host, Connection")]
#[case::all_headers_one_too_few("[{ all-headers: [Connection, Host] }]", one, without_host, "no headers")]
#[case::body("[{ body: abc }]", puts::<3>, puts::<0>, "\"xyz\", 3 bytes")]
#[case::body_too_long("[{ body: abc }]", puts::<3>, puts::<4>, "\"abcd\", 4 bytes")]
#[case::body_in_hexadecimal("[{ body: { bytes: 616263 } }]", puts::<3>, puts::<0>, "\"xyz\", 3 bytes")]
#[case::body_that_is_long("[{ body: { text: a, repeat: 100000 } }]", puts::<100_000>, puts::<99_999>, "100000 bytes")]
#[case::length("[{ body: { length: 3 } }]", puts::<3>, puts::<4>, "4 bytes")]
#[case::body_cut_short("[{ body: { length: 2 } }]", puts::<2>, cut_short, "2 bytes, cut short")]
#[case::complete("[{ complete: true }]", puts::<2>, cut_short, "a body cut short, 2 bytes")]
#[case::cut_short("[{ complete: false }]", cut_short, puts::<2>, "the whole body, 2 bytes")]
#[case::more_than_requests("[{}]", one, one_and_more, "\"hello\", 5 bytes")]
#[case::less_than_a_request("[]", none, less_than_one, "\"GET /a HTTP/1.1\\r\\nHost:\", 22 bytes")]
#[case::no_request_at_all("[]", none, no_http, "\"\\x16\\x03\\x01\", 3 bytes")]
#[case::same_connection("[{}, { connection: same }]", two_at_once, two, "on connection 1; those before: 0")]
#[case::new_connection("[{}, { connection: new }]", two, two_at_once, "on connection 0; those before: 0")]
fn requests(#[case] rules: &str, #[case] honest: Does, #[case] liar: Does, #[case] observed: &str) {
    let case = format!(
        "origin: ok
steps:
- WinHttpConnect: {{ hSession: 1, pswzServerName: \"127.0.0.1\", nServerPort: $port }}
  succeeds: true
requests: {rules}"
    );
    let truth = ask(&case, honest);
    assert_eq!(truth.verdict, Verdict::Pass, "the honest fake: {truth:#?}");
    let lie = ask(&case, liar);
    assert_eq!(lie.verdict, Verdict::Fail, "the liar: {lie:#?}");
    let [difference] = &lie.differences[..] else { panic!("{lie:#?}") };
    assert!(difference.what.starts_with("request") && difference.what.contains(" at the peer"), "{lie:#?}");
    assert!(difference.observed.ends_with(observed) && !difference.expected.is_empty(), "{lie:#?}");
}

#[test]
fn everything_that_is_wrong_with_a_request_is_said() {
    let case = "origin: ok
steps:
- WinHttpConnect: { hSession: 1, pswzServerName: \"127.0.0.1\", nServerPort: $port }
requests: [{ method: PUT, target: /b, headers: { a: b }, absent: [host], body: c }]";
    let lie = ask(case, one);
    let expected: Vec<&str> = lie.differences.iter().map(|difference| difference.expected.as_str()).collect();
    assert_eq!(
        expected,
        ["method PUT", "target /b", "a: b", "no header host", "the body \"c\", 1 bytes"],
        "{lie:#?}"
    );
}

#[test]
fn that_no_request_comes_is_asked_of_a_peer_that_is_there() {
    let case = "steps:
- WinHttpConnect: { hSession: 1, pswzServerName: \"127.0.0.1\", nServerPort: $port }
  succeeds: true
requests: []";
    assert_eq!(ask(case, none).verdict, Verdict::Pass);
    assert_eq!(ask(case, one).verdict, Verdict::Fail);
}

fn none(_: &Call) -> u64 {
    1
}

fn one(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
}

fn one_and_more(call: &Call) -> u64 {
    leave(call, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nhello")
}

fn less_than_one(call: &Call) -> u64 {
    leave(call, b"GET /a HTTP/1.1\r\nHost:")
}

fn no_http(call: &Call) -> u64 {
    leave(call, b"\x16\x03\x01")
}

fn two(call: &Call) -> u64 {
    one(call);
    one(call)
}

fn two_at_once(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
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

fn to_the_peer(call: &Call) -> u64 {
    let port = call.words.get(2).copied().unwrap_or_default();
    send(call, &format!("GET /a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"))
}

fn with_two_hosts(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nHost: h\r\nHost: h\r\nConnection: close\r\n\r\n")
}

fn with_a_and_b(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nX: a\r\nx: b\r\nConnection: close\r\n\r\n")
}

fn with_b_and_a(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nX: b\r\nx: a\r\nConnection: close\r\n\r\n")
}

fn the_other_way_round(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.1\r\nConnection: close\r\nHost: h\r\n\r\n")
}

fn without_host(call: &Call) -> u64 {
    send(call, "GET /a HTTP/1.0\r\n\r\n")
}

/// Sends a body of that many bytes; with none, one that is another.
fn puts<const LENGTH: usize>(call: &Call) -> u64 {
    let body = match LENGTH {
        0 => "xyz".to_owned(),
        2..=4 => "abcd"[..LENGTH].to_owned(),
        // One byte in the middle is another; and it is as long as the honest one.
        99_999 => format!("{}b{}", "a".repeat(99_990), "a".repeat(9)),
        _ => "a".repeat(LENGTH),
    };
    let length = body.len();
    send(call, &format!("PUT / HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"))
}

/// Promises three bytes and sends two.
fn cut_short(call: &Call) -> u64 {
    leave(call, b"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab")
}

/// Sends this when connecting, and waits for nothing.
fn leave(call: &Call, bytes: &[u8]) -> u64 {
    if call.name == "WinHttpConnect" {
        connect(call).write_all(bytes).expect("the peer reads");
    }
    1
}

/// Asks the peer and reads its answer to the end, when connecting: then it has seen the request.
fn send(call: &Call, request: &str) -> u64 {
    if call.name == "WinHttpConnect" {
        let mut stream = connect(call);
        stream.write_all(request.as_bytes()).expect("the peer reads");
        stream.read_to_end(&mut Vec::new()).expect("the peer answers and closes");
    }
    1
}

fn connect(call: &Call) -> TcpStream {
    TcpStream::connect(("127.0.0.1", call.words[2] as u16)).expect("the peer listens")
}
