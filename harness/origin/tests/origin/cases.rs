//! One case after the other: nothing goes from one to the next, and a bad subject costs its own case.

use crate::subject::{armed, connect, names, read_until, send};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};
use winhttp_origin::{Bytes, End, Origin, Raw, Script, Then};

const GET: &str = "GET /old HTTP/1.1\r\n\r\n";

#[test]
fn a_connection_belongs_to_the_case_in_which_it_was_made() {
    let mut origin = Origin::start().unwrap();
    for _ in 0..500 {
        origin.arm(Script::Ok).unwrap();
        let old = send(&origin, GET);
        let first = origin.finish(Duration::ZERO);
        origin.arm(Script::Ok).unwrap();
        let second = origin.finish(Duration::ZERO);
        assert_eq!(names(&first.connections[0])[..2], ["accepted", "GET /old"]);
        assert_eq!(second.connections, []);
        drop(old);
    }
}

#[test]
fn a_connection_between_two_cases_is_closed() {
    let mut origin = Origin::start().unwrap();
    for _ in 0..500 {
        let mut between = connect(&origin);
        origin.arm(Script::Ok).unwrap();
        assert_eq!(between.read(&mut [0]).unwrap(), 0);
        assert_eq!(origin.finish(Duration::ZERO).connections, []);
    }
}

#[test]
fn a_connection_that_outlives_its_case_is_closed() {
    let mut origin = armed(Script::Ok);
    let mut old = send(&origin, GET);
    read_until(&mut old, "ok");
    assert_eq!(origin.finish(Duration::ZERO).connections[0].end(), Some(&End::CaseOver));
    origin.arm(Script::Ok).unwrap();
    assert_eq!(old.read(&mut [0]).unwrap(), 0);
    assert_eq!(origin.finish(Duration::ZERO).connections, []);
}

#[test]
fn arming_again_forgets_the_case_before() {
    let mut origin = armed(Script::Ok);
    let mut old = send(&origin, GET);
    origin.arm(Script::Silent).unwrap();
    let _ = old.read_to_end(&mut Vec::new());
    let new = send(&origin, "GET /new HTTP/1.1\r\n\r\n");
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(transcript.requests().map(|request| &*request.head.target).collect::<Vec<_>>(), ["/new"]);
    drop(new);
}

#[test]
fn all_that_was_sent_before_the_end_is_in_the_transcript() {
    let mut origin = Origin::start().unwrap();
    for _ in 0..200 {
        origin.arm(Script::Ok).unwrap();
        let mut streams = (0..4).map(|_| send(&origin, GET)).collect::<Vec<_>>();
        streams[3].write_all(GET.as_bytes()).unwrap();
        assert_eq!(origin.finish(Duration::ZERO).requests().count(), 5);
    }
}

#[test]
fn patience_waits_for_the_subject_to_close() {
    let mut origin = armed(Script::Ok);
    let mut stream = send(&origin, GET);
    read_until(&mut stream, "ok");
    let subject = std::thread::spawn(move || drop(stream));
    let transcript = origin.finish(Duration::from_secs(30));
    assert_eq!(transcript.connections[0].end(), Some(&End::ClosedBySubject));
    subject.join().unwrap();
}

#[test]
fn patience_has_an_end() {
    let mut origin = armed(Script::Silent);
    let stream = send(&origin, GET);
    let transcript = origin.finish(Duration::from_millis(20));
    assert_eq!(transcript.connections[0].end(), Some(&End::CaseOver));
    drop(stream);
}

#[test]
fn a_case_without_a_connection_takes_no_patience() {
    let mut origin = armed(Script::Ok);
    assert_eq!(origin.finish(Duration::from_secs(3600)).connections, []);
}

#[test]
fn a_subject_that_does_not_read_does_not_hold_up_the_end() {
    let bytes = Bytes(vec![b'x'; 50_000_000]);
    let mut origin = armed(Script::Raw(Raw { bytes, then: Then::Close }));
    let stream = send(&origin, GET);
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(names(&transcript.connections[0]), ["accepted", "GET /old", "sent", "CaseOver"]);
    drop(stream);
}

#[test]
fn a_subject_that_never_stops_sending_does_not_hold_up_the_end() {
    let mut origin = armed(Script::Ok);
    let mut stream = send(&origin, "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    let flood = std::thread::spawn(move || while stream.write_all(b"8\r\n12345678\r\n").is_ok() {});
    let transcript = origin.finish(Duration::from_millis(5));
    assert_eq!(transcript.connections[0].end(), Some(&End::CaseOver));
    flood.join().unwrap();
}

#[test]
fn too_many_requests_are_counted_and_not_kept() {
    let mut origin = armed(Script::Silent);
    let stream = send(&origin, &GET.repeat(10_000));
    let connection = origin.finish(Duration::ZERO).connections.remove(0);
    assert_eq!(connection.events.len() as u64 + connection.unrecorded, 10_002);
    assert!(connection.events.len() < 5_000);
    drop(stream);
}

#[test]
fn too_many_connections_are_counted_and_closed() {
    let mut origin = armed(Script::Reset);
    for _ in 0..300 {
        let _ = connect(&origin).read(&mut [0]);
    }
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!((transcript.connections.len(), transcript.refused), (256, 44));
}

#[test]
fn a_case_that_is_over_is_not_reached_any_more() {
    let mut origin = armed(Script::Ok);
    let port = origin.port();
    origin.finish(Duration::ZERO);
    origin.arm(Script::Ok).unwrap();
    assert_ne!(origin.port(), port);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(origin.finish(Duration::ZERO).connections.is_empty());
}

#[test]
fn a_dropped_origin_listens_no_more() {
    let origin = armed(Script::Ok);
    let port = origin.port();
    let mut stream = send(&origin, GET);
    drop(origin);
    let _ = stream.read_to_end(&mut Vec::new());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn the_system_s_clock_says_when_the_script_was_armed() {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64;
    let before = now();
    let mut origin = armed(Script::Ok);
    let after = now();
    let transcript = origin.finish(Duration::ZERO);
    assert!((before..=after).contains(&transcript.armed_unix_us), "{before} {transcript:?} {after}");
}
