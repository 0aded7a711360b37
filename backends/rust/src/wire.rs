//! A TCP connection with what was read ahead of need, and the counters that options report.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    sync::Arc,
    time::{Duration, Instant},
};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    error::{Error, Result},
    handle::Object,
    last_error::note_socket_error,
    notification::Notice,
    option::Settings,
    url::wide,
};

const CHUNK: usize = 8 * 1024;

/// An open connection.
pub(crate) struct Wire {
    stream: Arc<TcpStream>,
    ahead: Vec<u8>,
    start: usize,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) opened: Instant,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

impl Wire {
    /// Resolves a name and connects to the first of its addresses that answers, telling the callback.
    pub(crate) fn connect(object: &Object, host: &str, port: u16, settings: &Settings) -> Result<Wire> {
        let name = match settings.text(w::WINHTTP_OPTION_RESOLUTION_HOSTNAME) {
            other if !other.is_empty() => other,
            _ => host.to_owned(),
        };
        object.notify(Notice::ResolvingName(&wide(&name)));
        let addresses: Vec<SocketAddr> = (name.as_str(), port)
            .to_socket_addrs()
            .map_err(|error| {
                note_socket_error(&error);
                Error::NAME_NOT_RESOLVED
            })?
            .collect();
        object.notify(Notice::NameResolved(&wide(&name)));
        let attempts = settings.dword(w::WINHTTP_OPTION_CONNECT_RETRIES) as usize;
        let timeout = settings.timeout(w::WINHTTP_OPTION_CONNECT_TIMEOUT);
        let mut failure = Error::CANNOT_CONNECT;
        for address in addresses.into_iter().take(attempts.max(1)) {
            let spelled = wide(&address.ip().to_string());
            object.notify(Notice::Connecting(&spelled));
            let connected = match timeout {
                Some(timeout) => TcpStream::connect_timeout(&address, timeout),
                None => TcpStream::connect(address),
            };
            match connected.and_then(Wire::over) {
                Ok(wire) => {
                    object.notify(Notice::Connected(&spelled));
                    return Ok(wire);
                }
                Err(error) => {
                    note_socket_error(&error);
                    let late = error.kind() == io::ErrorKind::TimedOut;
                    failure = if late { Error::TIMEOUT } else { Error::CANNOT_CONNECT };
                }
            }
        }
        Err(failure)
    }

    /// Takes over a connected socket.
    pub(crate) fn over(stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        Ok(Wire {
            local: stream.local_addr()?,
            remote: stream.peer_addr()?,
            stream: Arc::new(stream),
            ahead: Vec::new(),
            start: 0,
            opened: Instant::now(),
            bytes_in: 0,
            bytes_out: 0,
        })
    }

    /// The socket, for whoever must be able to interrupt a read or a write.
    pub(crate) fn socket(&self) -> Arc<TcpStream> {
        self.stream.clone()
    }

    /// How long single reads and writes may take.
    pub(crate) fn set_timeouts(&self, read: Option<Duration>, write: Option<Duration>) -> Result<()> {
        let set = self.stream.set_read_timeout(read).and_then(|()| self.stream.set_write_timeout(write));
        set.map_err(|error| Error::from_io(&error))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        (&*self.stream).write_all(bytes).map_err(|error| Error::from_io(&error))?;
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
        let read = retry(|| (&*self.stream).read(&mut self.ahead[at..]))?;
        self.bytes_in += read as u64;
        Ok(read)
    }

    /// Reads once, from what is ahead or from the socket; 0 is the end of the stream.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.ahead().is_empty() {
            let read = retry(|| (&*self.stream).read(out))?;
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
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map_err(|error| Error::from_io(&error)),
        }
    }
}
