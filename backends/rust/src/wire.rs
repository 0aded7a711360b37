//! A TCP connection with what was read ahead of need, and the counters that options report.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Result},
    handle::lock,
    pool::Place,
};

const CHUNK: usize = 8 * 1024;

/// An open connection.
pub(crate) struct Wire {
    socket: Arc<Socket>,
    ahead: Vec<u8>,
    start: usize,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) opened: Instant,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// How many requests it has served before the one that has it now.
    pub(crate) served: u32,
    /// Its place among the connections to its server, given up when it is closed.
    pub(crate) place: Option<Place>,
}

/// A GUID as it lies in memory.
pub(crate) type Guid = [u8; 16];

/// A connection's socket, for whoever does not read or write but must reach it.
pub(crate) struct Socket {
    stream: TcpStream,
    mark: Mutex<Option<Guid>>,
    expired: AtomicBool,
}

impl Socket {
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Ends the connection at once; whatever waits on it fails.
    pub(crate) fn shutdown(&self) {
        // The peer may have closed it already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Marks the connection with a GUID, in place of any before (`WINHTTP_OPTION_CONNECTION_GUID`).
    pub(crate) fn set_mark(&self, mark: Guid) {
        *lock(&self.mark) = Some(mark);
    }

    pub(crate) fn mark(&self) -> Option<Guid> {
        *lock(&self.mark)
    }

    /// Has the connection serve no request after this one (`WINHTTP_OPTION_EXPIRE_CONNECTION`).
    pub(crate) fn expire(&self) {
        self.expired.store(true, Ordering::Relaxed);
    }
}

impl Wire {
    /// Takes over a connected socket.
    pub(crate) fn over(stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        Ok(Wire {
            local: stream.local_addr()?,
            remote: stream.peer_addr()?,
            socket: Arc::new(Socket { stream, mark: Mutex::default(), expired: AtomicBool::new(false) }),
            ahead: Vec::new(),
            start: 0,
            opened: Instant::now(),
            bytes_in: 0,
            bytes_out: 0,
            served: 0,
            place: None,
        })
    }

    pub(crate) fn socket(&self) -> Arc<Socket> {
        self.socket.clone()
    }

    pub(crate) fn mark(&self) -> Option<Guid> {
        self.socket.mark()
    }

    /// Whether it may serve a further request, as far as this end has a say.
    pub(crate) fn is_expired(&self) -> bool {
        self.socket.expired.load(Ordering::Relaxed)
    }

    /// Whether the peer has neither closed the connection nor sent what nobody asked for.
    pub(crate) fn is_quiet(&self) -> bool {
        let stream = &self.socket.stream;
        let silent = |error: io::Error| error.kind() == ErrorKind::WouldBlock;
        let quiet = self.ahead().is_empty()
            && self.set_waiting(false).is_ok()
            && stream.peek(&mut [0]).is_err_and(silent);
        quiet && self.set_waiting(true).is_ok()
    }

    /// Whether reads wait for data to arrive. As long as they do not, a lack of data is `ERROR_WINHTTP_TIMEOUT`.
    pub(crate) fn set_waiting(&self, waits: bool) -> io::Result<()> {
        self.socket.stream.set_nonblocking(!waits)
    }

    /// How long single reads and writes may take.
    pub(crate) fn set_timeouts(&self, read: Option<Duration>, write: Option<Duration>) -> Result<()> {
        let stream = &self.socket.stream;
        let set = stream.set_read_timeout(read).and_then(|()| stream.set_write_timeout(write));
        set.map_err(|error| Error::from_io(&error))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        (&self.socket.stream).write_all(bytes).map_err(|error| Error::from_io(&error))?;
        self.bytes_out += bytes.len() as u64;
        Ok(())
    }

    /// What was read and not yet taken.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.ahead[self.start..]
    }

    /// Takes bytes off the front of [`Wire::ahead`].
    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count;
        debug_assert!(self.start <= self.ahead.len());
        if self.start == self.ahead.len() {
            self.ahead.clear();
            self.start = 0;
        }
    }

    /// Waits for more bytes and appends them to [`Wire::ahead`]; 0 is the end of the stream.
    pub(crate) fn fill(&mut self) -> Result<usize> {
        let old = self.ahead.len();
        self.ahead.resize(old + CHUNK, 0);
        let read = self.read_socket_at(old);
        self.ahead.truncate(old + read.as_ref().map_or(0, |count| *count));
        read
    }

    fn read_socket_at(&mut self, at: usize) -> Result<usize> {
        let read = retry(|| (&self.socket.stream).read(&mut self.ahead[at..]))?;
        self.bytes_in += read as u64;
        Ok(read)
    }

    /// Reads once, from what is ahead or from the socket; 0 is the end of the stream.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.ahead().is_empty() {
            let read = retry(|| (&self.socket.stream).read(out))?;
            self.bytes_in += read as u64;
            return Ok(read);
        }
        let count = self.ahead().len().min(out.len());
        out[..count].copy_from_slice(&self.ahead()[..count]);
        self.consume(count);
        Ok(count)
    }
}

fn retry(mut read: impl FnMut() -> io::Result<usize>) -> Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other.map_err(|error| Error::from_io(&error)),
        }
    }
}
