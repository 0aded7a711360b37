//! Connections that serve more than one request, and those that may not.

use std::{
    ptr::{null, null_mut},
    sync::mpsc::channel,
};

use rstest::rstest;

use crate::{
    api::*,
    peer::{Client, Peer},
};

const MARK: [u8; 16] = *b"a mark of 16 byt";
const OTHER: [u8; 16] = *b"another mark....";

/// The response with a body of two bytes.
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Sends a request, receives the response, and reads it to its end.
fn exchange(request: Handle) {
    assert_eq!((send(request), receive(request), status(request)), (0, 0, 200));
    assert_eq!(read(request, 10), Ok(b"ok".to_vec()));
}

/// The index of the request on its connection, and whether it is called the first.
fn index(request: Handle) -> (u32, bool) {
    let mut stats = WINHTTP_REQUEST_STATS { cStats: WinHttpRequestStatLast as u32, ..Default::default() };
    let mut length = size_of::<WINHTTP_REQUEST_STATS>() as u32;
    let option = WINHTTP_OPTION_REQUEST_STATS;
    let queried = call!(WinHttpQueryOption(request, option, (&raw mut stats).cast(), &mut length));
    assert_eq!(outcome(queried), 0);
    (stats.ulIndex, stats.ullFlags & u64::from(WINHTTP_REQUEST_STAT_FLAG_FIRST_REQUEST) != 0)
}

/// Answers requests on one connection until it is closed, and tells how many came.
fn answer_all(client: &mut Client, response: &str) -> usize {
    let mut count = 0;
    while !client.head().is_empty() {
        client.write(response.as_bytes());
        count += 1;
    }
    count
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let peer = Peer::new(|client| assert_eq!(answer_all(client, OK), 3));
    let family = Family::to(0, peer.port, "/");
    set_dword(family.session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, 1);
    exchange(family.request);
    exchange(family.request);
    assert_eq!(close(family.request), 0);
    let second = request(family.connection, "GET", "/");
    exchange(second);
    assert_eq!(index(second), (2, false));
    // The session's end is the end of its connections, which the peer waits for.
}

#[test]
fn a_connection_serves_another_session() {
    let peer = Peer::new(|client| {
        for _ in 0..2 {
            client.head();
            client.write(OK.as_bytes());
        }
    });
    let one = Family::to(0, peer.port, "/");
    exchange(one.request);
    let other = Family::to(0, peer.port, "/");
    exchange(other.request);
    assert_eq!(index(other.request), (1, false));
}

#[rstest]
#[case::close("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false)]
#[case::older_version("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false)]
#[case::older_version_that_offers(
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
    true
)]
#[case::chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true)]
#[case::unasked_bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok more", false)]
fn a_response_says_whether_its_connection_is_kept(#[case] response: &'static str, #[case] kept: bool) {
    let peer = Peer::again(if kept { 1 } else { 2 }, move |client, _| {
        for _ in 0..if kept { 2 } else { 1 } {
            client.head();
            client.write(response.as_bytes());
        }
    });
    let family = Family::to(0, peer.port, "/");
    exchange(family.request);
    // A chunked body is at its end when that was read.
    assert_eq!(read(family.request, 10), Ok(Vec::new()));
    let second = request(family.connection, "GET", "/");
    exchange(second);
    assert_eq!(index(second).1, !kept);
}

#[rstest]
#[case::by_option(true, "")]
#[case::by_header(false, "Connection: close")]
fn a_request_says_whether_its_connection_is_kept(#[case] option: bool, #[case] header: &str) {
    let peer = Peer::again(2, |client, _| {
        let head = client.head().to_ascii_lowercase();
        assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
        client.write(OK.as_bytes());
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let header = wide(header);
    for _ in 0..2 {
        let request = request(family.connection, "GET", "/");
        if option {
            set_dword(request, WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_KEEP_ALIVE);
        }
        assert_eq!(
            outcome(call!(WinHttpSendRequest(request, header.as_ptr(), u32::MAX, null(), 0, 0, 0))),
            0
        );
        assert_eq!((receive(request), read(request, 10)), (0, Ok(b"ok".to_vec())));
    }
}

#[rstest]
#[case::enough(2, true)]
#[case::too_little(1, false)]
fn an_unread_body_is_drained_up_to_the_limit(#[case] limit: u32, #[case] kept: bool) {
    let peer = Peer::again(if kept { 1 } else { 2 }, move |client, _| {
        for _ in 0..if kept { 2 } else { 1 } {
            client.head();
            client.write(OK.as_bytes());
        }
    });
    let family = Family::to(0, peer.port, "/");
    set_dword(family.request, WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, limit);
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(close(family.request), 0);
    exchange(request(family.connection, "GET", "/"));
}

#[test]
fn a_connection_is_not_kept_while_a_body_is_owed() {
    let peer = Peer::again(2, |client, _| {
        client.head();
        client.write(OK.as_bytes());
    });
    let family = Family::to(0, peer.port, "/");
    let put = request(family.connection, "PUT", "/");
    assert_eq!(outcome(call!(WinHttpSendRequest(put, null(), 0, b"da".as_ptr().cast(), 2, 4, 0))), 0);
    assert_eq!((receive(put), read(put, 10)), (0, Ok(b"ok".to_vec())));
    exchange(family.request);
}

#[test]
fn a_connection_that_the_peer_closed_meanwhile_is_not_used() {
    let (close_it, closing) = channel();
    let (closed, is_closed) = channel();
    let peer = Peer::again(2, move |client, nth| {
        client.head();
        client.write(OK.as_bytes());
        if nth == 0 {
            closing.recv().unwrap();
            client.shut_down();
            closed.send(()).unwrap();
        }
    });
    let family = Family::to(0, peer.port, "/");
    exchange(family.request);
    close_it.send(()).unwrap();
    is_closed.recv().unwrap();
    let post = request(family.connection, "POST", "/");
    exchange(post);
    assert_eq!(index(post), (0, true));
}

/// The second request on the first connection is read, and answered by closing.
fn unreliable() -> Peer {
    Peer::again(2, |client, nth| {
        client.head();
        client.write(OK.as_bytes());
        if nth == 0 {
            client.head();
        }
    })
}

#[test]
fn what_a_closing_connection_swallowed_is_sent_once_more() {
    let peer = unreliable();
    let family = Family::to(0, peer.port, "/");
    exchange(family.request);
    let second = request(family.connection, "GET", "/");
    exchange(second);
    assert_eq!(index(second), (0, true));
}

#[test]
fn what_may_not_be_done_twice_is_not_sent_once_more() {
    let peer = unreliable();
    let family = Family::to(0, peer.port, "/");
    exchange(family.request);
    let post = request(family.connection, "POST", "/");
    assert_eq!((send(post), receive(post)), (0, ERROR_WINHTTP_CONNECTION_ERROR));
    exchange(family.request);
}

#[rstest]
#[case::same_mark(Some(MARK), MARK, 0, true)]
#[case::same_mark_required(Some(MARK), MARK, 1, true)]
#[case::other_mark(Some(MARK), OTHER, 0, false)]
#[case::no_mark(None, MARK, 0, true)]
#[case::no_mark_where_it_is_required(None, MARK, 1, false)]
fn a_mark_says_which_connection_serves(
    #[case] mark: Option<[u8; 16]>,
    #[case] wanted: [u8; 16],
    #[case] flags: u64,
    #[case] kept: bool,
) {
    let peer = Peer::again(if kept { 1 } else { 2 }, move |client, _| {
        for _ in 0..if kept { 2 } else { 1 } {
            client.head();
            client.write(OK.as_bytes());
        }
    });
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    if let Some(mark) = mark {
        assert_eq!(set_bytes(family.request, WINHTTP_OPTION_CONNECTION_GUID, &mark), 0);
    }
    assert_eq!(read(family.request, 10), Ok(b"ok".to_vec()));
    let second = request(family.connection, "GET", "/");
    let matching = [&wanted[..], &flags.to_ne_bytes()].concat();
    assert_eq!(set_bytes(second, WINHTTP_OPTION_MATCH_CONNECTION_GUID, &matching), 0);
    exchange(second);
}

#[test]
fn a_mark_that_is_set_before_sending_marks_the_connection_that_comes() {
    let peer = Peer::new(|client| {
        for _ in 0..2 {
            client.head();
            client.write(OK.as_bytes());
        }
    });
    let family = Family::to(0, peer.port, "/");
    set_bytes(family.request, WINHTTP_OPTION_CONNECTION_GUID, &MARK);
    exchange(family.request);
    let second = request(family.connection, "GET", "/");
    let matching = [&MARK[..], &1_u64.to_ne_bytes()].concat();
    set_bytes(second, WINHTTP_OPTION_MATCH_CONNECTION_GUID, &matching);
    exchange(second);
}

#[test]
fn a_request_waits_for_a_connection_where_the_limit_is_reached() {
    let peer = Peer::new(|client| {
        for _ in 0..2 {
            client.head();
            client.write(OK.as_bytes());
        }
    });
    let family = Family::to(0, peer.port, "/");
    set_dword(family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    let second = request(family.connection, "GET", "/") as usize;
    let other = std::thread::spawn(move || exchange(second as Handle));
    assert_eq!(read(family.request, 10), Ok(b"ok".to_vec()));
    other.join().unwrap();
}

#[test]
fn waiting_for_a_connection_takes_no_longer_than_connecting_may() {
    let peer = Peer::answering(OK);
    let family = Family::to(0, peer.port, "/");
    set_dword(family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    let second = request(family.connection, "GET", "/");
    set_dword(second, WINHTTP_OPTION_CONNECT_TIMEOUT, 1);
    assert_eq!(send(second), ERROR_WINHTTP_TIMEOUT);
}

#[test]
fn an_idle_connection_makes_room_for_one_that_fits() {
    let peer = Peer::again(2, |client, _| {
        client.head();
        client.write(OK.as_bytes());
    });
    let family = Family::to(0, peer.port, "/");
    set_dword(family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    exchange(family.request);
    let second = request(family.connection, "GET", "/");
    let matching = [&MARK[..], &1_u64.to_ne_bytes()].concat();
    set_bytes(second, WINHTTP_OPTION_MATCH_CONNECTION_GUID, &matching);
    exchange(second);
}

#[test]
fn an_expired_connection_serves_no_other_request() {
    let peer = Peer::again(2, |client, _| {
        client.head();
        client.write(OK.as_bytes());
    });
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    let expired = call!(WinHttpSetOption(family.request, WINHTTP_OPTION_EXPIRE_CONNECTION, null(), 0));
    assert_eq!((outcome(expired), read(family.request, 10)), (0, Ok(b"ok".to_vec())));
    exchange(request(family.connection, "GET", "/"));
}

#[test]
fn a_redirect_to_the_same_server_stays_on_its_connection() {
    let peer = Peer::new(|client| {
        client.head();
        client.write(b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 5\r\n\r\nmoved");
        let head = client.head();
        assert!(head.starts_with("GET /new "), "{head}");
        client.write(OK.as_bytes());
    });
    let family = Family::to(0, peer.port, "/");
    exchange(family.request);
    assert_eq!(outcome(call!(WinHttpQueryDataAvailable(family.request, null_mut()))), 0);
}
