//! A TCP connection with what was read ahead of need, and the counters that options report.

use std::{
    io::{self, ErrorKind, IoSlice, Read},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use socket2::SockRef;

use crate::{
    clock::{self, Alarm, Moment},
    error::{Error, Result},
    handle::lock,
    last_error,
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
    /// When the operation began, or data came last.
    since: Moment,
    /// How long to wait for data.
    read_timeout: Option<Duration>,
    /// How long writing may take.
    write_timeout: Option<Duration>,
    pub(crate) opened: Moment,
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
    /// This side ended the connection.
    ended: AtomicBool,
    /// Reading or writing took too long, which ended the connection.
    late: AtomicBool,
    reading: Alarm,
    writing: Alarm,
}

impl Socket {
    fn new(stream: TcpStream) -> Arc<Socket> {
        Arc::new_cyclic(|weak: &Weak<Socket>| {
            let alarm = || {
                let socket = weak.clone();
                Alarm::new(move || {
                    if let Some(socket) = socket.upgrade() {
                        socket.time_out();
                    }
                })
            };
            Socket {
                stream,
                mark: Mutex::default(),
                expired: AtomicBool::new(false),
                ended: AtomicBool::new(false),
                late: AtomicBool::new(false),
                reading: alarm(),
                writing: alarm(),
            }
        })
    }

    /// Ends the connection at once; whatever waits on it fails.
    pub(crate) fn shutdown(&self) {
        self.ended.store(true, Ordering::Release);
        // The peer may have closed it already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// As [`Socket::shutdown`], but what fails for it fails with `ERROR_WINHTTP_TIMEOUT`.
    pub(crate) fn time_out(&self) {
        self.late.store(true, Ordering::Release);
        self.shutdown();
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

    /// Reads once; waits until there is something, the end of the stream, or it is due. 0 is the end of the stream.
    pub(crate) fn read(&self, out: &mut [u8], due: Option<Moment>) -> Result<usize> {
        let during = self.reading.during(due);
        let read = || retry(|| (&self.stream).read(out));
        let result = match &during {
            Some(_) => patiently(read),
            None => self.at_once(read),
        };
        match result {
            Ok(0) | Err(_) if self.is_late() => Err(late()),
            // Not the end of what the peer sends.
            Ok(0) if self.ended.load(Ordering::Acquire) => Err(Error::OPERATION_CANCELLED),
            result => result.map_err(|error| Error::from_io(&error)),
        }
    }

    /// Writes all of both pieces, as one where that can be, before it is due.
    pub(crate) fn write(&self, first: &[u8], second: &[u8], due: Option<Moment>) -> Result<()> {
        let during = self.writing.during(due);
        let write = || self.write_all(first, second);
        let result = match &during {
            Some(_) => write(),
            None => self.at_once(write),
        };
        match result {
            Err(_) if self.is_late() => Err(late()),
            result => result.map_err(|error| Error::from_io(&error)),
        }
    }

    fn write_all(&self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        let socket = SockRef::from(&self.stream);
        while !first.is_empty() || !second.is_empty() {
            let pieces = [IoSlice::new(first), IoSlice::new(second)];
            let written = retry(|| socket.send_vectored_with_flags(&pieces, NO_SIGNAL))?;
            let of_first = written.min(first.len());
            first = &first[of_first..];
            second = &second[written - of_first..];
        }
        Ok(())
    }

    /// Writes all of it if that needs no waiting, else nothing.
    pub(crate) fn write_at_once(&self, bytes: &[u8]) -> Result<()> {
        match self.write_some_at_once(bytes) {
            Ok(written) if written == bytes.len() => Ok(()),
            // What is written next would be taken for the rest of it.
            Ok(_) => {
                self.shutdown();
                Err(Error::CONNECTION_ERROR)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(Error::from_io(&error)),
        }
    }

    #[cfg(unix)]
    fn write_some_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        retry(|| SockRef::from(&self.stream).send_with_flags(bytes, NO_SIGNAL | libc::MSG_DONTWAIT))
    }

    #[cfg(not(unix))]
    fn write_some_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let written = retry(|| SockRef::from(&self.stream).send_with_flags(bytes, NO_SIGNAL));
        self.stream.set_nonblocking(false)?;
        written
    }

    /// Reads or writes when it is too late to wait, but not for what needs no waiting.
    fn at_once<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.stream.set_nonblocking(true)?;
        let result = act();
        self.stream.set_nonblocking(false)?;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            self.time_out();
        }
        result
    }

    fn is_late(&self) -> bool {
        self.late.load(Ordering::Acquire)
    }

    /// Whether there is nothing to be read, not even the end of the stream.
    fn is_silent(&self) -> bool {
        let silent = |error: io::Error| error.kind() == ErrorKind::WouldBlock;
        #[cfg(unix)]
        {
            let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
            let mut byte = [std::mem::MaybeUninit::uninit()];
            SockRef::from(&self.stream).recv_with_flags(&mut byte, flags).is_err_and(silent)
        }
        #[cfg(not(unix))]
        {
            self.stream.set_nonblocking(true).is_ok()
                && self.stream.peek(&mut [0]).is_err_and(silent)
                && self.stream.set_nonblocking(false).is_ok()
        }
    }

    #[cfg(test)]
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

/// Writing to a connection that is closed is an error, and no signal that ends the program.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const NO_SIGNAL: i32 = libc::MSG_NOSIGNAL;
/// As the standard library has set up the socket.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const NO_SIGNAL: i32 = 0;

fn late() -> Error {
    last_error::note_socket_error(&io::Error::from(ErrorKind::TimedOut));
    Error::TIMEOUT
}

impl Wire {
    /// Takes over a connected socket.
    pub(crate) fn over(stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        Ok(Wire {
            local: stream.local_addr()?,
            remote: stream.peer_addr()?,
            socket: Socket::new(stream),
            ahead: Vec::new(),
            start: 0,
            since: clock::now(),
            read_timeout: None,
            write_timeout: None,
            opened: clock::now(),
            bytes_in: 0,
            bytes_out: 0,
            served: 0,
            place: None,
        })
    }

    /// An operation begins, or began already: how long it may wait from then on for data, and may take to write.
    pub(crate) fn begin(&mut self, since: Moment, read: Option<Duration>, write: Option<Duration>) {
        self.since = since;
        self.read_timeout = read;
        self.write_timeout = write;
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
        self.ahead().is_empty() && self.socket.is_silent()
    }

    /// Writes both pieces, one after the other.
    pub(crate) fn write(&mut self, first: &[u8], second: &[u8]) -> Result<()> {
        self.socket.write(first, second, self.write_timeout.map(|timeout| self.since + timeout))?;
        self.bytes_out += (first.len() + second.len()) as u64;
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
        let mut ahead = std::mem::take(&mut self.ahead);
        ahead.resize(old + CHUNK, 0);
        let read = self.read_socket(&mut ahead[old..]);
        ahead.truncate(old + read.as_ref().map_or(0, |count| *count));
        self.ahead = ahead;
        read
    }

    /// Reads once, from what is ahead or from the socket; 0 is the end of the stream.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.ahead().is_empty() {
            return self.read_socket(out);
        }
        let count = self.ahead().len().min(out.len());
        out[..count].copy_from_slice(&self.ahead()[..count]);
        self.consume(count);
        Ok(count)
    }

    fn read_socket(&mut self, out: &mut [u8]) -> Result<usize> {
        let due = self.read_timeout.map(|timeout| self.since + timeout);
        let read = self.socket.read(out, due)?;
        if due.is_some() {
            self.since = clock::now();
        }
        self.bytes_in += read as u64;
        Ok(read)
    }
}

/// Reads although another thread may be writing at once at this moment, which has neither of them wait.
fn patiently(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            other => return other,
        }
    }
}

fn retry(mut act: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match act() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, net::TcpListener};

    use super::*;

    #[test]
    fn writing_at_once_waits_for_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Wire::over(TcpStream::connect(listener.local_addr().unwrap()).unwrap()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        let socket = wire.socket();
        socket.write_at_once(b"there is room").unwrap();
        let mut received = [0; 13];
        peer.read_exact(&mut received).unwrap();
        assert_eq!(&received, b"there is room");
        let mut stream = socket.stream();
        stream.set_nonblocking(true).unwrap();
        while stream.write(&[0; CHUNK]).is_ok() {}
        stream.set_nonblocking(false).unwrap();
        assert_eq!(socket.write_at_once(b"there is none"), Ok(()));
        assert!(!socket.is_late(), "the connection goes on");
    }
}
