//! Asynchronous sessions: completions come through the callback, and closing comes last.

use std::{
    ffi::c_void,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
};

use crate::{
    api::*,
    peer::{Client, Peer},
};

/// What a callback was told: the status, and the DWORD or error that came with it.
type Told = (u32, u32);

const WAIT: std::time::Duration = std::time::Duration::from_secs(20);

/// The context value of a test's handles is the address of its sender.
unsafe extern "system" fn tell(
    _: Handle,
    context: usize,
    status: u32,
    information: *mut c_void,
    length: u32,
) {
    let number = match status {
        // SAFETY: such a notice comes with a result.
        WINHTTP_CALLBACK_STATUS_REQUEST_ERROR => unsafe {
            information.cast::<WINHTTP_ASYNC_RESULT>().read().dwError
        },
        // SAFETY: such a notice comes with a DWORD.
        WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE => unsafe { information.cast::<u32>().read() },
        WINHTTP_CALLBACK_STATUS_READ_COMPLETE => length,
        _ => 0,
    };
    // SAFETY: the sender is never freed.
    let sender = unsafe { &*(context as *const Sender<Told>) };
    // A test may have ended that had nothing more to be told.
    let _ = sender.send((status, number));
}

struct Watched {
    family: Family,
    told: Receiver<Told>,
    context: usize,
}

fn watched(port: u16) -> Watched {
    let (sender, told) = channel();
    // A test may end while the callback that told it so has not returned yet.
    let sender = Box::leak(Box::new(sender));
    let family = Family::to(WINHTTP_FLAG_ASYNC, port, "/");
    let watched = Watched { family, told, context: std::ptr::from_ref(sender) as usize };
    watched.watch(watched.family.request);
    watched
}

impl Watched {
    fn watch(&self, request: Handle) {
        let completions = WINHTTP_CALLBACK_FLAG_SENDREQUEST_COMPLETE
            | WINHTTP_CALLBACK_FLAG_HEADERS_AVAILABLE
            | WINHTTP_CALLBACK_FLAG_DATA_AVAILABLE
            | WINHTTP_CALLBACK_FLAG_READ_COMPLETE
            | WINHTTP_CALLBACK_FLAG_REQUEST_ERROR
            | WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
        call!(WinHttpSetStatusCallback(request, Some(tell), completions, 0));
        set_bytes(request, WINHTTP_OPTION_CONTEXT_VALUE, &self.context.to_ne_bytes());
    }

    /// A second request to the same server, told of in the same place.
    fn another(&self) -> Handle {
        let request = request(self.family.connection, "GET", "/");
        self.watch(request);
        request
    }

    fn next(&self) -> Told {
        self.told.recv_timeout(WAIT).unwrap()
    }
}

#[test]
fn each_operation_completes_through_the_callback() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let watched = watched(peer.port);
    let request = watched.family.request;
    assert_eq!(send(request), 0);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0));
    assert_eq!(receive(request), 0);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0));
    assert_eq!(outcome(call!(WinHttpQueryDataAvailable(request, std::ptr::null_mut()))), 0);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, 5));
    let mut buffer = [0_u8; 8];
    for (count, expected) in [(5, b"hello\0\0\0"), (0, b"hello\0\0\0")] {
        let read = call!(WinHttpReadData(request, buffer.as_mut_ptr().cast(), 8, std::ptr::null_mut()));
        assert_eq!(outcome(read), 0);
        assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_READ_COMPLETE, count));
        assert_eq!(&buffer, expected);
    }
    close(request);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0));
}

#[test]
fn closing_cancels_what_is_pending_and_is_told_last() {
    let (asked, answered) = channel();
    let peer = Peer::new(move |client: &mut Client| {
        client.head();
        asked.send(()).unwrap();
        client.until_closed();
    });
    let watched = watched(peer.port);
    let request = watched.family.request;
    assert_eq!(send(request), 0);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0));
    answered.recv_timeout(WAIT).unwrap();
    assert_eq!(receive(request), 0);
    assert_eq!(receive(request), ERROR_WINHTTP_INCORRECT_HANDLE_STATE, "one is pending");
    assert_eq!(close(request), 0);
    let cancelled = ERROR_WINHTTP_OPERATION_CANCELLED;
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, cancelled));
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0));
}

#[test]
fn closing_cancels_waiting_for_a_connection() {
    let peer = Peer::new(|client: &mut Client| {
        client.head();
        client.until_closed();
    });
    let watched = watched(peer.port);
    set_dword(watched.family.session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    assert_eq!(send(watched.family.request), 0);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0));
    let other = watched.another();
    assert_eq!(send(other), 0);
    assert_eq!(close(other), 0);
    let cancelled = ERROR_WINHTTP_OPERATION_CANCELLED;
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, cancelled));
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0));
}

/// What a callback needs that drives its request, or stops half way.
struct Driver {
    /// The callback waits for this at the first completion.
    gate: Option<Mutex<Receiver<()>>>,
    reached: Sender<u32>,
    buffer: Mutex<[u8; 8]>,
}

/// The context value of a driven request is the address of its driver.
unsafe extern "system" fn drive(request: Handle, context: usize, status: u32, _: *mut c_void, length: u32) {
    // SAFETY: the driver is never freed.
    let driver = unsafe { &*(context as *const Driver) };
    driver.reached.send(status).unwrap();
    match status {
        WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE => {
            if let Some(gate) = &driver.gate {
                gate.lock().unwrap().recv().unwrap();
            }
            assert_eq!(receive(request), 0);
        }
        WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE => read_into(request, driver),
        WINHTTP_CALLBACK_STATUS_READ_COMPLETE if length > 0 => read_into(request, driver),
        WINHTTP_CALLBACK_STATUS_READ_COMPLETE => assert_eq!(close(request), 0),
        _ => {}
    }
}

fn read_into(request: Handle, driver: &Driver) {
    let buffer = driver.buffer.lock().unwrap().as_mut_ptr();
    assert_eq!(outcome(call!(WinHttpReadData(request, buffer.cast(), 8, std::ptr::null_mut()))), 0);
}

/// Has the callback drive a request; returns what it reaches.
fn driven(request: Handle, gate: Option<Receiver<()>>) -> Receiver<u32> {
    let (reached, statuses) = channel();
    let driver = Driver { gate: gate.map(Mutex::new), reached, buffer: Mutex::default() };
    let context = std::ptr::from_ref(Box::leak(Box::new(driver))) as usize;
    let flags = WINHTTP_CALLBACK_FLAG_SENDREQUEST_COMPLETE
        | WINHTTP_CALLBACK_FLAG_HEADERS_AVAILABLE
        | WINHTTP_CALLBACK_FLAG_READ_COMPLETE
        | WINHTTP_CALLBACK_FLAG_REQUEST_ERROR
        | WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    call!(WinHttpSetStatusCallback(request, Some(drive), flags, 0));
    set_bytes(request, WINHTTP_OPTION_CONTEXT_VALUE, &context.to_ne_bytes());
    assert_eq!(send(request), 0);
    statuses
}

const COMPLETIONS: [u32; 5] = [
    WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE,
    WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE,
    WINHTTP_CALLBACK_STATUS_READ_COMPLETE,
    WINHTTP_CALLBACK_STATUS_READ_COMPLETE,
    WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING,
];

#[test]
fn a_blocked_callback_blocks_no_other_request() {
    let answer = |client: &mut Client, _| {
        client.head();
        client.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
    };
    let (blocked, others) = (Peer::again(1, answer), Peer::again(20, answer));
    let family = Family::to(WINHTTP_FLAG_ASYNC, blocked.port, "/");
    let (open, gate) = channel();
    let statuses = driven(family.request, Some(gate));
    assert_eq!(statuses.recv_timeout(WAIT), Ok(COMPLETIONS[0]));
    // More than there are processors, in the same session, one after the other and each from its own callback.
    let connection = connect(family.session, "127.0.0.1", others.port);
    for _ in 0..20 {
        let other = driven(request(connection, "GET", "/"), None);
        assert_eq!(other.iter().take(5).collect::<Vec<_>>(), COMPLETIONS);
    }
    assert!(statuses.try_recv().is_err(), "it is blocked");
    open.send(()).unwrap();
    assert_eq!(statuses.iter().take(4).collect::<Vec<_>>(), COMPLETIONS[1..]);
}
