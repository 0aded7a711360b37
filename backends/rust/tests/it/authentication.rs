//! Credentials, and the challenges that ask for them.

use std::ptr::{null, null_mut};

use rstest::rstest;

use crate::{api::*, peer::Peer};

const BASIC: u32 = WINHTTP_AUTH_SCHEME_BASIC;
const SERVER: u32 = WINHTTP_AUTH_TARGET_SERVER;

fn set_credentials(request: Handle, target: u32, scheme: u32) -> u32 {
    let (user, password) = (wide("Aladdin"), wide("open sesame"));
    outcome(call!(WinHttpSetCredentials(
        request,
        target,
        scheme,
        user.as_ptr(),
        password.as_ptr(),
        null_mut()
    )))
}

/// Supported schemes, first scheme and target, or the error.
fn schemes(request: Handle) -> Result<(u32, u32, u32), u32> {
    let (mut supported, mut first, mut target) = (77, 77, 77);
    match outcome(call!(WinHttpQueryAuthSchemes(request, &mut supported, &mut first, &mut target))) {
        0 => Ok((supported, first, target)),
        error => {
            assert_eq!((supported, first, target), (77, 77, 77));
            Err(error)
        }
    }
}

#[test]
fn basic_credentials_are_sent_once() {
    let peer = Peer::again(2, |client, nth| {
        let head = client.head();
        let sent = head.contains("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
        assert_eq!(sent, nth == 0, "{head}");
        assert!(!head.contains("Proxy-Authorization"), "there is no proxy: {head}");
        client.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    });
    let family = Family::to(0, peer.port, "/");
    assert_eq!(set_credentials(family.request, SERVER, BASIC), 0);
    assert_eq!(set_credentials(family.request, WINHTTP_AUTH_TARGET_PROXY, BASIC), 0);
    for _ in 0..2 {
        assert_eq!((send(family.request), receive(family.request), status(family.request)), (0, 0, 204));
    }
}

#[rstest]
#[case::no_scheme(SERVER, 0)]
#[case::two_schemes(SERVER, 3)]
#[case::unknown_scheme(SERVER, 32)]
#[case::unknown_target(2, BASIC)]
fn credentials_are_for_one_scheme_of_one_target(#[case] target: u32, #[case] scheme: u32) {
    let family = Family::new();
    assert_eq!(set_credentials(family.request, target, scheme), ERROR_INVALID_PARAMETER);
}

#[test]
fn credentials_need_a_name_a_password_and_no_parameter() {
    let family = Family::new();
    let text = wide("x");
    let set = |user, password, reserved| {
        let request = family.request;
        outcome(call!(WinHttpSetCredentials(request, SERVER, BASIC, user, password, reserved)))
    };
    let (text, none): (*const u16, *const u16) = (text.as_ptr(), null());
    assert_eq!(set(none, text, null_mut()), ERROR_INVALID_PARAMETER);
    assert_eq!(set(text, none, null_mut()), ERROR_INVALID_PARAMETER);
    assert_eq!(set(text, text, family.request), ERROR_INVALID_PARAMETER);
    assert_eq!(set(text, text, null_mut()), 0);
}

#[rstest]
#[case::server("401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"x\"", (17, 16, 0))]
#[case::proxy("407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm=\"x\", NTLM", (10, 8, 1))]
#[case::other_header("401 Unauthorized\r\nProxy-Authenticate: Basic", (0, 0, 0))]
fn a_challenge_names_its_schemes(#[case] head: &str, #[case] expected: (u32, u32, u32)) {
    let peer = Peer::answering(&format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n"));
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(schemes(family.request), Ok(expected));
}

#[test]
fn only_a_challenge_has_schemes() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    assert_eq!(schemes(family.request), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE));
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(schemes(family.request), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE));
    let (mut one, mut two) = (0, 0);
    let asked = call!(WinHttpQueryAuthSchemes(family.request, &mut one, &mut two, null_mut()));
    assert_eq!(outcome(asked), ERROR_INVALID_PARAMETER);
}

#[test]
fn authentication_takes_requests_only() {
    let family = Family::new();
    for handle in [family.session, family.connection] {
        assert_eq!(set_credentials(handle, SERVER, BASIC), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
        assert_eq!(schemes(handle), Err(ERROR_WINHTTP_INCORRECT_HANDLE_TYPE));
    }
    assert_eq!(set_credentials(null_mut(), SERVER, BASIC), ERROR_INVALID_HANDLE);
    assert_eq!(schemes(null_mut()), Err(ERROR_INVALID_HANDLE));
}

#[test]
fn credentials_cannot_change_while_a_response_is_waited_for() {
    let peer = Peer::answering("HTTP/1.1 204 No Content\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    assert_eq!(send(family.request), 0);
    assert_eq!(set_credentials(family.request, SERVER, BASIC), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_eq!(receive(family.request), 0);
    assert_eq!(set_credentials(family.request, SERVER, BASIC), 0);
}
