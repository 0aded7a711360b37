//! Every behaviour that is not WebSocket, seen from both sides.

use crate::subject::{armed, connect, names, read_to_end, read_until, send};
use rstest::rstest;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, Shutdown, TcpStream};
use std::time::Duration;
use winhttp_origin::{Bytes, Digest, End, Family, Origin, Raw, Reply, Response, Route, Script, Then, What};

const GET: &str = "GET /a?b=1 HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nx-two: 2\r\n\r\n";
const GET_AND_CLOSE: &str = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

#[test]
fn ok_answers_each_request_on_a_connection_that_stays_open() {
    let mut origin = armed(Script::Ok);
    let mut stream = send(&origin, GET);
    let response = read_until(&mut stream, "\r\n\r\nok");
    assert_eq!(response, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
    stream.write_all(b"POST /second HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").unwrap();
    read_until(&mut stream, "\r\n\r\nok");

    let transcript = origin.finish(Duration::ZERO);

    let [connection] = &transcript.connections[..] else { panic!("{transcript:?}") };
    assert_eq!(names(connection), ["accepted", "GET /a?b=1", "sent", "POST /second", "sent", "CaseOver"]);
    let requests = transcript.requests().collect::<Vec<_>>();
    assert_eq!(requests[0].head.version, "HTTP/1.1");
    assert_eq!(
        requests[0].head.headers,
        [("Host", "x"), ("X-Two", "1"), ("x-two", "2")].map(|(n, v)| (n.to_owned(), v.to_owned()))
    );
    assert_eq!((requests[1].body.bytes.clone(), requests[1].body.length), ("abc".into(), 3));
    assert!(requests[1].complete);
    assert!(connection.received.bytes.0.starts_with(GET.as_bytes()));
    assert!(connection.events.is_sorted_by_key(|event| event.at_us));
    let What::Sent(sent) = &connection.events[2].what else { panic!("{connection:?}") };
    assert_eq!(sent.bytes, response.as_str().into());
}

#[rstest]
#[case::asked_to("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")]
#[case::old_version("GET / HTTP/1.0\r\n\r\n")]
fn ok_closes_when_the_request_says_so(#[case] request: &str) {
    let mut origin = armed(Script::Ok);
    let response = read_to_end(send(&origin, request));
    assert!(response.ends_with("\r\n\r\nok"), "{response}");
    assert_eq!(names(&origin.finish(Duration::ZERO).connections[0]), ["accepted", "GET /", "sent", "Closed"]);
}

#[test]
fn head_gets_the_length_and_no_body() {
    let origin = armed(Script::Ok);
    let response = read_to_end(send(&origin, "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    assert!(response.ends_with("Content-Length: 2\r\n\r\n"), "{response}");
}

#[test]
fn silent_reads_and_never_answers() {
    let mut origin = armed(Script::Silent);
    let mut stream = send(&origin, GET);
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(names(&transcript.connections[0]), ["accepted", "GET /a?b=1", "CaseOver"]);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn deaf_reads_nothing() {
    let mut origin = armed(Script::Deaf);
    let mut stream = send(&origin, GET);
    stream.set_nonblocking(true).unwrap();
    let room = std::iter::repeat_with(|| stream.write(&[0; 65536]));
    // The buffers of both sides take some megabytes, and no more.
    let taken: usize = room.map_while(Result::ok).take(1 << 12).sum();
    assert!(taken < 1 << 28, "{taken}");
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(names(&transcript.connections[0]), ["accepted", "CaseOver"]);
}

#[test]
fn deaf_notices_that_the_subject_closes() {
    let mut origin = armed(Script::Deaf);
    drop(send(&origin, GET));
    let transcript = origin.finish(Duration::from_secs(30));
    assert_eq!(names(&transcript.connections[0]), ["accepted", "ClosedBySubject"]);
}

#[test]
fn reset_resets() {
    let mut origin = armed(Script::Reset);
    let mut stream = connect(&origin);
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(names(&origin.finish(Duration::ZERO).connections[0]), ["accepted", "Reset"]);
}

#[test]
fn close_reads_the_request_and_closes_in_order() {
    let mut origin = armed(Script::Close);
    let stream = send(&origin, "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhithe next, unasked");
    assert_eq!(read_to_end(stream), "");
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(names(&transcript.connections[0]), ["accepted", "POST /", "Closed"]);
}

#[test]
fn raw_sends_exactly_its_bytes_to_every_request() {
    let raw = Raw { bytes: Bytes(b"\x00HTTP\xff\r\n".to_vec()), then: Then::KeepOpen };
    let mut origin = armed(Script::Raw(raw));
    let mut stream = send(&origin, GET);
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"\x00HTTP\xff\r\n");
    drop(stream);
    let transcript = origin.finish(Duration::from_secs(30));
    assert_eq!(transcript.connections[0].end(), Some(&End::ClosedBySubject));
}

#[rstest]
#[case::close(Then::Close, End::Closed)]
#[case::reset(Then::Reset, End::Reset)]
fn raw_ends_the_connection_as_told(#[case] then: Then, #[case] end: End) {
    let mut origin = armed(Script::Raw(Raw { bytes: "HTTP/1.1 200".into(), then }));
    let mut stream = send(&origin, GET);
    let mut received = Vec::new();
    let outcome = stream.read_to_end(&mut received).map_err(|error| error.kind());
    assert_eq!(received, b"HTTP/1.1 200");
    assert_eq!(outcome.is_err(), then == Then::Reset);
    assert_eq!(origin.finish(Duration::ZERO).connections[0].end(), Some(&end));
}

#[test]
fn routes_answer_by_method_and_target() {
    let route = |method: Option<&str>, target: &str, status| Route {
        method: method.map(str::to_owned),
        target: target.to_owned(),
        replies: vec![answer(status)],
    };
    let origin = armed(Script::Routes(vec![
        route(Some("PUT"), "/a", 201),
        route(None, "/a", 204),
        route(None, "/b", 302),
        route(None, "http://elsewhere/", 203),
        route(Some("CONNECT"), "elsewhere:443", 200),
    ]));
    let status = |method: &str, target: &str| {
        let request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
        read_to_end(send(&origin, &request)).lines().next().map(str::to_owned).unwrap()
    };
    assert_eq!(status("PUT", "/a"), "HTTP/1.1 201 Created");
    assert_eq!(status("GET", "/a"), "HTTP/1.1 204 No Content");
    assert_eq!(status("GET", "/b"), "HTTP/1.1 302 Found");
    assert_eq!(status("GET", "/b?"), "HTTP/1.1 404 Not Found");
    // What is asked of a proxy is a target like any other.
    assert_eq!(status("GET", "http://elsewhere/"), "HTTP/1.1 203 Non Authoritative Information");
    assert_eq!(status("CONNECT", "elsewhere:443"), "HTTP/1.1 200 OK");
}

fn answer(status: u16) -> Reply {
    Reply::Response(Response { status, reason: None, headers: vec![], body: "".into() })
}

/// The first line of the answer to a request on a connection of its own.
fn first_line(origin: &Origin, target: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
    read_to_end(send(origin, &request)).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_route_answers_in_turn_and_the_last_answer_stays() {
    let route = |target: &str, replies: &[u16]| Route {
        method: None,
        target: target.to_owned(),
        replies: replies.iter().map(|status| answer(*status)).collect(),
    };
    let origin = armed(Script::Routes(vec![route("/a", &[401, 200]), route("/b", &[302])]));
    let statuses = ["/a", "/b", "/a", "/a", "/b"].map(|target| first_line(&origin, target));
    assert_eq!(
        statuses.each_ref().map(|line| &line[9..12]),
        ["401", "302", "200", "200", "302"],
        "{statuses:?}"
    );
}

#[test]
fn connections_get_their_scripts_in_turn() {
    let mut origin = armed(Script::Connections(vec![Script::Reset, Script::Close, Script::Ok]));
    let mut reset = connect(&origin);
    assert_eq!(reset.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(read_to_end(send(&origin, GET)), "");
    assert_eq!(first_line(&origin, "/"), "HTTP/1.1 200 OK");
    assert_eq!(first_line(&origin, "/"), "HTTP/1.1 200 OK");
    assert_eq!(origin.finish(Duration::ZERO).connections.len(), 4);
}

#[test]
fn requests_are_told_in_the_order_in_which_they_came() {
    let mut origin = armed(Script::Ok);
    let mut first = send(&origin, "GET /1 HTTP/1.1\r\n\r\n");
    read_until(&mut first, "ok");
    let mut second = send(&origin, "POST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab");
    read_until(&mut second, "ok");
    first.write_all(b"GET /3 HTTP/1.1\r\n\r\n").unwrap();
    read_until(&mut first, "ok");
    let transcript = origin.finish(Duration::ZERO);
    let received = transcript.received();
    let told: Vec<_> = received.iter().map(|it| (it.connection, it.request.head.target.as_str())).collect();
    assert_eq!(told, [(0, "/1"), (1, "/2"), (0, "/3")]);
    assert_eq!(received[1].request.digest, Digest::of_repeated(b"ab", 1));
}

#[test]
fn a_response_is_laid_out_as_the_script_says() {
    let response = Response {
        status: 299,
        reason: Some("Odd".to_owned()),
        headers: [("b", "1"), ("A", "2"), ("b", "3"), ("content-length", "1"), ("Connection", "close")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: "longer".into(),
    };
    let route = Route { method: None, target: "/".to_owned(), replies: vec![Reply::Response(response)] };
    let origin = armed(Script::Routes(vec![route]));
    assert_eq!(
        read_to_end(send(&origin, "GET / HTTP/1.1\r\n\r\n")),
        "HTTP/1.1 299 Odd\r\nb: 1\r\nA: 2\r\nb: 3\r\ncontent-length: 1\r\nConnection: close\r\n\r\nlonger"
    );
}

#[rstest]
#[case::whole(usize::MAX)]
#[case::byte_by_byte(1)]
fn a_chunked_body_is_put_together(#[case] at_once: usize) {
    let request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
                   3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
    let mut origin = armed(Script::Ok);
    let mut stream = connect(&origin);
    stream.set_nodelay(true).unwrap();
    for part in request.as_bytes().chunks(at_once.min(request.len())) {
        stream.write_all(part).unwrap();
    }
    read_to_end(stream);
    let transcript = origin.finish(Duration::ZERO);
    let request = transcript.requests().next().unwrap();
    assert_eq!(request.body.bytes, "abc0123456789".into());
    assert!(request.complete);
}

#[test]
fn a_long_body_is_counted_and_its_beginning_kept() {
    let mut origin = armed(Script::Ok);
    let length = 3_000_000;
    let mut stream =
        send(&origin, &format!("PUT / HTTP/1.1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"));
    stream.write_all(&vec![b'x'; length]).unwrap();
    read_to_end(stream);
    let transcript = origin.finish(Duration::ZERO);
    let request = transcript.requests().next().unwrap();
    assert_eq!((request.body.bytes.0.len(), request.body.length), (64 * 1024, length as u64));
    assert_eq!(transcript.connections[0].received.bytes.0.len(), 64 * 1024);
    assert!(transcript.connections[0].received.length > length as u64);
}

#[test]
fn a_body_that_never_comes_leaves_the_request_incomplete() {
    let mut origin = armed(Script::Ok);
    let stream = send(&origin, "POST / HTTP/1.1\r\nContent-Length: 4294967296\r\n\r\nabc");
    let transcript = origin.finish(Duration::ZERO);
    let request = transcript.requests().next().unwrap();
    assert!(!request.complete);
    assert_eq!((request.body.bytes.clone(), request.body.length), ("abc".into(), 3));
    assert_eq!(transcript.connections[0].end(), Some(&End::CaseOver));
    drop(stream);
}

#[rstest]
#[case::tls("\u{16}\u{3}\u{1}\u{2}\0\u{1}", "not a request head")]
#[case::text("hello\r\n\r\n", "not a request head")]
#[case::length("POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", "not a number")]
#[case::chunk("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not a chunk size")]
fn garbage_ends_the_connection_with_a_reason(#[case] bytes: &str, #[case] reason: &str) {
    let mut origin = armed(Script::Ok);
    let mut stream = send(&origin, bytes);
    let _ = stream.read(&mut [0]);
    let transcript = origin.finish(Duration::from_secs(30));
    let Some(End::Error(error)) = transcript.connections[0].end() else { panic!("{transcript:?}") };
    assert!(error.contains(reason), "{error}");
    assert_eq!(transcript.connections[0].received.bytes, bytes.into());
}

#[test]
fn a_head_without_an_end_is_cut() {
    let mut origin = armed(Script::Ok);
    let mut stream = send(&origin, "GET / HTTP/1.1\r\nX: ");
    // The write fails once the peer has given up.
    while stream.write_all(&[b'x'; 64 * 1024]).is_ok() {}
    let transcript = origin.finish(Duration::from_secs(30));
    assert!(matches!(transcript.connections[0].end(), Some(End::Error(_))), "{transcript:?}");
}

#[test]
fn what_the_subject_does_to_the_connection_is_told_apart() {
    let mut origin = armed(Script::Ok);
    let closed = send(&origin, GET_AND_CLOSE.split_at(5).0);
    closed.shutdown(Shutdown::Write).unwrap();
    let reset = send(&origin, GET);
    read_until(&mut reset.try_clone().unwrap(), "ok");
    socket2::SockRef::from(&reset).set_linger(Some(Duration::ZERO)).unwrap();
    drop(reset);
    let transcript = origin.finish(Duration::from_secs(30));
    let ends = transcript.connections.iter().map(|connection| connection.end()).collect::<Vec<_>>();
    assert_eq!(ends, [Some(&End::ClosedBySubject), Some(&End::ResetBySubject)]);
}

/// A machine without IPv6 has nothing to test here.
#[test]
fn a_peer_on_ipv6_has_a_port_of_its_own() {
    let mut origin = armed(Script::Ok);
    let Ok(port) = origin.port_at(Family::V6) else { return };
    assert_eq!(origin.port_at(Family::V6).unwrap(), port);
    origin.arm_at(Family::V6, Script::Close).unwrap();
    let mut stream = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    assert_eq!(read_to_end(stream), "");
    // Nothing is armed on the other address.
    assert_eq!(read_to_end(connect(&origin)), "");
    assert_eq!(names(&origin.finish(Duration::ZERO).connections[0]), ["accepted", "GET /a?b=1", "Closed"]);
    origin.arm(Script::Ok).unwrap();
    assert!(read_to_end(send(&origin, GET_AND_CLOSE)).ends_with("ok"));
    assert_eq!(origin.finish(Duration::ZERO).connections.len(), 1);
}
