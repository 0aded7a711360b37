//! Writing down what happens on a connection, within limits: a subject that floods the peer fills the
//! limits and nothing else.

use crate::bytes::Bytes;
use crate::digest::Digest;
use crate::transcript::{Connection, End, Event, Excerpt, Head, Request, What};
use std::time::Instant;

/// The most bytes kept of any one thing.
const MOST_OF_ONE: usize = 64 * 1024;
/// The most bytes kept of all things of a connection together, beside `received`.
const MOST_OF_ALL: usize = 2 * 1024 * 1024;
/// The most events kept of a connection, beside its end.
const MOST_EVENTS: usize = 4096;

/// The record of a connection in the making.
pub(crate) struct Log {
    armed: Instant,
    room: usize,
    /// Where the request is whose body is being read; none if there was no room for it.
    open_request: Option<usize>,
    connection: Connection,
}

impl Log {
    /// Begins with [`What::Accepted`]. Times count from `armed`.
    pub(crate) fn new(armed: Instant) -> Log {
        let mut log = Log { armed, room: MOST_OF_ALL, open_request: None, connection: Connection::default() };
        log.push(What::Accepted);
        log
    }

    pub(crate) fn received(&mut self, bytes: &[u8]) {
        let mut room = MOST_OF_ONE;
        keep(&mut self.connection.received, bytes, &mut room);
    }

    pub(crate) fn request(&mut self, head: Head) {
        let length = head.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let Some(room) = self.room.checked_sub(length + head.target.len()) else {
            self.connection.unrecorded += 1;
            return;
        };
        self.room = room;
        let request = Request { head, body: Excerpt::default(), digest: Digest::default(), complete: false };
        self.open_request = self.push(What::Request(request));
    }

    /// Notes what came instead of a request's head, or of its end.
    pub(crate) fn no_request(&mut self, bytes: &[u8]) {
        let excerpt = self.excerpt(bytes);
        self.connection.no_request = excerpt;
    }

    pub(crate) fn body(&mut self, bytes: &[u8]) {
        if let Some(What::Request(request)) = self.open_request.map(|at| &mut self.connection.events[at].what)
        {
            keep(&mut request.body, bytes, &mut self.room);
            request.digest.update(bytes);
        }
    }

    pub(crate) fn body_complete(&mut self) {
        if let Some(What::Request(request)) =
            self.open_request.take().map(|at| &mut self.connection.events[at].what)
        {
            request.complete = true;
        }
    }

    /// Notes that `length` bytes were sent, from `began` on; `bytes` are the first of them, or more.
    pub(crate) fn sent(&mut self, began: u64, bytes: &[u8], length: u64) {
        let first = bytes.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        let excerpt = Excerpt { length, ..self.excerpt(&bytes[..first]) };
        self.push_at(began, What::Sent(excerpt));
    }

    /// As much of `bytes` as there is room for.
    pub(crate) fn excerpt(&mut self, bytes: &[u8]) -> Excerpt {
        let mut excerpt = Excerpt::default();
        keep(&mut excerpt, bytes, &mut self.room);
        excerpt
    }

    /// Adds an event; says where it is, unless there was no room.
    pub(crate) fn push(&mut self, what: What) -> Option<usize> {
        self.push_at(self.now(), what)
    }

    fn push_at(&mut self, at_us: u64, what: What) -> Option<usize> {
        if self.connection.events.len() == MOST_EVENTS {
            self.connection.unrecorded += 1;
            return None;
        }
        self.connection.events.push(Event { at_us, what });
        Some(self.connection.events.len() - 1)
    }

    pub(crate) fn end(mut self, end: End) -> Connection {
        let at_us = self.now();
        self.connection.events.push(Event { at_us, what: What::Ended(end) });
        self.connection
    }

    /// Microseconds since the script was armed.
    pub(crate) fn now(&self) -> u64 {
        self.armed.elapsed().as_micros() as u64
    }
}

fn keep(excerpt: &mut Excerpt, bytes: &[u8], room: &mut usize) {
    let Bytes(kept) = &mut excerpt.bytes;
    let more = bytes.len().min(MOST_OF_ONE.saturating_sub(kept.len())).min(*room);
    kept.extend_from_slice(&bytes[..more]);
    *room -= more;
    excerpt.length += bytes.len() as u64;
}
