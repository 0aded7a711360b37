//! Cookies that a session keeps.

use std::ptr::null;

use rstest::rstest;

use crate::{api::*, peer::Peer};

/// A peer that sets a cookie on each connection's first request, and tells the Cookie headers that come, joined.
fn setting(cookie: &str, expected: &'static [&'static str]) -> Peer {
    let cookie = cookie.to_owned();
    Peer::again(expected.len(), move |client, nth| {
        let head = client.head();
        let came: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix("Cookie: ")).collect();
        assert_eq!(came.join(" | "), expected[nth], "{head}");
        let close = "Connection: close\r\nContent-Length: 0";
        client.write(format!("HTTP/1.1 200 OK\r\nSet-Cookie: {cookie}\r\n{close}\r\n\r\n").as_bytes());
    })
}

fn get(request: Handle, headers: &str) {
    let headers = wide(headers);
    let sent = call!(WinHttpSendRequest(request, headers.as_ptr(), u32::MAX, null(), 0, 0, 0));
    assert_eq!((outcome(sent), receive(request)), (0, 0));
}

#[rstest]
#[case::automatic("", &["", "a=1"])]
#[case::with_own("Cookie: own=2", &["own=2", "own=2; a=1"])]
fn a_cookie_comes_back_in_the_same_session(#[case] own: &str, #[case] expected: &'static [&'static str]) {
    let peer = setting("a=1; Path=/", expected);
    let family = Family::to(0, peer.port, "/x");
    for _ in 0..2 {
        // What was sent the last time is not sent again: both requests may have the same handle.
        get(family.request, own);
    }
}

#[test]
fn a_cookie_of_another_session_does_not_come() {
    let peer = setting("a=1", &["", ""]);
    for _ in 0..2 {
        get(Family::to(0, peer.port, "/").request, "");
    }
}

#[test]
fn disabled_cookies_are_neither_stored_nor_sent() {
    let peer = setting("a=1", &["", "", "own=2"]);
    let family = Family::to(0, peer.port, "/");
    let without = || {
        let request = request(family.connection, "GET", "/");
        set_dword(request, WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_COOKIES);
        request
    };
    get(without(), "");
    get(family.request, "");
    get(without(), "Cookie: own=2");
}

#[test]
fn each_leg_of_a_redirect_has_its_own_cookies() {
    let peer = Peer::again(2, |client, nth| {
        let head = client.head();
        let close = "Connection: close\r\nContent-Length: 0";
        if nth == 0 {
            assert!(head.contains("Cookie: own=2\r\n"), "{head}");
            let response = "HTTP/1.1 302 Found\r\nLocation: /new\r\nSet-Cookie: a=1; Path=/new";
            client.write(format!("{response}\r\n{close}\r\n\r\n").as_bytes());
        } else {
            assert!(head.contains("Cookie: own=2; a=1\r\n"), "{head}");
            client.write(format!("HTTP/1.1 200 OK\r\n{close}\r\n\r\n").as_bytes());
        }
    });
    get(Family::to(0, peer.port, "/").request, "Cookie: own=2");
}

#[test]
fn signing_out_forgets_the_cookies_of_the_url() {
    let peer = setting("a=1", &["", ""]);
    let family = Family::to(0, peer.port, "/");
    get(family.request, "");
    let url = wide(&format!("http://127.0.0.1:{}/", peer.port));
    let bytes: Vec<u8> = url.iter().flat_map(|unit| unit.to_ne_bytes()).collect();
    assert_eq!(set_bytes(family.session, WINHTTP_OPTION_PASSPORT_SIGN_OUT, &bytes), 0);
    get(family.request, "");
}
