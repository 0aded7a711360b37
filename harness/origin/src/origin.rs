//! The listening sockets, and one case after the other on them.

use crate::case::Case;
use crate::script::Script;
use crate::transcript::Transcript;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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
    v4: Gate,
    /// Opened when it is first wanted.
    v6: Option<Gate>,
    armed: Family,
}

/// Which address the peer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// 127.0.0.1.
    #[default]
    V4,
    /// ::1.
    V6,
}

impl Origin {
    /// Listens on a free port of 127.0.0.1. Until a script is armed, connections are closed at once.
    ///
    /// Fails when the system refuses the socket, the thread or the descriptors.
    pub fn start() -> io::Result<Origin> {
        Ok(Origin { v4: Gate::open(Ipv4Addr::LOCALHOST.into())?, v6: None, armed: Family::V4 })
    }

    /// The port, on 127.0.0.1; another one after each case, so that what a subject does late reaches nobody.
    pub fn port(&self) -> u16 {
        self.v4.port
    }

    /// The port at this address; another one after each case.
    ///
    /// Fails when the machine has no such address, or the system refuses what a listener needs.
    pub fn port_at(&mut self, family: Family) -> io::Result<u16> {
        self.gate(family).map(|gate| gate.port)
    }

    /// Begins a case on 127.0.0.1: see [`Origin::arm_at`].
    pub fn arm(&mut self, script: Script) -> io::Result<()> {
        self.arm_at(Family::V4, script)
    }

    /// Begins a case: connections from now on get `script`, and times count from now. A case that was
    /// not finished is ended and forgotten, and connections that came in between are closed.
    ///
    /// Fails as [`Origin::port_at`] does, and where the peer is to be unreachable and cannot be:
    /// see [`crate::CAN_BE_UNREACHABLE`].
    pub fn arm_at(&mut self, family: Family, script: Script) -> io::Result<()> {
        self.finish(Duration::ZERO);
        self.armed = family;
        self.gate(family)?.arm(script)
    }

    /// Ends the case and returns what the peer saw in it; an empty transcript if none is armed.
    ///
    /// The next case has another port. Waits until the subject has ended all connections, at most for `patience`; then reads what has
    /// arrived on those that are left and closes them. With no patience everything that the subject
    /// *sent* before is in the transcript, but a close that the subject does in the background may not be.
    pub fn finish(&mut self, patience: Duration) -> Transcript {
        let gate = match (self.armed, &mut self.v6) {
            (Family::V6, Some(v6)) => v6,
            _ => &mut self.v4,
        };
        let Some(transcript) = gate.finish(patience) else { return Transcript::default() };
        // Without another port this one serves on: only what comes late is then not told apart.
        if let Ok(next) = Gate::open(gate.address) {
            *gate = next;
        }
        transcript
    }

    fn gate(&mut self, family: Family) -> io::Result<&mut Gate> {
        match (family, &mut self.v6) {
            (Family::V4, _) => Ok(&mut self.v4),
            (Family::V6, Some(v6)) => Ok(v6),
            (Family::V6, v6 @ None) => Ok(v6.insert(Gate::open(Ipv6Addr::LOCALHOST.into())?)),
        }
    }
}

/// A listening socket and the thread that accepts on it.
struct Gate {
    address: IpAddr,
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

impl Gate {
    fn open(address: IpAddr) -> io::Result<Gate> {
        let mut listener = TcpListener::bind((address, 0).into())?;
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
        Ok(Gate { address, port, door, waker, doorkeeper: Some(doorkeeper) })
    }

    fn arm(&mut self, script: Script) -> io::Result<()> {
        self.finish(Duration::ZERO);
        let mut case = self.door.lock();
        self.door.accept_waiting(&mut case);
        let mut armed = Case::new(script);
        armed.shut(&self.door.listener)?;
        *case = Some(armed);
        Ok(())
    }

    /// `None` if no case is armed.
    fn finish(&mut self, patience: Duration) -> Option<Transcript> {
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
        case.map(Case::end)
    }
}

impl Drop for Gate {
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
            if case.as_ref().is_some_and(Case::is_shut) {
                return;
            }
            match (self.listener.accept(), case.as_mut()) {
                (Ok((stream, _)), Some(case)) => case.admit(stream, &self.listener),
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
