//! Options: validation, defaults, inheritance, and the protocol of lengths.

use std::ptr::{null, null_mut};

use rstest::rstest;

use crate::api::*;

const UNKNOWN: u32 = 0x7FFF_FFFF;

#[rstest]
#[case::a_dword(WINHTTP_OPTION_CONNECT_TIMEOUT, 60_000)]
#[case::retries(WINHTTP_OPTION_CONNECT_RETRIES, 5)]
#[case::resolve(WINHTTP_OPTION_RESOLVE_TIMEOUT, u32::MAX)]
#[case::response(WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, 90_000)]
#[case::connections(WINHTTP_OPTION_MAX_CONNS_PER_SERVER, u32::MAX)]
#[case::drain(WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, 1024 * 1024)]
#[case::head(WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE, 64 * 1024)]
#[case::policy(WINHTTP_OPTION_REDIRECT_POLICY, WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP)]
#[case::kind(WINHTTP_OPTION_HANDLE_TYPE, WINHTTP_HANDLE_TYPE_SESSION)]
fn a_session_starts_with_the_documented_defaults(#[case] option: u32, #[case] value: u32) {
    assert_eq!(query_dword(Family::new().session, option), Ok(value));
}

#[test]
fn what_is_set_is_queried_and_inherited_by_later_children_only() {
    let family = Family::new();
    assert_eq!(set_dword(family.session, WINHTTP_OPTION_CONNECT_TIMEOUT, 1234), 0);
    let later = request(connect(family.session, "h", 80), "GET", "/");
    let timeout = |handle| query_dword(handle, WINHTTP_OPTION_CONNECT_TIMEOUT);
    assert_eq!(
        (timeout(family.session), timeout(later), timeout(family.request)),
        (Ok(1234), Ok(1234), Ok(60_000))
    );
}

#[test]
fn no_limit_on_connections_is_a_limit_of_two() {
    let family = Family::new();
    assert_eq!(set_dword(family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 0), 0);
    assert_eq!(query_dword(family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER), Ok(2));
}

#[rstest]
#[case::unknown(UNKNOWN, ERROR_WINHTTP_INVALID_OPTION)]
#[case::query_only(WINHTTP_OPTION_HANDLE_TYPE, ERROR_WINHTTP_OPTION_NOT_SETTABLE)]
#[case::other_kind(WINHTTP_OPTION_USERNAME, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE)]
#[case::other_kind_and_query_only(WINHTTP_OPTION_URL, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE)]
#[case::web_socket(WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE)]
#[case::null_handle_only(WINHTTP_OPTION_WORKER_THREAD_COUNT, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE)]
#[case::no_registry_key(WINHTTP_OPTION_GLOBAL_PROXY_CREDS, ERROR_WINHTTP_INVALID_OPTION)]
fn a_session_refuses_to_set(#[case] option: u32, #[case] error: u32) {
    // Without a buffer, too: what is wrong with the option comes first.
    let family = Family::new();
    assert_eq!(outcome(call!(WinHttpSetOption(family.session, option, null(), 0))), error);
    assert_eq!(set_dword(family.session, option, 20_000), error);
}

#[rstest]
#[case::unknown(UNKNOWN, ERROR_WINHTTP_INVALID_OPTION)]
#[case::set_only(WINHTTP_OPTION_CODEPAGE, ERROR_WINHTTP_INVALID_OPTION)]
#[case::other_kind(WINHTTP_OPTION_URL, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE)]
fn a_session_refuses_to_query(#[case] option: u32, #[case] error: u32) {
    let family = Family::new();
    assert_eq!(query_dword(family.session, option), Err(error));
    assert_eq!(outcome(call!(WinHttpQueryOption(family.session, option, null_mut(), null_mut()))), error);
}

#[rstest]
#[case::connect_timeout(WINHTTP_OPTION_CONNECT_TIMEOUT, 4)]
#[case::flag(WINHTTP_OPTION_ASSURED_NON_BLOCKING_CALLBACKS, 4)]
#[case::word(WINHTTP_OPTION_CONTEXT_VALUE, size_of::<usize>())]
#[case::proxy(WINHTTP_OPTION_PROXY, size_of::<WINHTTP_PROXY_INFO>())]
#[case::structure(WINHTTP_OPTION_HTTP2_RECEIVE_WINDOW, 8)]
fn only_the_exact_size_is_set(#[case] option: u32, #[case] size: usize) {
    let family = Family::new();
    let bytes = [1_u8; 64];
    for wrong in [0, 1, size - 1, size + 1] {
        assert_eq!(
            set_bytes(family.session, option, &bytes[..wrong]),
            ERROR_INVALID_PARAMETER,
            "{wrong} bytes"
        );
    }
    let length = size as u32;
    assert_eq!(
        outcome(call!(WinHttpSetOption(family.session, option, null(), length))),
        ERROR_INVALID_PARAMETER
    );
}

#[rstest]
#[case::redirect_policy(WINHTTP_OPTION_REDIRECT_POLICY, 2, 3)]
#[case::http2_keepalive(WINHTTP_OPTION_HTTP2_KEEPALIVE, 5_000, 4_999)]
#[case::decompression(WINHTTP_OPTION_DECOMPRESSION, 3, 4)]
#[case::protocols(WINHTTP_OPTION_ENABLE_HTTP_PROTOCOL, 3, 4)]
#[case::secure_protocols(WINHTTP_OPTION_SECURE_PROTOCOLS, 0x2A00, 1)]
#[case::passport(WINHTTP_OPTION_CONFIGURE_PASSPORT_AUTH, 0x5000_0000, 0x6000_0000)]
fn values_out_of_range_are_refused(#[case] option: u32, #[case] good: u32, #[case] bad: u32) {
    let family = Family::new();
    assert_eq!(set_dword(family.session, option, good), 0);
    assert_eq!(set_dword(family.session, option, bad), ERROR_INVALID_PARAMETER);
}

#[test]
fn secure_defaults_deny_older_protocols() {
    let family = Family::to(WINHTTP_FLAG_SECURE_DEFAULTS, 80, "/");
    let set = |value| set_dword(family.session, WINHTTP_OPTION_SECURE_PROTOCOLS, value);
    assert_eq!(set(WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2), 0);
    assert_eq!(set(WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1), ERROR_ACCESS_DENIED);
}

#[test]
fn each_feature_is_enabled_on_its_own_kind_of_handle() {
    let family = Family::new();
    let set = |handle, value| set_dword(handle, WINHTTP_OPTION_ENABLE_FEATURE, value);
    assert_eq!(set(family.session, WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION), 0);
    assert_eq!(set(family.request, WINHTTP_ENABLE_SSL_REVOCATION), 0);
    assert_eq!(set(family.session, WINHTTP_ENABLE_SSL_REVOCATION), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
}

#[test]
fn a_short_buffer_is_left_alone_and_the_length_says_what_is_needed() {
    let family = Family::new();
    for room in [0_u32, 3] {
        let (mut buffer, mut length) = ([0xAA_u8; 8], room);
        let option = WINHTTP_OPTION_CONNECT_TIMEOUT;
        let queried =
            call!(WinHttpQueryOption(family.session, option, buffer.as_mut_ptr().cast(), &mut length));
        assert_eq!((outcome(queried), length, buffer), (ERROR_INSUFFICIENT_BUFFER, 4, [0xAA; 8]));
    }
}

#[test]
fn a_larger_buffer_is_filled_as_far_as_needed() {
    let family = Family::new();
    let (mut buffer, mut length) = ([0xAA_u8; 8], 8);
    let option = WINHTTP_OPTION_CONNECT_RETRIES;
    let queried = call!(WinHttpQueryOption(family.session, option, buffer.as_mut_ptr().cast(), &mut length));
    assert_eq!((outcome(queried), length, buffer), (0, 4, [5, 0, 0, 0, 0xAA, 0xAA, 0xAA, 0xAA]));
}

#[test]
fn no_buffer_asks_for_the_length_and_no_length_is_an_invalid_parameter() {
    let family = Family::new();
    let mut length = 99;
    let option = WINHTTP_OPTION_USER_AGENT;
    let queried = call!(WinHttpQueryOption(family.session, option, null_mut(), &mut length));
    assert_eq!((outcome(queried), length), (ERROR_INSUFFICIENT_BUFFER, 10));
    let queried = call!(WinHttpQueryOption(family.session, option, null_mut(), null_mut()));
    assert_eq!(outcome(queried), ERROR_INVALID_PARAMETER);
}

#[test]
fn text_is_set_in_characters_with_or_without_terminator() {
    let family = Family::new();
    let name = wide("käse");
    for length in [4, 5] {
        let set =
            call!(WinHttpSetOption(family.request, WINHTTP_OPTION_USERNAME, name.as_ptr().cast(), length));
        assert_eq!(outcome(set), 0);
        assert_eq!(query_text(family.request, WINHTTP_OPTION_USERNAME), Ok(("käse".to_owned(), 10)));
    }
}

#[rstest]
#[case::session(0, 0)]
#[case::connection(1, 1)]
#[case::request(2, 2)]
fn every_handle_knows_its_kind_and_its_parent(#[case] which: usize, #[case] kind: usize) {
    let family = Family::new();
    let handles = [family.session, family.connection, family.request];
    let kinds = [WINHTTP_HANDLE_TYPE_SESSION, WINHTTP_HANDLE_TYPE_CONNECT, WINHTTP_HANDLE_TYPE_REQUEST];
    assert_eq!(query_dword(handles[which], WINHTTP_OPTION_HANDLE_TYPE), Ok(kinds[kind]));
    let parent = if which == 0 { 0 } else { handles[which - 1] as usize };
    assert_eq!(query_word(handles[which], WINHTTP_OPTION_PARENT_HANDLE), Ok(parent));
}

#[test]
fn a_request_knows_its_url_before_it_is_sent() {
    let family = Family::to(0, 8080, "/a b?c");
    let url = "http://127.0.0.1:8080/a%20b?c";
    let expected = (url.to_owned(), (url.len() as u32 + 1) * 2);
    assert_eq!(query_text(family.request, WINHTTP_OPTION_URL), Ok(expected));
}

#[rstest]
#[case::connection_info(WINHTTP_OPTION_CONNECTION_INFO)]
#[case::protocol(WINHTTP_OPTION_HTTP_PROTOCOL_USED)]
#[case::certificate(WINHTTP_OPTION_SERVER_CERT_CONTEXT)]
#[case::key(WINHTTP_OPTION_SECURITY_KEY_BITNESS)]
#[case::times(WINHTTP_OPTION_REQUEST_TIMES)]
fn what_a_response_tells_is_unknown_before_it(#[case] option: u32) {
    assert_eq!(query_dword(Family::new().request, option), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE));
}

#[test]
fn no_certificate_is_a_client_certificate_of_null() {
    let family = Family::new();
    let set = |buffer, length| {
        outcome(call!(WinHttpSetOption(family.request, WINHTTP_OPTION_CLIENT_CERT_CONTEXT, buffer, length)))
    };
    assert_eq!((set(null(), 0), set(null(), 40)), (0, ERROR_INVALID_PARAMETER));
}

#[test]
fn an_option_without_parameters_takes_none() {
    let family = Family::new();
    let set = |option| outcome(call!(WinHttpSetOption(family.request, option, null(), 0)));
    assert_eq!(set(WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET), 0);
    assert_eq!(set(WINHTTP_OPTION_EXPIRE_CONNECTION), ERROR_WINHTTP_INCORRECT_HANDLE_STATE, "not active");
}

#[test]
fn a_proxy_is_set_and_handed_out_in_strings_to_be_freed() {
    let family = Family::new();
    let (mut name, mut bypass) = (wide("proxy:8080"), wide("<local>"));
    let info = WINHTTP_PROXY_INFO {
        dwAccessType: WINHTTP_ACCESS_TYPE_NAMED_PROXY,
        lpszProxy: name.as_mut_ptr(),
        lpszProxyBypass: bypass.as_mut_ptr(),
    };
    let size = size_of::<WINHTTP_PROXY_INFO>() as u32;
    let set = call!(WinHttpSetOption(family.session, WINHTTP_OPTION_PROXY, (&raw const info).cast(), size));
    assert_eq!(outcome(set), 0);
    let later = request(connect(family.session, "h", 80), "GET", "/");
    let (mut read, mut length) = (WINHTTP_PROXY_INFO::default(), size);
    let queried = call!(WinHttpQueryOption(later, WINHTTP_OPTION_PROXY, (&raw mut read).cast(), &mut length));
    assert_eq!((outcome(queried), length, read.dwAccessType), (0, size, WINHTTP_ACCESS_TYPE_NAMED_PROXY));
    for (text, own) in [(read.lpszProxy, &name), (read.lpszProxyBypass, &bypass)] {
        let units: Vec<u16> = (0..own.len()).map(|at| call!(read_unit(text, at))).collect();
        assert_eq!(&units, own);
        assert!(call!(GlobalFree(text.cast())).is_null());
    }
}

unsafe fn read_unit(text: *const u16, at: usize) -> u16 {
    // SAFETY: the caller asks for units up to the terminator only.
    unsafe { text.add(at).read() }
}

#[test]
fn the_process_has_options_of_its_own() {
    let none = null_mut();
    assert_eq!(query_dword(none, WINHTTP_OPTION_ENABLETRACING), Ok(0));
    assert_eq!(set_dword(none, WINHTTP_OPTION_ENABLETRACING, 1), 0);
    assert_eq!(query_dword(none, WINHTTP_OPTION_ENABLETRACING), Ok(1));
    let mut version = [0_u32; 2];
    let mut length = 8;
    let queried = call!(WinHttpQueryOption(
        none,
        WINHTTP_OPTION_HTTP_VERSION,
        version.as_mut_ptr().cast(),
        &mut length
    ));
    assert_eq!((outcome(queried), version), (0, [1, 1]));
    // Not even the first setting succeeds if an asynchronous test of this process was faster.
    set_dword(none, WINHTTP_OPTION_WORKER_THREAD_COUNT, 2);
    assert_ne!(set_dword(none, WINHTTP_OPTION_WORKER_THREAD_COUNT, 2), 0, "only once");
    assert_eq!(set_dword(none, WINHTTP_OPTION_GLOBAL_SERVER_CREDS, 2), ERROR_WINHTTP_INVALID_OPTION);
    assert_eq!(query_dword(none, WINHTTP_OPTION_CONNECT_TIMEOUT), Err(ERROR_INVALID_HANDLE));
    assert_eq!(query_dword(none, WINHTTP_OPTION_EXTENDED_ERROR), Ok(0));
}
