//! Asynchronous sessions: completions come through the callback, and closing comes last.

use std::{
    ffi::c_void,
    sync::mpsc::{Receiver, Sender, channel},
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
