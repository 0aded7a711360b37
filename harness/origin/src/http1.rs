//! HTTP/1.1 (RFC 9112): reading a request, laying out a response.

use crate::script::Response;
use crate::transcript::{End, Head};
use crate::wire::Wire;
use tungstenite::http::StatusCode;

/// Waits for a request with its whole body and returns its head; the log gets all of it.
pub(crate) fn read_request(wire: &mut Wire) -> Result<Head, End> {
    let head = read_head(wire)?;
    wire.log.request(head.clone());
    match Framing::of(&head)? {
        Framing::Length(length) => read_exactly(wire, length)?,
        Framing::Chunked => read_chunks(wire)?,
    }
    wire.log.body_complete();
    Ok(head)
}

fn read_head(wire: &mut Wire) -> Result<Head, End> {
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

/// How a request's body is delimited (RFC 9112, section 6.3).
enum Framing {
    Length(u64),
    Chunked,
}

impl Framing {
    fn of(head: &Head) -> Result<Framing, End> {
        if head.has_token("Transfer-Encoding", "chunked") {
            return Ok(Framing::Chunked);
        }
        let length = head.header("Content-Length").unwrap_or("0");
        length
            .parse()
            .map(Framing::Length)
            .map_err(|_| End::Error(format!("the request's Content-Length is {length:?}, not a number")))
    }
}

fn read_exactly(wire: &mut Wire, length: u64) -> Result<(), End> {
    let mut missing = length;
    while missing > 0 {
        if wire.unread().is_empty() {
            wire.fill()?;
        }
        let part = wire.take(usize::try_from(missing).unwrap_or(usize::MAX));
        missing -= part.len() as u64;
        wire.log.body(&part);
    }
    Ok(())
}

fn read_chunks(wire: &mut Wire) -> Result<(), End> {
    loop {
        let (line, size) = read_element(wire, "a chunk size", httparse::parse_chunk_size)?;
        wire.take(line);
        if size == 0 {
            return skip_trailers(wire);
        }
        read_exactly(wire, size)?;
        while wire.unread().len() < 2 {
            wire.fill()?;
        }
        if wire.take(2) != b"\r\n" {
            return Err(End::Error(format!("no CRLF after a chunk of {size} bytes")));
        }
    }
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

/// The bytes of a response to `request`.
pub(crate) fn layout(response: &Response, request: &Head) -> Vec<u8> {
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
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.0.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if may_have_body && request.method != "HEAD" {
        bytes.extend_from_slice(&body.0);
    }
    bytes
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
