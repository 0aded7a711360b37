//! What time does, without waiting for it: `WinHttpRustPassTime` has it pass. That is for the whole process, which is
//! why these tests have one of their own, and take turns.
#![cfg(not(windows))]
#![allow(unsafe_code, reason = "it calls C functions")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../it/api.rs"]
mod api;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../it/peer.rs"]
mod peer;
mod websockets;

use std::{
    ffi::c_void,
    ptr::null,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
};

use self::{
    api::*,
    peer::{Full, Peer},
};
use rstest::rstest;

/// The response with a body of two bytes.
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Every time-out that is set by default is shorter.
const LONG: u32 = 100_000;

fn pass(milliseconds: u32) {
    let entry = winhttp::table().iter().find(|entry| entry.name == "WinHttpRustPassTime").unwrap();
    // SAFETY: the table says that this is the function's type.
    let pass: extern "system" fn(u32) -> i32 = unsafe { std::mem::transmute(entry.address) };
    assert_eq!(pass(milliseconds), 1);
}

fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a callback was told: the status, and the error that came with it.
type Told = (u32, u32);

/// The context value of a test's handles is the address of its sender.
unsafe extern "system" fn tell(_: Handle, context: usize, status: u32, information: *mut c_void, _: u32) {
    let error = match status {
        // SAFETY: such a notice comes with a result.
        WINHTTP_CALLBACK_STATUS_REQUEST_ERROR => unsafe {
            information.cast::<WINHTTP_ASYNC_RESULT>().read().dwError
        },
        _ => 0,
    };
    // SAFETY: the sender is never freed.
    let sender = unsafe { &*(context as *const Sender<Told>) };
    // A test may have ended that had nothing more to be told.
    let _ = sender.send((status, error));
}

/// Handles of an asynchronous session, and what their callback was told.
struct Watched {
    family: Family,
    told: Receiver<Told>,
}

impl Watched {
    fn to(port: u16) -> Watched {
        let (sender, told) = channel();
        let context = std::ptr::from_ref(Box::leak(Box::new(sender))) as usize;
        let family = Family::to(WINHTTP_FLAG_ASYNC, port, "/");
        let flags = WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS;
        call!(WinHttpSetStatusCallback(family.request, Some(tell), flags, 0));
        set_bytes(family.request, WINHTTP_OPTION_CONTEXT_VALUE, &context.to_ne_bytes());
        Watched { family, told }
    }

    /// Skips what it is told before that.
    fn until(&self, status: u32) -> Told {
        self.told.iter().find(|(told, _)| *told == status).unwrap()
    }

    fn send(&self) {
        assert_eq!(send(self.family.request), 0);
        self.until(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
    }

    fn receive(&self) {
        assert_eq!(receive(self.family.request), 0);
    }

    fn times_out(&self) {
        let told = self.until(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR);
        assert_eq!(told.1, ERROR_WINHTTP_TIMEOUT);
    }
}

/// Reads a head, answers, and keeps the connection until it is closed.
fn answering(response: &'static str) -> Peer {
    Peer::new(move |client| {
        client.head();
        client.write(response.as_bytes());
        client.until_closed();
    })
}

#[test]
fn a_response_that_does_not_come_times_out() {
    let _alone = alone();
    let peer = answering("");
    let watched = Watched::to(peer.port);
    watched.send();
    watched.receive();
    pass(LONG);
    watched.times_out();
}

#[test]
fn a_response_in_time_is_received() {
    let _alone = alone();
    let (now, answer) = channel();
    let peer = Peer::new(move |client| {
        client.head();
        for piece in ["HTTP/1.1 200 OK\r\nContent-", "Length: 0\r\n\r\n"] {
            answer.recv().unwrap();
            client.write(piece.as_bytes());
        }
    });
    let watched = Watched::to(peer.port);
    watched.send();
    watched.receive();
    pass(10_000);
    now.send(()).unwrap();
    now.send(()).unwrap();
    assert_eq!(watched.until(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE).1, 0);
}

#[test]
fn all_of_a_head_has_a_time_of_its_own_that_is_looked_at_when_data_comes() {
    let _alone = alone();
    let (now, answer) = channel();
    let peer = Peer::new(move |client| {
        client.head();
        answer.recv().unwrap();
        client.write(OK.as_bytes());
    });
    let watched = Watched::to(peer.port);
    set_dword(watched.family.request, WINHTTP_OPTION_RECEIVE_TIMEOUT, u32::MAX);
    watched.send();
    watched.receive();
    pass(LONG);
    now.send(()).unwrap();
    watched.times_out();
}

#[test]
fn a_body_that_does_not_come_times_out() {
    let _alone = alone();
    let peer = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    let watched = Watched::to(peer.port);
    watched.send();
    watched.receive();
    watched.until(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    let mut buffer = [0_u8; 2];
    for _ in 0..2 {
        let read = call!(WinHttpReadData(
            watched.family.request,
            buffer.as_mut_ptr().cast(),
            2,
            std::ptr::null_mut()
        ));
        assert_eq!(outcome(read), 0);
        pass(LONG);
        watched.times_out();
    }
}

#[test]
fn data_that_nobody_takes_times_out() {
    let _alone = alone();
    let (taken, end) = channel::<()>();
    let peer = Peer::new(move |client| {
        client.head();
        // The test's end.
        let _ = end.recv();
    });
    let watched = Watched::to(peer.port);
    let request = watched.family.request;
    let data = vec![0_u8; 64 << 20];
    let sent = call!(WinHttpSendRequest(request, null(), 0, null(), 0, data.len() as u32, 0));
    assert_eq!(outcome(sent), 0);
    watched.until(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
    let written =
        call!(WinHttpWriteData(request, data.as_ptr().cast(), data.len() as u32, std::ptr::null_mut()));
    assert_eq!(outcome(written), 0);
    pass(LONG);
    watched.times_out();
    drop(taken);
}

#[test]
fn a_connection_that_does_not_come_times_out() {
    let _alone = alone();
    let full = Full::new();
    let watched = Watched::to(full.port);
    assert_eq!(send(watched.family.request), 0);
    watched.until(WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER);
    pass(LONG);
    watched.times_out();
}

#[test]
fn waiting_for_another_request_to_end_times_out() {
    let _alone = alone();
    let peer = answering("");
    let watched = Watched::to(peer.port);
    set_dword(watched.family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    watched.send();
    let second = request(watched.family.connection, "GET", "/");
    let mut context = [0_u8; size_of::<usize>()];
    let mut length = context.len() as u32;
    let option = WINHTTP_OPTION_CONTEXT_VALUE;
    call!(WinHttpQueryOption(watched.family.request, option, context.as_mut_ptr().cast(), &mut length));
    call!(WinHttpSetStatusCallback(second, Some(tell), WINHTTP_CALLBACK_FLAG_REQUEST_ERROR, 0));
    set_bytes(second, WINHTTP_OPTION_CONTEXT_VALUE, &context);
    assert_eq!(send(second), 0);
    pass(LONG);
    watched.times_out();
}

#[rstest]
#[case::shorter_times_out_first(&[(1, 20_000), (0, 30_000)])]
#[case::whichever_was_sent_first(&[(0, 20_000), (1, 30_000)])]
fn what_is_due_earlier_times_out_earlier(#[case] timeouts: &[(usize, u32); 2]) {
    let _alone = alone();
    let peers = [answering(""), answering("")];
    let watched = [0, 1].map(|at| Watched::to(peers[at].port));
    for (at, timeout) in timeouts {
        set_dword(watched[*at].family.request, WINHTTP_OPTION_RECEIVE_TIMEOUT, *timeout);
    }
    watched.iter().for_each(Watched::send);
    watched.iter().for_each(Watched::receive);
    for (at, _) in timeouts {
        pass(20_000);
        watched[*at].times_out();
    }
}

#[test]
fn an_idle_connection_is_closed_when_it_has_rested_long_enough() {
    let _alone = alone();
    let peer = answering(OK);
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(read(family.request, 2), Ok(b"ok".to_vec()));
    pass(LONG);
    // The peer waits for the connection's end, while session and request live on.
    drop(peer);
}

#[test]
fn a_cookie_ends_when_its_time_has_passed() {
    let _alone = alone();
    let peer = Peer::again(3, |client, nth| {
        let head = client.head();
        assert_eq!(head.contains("\r\nCookie: a=1\r\n"), nth == 1, "{head}");
        client.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nSet-Cookie: a=1; Max-Age=50\r\nContent-Length: 0\r\n\r\n",
        );
    });
    let family = Family::to(0, peer.port, "/");
    for _ in 0..2 {
        assert_eq!((send(family.request), receive(family.request)), (0, 0));
    }
    pass(LONG);
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
}

#[test]
fn a_request_tells_how_much_time_has_passed() {
    let _alone = alone();
    let (now, answer) = channel();
    let peer = Peer::new(move |client| {
        client.head();
        answer.recv().unwrap();
        client.write(OK.as_bytes());
        client.until_closed();
    });
    let watched = Watched::to(peer.port);
    watched.send();
    watched.receive();
    pass(20_000);
    now.send(()).unwrap();
    watched.until(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    let mut times = WINHTTP_REQUEST_TIMES { cTimes: 32, rgullTimes: [0; 64] };
    let mut length = size_of::<WINHTTP_REQUEST_TIMES>() as u32;
    let option = WINHTTP_OPTION_REQUEST_TIMES;
    let queried =
        call!(WinHttpQueryOption(watched.family.request, option, (&raw mut times).cast(), &mut length));
    assert_eq!(outcome(queried), 0);
    let at = |entry: i32| times.rgullTimes[entry as usize];
    let waited = at(WinHttpReceiveResponseHeadersEnd) - at(WinHttpSendRequestEnd);
    assert!(waited >= 20_000_000_000, "{waited} ns");
}

#[test]
fn the_real_time_passes_as_well() {
    let _alone = alone();
    let peer = answering("");
    let family = Family::to(0, peer.port, "/");
    set_dword(family.request, WINHTTP_OPTION_RECEIVE_TIMEOUT, 20);
    assert_eq!((send(family.request), receive(family.request)), (0, ERROR_WINHTTP_TIMEOUT));
}
