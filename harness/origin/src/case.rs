//! A case from `arm` to `finish`: its connections and their threads.

use crate::conversation::converse;
use crate::full::Full;
use crate::log::Log;
use crate::script::Script;
use crate::transcript::{Connection, End, Transcript};
use crate::turns::Turns;
use crate::wire::{Stopper, Wire};
use mio::net::{TcpListener, TcpStream};
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

/// The most connections that are served in a case. Each takes a thread and three descriptors while it
/// lives.
const MOST_CONNECTIONS: usize = 256;

/// An armed script and the connections so far.
pub(crate) struct Case {
    turns: Turns,
    armed: Instant,
    armed_unix_us: u64,
    served: Vec<Served>,
    failed: Vec<Connection>,
    refused: u64,
    /// Nobody is accepted any more.
    full: Option<Full>,
    open: Arc<Open>,
}

/// A connection that has a thread.
struct Served {
    /// Gone when the connection is.
    stopper: Weak<Stopper>,
    thread: JoinHandle<Connection>,
}

impl Case {
    pub(crate) fn new(script: Script) -> Case {
        Case {
            turns: Turns::new(script),
            armed: Instant::now(),
            armed_unix_us: unix_us(),
            served: Vec::new(),
            failed: Vec::new(),
            refused: 0,
            full: None,
            open: Arc::default(),
        }
    }

    /// Leaves no room for a further connection, if the next one is not to come about.
    pub(crate) fn shut(&mut self, listener: &TcpListener) -> io::Result<()> {
        if self.turns.next_is_unreachable() && !self.is_shut() {
            self.full = Some(Full::fill(listener)?);
        }
        Ok(())
    }

    /// Whether whoever connects is left waiting.
    pub(crate) fn is_shut(&self) -> bool {
        self.full.is_some()
    }

    /// Gives a connection its thread.
    pub(crate) fn admit(&mut self, stream: TcpStream, listener: &TcpListener) {
        if self.served.len() == MOST_CONNECTIONS {
            self.refused += 1;
            return;
        }
        let wire = match Wire::new(stream, Log::new(self.armed)) {
            Ok(wire) => wire,
            Err(error) => return self.fail("cannot watch the socket", &error),
        };
        let stopper = Arc::downgrade(wire.stopper());
        let turn = self.turns.next_connection();
        // Before the subject can hear anything on this connection, it finds no room for another.
        if let Err(error) = self.shut(listener) {
            return self.fail("cannot leave the successor waiting", &error);
        }
        let place = Place::take(&self.open);
        let thread = Builder::new().name("origin connection".to_owned()).spawn(move || {
            let connection = converse(wire, &turn, &place.0);
            drop(place);
            connection
        });
        match thread {
            Ok(thread) => self.served.push(Served { stopper, thread }),
            Err(error) => self.fail("cannot start a thread", &error),
        }
    }

    /// Notes a connection that could not be served.
    pub(crate) fn fail(&mut self, what: &str, error: &io::Error) {
        // A lack of descriptors or threads may show again and again.
        if self.failed.len() < MOST_CONNECTIONS {
            let end = End::Error(format!("{what} of a connection: {error}"));
            self.failed.push(Log::new(self.armed).end(end));
        }
    }

    /// How many connections are open, to wait on.
    pub(crate) fn open(&self) -> Arc<Open> {
        self.open.clone()
    }

    /// Tells the connections that the case is over and collects what they saw.
    pub(crate) fn end(self) -> Transcript {
        for stopper in self.served.iter().filter_map(|served| served.stopper.upgrade()) {
            stopper.stop();
        }
        self.open.end();
        let (armed, armed_unix_us) = (self.armed, self.armed_unix_us);
        let served = self.served.into_iter().map(|served| {
            let panicked = |_| Log::new(armed).end(End::Error("the peer's thread panicked".to_owned()));
            served.thread.join().unwrap_or_else(panicked)
        });
        let connections = served.chain(self.failed).collect();
        Transcript { armed_unix_us, connections, refused: self.refused }
    }
}

/// Microseconds since 1970; 0 if the clock says that it is earlier.
fn unix_us() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

/// How many connections of a case are open.
#[derive(Default)]
pub(crate) struct Open {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    count: u64,
    case_over: bool,
}

impl Open {
    /// Waits until there is none, at most for `patience`.
    pub(crate) fn wait_for_none(&self, patience: Duration) {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.changed.wait_timeout_while(now, patience, |now| now.count > 0);
        drop(outcome.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until there are so many, or the case is over.
    pub(crate) fn wait_for(&self, count: u64) -> Result<(), End> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.changed.wait_while(now, |now| now.count != count && !now.case_over);
        let now = outcome.unwrap_or_else(PoisonError::into_inner);
        // Asked first: those that the end of the case ends are not what is waited for.
        if now.case_over { Err(End::CaseOver) } else { Ok(()) }
    }

    /// Ends the waiting of those who [wait for others](Open::wait_for).
    fn end(&self) {
        self.change(|now| now.case_over = true);
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }
}

/// An open connection, counted as long as this exists.
struct Place(Arc<Open>);

impl Place {
    fn take(open: &Arc<Open>) -> Place {
        open.change(|now| now.count += 1);
        Place(open.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.change(|now| now.count -= 1);
    }
}
