//! The listening socket, and one case after the other on it.

use crate::case::Case;
use crate::script::Script;
use crate::transcript::Transcript;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// More connections than the system's queue holds: after accepting so many, all that had come before
/// are accepted, and a subject that connects without end does not keep the worker busy.
const MOST_AT_ONCE: usize = 8192;

const LISTENER: Token = Token(0);
const CLOSING: Token = Token(1);

/// A scripted peer on loopback, for one worker. Dropping it ends its threads.
pub struct Origin {
    port: u16,
    door: Arc<Door>,
    waker: Waker,
    doorkeeper: Option<JoinHandle<()>>,
}

/// What the accepting thread and the worker share.
///
/// Sockets are accepted with `case` locked, by whichever of the two comes first. Hence a connection
/// belongs to the case during which the system completed it, and none is on its way from one case to
/// the next.
struct Door {
    listener: TcpListener,
    case: Mutex<Option<Case>>,
    closing: AtomicBool,
}

impl Origin {
    /// Listens on a free port of 127.0.0.1. Until a script is armed, connections are closed at once.
    ///
    /// Fails when the system refuses the socket, the thread or the descriptors.
    pub fn start() -> io::Result<Origin> {
        let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let port = listener.local_addr()?.port();
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Waker::new(poll.registry(), CLOSING)?;
        let door = Arc::new(Door { listener, case: Mutex::new(None), closing: AtomicBool::new(false) });
        let thread = Builder::new().name("origin".to_owned());
        let doorkeeper = thread.spawn({
            let door = door.clone();
            move || door.keep(poll)
        })?;
        Ok(Origin { port, door, waker, doorkeeper: Some(doorkeeper) })
    }

    /// The port, on 127.0.0.1; the same for the origin's whole life.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Begins a case: connections from now on get `script`, and times count from now. A case that was
    /// not finished is ended and forgotten, and connections that came in between are closed.
    pub fn arm(&mut self, script: Script) {
        self.finish(Duration::ZERO);
        let mut case = self.door.lock();
        self.door.accept_waiting(&mut case);
        *case = Some(Case::new(script));
    }

    /// Ends the case and returns what the peer saw in it; an empty transcript if none is armed.
    ///
    /// Waits until the subject has ended all connections, at most for `patience`; then reads what has
    /// arrived on those that are left and closes them. With no patience everything that the subject
    /// *sent* before is in the transcript, but a close that the subject does in the background may not be.
    pub fn finish(&mut self, patience: Duration) -> Transcript {
        let open = {
            let mut case = self.door.lock();
            self.door.accept_waiting(&mut case);
            case.as_ref().map(Case::open)
        };
        if let Some(open) = open {
            open.wait_for_none(patience);
        }
        let case = {
            let mut case = self.door.lock();
            self.door.accept_waiting(&mut case);
            case.take()
        };
        case.map(Case::end).unwrap_or_default()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.finish(Duration::ZERO);
        self.door.closing.store(true, Ordering::SeqCst);
        // If the thread cannot be told, it is left to the end of the process rather than waited for.
        if self.waker.wake().is_ok()
            && let Some(doorkeeper) = self.doorkeeper.take()
        {
            let _ = doorkeeper.join();
        }
    }
}

impl Door {
    /// Accepts connections until the origin is dropped.
    fn keep(&self, mut poll: Poll) {
        let mut happenings = Events::with_capacity(2);
        while !self.closing.load(Ordering::SeqCst) {
            match poll.poll(&mut happenings, None) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return,
                _ => self.accept_waiting(&mut self.lock()),
            }
        }
    }

    /// Accepts what the system has ready; closes it if no case is armed.
    fn accept_waiting(&self, case: &mut Option<Case>) {
        for _ in 0..MOST_AT_ONCE {
            match (self.listener.accept(), case.as_mut()) {
                (Ok((stream, _)), Some(case)) => case.admit(stream),
                (Ok((stream, _)), None) => drop(stream),
                (Err(error), _) if error.kind() == ErrorKind::WouldBlock => return,
                // The subject was faster: it has already reset the connection.
                (Err(error), _)
                    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                (Err(error), Some(case)) => return case.fail("cannot accept", &error),
                (Err(_), None) => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Case>> {
        // Every change of the case is complete before anything can panic.
        self.case.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
