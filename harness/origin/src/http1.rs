//! HTTP/1.1 (RFC 9112): reading a request, laying out a response.

use crate::script::Response;
use crate::transcript::{End, Head};
use crate::wire::Wire;
use tungstenite::http::StatusCode;

/// A request whose head has been read, and perhaps some of its body. The log gets all of it.
pub(crate) struct Incoming {
    pub(crate) head: Head,
    left: Left,
}

/// What is still to be read of a body (RFC 9112, section 6.3).
#[derive(Clone, Copy)]
enum Left {
    Nothing,
    Bytes(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
}

impl Incoming {
    /// Waits for a request's head.
    pub(crate) fn read(wire: &mut Wire) -> Result<Incoming, End> {
        let head = read_head(wire)?;
        wire.log.request(head.clone());
        let left = Left::of(&head)?;
        if matches!(left, Left::Nothing) {
            wire.log.body_complete();
        }
        Ok(Incoming { head, left })
    }

    /// Waits until the whole body is read.
    pub(crate) fn finish(&mut self, wire: &mut Wire) -> Result<(), End> {
        self.read_body(wire, u64::MAX)
    }

    /// Waits until so many more bytes of the body are read, or it is at its end.
    pub(crate) fn read_body(&mut self, wire: &mut Wire, most: u64) -> Result<(), End> {
        let mut missing = most;
        while missing > 0 {
            self.left = match self.left {
                Left::Nothing => return Ok(()),
                Left::Bytes(left) => match left - read_some(wire, left.min(missing), &mut missing)? {
                    0 => Left::Nothing,
                    left => Left::Bytes(left),
                },
                Left::Chunk(left) => match left - read_some(wire, left.min(missing), &mut missing)? {
                    0 => Left::ChunkEnd,
                    left => Left::Chunk(left),
                },
                Left::ChunkEnd => read_chunk_end(wire)?,
                Left::ChunkSize => match read_chunk_size(wire)? {
                    0 => {
                        skip_trailers(wire)?;
                        Left::Nothing
                    }
                    size => Left::Chunk(size),
                },
            };
            if matches!(self.left, Left::Nothing) {
                wire.log.body_complete();
            }
        }
        Ok(())
    }
}

impl Left {
    fn of(head: &Head) -> Result<Left, End> {
        if head.has_token("Transfer-Encoding", "chunked") {
            return Ok(Left::ChunkSize);
        }
        let length = head.header("Content-Length").unwrap_or("0");
        match length.parse() {
            Ok(0) => Ok(Left::Nothing),
            Ok(length) => Ok(Left::Bytes(length)),
            Err(_) => Err(End::Error(format!("the request's Content-Length is {length:?}, not a number"))),
        }
    }
}

fn read_head(wire: &mut Wire) -> Result<Head, End> {
    let head = wait_for_head(wire);
    if head.is_err() {
        let rest = wire.take(usize::MAX);
        wire.log.no_request(&rest);
    }
    head
}

fn wait_for_head(wire: &mut Wire) -> Result<Head, End> {
    loop {
        if let Some((head, length)) = parse_head(wire.unread())? {
            wire.take(length);
            return Ok(head);
        }
        wire.fill()?;
    }
}

/// The head at the start of `bytes` and its length, or nothing if more bytes are needed.
fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, End> {
    let mut headers = header_room(bytes);
    let mut request = httparse::Request::new(&mut headers);
    let status = request.parse(bytes).map_err(|error| not_http("a request head", &error))?;
    let httparse::Status::Complete(length) = status else { return Ok(None) };
    let head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        version: format!("HTTP/1.{}", request.version.unwrap_or_default()),
        headers: request
            .headers
            .iter()
            .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
            .collect(),
    };
    Ok(Some((head, length)))
}

/// Room for as many headers as `bytes` can hold: one a line, and one whose line has not ended yet.
fn header_room(bytes: &[u8]) -> Vec<httparse::Header<'_>> {
    vec![httparse::EMPTY_HEADER; bytes.iter().filter(|&&byte| byte == b'\n').count() + 1]
}

/// Reads at least one byte of a body and at most `most`; says how many, and takes them off `missing`.
fn read_some(wire: &mut Wire, most: u64, missing: &mut u64) -> Result<u64, End> {
    if wire.unread().is_empty() {
        wire.fill()?;
    }
    let part = wire.take(usize::try_from(most).unwrap_or(usize::MAX));
    wire.log.body(&part);
    *missing -= part.len() as u64;
    Ok(part.len() as u64)
}

fn read_chunk_size(wire: &mut Wire) -> Result<u64, End> {
    let (line, size) = read_element(wire, "a chunk size", httparse::parse_chunk_size)?;
    wire.take(line);
    Ok(size)
}

fn read_chunk_end(wire: &mut Wire) -> Result<Left, End> {
    while wire.unread().len() < 2 {
        wire.fill()?;
    }
    if wire.take(2) != b"\r\n" {
        return Err(End::Error("no CRLF after a chunk".to_owned()));
    }
    Ok(Left::ChunkSize)
}

fn skip_trailers(wire: &mut Wire) -> Result<(), End> {
    let (length, ()) = read_element(wire, "trailers", |bytes| {
        let mut room = header_room(bytes);
        httparse::parse_headers(bytes, &mut room).map(|status| match status {
            httparse::Status::Complete((length, _)) => httparse::Status::Complete((length, ())),
            httparse::Status::Partial => httparse::Status::Partial,
        })
    })?;
    wire.take(length);
    Ok(())
}

/// Waits until `parse` finds a complete element at the start of the unread bytes.
fn read_element<T, E: std::fmt::Display>(
    wire: &mut Wire,
    what: &str,
    parse: impl Fn(&[u8]) -> Result<httparse::Status<(usize, T)>, E>,
) -> Result<(usize, T), End> {
    loop {
        match parse(wire.unread()).map_err(|error| not_http(what, &error))? {
            httparse::Status::Complete(found) => return Ok(found),
            httparse::Status::Partial => wire.fill()?,
        }
    }
}

fn not_http(what: &str, error: &dyn std::fmt::Display) -> End {
    End::Error(format!("what came is not {what} of HTTP/1.1: {error}"))
}

/// Sends a response to a request with this method.
pub(crate) fn respond(wire: &mut Wire, response: &Response, method: &str) -> Result<(), End> {
    let Response { status, reason, headers, body } = response;
    let reason = reason.as_deref().unwrap_or_else(|| registered_reason(*status));
    let mut bytes = format!("HTTP/1.1 {status} {reason}\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let may_have_body = !matches!(status, 100..=199 | 204 | 304);
    let framed = headers.iter().any(|(name, _)| {
        name.eq_ignore_ascii_case("Content-Length") || name.eq_ignore_ascii_case("Transfer-Encoding")
    });
    if may_have_body && !framed {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.length()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    let sends_body = may_have_body && method != "HEAD";
    // What is short goes out in one piece.
    if sends_body && body.repeat == 1 {
        bytes.extend_from_slice(&body.bytes.0);
    }
    wire.send(&bytes)?;
    if sends_body && body.repeat != 1 {
        wire.send_repeated(&body.bytes.0, body.repeat)?;
    }
    Ok(())
}

fn registered_reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

/// Whether the connection is to be closed after `response`.
pub(crate) fn closes_after(response: &Response, request: &Head) -> bool {
    let said_by_response = response.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("Connection") && value.trim().eq_ignore_ascii_case("close")
    });
    said_by_response || request.has_token("Connection", "close") || request.version != "HTTP/1.1"
}
