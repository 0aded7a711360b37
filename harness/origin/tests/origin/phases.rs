//! Peers that go step by step: what they wait for, and what they leave unread.

use crate::subject::{armed, connect, names, read_to_end, read_until, send};
use rstest::rstest;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use winhttp_origin::{Digest, End, Payload, Phase, Reply, Response, Route, Script, Transcript, Until, What};

const UPLOAD: &str = "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

fn text(text: &str) -> Phase {
    Phase::Send(Payload::from(text))
}

fn routed(phases: Vec<Phase>) -> Script {
    Script::Routes(vec![Route { method: None, target: "/".to_owned(), replies: vec![Reply::Phases(phases)] }])
}

/// Reads a piece of the answer that is known to be as long as this.
fn expect(stream: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    stream.read_exact(&mut bytes).expect("the peer sends it");
    assert_eq!(String::from_utf8_lossy(&bytes), text);
}

fn body(transcript: &Transcript) -> (&[u8], bool) {
    let request = transcript.requests().next().expect("a request came");
    (&request.body.bytes.0, request.complete)
}

/// Each side moves only after the other has: a peer that waits for too much would wait for ever.
#[rstest]
#[case::length(UPLOAD, ["abc", "defghij"])]
#[case::chunked(CHUNKED, ["3\r\nabc", "\r\n7\r\ndefghij\r\n0\r\n\r\n"])]
fn a_reply_can_answer_before_amid_and_after_the_body(#[case] head: &str, #[case] parts: [&str; 2]) {
    let mut origin = armed(routed(vec![
        text("HTTP/1.1 100 Continue\r\n\r\n"),
        Phase::Until(Until::BodyBytes(3)),
        text("HTTP/1.1 200"),
        Phase::Until(Until::Body),
        text(" OK\r\n"),
        Phase::Close,
    ]));
    let mut stream = send(&origin, head);
    expect(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(parts[0].as_bytes()).unwrap();
    expect(&mut stream, "HTTP/1.1 200");
    stream.write_all(parts[1].as_bytes()).unwrap();
    assert_eq!(read_to_end(stream), " OK\r\n");
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(body(&transcript), (&b"abcdefghij"[..], true));
    assert_eq!(names(&transcript.connections[0]), ["accepted", "POST /", "sent", "sent", "sent", "Closed"]);
}

#[test]
fn a_stall_reads_no_further() {
    let mut origin = armed(routed(vec![Phase::Until(Until::BodyBytes(3)), text("HTTP"), Phase::Stall]));
    let mut stream = send(&origin, UPLOAD);
    stream.write_all(b"abcdefghij").unwrap();
    expect(&mut stream, "HTTP");
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(body(&transcript), (&b"abc"[..], false));
    assert_eq!(transcript.connections[0].end(), Some(&End::CaseOver));
}

#[test]
fn a_stall_notices_that_the_subject_closed_before_it_began() {
    let mut origin = armed(Script::Phases(vec![Phase::Until(Until::Head), Phase::Stall]));
    drop(send(&origin, UPLOAD));
    let transcript = origin.finish(Duration::from_secs(30));
    assert_eq!(transcript.connections[0].end(), Some(&End::ClosedBySubject));
}

#[test]
fn a_connection_can_be_scripted_from_its_first_byte_on() {
    let mut origin = armed(Script::Phases(vec![
        text("unasked "),
        Phase::Until(Until::Request),
        text("first "),
        Phase::Until(Until::Head),
        Phase::Reset,
    ]));
    let mut stream = connect(&origin);
    expect(&mut stream, "unasked ");
    stream.write_all(b"PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab").unwrap();
    expect(&mut stream, "first ");
    stream.write_all(UPLOAD.as_bytes()).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(names(&transcript.connections[0]), ["accepted", "sent", "PUT /", "sent", "POST /", "Reset"]);
}

#[test]
fn after_its_phases_a_connection_reads_and_a_route_answers_again() {
    let mut origin = armed(Script::Phases(vec![text("x")]));
    let mut stream = send(&origin, UPLOAD);
    stream.write_all(b"abcdefghijGET /next HTTP/1.1\r\n\r\n").unwrap();
    expect(&mut stream, "x");
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(names(&transcript.connections[0]).len(), 5, "{transcript:?}");

    let origin = armed(routed(vec![text("x")]));
    let mut stream = send(&origin, UPLOAD);
    expect(&mut stream, "x");
    stream.write_all(b"abcdefghij").unwrap();
    stream.write_all(UPLOAD.as_bytes()).unwrap();
    expect(&mut stream, "x");
}

#[test]
fn until_closed_reads_requests_until_then() {
    let mut origin = armed(routed(vec![text("x"), Phase::Until(Until::Closed)]));
    let mut stream = send(&origin, UPLOAD);
    expect(&mut stream, "x");
    stream.write_all(b"abcdefghijGET /next HTTP/1.1\r\n\r\n").unwrap();
    drop(stream);
    let transcript = origin.finish(Duration::from_secs(30));
    assert_eq!(
        names(&transcript.connections[0]),
        ["accepted", "POST /", "sent", "GET /next", "ClosedBySubject"]
    );
}

#[test]
fn a_connection_can_wait_for_others_to_come_and_to_go() {
    let mut origin = armed(Script::Phases(vec![
        Phase::Until(Until::Connections(2)),
        text("two "),
        Phase::Until(Until::Connections(1)),
        text("one"),
        Phase::Close,
    ]));
    let mut first = connect(&origin);
    let mut second = connect(&origin);
    expect(&mut first, "two ");
    expect(&mut second, "two ");
    first.set_nonblocking(true).unwrap();
    assert_eq!(first.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    first.set_nonblocking(false).unwrap();
    // Both wait for the other to end, and neither sees its own end meanwhile.
    let transcript = origin.finish(Duration::ZERO);
    let ends: Vec<_> = transcript.connections.iter().map(|connection| connection.end()).collect();
    assert_eq!(ends, [Some(&End::CaseOver), Some(&End::CaseOver)]);
}

#[test]
fn a_connection_that_is_left_alone_goes_on() {
    let alone = vec![Phase::Until(Until::Connections(1)), text("alone"), Phase::Close];
    let origin = armed(Script::Connections(vec![Script::Silent, Script::Phases(alone)]));
    let first = connect(&origin);
    let mut second = connect(&origin);
    second.set_nonblocking(true).unwrap();
    assert_eq!(second.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    second.set_nonblocking(false).unwrap();
    drop(first);
    assert_eq!(read_to_end(second), "alone");
}

#[test]
fn a_response_among_phases_heeds_the_method() {
    let origin = armed(routed(vec![Phase::Response(Response::text(200, "ok")), Phase::Close]));
    let response = read_to_end(send(&origin, "HEAD / HTTP/1.1\r\n\r\n"));
    assert!(response.ends_with("Content-Length: 2\r\n\r\n"), "{response}");
}

#[rstest]
#[case::nothing("", 1000)]
#[case::not_at_all("abc", 0)]
#[case::odd("abc", 1_000_001)]
#[case::long(&"0123456789".repeat(20_000), 7)]
fn what_is_repeated_comes_as_often(#[case] part: &str, #[case] repeat: u64) {
    let payload = Payload { bytes: part.into(), repeat };
    let length = part.len() as u64 * repeat;
    let mut origin = armed(Script::Phases(vec![Phase::Send(payload), Phase::Close]));
    let mut received = Vec::new();
    connect(&origin).read_to_end(&mut received).unwrap();
    assert_eq!(received.len() as u64, length);
    assert_eq!(Digest::of_repeated(&received, 1), Digest::of_repeated(part.as_bytes(), repeat));
    let transcript = origin.finish(Duration::ZERO);
    let What::Sent(sent) = &transcript.connections[0].events[1].what else { panic!("{transcript:?}") };
    assert_eq!(sent.length, length);
    assert!(received.starts_with(&sent.bytes.0));
}

#[test]
fn a_long_body_has_its_length() {
    let body = Payload { bytes: "ab".into(), repeat: 100_000 };
    let response = Response { status: 200, reason: None, headers: vec![], body };
    let origin = armed(routed(vec![Phase::Response(response), Phase::Close]));
    let mut stream = send(&origin, "GET / HTTP/1.1\r\n\r\n");
    let head = read_until(&mut stream, "\r\n\r\n");
    assert!(head.contains("Content-Length: 200000\r\n"), "{head}");
    assert_eq!(read_to_end(stream), "ab".repeat(100_000));
}

#[test]
fn an_upgrade_is_followed_by_whatever_is_sent() {
    let phases = vec![Phase::Until(Until::Head), Phase::Upgrade, text("\u{1}"), Phase::Close];
    let origin = armed(Script::Phases(phases));
    let handshake = "GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let answer = read_to_end(send(&origin, handshake));
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(answer.ends_with("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\u{1}"), "{answer}");
}
