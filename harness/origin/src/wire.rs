//! A connection's socket. Reading and writing wait for the subject, and stop waiting when the case is
//! over: what had arrived by then is still read, so that a transcript does not depend on how fast the
//! peer's threads were.

use crate::log::Log;
use crate::transcript::{Connection, End};
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, mem};

/// The most bytes that are held unread, so that a request head without an end stays harmless.
const MOST_UNREAD: usize = 1024 * 1024;
/// The most bytes that are still read after the case is over: more than the socket buffers of both
/// sides hold, less than a subject that never stops sends.
const MOST_AFTER_END: usize = 16 * 1024 * 1024;

/// How much is generated at a time of what is sent many times.
const BLOCK: usize = 64 * 1024;

const SOCKET: Token = Token(0);
const STOPPER: Token = Token(1);

/// A connection, its unread bytes and its log.
pub(crate) struct Wire {
    stream: TcpStream,
    poll: Poll,
    happenings: Events,
    stopper: Arc<Stopper>,
    left_after_end: usize,
    /// The subject has ended its side, or the connection; what it sent before may still be there to be read.
    closed: bool,
    unread: Vec<u8>,
    pub(crate) log: Log,
}

/// Tells a [`Wire`] that its case is over.
pub(crate) struct Stopper {
    stopped: AtomicBool,
    waker: Waker,
}

impl Stopper {
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.waker.wake().expect("the wire's poll accepts a wake-up as long as this waker exists");
    }
}

impl Wire {
    /// Takes over an accepted socket. An error means that the system has run out of something.
    pub(crate) fn new(mut stream: TcpStream, log: Log) -> io::Result<Wire> {
        // Bytes that a script sends one after the other are to arrive so.
        stream.set_nodelay(true)?;
        let poll = Poll::new()?;
        poll.registry().register(&mut stream, SOCKET, Interest::READABLE | Interest::WRITABLE)?;
        let waker = Waker::new(poll.registry(), STOPPER)?;
        Ok(Wire {
            stream,
            poll,
            happenings: Events::with_capacity(2),
            stopper: Arc::new(Stopper { stopped: AtomicBool::new(false), waker }),
            left_after_end: MOST_AFTER_END,
            closed: false,
            unread: Vec::new(),
            log,
        })
    }

    pub(crate) fn stopper(&self) -> &Arc<Stopper> {
        &self.stopper
    }

    /// What has been received and not yet been taken.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Takes the first `count` unread bytes, or as many as there are.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.unread.split_off(count.min(self.unread.len()));
        mem::replace(&mut self.unread, rest)
    }

    /// Waits until there are more unread bytes.
    pub(crate) fn fill(&mut self) -> Result<(), End> {
        if self.unread.len() >= MOST_UNREAD {
            return Err(End::Error(format!("{MOST_UNREAD} bytes came and are not yet a whole element")));
        }
        let mut buffer = [0; 16 * 1024];
        let count = self.read(&mut buffer)?;
        if count == 0 {
            return Err(End::ClosedBySubject);
        }
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(())
    }

    /// Sends all of `bytes`; logs as many as the system took.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), End> {
        self.send_repeated(bytes, 1)
    }

    /// Sends `bytes` so many times; logs as many as the system took.
    pub(crate) fn send_repeated(&mut self, bytes: &[u8], times: u64) -> Result<(), End> {
        let began = self.log.now();
        let whole = bytes.len() as u64 * times;
        // What is sent at a time: the system is not asked for every few bytes.
        let at_once =
            (BLOCK / bytes.len().max(1)).clamp(1, usize::try_from(times).unwrap_or(usize::MAX).max(1));
        let block = bytes.repeat(at_once);
        let mut sent = 0;
        let outcome = loop {
            if sent == whole {
                break Ok(());
            }
            let part = &block[(sent % bytes.len() as u64) as usize..];
            let part = &part[..part.len().min(usize::try_from(whole - sent).unwrap_or(usize::MAX))];
            match self.wait_while_blocked(|stream| stream.write(part)) {
                Ok(count) => sent += count as u64,
                Err(error) => break Err(error.into()),
            }
        };
        self.log.sent(began, &block, sent);
        outcome
    }

    /// Waits without reading anything, until the subject ends the connection or the case is over.
    pub(crate) fn ignore(&mut self) -> End {
        loop {
            if self.stopper.stopped.load(Ordering::SeqCst) {
                return End::CaseOver;
            }
            if self.closed {
                return End::ClosedBySubject;
            }
            if let Err(error) = self.wait() {
                return error.into();
            }
        }
    }

    /// Ends the connection the way `end` says and closes the log.
    pub(crate) fn end(mut self, end: End) -> Connection {
        match end {
            // Bytes left unread would turn an orderly close into a reset.
            End::Closed => self.read_what_is_there(),
            End::Reset => {
                if let Err(error) = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)) {
                    return self.log.end(End::Error(format!("cannot reset the connection: {error}")));
                }
            }
            _ => {}
        }
        // Close first: the end's time is when the subject could notice it.
        drop(self.stream);
        self.log.end(end)
    }

    fn read_what_is_there(&mut self) {
        let mut buffer = [0; 16 * 1024];
        let mut left = MOST_UNREAD;
        while let Ok(count @ 1..) = self.stream.read(&mut buffer) {
            self.log.received(&buffer[..count]);
            left = left.saturating_sub(count);
            if left == 0 {
                return;
            }
        }
    }

    /// Tries until it is done, fails, or is blocked after the case is over.
    fn wait_while_blocked<T>(
        &mut self,
        mut attempt: impl FnMut(&mut TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            // Asked before the attempt: what arrived before the end is then never missed.
            let over = self.stopper.stopped.load(Ordering::SeqCst);
            match attempt(&mut self.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && over => {
                    return Err(io::Error::other(CaseOver));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait()?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }

    fn wait(&mut self) -> io::Result<()> {
        let outcome = self.poll.poll(&mut self.happenings, None);
        // The system says it once; who asks later must know it, too.
        let ends = |event: &Event| event.token() == SOCKET && (event.is_read_closed() || event.is_error());
        self.closed |= outcome.is_ok() && self.happenings.iter().any(ends);
        match outcome {
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            outcome => outcome,
        }
    }
}

impl Read for Wire {
    /// Reads from the socket, past what [`Wire::unread`] holds; logs what came.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.wait_while_blocked(|stream| stream.read(buffer))?;
        self.log.received(&buffer[..count]);
        if self.stopper.stopped.load(Ordering::SeqCst) {
            self.left_after_end =
                self.left_after_end.checked_sub(count).ok_or_else(|| io::Error::other(CaseOver))?;
        }
        Ok(count)
    }
}

/// The reason of an [`io::Error`] when waiting ends because the case does.
#[derive(Debug)]
struct CaseOver;

impl fmt::Display for CaseOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the case is over")
    }
}

impl std::error::Error for CaseOver {}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        match error.kind() {
            _ if error.get_ref().is_some_and(|inner| inner.is::<CaseOver>()) => End::CaseOver,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                End::ResetBySubject
            }
            _ => End::Error(format!("the socket failed: {error}")),
        }
    }
}
