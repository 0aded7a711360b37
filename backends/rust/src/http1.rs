//! HTTP/1.1 on a wire: the head of a response, and the framing of its body (RFC 9112).

use crate::{
    clock::{self, Moment},
    error::{Error, Result},
    wire::Wire,
};

/// More headers than this in one response are `ERROR_WINHTTP_HEADER_COUNT_EXCEEDED`.
const MAX_HEADERS: usize = 512;
/// A chunk's size line, with its extensions, is at most this long.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// The head of a response. Headers keep their bytes, their order and their case.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) minor: u8,
    pub(crate) status: u16,
    pub(crate) reason: Box<[u8]>,
    pub(crate) headers: Vec<Header>,
    /// Status line and header lines as they came, each ending in CR LF, without the empty line.
    pub(crate) raw: Box<[u8]>,
}

/// Name and value of a header.
pub(crate) type Header = (Box<[u8]>, Box<[u8]>);

impl Head {
    /// All values of a header, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let same = move |own: &[u8]| own.eq_ignore_ascii_case(name.as_bytes());
        self.headers.iter().filter(move |(own, _)| same(own)).map(|(_, value)| &**value)
    }

    /// Whether a header that is a comma-separated list has this item.
    pub(crate) fn lists(&self, name: &str, item: &str) -> bool {
        let same = |part: &[u8]| part.trim_ascii().eq_ignore_ascii_case(item.as_bytes());
        self.all(name).any(|value| value.split(|byte| *byte == b',').any(same))
    }

    /// Whether the connection serves a further request after this response (RFC 9112, section 9.3).
    pub(crate) fn keeps_alive(&self) -> bool {
        !self.lists("Connection", "close") && (self.minor > 0 || self.lists("Connection", "keep-alive"))
    }

    /// Reads one head, of at most `limit` bytes. The deadline is looked at when data arrives, as the page option-flags
    /// has it for `WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT`.
    pub(crate) fn read(wire: &mut Wire, limit: usize, deadline: Option<Moment>) -> Result<Head> {
        loop {
            if let Some((head, length)) = Head::parse(wire.ahead(), limit)? {
                wire.consume(length);
                return Ok(head);
            }
            if wire.fill()? == 0 {
                return Err(Error::CONNECTION_ERROR);
            }
            if deadline.is_some_and(|deadline| clock::now() > deadline) {
                return Err(Error::TIMEOUT);
            }
        }
    }

    fn parse(bytes: &[u8], limit: usize) -> Result<Option<(Head, usize)>> {
        let mut space = [httparse::EMPTY_HEADER; 64];
        match Head::parse_with(bytes, limit, &mut space) {
            Err(Error::HEADER_COUNT_EXCEEDED) => {
                Head::parse_with(bytes, limit, &mut vec![httparse::EMPTY_HEADER; MAX_HEADERS])
            }
            other => other,
        }
    }

    fn parse_with<'b>(
        bytes: &'b [u8],
        limit: usize,
        space: &mut [httparse::Header<'b>],
    ) -> Result<Option<(Head, usize)>> {
        let mut config = httparse::ParserConfig::default();
        config.allow_spaces_after_header_name_in_responses(true);
        config.allow_obsolete_multiline_headers_in_responses(true);
        let mut response = httparse::Response::new(space);
        let length = match config.parse_response(&mut response, bytes) {
            Ok(httparse::Status::Complete(length)) if length <= limit => length,
            Ok(httparse::Status::Partial) if bytes.len() <= limit => return Ok(None),
            Ok(_) => return Err(Error::HEADER_SIZE_OVERFLOW),
            Err(httparse::Error::TooManyHeaders) => return Err(Error::HEADER_COUNT_EXCEEDED),
            Err(_) => return Err(Error::INVALID_SERVER_RESPONSE),
        };
        let (Some(minor), Some(status)) = (response.version, response.code) else {
            return Err(Error::INVALID_SERVER_RESPONSE);
        };
        let headers =
            response.headers.iter().map(|header| (header.name.as_bytes().into(), header.value.into()));
        let head = Head {
            minor,
            status,
            reason: response.reason.unwrap_or_default().as_bytes().into(),
            headers: headers.collect(),
            raw: lines(&bytes[..length]),
        };
        Ok(Some((head, length)))
    }
}

/// The lines of a head, with CR LF for whatever ended them, up to the empty line.
fn lines(head: &[u8]) -> Box<[u8]> {
    let mut out = Vec::with_capacity(head.len());
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
    }
    out.into()
}

/// How a body's end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// So many bytes are still to come.
    Length(u64),
    Chunked(Chunk),
    UntilClose,
    Done,
}

/// Where in the chunked coding a body stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    Size,
    Data(u64),
    End,
    Trailer,
}

impl Framing {
    /// How the body of this response to this verb is framed (RFC 9112, section 6.3).
    pub(crate) fn of(head: &Head, verb: &str) -> Result<Framing> {
        if verb == "HEAD" || matches!(head.status, 100..=199 | 204 | 304) {
            return Ok(Framing::Done);
        }
        if head.lists("Transfer-Encoding", "chunked") {
            return Ok(Framing::Chunked(Chunk::Size));
        }
        let mut lengths = head.all("Content-Length").flat_map(|value| value.split(|byte| *byte == b','));
        let Some(first) = lengths.next() else {
            return Ok(Framing::UntilClose);
        };
        let first = first.trim_ascii();
        if !lengths.all(|other| other.trim_ascii() == first) || !first.iter().all(u8::is_ascii_digit) {
            return Err(Error::INVALID_SERVER_RESPONSE);
        }
        let length = std::str::from_utf8(first).ok().and_then(|digits| digits.parse().ok());
        match length.ok_or(Error::INVALID_SERVER_RESPONSE)? {
            0 => Ok(Framing::Done),
            length => Ok(Framing::Length(length)),
        }
    }

    /// Reads once into `out`, which is not empty; waits for data if there is none. 0 is the end of the body, when
    /// `trailers` has the headers that followed it.
    pub(crate) fn read(
        &mut self,
        wire: &mut Wire,
        out: &mut [u8],
        trailers: &mut Vec<Header>,
    ) -> Result<usize> {
        loop {
            match *self {
                Framing::Done => return Ok(0),
                Framing::UntilClose => {
                    let read = wire.read(out)?;
                    if read == 0 {
                        *self = Framing::Done;
                    }
                    return Ok(read);
                }
                Framing::Length(left) => {
                    let read = read_at_most(wire, out, left)?;
                    *self = match left - read as u64 {
                        0 => Framing::Done,
                        left => Framing::Length(left),
                    };
                    return Ok(read);
                }
                Framing::Chunked(Chunk::Data(left)) => {
                    let read = read_at_most(wire, out, left)?;
                    *self = Framing::Chunked(match left - read as u64 {
                        0 => Chunk::End,
                        left => Chunk::Data(left),
                    });
                    return Ok(read);
                }
                Framing::Chunked(Chunk::Size) => {
                    *self = Framing::Chunked(match chunk_size(&line(wire)?)? {
                        0 => Chunk::Trailer,
                        size => Chunk::Data(size),
                    });
                }
                Framing::Chunked(Chunk::End) => {
                    if !line(wire)?.is_empty() {
                        return Err(Error::INVALID_SERVER_RESPONSE);
                    }
                    *self = Framing::Chunked(Chunk::Size);
                }
                Framing::Chunked(Chunk::Trailer) => {
                    let line = line(wire)?;
                    match line.iter().position(|byte| *byte == b':') {
                        _ if line.is_empty() => *self = Framing::Done,
                        Some(_) if trailers.len() == MAX_HEADERS => return Err(Error::HEADER_COUNT_EXCEEDED),
                        Some(colon) => {
                            trailers.push((line[..colon].into(), line[colon + 1..].trim_ascii().into()));
                        }
                        None => return Err(Error::INVALID_SERVER_RESPONSE),
                    }
                }
            }
        }
    }
}

fn read_at_most(wire: &mut Wire, out: &mut [u8], left: u64) -> Result<usize> {
    let room = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
    match wire.read(&mut out[..room])? {
        // The server promised more.
        0 => Err(Error::CONNECTION_ERROR),
        read => Ok(read),
    }
}

/// Takes one line off the wire, without its end.
fn line(wire: &mut Wire) -> Result<Vec<u8>> {
    loop {
        if let Some(end) = wire.ahead().iter().position(|byte| *byte == b'\n') {
            let line = &wire.ahead()[..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
            wire.consume(end + 1);
            return Ok(line);
        }
        if wire.ahead().len() > MAX_CHUNK_LINE {
            return Err(Error::CHUNK_HEADER_OVERFLOW);
        }
        if wire.fill()? == 0 {
            return Err(Error::CONNECTION_ERROR);
        }
    }
}

fn chunk_size(line: &[u8]) -> Result<u64> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Error::INVALID_SERVER_RESPONSE);
    }
    // Hexadecimal digits are UTF-8, so only the size can be wrong.
    let digits = std::str::from_utf8(digits).map_err(|_| Error::INVALID_SERVER_RESPONSE)?;
    u64::from_str_radix(digits, 16).map_err(|_| Error::CHUNK_HEADER_OVERFLOW)
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        net::{TcpListener, TcpStream},
    };

    use rstest::rstest;

    use super::*;

    /// A wire whose peer sends these bytes and closes.
    fn wire(bytes: &[u8]) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap().0.write_all(bytes).unwrap();
        Wire::over(stream).unwrap()
    }

    fn body(response: &str) -> Result<String> {
        let mut wire = wire(response.as_bytes());
        let head = Head::read(&mut wire, 64 * 1024, None)?;
        let mut framing = Framing::of(&head, "GET")?;
        let (mut body, mut trailers) = (Vec::new(), Vec::new());
        let mut out = [0; 3];
        loop {
            match framing.read(&mut wire, &mut out, &mut trailers)? {
                0 => return Ok(String::from_utf8(body).unwrap()),
                read => body.extend_from_slice(&out[..read]),
            }
        }
    }

    #[rstest]
    #[case::length("Content-Length: 5\r\n\r\nhello, too much")]
    #[case::same_length_twice("Content-Length: 5, 5\r\n\r\nhello")]
    #[case::chunked(
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\nnot this"
    )]
    #[case::chunked_beats_length(
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    )]
    #[case::until_close("\r\nhello")]
    fn a_body_ends_where_its_framing_says(#[case] rest: &str) {
        assert_eq!(body(&format!("HTTP/1.1 200 OK\r\n{rest}")).unwrap(), "hello");
    }

    #[rstest]
    #[case::no_http("SSH-2.0-x\r\n\r\n", Error::INVALID_SERVER_RESPONSE)]
    #[case::cut_head("HTTP/1.1 200 OK\r\n", Error::CONNECTION_ERROR)]
    #[case::cut_body("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", Error::CONNECTION_ERROR)]
    #[case::lengths_differ("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", Error::INVALID_SERVER_RESPONSE)]
    #[case::no_length("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Error::INVALID_SERVER_RESPONSE)]
    #[case::no_size(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        Error::INVALID_SERVER_RESPONSE
    )]
    #[case::huge_size(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
        Error::CHUNK_HEADER_OVERFLOW
    )]
    fn a_broken_response_is_an_error(#[case] response: &str, #[case] error: Error) {
        assert_eq!(body(response), Err(error));
    }

    #[rstest]
    #[case::by_default("HTTP/1.1 200 OK\r\n\r\n", true)]
    #[case::not_after_close("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n", false)]
    #[case::not_in_the_older_version("HTTP/1.0 200 OK\r\n\r\n", false)]
    #[case::offered("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n", true)]
    fn a_response_says_whether_its_connection_stays(#[case] head: &str, #[case] stays: bool) {
        let head = Head::read(&mut wire(head.as_bytes()), 1024, None).unwrap();
        assert_eq!(head.keeps_alive(), stays);
    }

    #[test]
    fn a_head_larger_than_the_limit_overflows() {
        let mut wire = wire(format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(200)).as_bytes());
        assert_eq!(Head::read(&mut wire, 100, None).unwrap_err(), Error::HEADER_SIZE_OVERFLOW);
    }

    #[test]
    fn headers_keep_bytes_order_and_case() {
        let mut wire = wire(b"HTTP/1.0 404 Not  Found\r\nb: 1\r\nA:2\r\nB: \xe9\r\n\r\n");
        let head = Head::read(&mut wire, 1024, None).unwrap();
        assert_eq!((head.minor, head.status, &*head.reason), (0, 404, b"Not  Found".as_slice()));
        assert_eq!(&*head.raw, b"HTTP/1.0 404 Not  Found\r\nb: 1\r\nA:2\r\nB: \xe9\r\n");
        assert_eq!(head.all("B").collect::<Vec<_>>(), [b"1".as_slice(), b"\xe9"]);
    }
}
