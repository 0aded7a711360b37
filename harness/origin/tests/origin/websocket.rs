//! The WebSocket peer, against tungstenite's client and against frames made by hand.

use crate::subject::{armed, connect, names, read_until, send};
use rstest::rstest;
use std::io::{Read, Write};
use std::time::Duration;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message};
use winhttp_origin::{End, FramePhase, Opcode, Origin, Payload, RawFrame, Reply, Route, Script, What};

const UPGRADE: &str = "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

type Client = tungstenite::WebSocket<std::net::TcpStream>;

fn client(origin: &Origin) -> tungstenite::Result<Client> {
    tungstenite::client(format!("ws://127.0.0.1:{}/any", origin.port()), connect(origin))
        .map(|(client, _)| client)
        .map_err(|error| match error {
            tungstenite::HandshakeError::Failure(error) => error,
            other => panic!("{other}"),
        })
}

#[test]
fn the_handshake_answers_the_key_of_the_rfc() {
    let origin = armed(Script::Websocket);
    let head = read_until(&mut send(&origin, UPGRADE), "\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
}

#[test]
fn websocket_echoes_data_answers_pings_and_answers_close() {
    let mut origin = armed(Script::Websocket);
    let mut client = client(&origin).unwrap();
    let bytes = Message::binary((0..200_000_u32).map(|n| n as u8).collect::<Vec<_>>());
    for message in [Message::text("grüße"), bytes] {
        client.send(message.clone()).unwrap();
        assert_eq!(client.read().unwrap(), message);
    }
    client.send(Message::Ping("are you there".into())).unwrap();
    assert_eq!(client.read().unwrap(), Message::Pong("are you there".into()));
    let close = CloseFrame { code: CloseCode::Library(4321), reason: "enough".into() };
    client.close(Some(close.clone())).unwrap();
    assert_eq!(client.read().unwrap(), Message::Close(Some(close)));
    assert!(matches!(client.read().unwrap_err(), Error::ConnectionClosed));

    let transcript = origin.finish(Duration::ZERO);

    assert_eq!(
        names(&transcript.connections[0]),
        [
            "accepted",
            "GET /any",
            "sent",
            "frame Text",
            "sent",
            "frame Binary",
            "sent",
            "frame Ping",
            "sent",
            "frame Close",
            "sent",
            "Closed"
        ]
    );
    let What::Frame { opcode, fin, masked, payload, .. } = &transcript.connections[0].events[3].what else {
        panic!("{transcript:?}")
    };
    assert_eq!((*opcode, *fin, *masked), (Opcode::Text, true, true));
    assert_eq!(payload.bytes, "grüße".into());
}

#[test]
fn a_fragmented_message_comes_back_in_its_fragments() {
    let mut origin = armed(Script::Websocket);
    let mut stream = send(&origin, UPGRADE);
    read_until(&mut stream, "\r\n\r\n");
    // Text "a" without FIN, Ping in between, continuation "b" with FIN: unmasked, which a peer may not
    // send but this one writes down.
    stream.write_all(b"\x01\x01a\x89\x00\x80\x01b").unwrap();
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\x01\x01a\x8a\x00\x80\x01b");
    let transcript = origin.finish(Duration::ZERO);
    let frames = transcript.connections[0].events.iter().filter_map(|event| match &event.what {
        What::Frame { opcode, fin, masked, .. } => Some((*opcode, *fin, *masked)),
        _ => None,
    });
    assert_eq!(
        frames.collect::<Vec<_>>(),
        [(Opcode::Text, false, false), (Opcode::Ping, true, false), (Opcode::Continuation, true, false)]
    );
}

#[test]
fn frames_sent_together_with_the_handshake_are_not_lost() {
    let mut origin = armed(Script::Websocket);
    let mut stream = connect(&origin);
    stream.write_all(&[UPGRADE.as_bytes(), b"\x81\x02hi"].concat()).unwrap();
    read_until(&mut stream, "\r\n\r\n");
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\x81\x02hi");
    assert!(names(&origin.finish(Duration::ZERO).connections[0]).contains(&"frame Text".to_owned()));
}

#[rstest]
#[case::opcode(b"\x83\x00", "not a WebSocket frame")]
#[case::length(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", "not a WebSocket frame")]
fn a_frame_that_cannot_be_ends_the_connection(#[case] bytes: &[u8], #[case] reason: &str) {
    let mut origin = armed(Script::Websocket);
    let mut stream = send(&origin, UPGRADE);
    stream.write_all(bytes).unwrap();
    let transcript = origin.finish(Duration::from_secs(30));
    let Some(End::Error(error)) = transcript.connections[0].end() else { panic!("{transcript:?}") };
    assert!(error.contains(reason), "{error}");
}

#[test]
fn the_websocket_peer_answers_other_requests_too() {
    let origin = armed(Script::Websocket);
    let mut stream = send(&origin, "GET / HTTP/1.1\r\n\r\n");
    read_until(&mut stream, "\r\n\r\nok");
    stream.write_all(b"GET / HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n").unwrap();
    assert!(read_until(&mut stream, "Key").starts_with("HTTP/1.1 400 "));
}

#[test]
fn websocket_refuse_answers_200() {
    let origin = armed(Script::WebsocketRefuse);
    let Err(Error::Http(response)) = client(&origin) else { panic!("upgraded") };
    assert_eq!(response.status(), 200);
}

#[test]
fn a_route_can_be_a_websocket() {
    let route = Route { method: None, target: "/any".to_owned(), replies: vec![Reply::Websocket] };
    let origin = armed(Script::Routes(vec![route]));
    client(&origin).unwrap();
}

fn scripted(phases: Vec<FramePhase>) -> (Origin, std::net::TcpStream) {
    let origin = armed(Script::Frames(phases));
    let mut stream = send(&origin, UPGRADE);
    read_until(&mut stream, "\r\n\r\n");
    (origin, stream)
}

fn raw(opcode: u8, is_final: bool, reserved: u8, masked: bool, payload: &str) -> FramePhase {
    FramePhase::Frame(RawFrame { opcode, is_final, reserved, masked, payload: payload.into() })
}

#[rstest]
#[case::text(FramePhase::Text("hi".into()), b"\x81\x02hi")]
#[case::binary(FramePhase::Binary(Payload { bytes: "ab".into(), repeat: 2 }), b"\x82\x04abab")]
#[case::ping(FramePhase::Ping("".into()), b"\x89\x00")]
#[case::pong(FramePhase::Pong("x".into()), b"\x8a\x01x")]
#[case::close(FramePhase::Close(winhttp_origin::CloseFrame { status: Some(1001), reason: "bye".into() }), b"\x88\x05\x03\xe9bye")]
#[case::empty_close(FramePhase::Close(winhttp_origin::CloseFrame::default()), b"\x88\x00")]
#[case::fragment(raw(1, false, 0, false, "a"), b"\x01\x01a")]
#[case::reserved_bits(raw(2, true, 5, false, "a"), b"\xd2\x01a")]
#[case::reserved_opcode(raw(3, true, 0, false, "a"), b"\x83\x01a")]
#[case::masked(raw(1, true, 0, true, "\0\0\0\0\0"), b"\x81\x85\x5a\xa5\x3c\xc3\x5a\xa5\x3c\xc3\x5a")]
#[case::bytes(FramePhase::Raw("\u{1}".into()), b"\x01")]
fn frames_are_sent_as_scripted(#[case] phase: FramePhase, #[case] expected: &[u8]) {
    let (_origin, mut stream) = scripted(vec![phase, FramePhase::Cut]);
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    assert_eq!(received, expected);
}

/// A close of the peer's own is answered by the subject, and not once more by the peer.
#[test]
fn frames_wait_for_frames_and_end_with_the_closing_handshake() {
    let phases = vec![
        FramePhase::Until(vec![Opcode::Text, Opcode::Close]),
        FramePhase::Text("after".into()),
        FramePhase::Close(winhttp_origin::CloseFrame { status: Some(1000), reason: "".into() }),
    ];
    let mut origin = armed(Script::Frames(phases));
    let mut client = client(&origin).unwrap();
    client.send(Message::binary("not this")).unwrap();
    client.send(Message::text("this")).unwrap();
    assert_eq!(client.read().unwrap(), Message::text("after"));
    assert!(matches!(client.read().unwrap(), Message::Close(Some(_))));
    assert!(matches!(client.read().unwrap_err(), Error::ConnectionClosed));
    let transcript = origin.finish(Duration::from_secs(30));
    assert_eq!(
        names(&transcript.connections[0])[3..],
        ["frame Binary", "frame Text", "sent", "sent", "frame Close", "Closed"]
    );
    assert_eq!(transcript.frames().len(), 3);
}

#[test]
fn after_its_frames_a_peer_reads_and_answers_pings() {
    let (_origin, mut stream) = scripted(vec![FramePhase::Text("x".into())]);
    stream.write_all(b"\x81\x80\0\0\0\0\x89\x80\0\0\0\0").unwrap();
    let mut received = [0; 5];
    stream.read_exact(&mut received).unwrap();
    assert_eq!(&received, b"\x81\x01x\x8a\x00");
}

#[rstest]
#[case::stall(FramePhase::Stall, End::CaseOver)]
#[case::reset(FramePhase::Reset, End::Reset)]
fn frames_can_end_without_a_close(#[case] phase: FramePhase, #[case] end: End) {
    let (mut origin, mut stream) = scripted(vec![FramePhase::Text("x".into()), phase]);
    stream.read_exact(&mut [0; 3]).unwrap();
    if end == End::Reset {
        assert!(stream.read(&mut [0]).is_err());
    }
    assert_eq!(origin.finish(Duration::ZERO).connections[0].end(), Some(&end));
}
