//! Requests and responses over a socket.

use std::ptr::{null, null_mut};

use rstest::rstest;

use crate::{api::*, peer::Peer};

/// Header text by name or attribute; with the reported length, or the last error.
fn header(
    request: Handle,
    level: u32,
    name: Option<&str>,
    index: Option<&mut u32>,
) -> Result<(String, u32), u32> {
    let name = name.map(wide);
    let name = name.as_ref().map_or(null(), |name| name.as_ptr());
    let index = index.map_or(null_mut(), |index| &raw mut *index);
    let (mut buffer, mut length) = ([0_u16; 512], 1024);
    let queried =
        call!(WinHttpQueryHeaders(request, level, name, buffer.as_mut_ptr().cast(), &mut length, index));
    match outcome(queried) {
        0 => Ok((String::from_utf16(&buffer[..length as usize / 2]).unwrap(), length)),
        error => Err(error),
    }
}

#[test]
fn a_get_is_sent_and_its_response_read() {
    let peer = Peer::new(|client| {
        let head = client.head();
        assert!(head.starts_with("GET /path HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nUser-Agent: test\r\n"), "{head}");
        client.write(b"HTTP/1.1 200 Fine\r\nX: 1\r\nContent-Length: 5\r\nx: 2\r\n\r\nhello");
    });
    let family = Family::to(0, peer.port, "/path");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(status(family.request), 200);
    let raw = "HTTP/1.1 200 Fine\r\nX: 1\r\nContent-Length: 5\r\nx: 2\r\n\r\n";
    let read_raw = header(family.request, WINHTTP_QUERY_RAW_HEADERS_CRLF, None, None);
    assert_eq!(read_raw, Ok((raw.to_owned(), raw.len() as u32 * 2)));
    let mut index = 0;
    for (expected, next) in [(Ok(("1".to_owned(), 2)), 1), (Ok(("2".to_owned(), 2)), 2)] {
        assert_eq!(header(family.request, WINHTTP_QUERY_CUSTOM, Some("X"), Some(&mut index)), expected);
        assert_eq!(index, next);
    }
    let missing = header(family.request, WINHTTP_QUERY_CUSTOM, Some("X"), Some(&mut index));
    assert_eq!(missing, Err(ERROR_WINHTTP_HEADER_NOT_FOUND));
    assert_eq!(read(family.request, 100), Ok(b"hello".to_vec()));
    assert_eq!(read(family.request, 100), Ok(Vec::new()));
}

#[test]
fn a_post_sends_headers_and_data() {
    let peer = Peer::new(|client| {
        let head = client.head();
        assert!(head.contains("\r\nContent-Length: 4\r\n") && head.contains("\r\nX-A: b\r\n"), "{head}");
        assert_eq!(client.exactly(4), b"data");
        client.write(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let family = Family::to(0, peer.port, "/");
    let post = request(family.connection, "POST", "/");
    let headers = wide("X-A: b");
    let sent = call!(WinHttpSendRequest(post, headers.as_ptr(), u32::MAX, b"data".as_ptr().cast(), 4, 4, 0));
    assert_eq!((outcome(sent), receive(post), status(post)), (0, 0, 204));
    assert_eq!(read(post, 10), Ok(Vec::new()));
}

#[test]
fn what_send_request_leaves_write_data_writes() {
    let peer = Peer::new(|client| {
        client.head();
        assert_eq!(client.exactly(4), b"data");
        client.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let family = Family::to(0, peer.port, "/");
    let put = request(family.connection, "PUT", "/");
    assert_eq!(outcome(call!(WinHttpSendRequest(put, null(), 0, b"da".as_ptr().cast(), 2, 4, 0))), 0);
    let mut written = 0;
    assert_eq!(outcome(call!(WinHttpWriteData(put, b"ta".as_ptr().cast(), 2, &mut written))), 0);
    assert_eq!((written, receive(put), status(put)), (2, 0, 200));
}

#[rstest]
#[case::chunked("Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")]
#[case::until_close("\r\nhello")]
fn data_is_announced_and_read(#[case] rest: &str) {
    let peer = Peer::answering(&format!("HTTP/1.1 200 OK\r\n{rest}"));
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    let mut body = Vec::new();
    loop {
        let mut available = 0;
        assert_eq!(outcome(call!(WinHttpQueryDataAvailable(family.request, &mut available))), 0);
        if available == 0 {
            break;
        }
        body.extend(read(family.request, available as usize).unwrap());
    }
    assert_eq!(body, b"hello");
}

#[test]
fn a_body_cut_short_is_a_connection_error() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(read(family.request, 5), Ok(b"hel".to_vec()));
    assert_eq!(read(family.request, 5), Err(ERROR_WINHTTP_CONNECTION_ERROR));
}

#[test]
fn states_have_an_order() {
    let family = Family::new();
    let wrong = ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    assert_eq!(receive(family.request), wrong);
    assert_eq!(read(family.request, 1), Err(wrong));
    assert_eq!(header(family.request, WINHTTP_QUERY_STATUS_CODE, None, None), Err(wrong));
    assert_eq!(outcome(call!(WinHttpQueryDataAvailable(family.request, null_mut()))), wrong);
}

#[test]
fn a_query_for_headers_with_a_short_buffer_says_what_it_needs() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    let mut length = 0;
    let level = WINHTTP_QUERY_STATUS_TEXT;
    let queried =
        call!(WinHttpQueryHeaders(family.request, level, null(), null_mut(), &mut length, null_mut()));
    assert_eq!((outcome(queried), length), (ERROR_INSUFFICIENT_BUFFER, 6));
    assert_eq!(header(family.request, level, None, None), Ok(("OK".to_owned(), 4)));
}

#[test]
fn a_redirect_is_followed_and_shows_in_the_url() {
    let second = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let location = format!("http://127.0.0.1:{}/new", second.port);
    let first =
        Peer::answering(&format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"));
    let family = Family::to(0, first.port, "/old");
    assert_eq!((send(family.request), receive(family.request), status(family.request)), (0, 0, 200));
    assert_eq!(query_text(family.request, WINHTTP_OPTION_URL).unwrap().0, location);
}

#[test]
fn a_redirect_is_not_followed_against_the_policy() {
    let peer = Peer::answering("HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n");
    let family = Family::to(0, peer.port, "/old");
    set_dword(family.request, WINHTTP_OPTION_REDIRECT_POLICY, WINHTTP_OPTION_REDIRECT_POLICY_NEVER);
    assert_eq!((send(family.request), receive(family.request), status(family.request)), (0, 0, 302));
}

#[test]
fn a_port_without_listener_cannot_be_connected_to() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let family = Family::to(0, port, "/");
    assert_eq!(send(family.request), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_eq!(query_dword(null_mut(), WINHTTP_OPTION_EXTENDED_ERROR), Ok(10061));
}

#[test]
fn after_the_response_the_request_tells_about_its_connection() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(query_dword(family.request, WINHTTP_OPTION_HTTP_PROTOCOL_USED), Ok(0));
    let mut info = WINHTTP_CONNECTION_INFO::default();
    let mut length = size_of::<WINHTTP_CONNECTION_INFO>() as u32;
    let option = WINHTTP_OPTION_CONNECTION_INFO;
    let queried = call!(WinHttpQueryOption(family.request, option, (&raw mut info).cast(), &mut length));
    let [high, low] = peer.port.to_be_bytes().map(|byte| byte as i8);
    assert_eq!(outcome(queried), 0);
    assert_eq!(info.RemoteAddress.__ss_pad1, [high, low, 127, 0, 0, 1]);
    let mut times = WINHTTP_REQUEST_TIMES { cTimes: WinHttpRequestTimeLast as u32, rgullTimes: [0; 64] };
    let mut length = size_of::<WINHTTP_REQUEST_TIMES>() as u32;
    let option = WINHTTP_OPTION_REQUEST_TIMES;
    assert_eq!(
        outcome(call!(WinHttpQueryOption(family.request, option, (&raw mut times).cast(), &mut length))),
        0
    );
    let at = |entry: i32| times.rgullTimes[entry as usize];
    assert!(
        0 < at(WinHttpSendRequestStart)
            && at(WinHttpSendRequestStart) <= at(WinHttpReceiveResponseHeadersEnd)
    );
}

#[test]
fn a_named_proxy_gets_the_whole_url() {
    let peer = Peer::new(|client| {
        let head = client.head();
        assert!(head.starts_with("GET http://server.example/x HTTP/1.1\r\n"), "{head}");
        client.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let proxy = wide(&format!("127.0.0.1:{}", peer.port));
    let session = call!(WinHttpOpen(null(), WINHTTP_ACCESS_TYPE_NAMED_PROXY, proxy.as_ptr(), null(), 0));
    let get = request(connect(session, "server.example", 80), "GET", "/x");
    assert_eq!((send(get), receive(get), status(get)), (0, 0, 200));
    close(session);
}
