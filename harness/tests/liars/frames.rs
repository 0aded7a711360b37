//! The WebSocket frames that the peer must have received.

use std::io::{Read, Write};
use std::net::TcpStream;

use rstest::rstest;
use winhttp_reports::record::Verdict;

use crate::fake::{Call, Does, ask};

#[rstest]
#[case::none_but_one("[]", nothing, text, "1: text \"ab\", 2 bytes (final)")]
#[case::one_but_none("[text]", text, nothing, "none")]
#[case::one_but_two("[text]", text, texts, "2: text \"ab\", 2 bytes (final), text \"ab\", 2 bytes (final)")]
#[case::kind("[text]", text, binary, "binary \"ab\", 2 bytes (final)")]
#[case::payload("[{ text: ab }]", text, other_text, "text \"ac\", 2 bytes (final)")]
#[case::payload_in_hexadecimal(
    "[{ text: { bytes: 6162 } }]",
    text,
    other_text,
    "text \"ac\", 2 bytes (final)"
)]
#[case::payload_with_more("[{ text: a }]", short_text, text, "text \"ab\", 2 bytes (final)")]
#[case::last_part("[{ text: ab, final: true }]", text, part, "text \"ab\", 2 bytes (not final)")]
#[case::not_the_last_part("[{ text: ab, final: false }]", part, text, "text \"ab\", 2 bytes (final)")]
#[case::status("[{ close: { status: 1001 } }]", close, other_close, "close 1000 \"x\", 1 bytes (final)")]
#[case::reason(
    "[{ close: { reason: x } }]",
    close,
    empty_close,
    "close without a status \"\", 0 bytes (final)"
)]
#[case::empty_close("[{ close: {} }]", empty_close, close, "close 1001 \"x\", 1 bytes (final)")]
fn frames(#[case] rules: &str, #[case] honest: Does, #[case] liar: Does, #[case] observed: &str) {
    let case = format!(
        "origin: websocket
steps:
- WinHttpConnect: {{ hSession: 1, pswzServerName: \"127.0.0.1\", nServerPort: $port }}
  succeeds: true
frames: {rules}"
    );
    let truth = ask(&case, honest);
    assert_eq!(truth.verdict, Verdict::Pass, "the honest fake: {truth:#?}");
    let lie = ask(&case, liar);
    assert_eq!(lie.verdict, Verdict::Fail, "the liar: {lie:#?}");
    let [difference] = &lie.differences[..] else { panic!("{lie:#?}") };
    assert!(difference.what.starts_with("frame") && difference.what.ends_with(" at the peer"), "{lie:#?}");
    assert_eq!(difference.observed, observed);
    assert!(!difference.expected.is_empty(), "{lie:#?}");
}

fn nothing(call: &Call) -> u64 {
    send(call, b"")
}

fn text(call: &Call) -> u64 {
    send(call, b"\x81\x82\0\0\0\0ab")
}

fn texts(call: &Call) -> u64 {
    send(call, b"\x81\x82\0\0\0\0ab\x81\x82\0\0\0\0ab")
}

fn short_text(call: &Call) -> u64 {
    send(call, b"\x81\x81\0\0\0\0a")
}

fn other_text(call: &Call) -> u64 {
    send(call, b"\x81\x82\0\0\0\0ac")
}

fn part(call: &Call) -> u64 {
    send(call, b"\x01\x82\0\0\0\0ab")
}

fn binary(call: &Call) -> u64 {
    send(call, b"\x82\x82\0\0\0\0ab")
}

fn close(call: &Call) -> u64 {
    send(call, b"\x88\x83\0\0\0\0\x03\xe9x")
}

fn other_close(call: &Call) -> u64 {
    send(call, b"\x88\x83\0\0\0\0\x03\xe8x")
}

fn empty_close(call: &Call) -> u64 {
    send(call, b"\x88\x80\0\0\0\0")
}

/// Upgrades and sends these frames, when connecting.
fn send(call: &Call, frames: &[u8]) -> u64 {
    if call.name == "WinHttpConnect" {
        let mut stream = TcpStream::connect(("127.0.0.1", call.words[2] as u16)).expect("the peer listens");
        let head = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("the peer reads");
        assert_eq!(stream.read(&mut [0; 1024]).map(|count| count > 0).ok(), Some(true));
        stream.write_all(frames).expect("the peer reads");
    }
    1
}
