//! Closing a request's handle ends the call that waits on another thread, whatever it waits for. Looking up a name is
//! one of these; no test can have that take long, so the unit tests of `errand` show it.

use std::{
    ffi::c_void,
    ptr::{null, null_mut},
    sync::mpsc::{Receiver, Sender, channel},
};

use rstest::rstest;

use crate::{
    api::*,
    peer::{Full, Peer},
};

/// The context value of a test's handles is the address of its sender.
unsafe extern "system" fn tell(_: Handle, context: usize, status: u32, _: *mut c_void, _: u32) {
    // SAFETY: the sender is never freed.
    let sender = unsafe { &*(context as *const Sender<u32>) };
    // A test may have ended that had nothing more to be told.
    let _ = sender.send(status);
}

/// Has the request tell its notices.
fn notices(request: Handle) -> Receiver<u32> {
    let (sender, told) = channel();
    let context = std::ptr::from_ref(Box::leak(Box::new(sender))) as usize;
    call!(WinHttpSetStatusCallback(request, Some(tell), WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0));
    set_bytes(request, WINHTTP_OPTION_CONTEXT_VALUE, &context.to_ne_bytes());
    told
}

/// Makes a call on a thread of its own, closes the request once it is said to wait, and returns the call's error.
fn cancelled(
    request: Handle,
    call: impl FnOnce(Handle) -> u32 + Send + 'static,
    waits: impl FnOnce(),
) -> u32 {
    let address = request as usize;
    let caller = std::thread::spawn(move || call(address as Handle));
    waits();
    assert_eq!(close(request), 0);
    caller.join().unwrap()
}

/// Returns when a call is under way on the request.
fn until_busy(request: Handle) {
    let header = wide("X: y");
    loop {
        let added = call!(WinHttpAddRequestHeaders(
            request,
            header.as_ptr(),
            u32::MAX,
            WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE
        ));
        if outcome(added) == ERROR_WINHTTP_INCORRECT_HANDLE_STATE {
            return;
        }
        std::thread::yield_now();
    }
}

/// Reads a head, answers, and keeps the connection until it is closed.
fn answering(response: impl Into<String>) -> Peer {
    let response = response.into();
    Peer::new(move |client| {
        client.head();
        client.write(response.as_bytes());
        client.until_closed();
    })
}

#[test]
fn connecting() {
    let full = Full::new();
    let family = Family::to(0, full.port, "/");
    let told = notices(family.request);
    let error = cancelled(family.request, send, || {
        told.iter().find(|status| *status == WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER).unwrap();
    });
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
}

#[test]
fn waiting_for_a_connection() {
    let peer = answering("");
    let family = Family::to(0, peer.port, "/");
    set_dword(family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    assert_eq!(send(family.request), 0);
    let second = request(family.connection, "GET", "/");
    let error = cancelled(second, send, || until_busy(second));
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
}

#[test]
fn sending() {
    let peer = answering("");
    let family = Family::to(0, peer.port, "/");
    let told = notices(family.request);
    let send_much = |request| {
        let data = vec![0_u8; 64 << 20];
        let length = data.len() as u32;
        outcome(call!(WinHttpSendRequest(request, null(), 0, data.as_ptr().cast(), length, length, 0)))
    };
    let error = cancelled(family.request, send_much, || {
        told.iter().find(|status| *status == WINHTTP_CALLBACK_STATUS_SENDING_REQUEST).unwrap();
    });
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
}

#[test]
fn writing() {
    let (began, begun) = channel();
    let (taken, end) = channel::<()>();
    let peer = Peer::new(move |client| {
        client.head();
        client.exactly(1);
        began.send(()).unwrap();
        // The test's end.
        let _ = end.recv();
    });
    let family = Family::to(0, peer.port, "/");
    let length = 64 << 20;
    assert_eq!(outcome(call!(WinHttpSendRequest(family.request, null(), 0, null(), 0, length, 0))), 0);
    let write = move |request| {
        let data = vec![0_u8; length as usize];
        outcome(call!(WinHttpWriteData(request, data.as_ptr().cast(), length, null_mut())))
    };
    let error = cancelled(family.request, write, || begun.recv().unwrap());
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
    drop(taken);
}

#[test]
fn receiving() {
    let peer = answering("");
    let family = Family::to(0, peer.port, "/");
    let told = notices(family.request);
    assert_eq!(send(family.request), 0);
    let error = cancelled(family.request, receive, || {
        told.iter().find(|status| *status == WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE).unwrap();
    });
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
}

#[rstest]
#[case::of_a_length("Content-Length: 5")]
#[case::in_chunks("Transfer-Encoding: chunked")]
#[case::until_the_connection_is_closed("Connection: close")]
fn reading(#[case] framing: &str) {
    let chunk = if framing.ends_with("chunked") { "2\r\nhe\r\n" } else { "he" };
    let peer = answering(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{chunk}"));
    let family = Family::to(0, peer.port, "/");
    let request = family.request;
    assert_eq!((send(request), receive(request)), (0, 0));
    assert_eq!(read(request, 2), Ok(b"he".to_vec()));
    let error = cancelled(request, |request| read(request, 3).unwrap_err(), || until_busy(request));
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
}

#[test]
fn asking_what_can_be_read() {
    let peer = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    let request = family.request;
    assert_eq!((send(request), receive(request)), (0, 0));
    let ask = |request| outcome(call!(WinHttpQueryDataAvailable(request, null_mut())));
    let error = cancelled(request, ask, || until_busy(request));
    assert_eq!(error, ERROR_WINHTTP_OPERATION_CANCELLED);
}
