//! Handles: their kinds, their end, and what their callbacks are told.

use std::{ffi::c_void, ptr::null, sync::Mutex};

use rstest::rstest;

use crate::api::*;

#[test]
fn a_session_opens_connects_and_requests() {
    let family = Family::new();
    assert!(!family.session.is_null() && !family.connection.is_null() && !family.request.is_null());
}

#[rstest]
#[case::null(std::ptr::null_mut())]
#[case::invented(0xDEAD_BEEF_usize as Handle)]
#[case::small(4 as Handle)]
fn what_is_no_handle_is_invalid(#[case] handle: Handle) {
    forget_error();
    assert_eq!(close(handle), ERROR_INVALID_HANDLE);
    assert!(connect(handle, "h", 80).is_null());
    assert_eq!(last_error(), ERROR_INVALID_HANDLE);
}

#[test]
fn a_closed_handle_is_invalid_and_its_number_is_not_used_again() {
    let first = open();
    assert_eq!((close(first), close(first)), (0, ERROR_INVALID_HANDLE));
    let second = open();
    assert_ne!(first, second);
    close(second);
}

#[test]
fn the_wrong_kind_of_handle_has_an_error_of_its_own() {
    let family = Family::new();
    assert!(connect(family.connection, "h", 80).is_null());
    assert_eq!(last_error(), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert!(request(family.session, "GET", "/").is_null());
    assert_eq!(last_error(), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_eq!(receive(family.session), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
}

#[test]
fn closing_a_parent_invalidates_everything_below_it() {
    let family = Family::new();
    assert_eq!(close(family.session), 0);
    for child in [family.connection, family.request] {
        assert_eq!(query_dword(child, WINHTTP_OPTION_HANDLE_TYPE), Err(ERROR_INVALID_HANDLE));
    }
}

#[test]
fn closing_a_child_leaves_its_parent() {
    let family = Family::new();
    assert_eq!(close(family.request), 0);
    assert_eq!(query_dword(family.connection, WINHTTP_OPTION_HANDLE_TYPE), Ok(WINHTTP_HANDLE_TYPE_CONNECT));
}

#[rstest]
#[case::access_type(2, 0)]
#[case::flag(1, 1)]
fn open_refuses_what_is_no_value(#[case] access_type: u32, #[case] flags: u32) {
    assert!(call!(WinHttpOpen(null(), access_type, null(), null(), flags)).is_null());
    assert_eq!(last_error(), ERROR_INVALID_PARAMETER);
}

#[test]
fn connect_refuses_a_missing_name_and_a_reserved_argument() {
    let family = Family::new();
    let name = wide("h");
    assert!(call!(WinHttpConnect(family.session, null(), 80, 0)).is_null());
    assert_eq!(last_error(), ERROR_INVALID_PARAMETER);
    assert!(call!(WinHttpConnect(family.session, name.as_ptr(), 80, 1)).is_null());
    assert_eq!(last_error(), ERROR_INVALID_PARAMETER);
}

/// What the callback of one test was told: handle, context, status, and the handle that the notice is about.
static TOLD: Mutex<Vec<(usize, usize, u32, usize)>> = Mutex::new(Vec::new());

unsafe extern "system" fn note(
    handle: Handle,
    context: usize,
    status: u32,
    information: *mut c_void,
    length: u32,
) {
    assert_eq!(length as usize, size_of::<Handle>());
    // SAFETY: the notices asked for come with a pointer to a handle.
    let subject = unsafe { information.cast::<usize>().read() };
    TOLD.lock().unwrap().push((handle as usize, context, status, subject));
}

#[test]
fn the_callback_learns_of_creation_and_at_last_of_closing() {
    let session = open();
    let flags = WINHTTP_CALLBACK_STATUS_HANDLE_CREATED | WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    assert_eq!(call!(WinHttpSetStatusCallback(session, Some(note), flags, 0)).map(|f| f as usize), None);
    set_bytes(session, WINHTTP_OPTION_CONTEXT_VALUE, &7_usize.to_ne_bytes());
    let connection = connect(session, "h", 80);
    set_bytes(connection, WINHTTP_OPTION_CONTEXT_VALUE, &8_usize.to_ne_bytes());
    close(session);
    let (session, connection) = (session as usize, connection as usize);
    let expected = [
        (connection, 7, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, connection),
        (connection, 8, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, connection),
        (session, 7, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, session),
    ];
    assert_eq!(*TOLD.lock().unwrap(), expected);
}

unsafe extern "system" fn ignore(_: Handle, _: usize, _: u32, _: *mut c_void, _: u32) {}

#[test]
fn set_status_callback_returns_the_one_before_and_children_inherit() {
    let family = Family::new();
    let set =
        |handle, callback| call!(WinHttpSetStatusCallback(handle, callback, u32::MAX, 0)).map(|f| f as usize);
    let own = Some(ignore as *const () as usize);
    assert_eq!(set(family.session, Some(ignore)), None);
    assert_eq!(set(family.connection, None), None, "created before");
    let later = connect(family.session, "h", 80);
    assert_eq!(set(later, None), own, "created after");
    assert_eq!((set(family.session, None), set(family.session, None)), (own, None));
}

#[test]
fn a_callback_that_cannot_be_installed_is_told_by_the_invalid_callback() {
    let family = Family::new();
    let invalid = Some(usize::MAX);
    let refused = call!(WinHttpSetStatusCallback(family.session, Some(ignore), 0, 1)).map(|f| f as usize);
    assert_eq!((refused, last_error()), (invalid, ERROR_INVALID_PARAMETER));
    let refused =
        call!(WinHttpSetStatusCallback(std::ptr::null_mut(), Some(ignore), 0, 0)).map(|f| f as usize);
    assert_eq!((refused, last_error()), (invalid, ERROR_INVALID_HANDLE));
}

#[rstest]
#[case::required_flag(WINHTTP_RESET_OUT_OF_PROC, ERROR_SUCCESS)]
#[case::everything(WINHTTP_RESET_ALL | WINHTTP_RESET_OUT_OF_PROC, ERROR_SUCCESS)]
#[case::without_the_required_flag(WINHTTP_RESET_ALL, ERROR_INVALID_PARAMETER)]
#[case::no_flag(0x8000_0000 | WINHTTP_RESET_OUT_OF_PROC, ERROR_INVALID_PARAMETER)]
fn reset_auto_proxy_wants_its_flags(#[case] flags: u32, #[case] code: u32) {
    let family = Family::new();
    assert_eq!(call!(WinHttpResetAutoProxy(family.session, flags)), code);
}

#[test]
fn reset_auto_proxy_wants_a_session() {
    let family = Family::new();
    let reset = |handle: Handle| call!(WinHttpResetAutoProxy(handle, WINHTTP_RESET_OUT_OF_PROC));
    assert_eq!(reset(std::ptr::null_mut()), ERROR_INVALID_HANDLE);
    assert_eq!(reset(family.connection), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_eq!(reset(family.request), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    close(family.session);
    assert_eq!(reset(family.session), ERROR_INVALID_HANDLE);
}

#[rstest]
#[case::set(1, 2, 0, [1, 2, 3, 4])]
#[case::for_ever(-1, 0, 0, [u32::MAX, 0, 3, 4])]
#[case::negative(-2, 2, ERROR_INVALID_PARAMETER, [u32::MAX, 60_000, 30_000, 30_000])]
fn timeouts_are_set_together_or_not_at_all(
    #[case] resolve: i32,
    #[case] connect: i32,
    #[case] code: u32,
    #[case] expected: [u32; 4],
) {
    let family = Family::new();
    assert_eq!(outcome(call!(WinHttpSetTimeouts(family.session, resolve, connect, 3, 4))), code);
    let options = [
        WINHTTP_OPTION_RESOLVE_TIMEOUT,
        WINHTTP_OPTION_CONNECT_TIMEOUT,
        WINHTTP_OPTION_SEND_TIMEOUT,
        WINHTTP_OPTION_RECEIVE_TIMEOUT,
    ];
    assert_eq!(options.map(|option| query_dword(family.session, option).unwrap()), expected);
}
