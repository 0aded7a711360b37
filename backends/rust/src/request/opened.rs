//! From opened to sent: composing the head, connecting, writing. Page: WinHttpSendRequest.

use std::sync::{Arc, atomic::Ordering};

use windows_sys::Win32::Networking::WinHttp as w;

use super::{Line, Phase, Request, credentials::Credentials, facts::Marks, of, retries::Retries, sent::Sent};
use crate::{
    clock::{self, Moment},
    decompress, dial,
    error::{Error, Result},
    handle::{Object, lock},
    headers::{self, Headers},
    notification::Notice,
    option::Settings,
    pool::{self, Found, Target, Wanted},
    proxy::Route,
    url::Url,
    wire::Wire,
    worker,
};

/// The arguments of WinHttpSendRequest, besides the handle and the context.
pub(crate) struct Sending<'a> {
    pub(crate) headers: Option<&'a [u16]>,
    pub(crate) data: Data,
    pub(crate) total: u32,
}

/// A piece of a body, as whoever gives it keeps it.
pub(crate) type Data = Box<dyn AsRef<[u8]> + Send>;

/// Checks the arguments, and returns the job that sends; until it has run the request is busy.
pub(crate) fn send(
    object: &Arc<Object>,
    sending: Sending<'_>,
) -> Result<impl FnOnce() -> Result<()> + Send + use<>> {
    let called = clock::now();
    let request = of(object)?;
    let mut headers = lock(&request.headers).clone();
    if let Some(more) = sending.headers {
        headers.add(headers::parse(more)?, w::WINHTTP_ADDREQ_FLAG_ADD)?;
    }
    let length = content_length(&request.verb, &headers, (*sending.data).as_ref().len(), sending.total)?;
    let before = request.take(|phase| matches!(phase, Phase::Opened | Phase::Received(_)))?;
    request.leave(before, &object.settings());
    *lock(&request.headers) = headers.clone();
    *lock(&request.response) = None;
    request.sent.store(true, Ordering::Relaxed);
    let credentials = std::mem::take(&mut *lock(&request.credentials));
    let object = object.clone();
    let data = sending.data;
    Ok(move || {
        let request = of(&object)?;
        let message = Message { verb: request.verb.clone(), headers, length, data, credentials };
        let sent = transmit(&object, request, message, Reuse::Allowed, called);
        match sent {
            Ok(sent) => request.enter(Phase::Sent(Box::new(sent))),
            Err(error) => {
                request.rest();
                request.enter(Phase::Opened);
                return Err(error);
            }
        }
        Ok(())
    })
}

/// What goes over the wire, and again after a redirect.
pub(crate) struct Message {
    pub(crate) verb: Box<str>,
    /// Headers of the application; the others are added when the message is sent.
    pub(crate) headers: Headers,
    /// The Content-Length header to add, if any.
    pub(crate) length: Option<u64>,
    pub(crate) data: Data,
    pub(crate) credentials: Credentials,
}

/// The Content-Length header to add, if the application did not. The conditions on lengths and on Transfer-Encoding
/// are those of the page's `ERROR_INVALID_PARAMETER`.
fn content_length(verb: &str, headers: &Headers, data: usize, total: u32) -> Result<Option<u64>> {
    let own = headers.get("Content-Length").map(|value| value.parse::<u64>());
    if headers.get("Transfer-Encoding").is_some() {
        let empty = own.is_none() && data == 0;
        return if empty { Ok(None) } else { Err(Error::INVALID_PARAMETER) };
    }
    let ignored = total == w::WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH;
    let total = u64::from(total);
    match own {
        Some(Ok(own)) if own == total => Ok(None),
        // Only a length that no DWORD can tell is the header's alone.
        Some(Ok(own)) if ignored && own > u32::MAX.into() => Ok(None),
        Some(_) => Err(Error::INVALID_PARAMETER),
        None if total < data as u64 => Err(Error::INVALID_PARAMETER),
        None if total > 0 || matches!(verb, "POST" | "PUT") => Ok(Some(total)),
        None => Ok(None),
    }
}

impl Message {
    fn data(&self) -> &[u8] {
        (*self.data).as_ref()
    }

    /// Whether sending it twice does what sending it once does (RFC 9110, section 9.2.2).
    pub(super) fn is_repeatable(&self) -> bool {
        matches!(&*self.verb, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
    }

    /// The application's headers, with those that options put in their place or beside them.
    fn adapted_headers(&self, object: &Object, settings: &Settings, url: &Url) -> Headers {
        let mut headers = self.headers.clone();
        let decompression = settings.dword(w::WINHTTP_OPTION_DECOMPRESSION);
        if let Some(encodings) = decompress::accept_encoding(decompression) {
            headers.remove("Accept-Encoding");
            headers.append("Accept-Encoding", encodings);
        }
        if settings.dword(w::WINHTTP_OPTION_DISABLE_FEATURE) & w::WINHTTP_DISABLE_COOKIES == 0
            && let Some(cookies) = lock(&object.session().cookies).header(url, clock::time_of_day())
        {
            headers.merge("Cookie", "; ", &cookies);
        }
        headers
    }

    /// How many bytes of the body WinHttpWriteData is to bring; `None` if only the application knows.
    pub(super) fn owed(&self) -> Option<u64> {
        if self.headers.get("Transfer-Encoding").is_some() {
            return None;
        }
        let declared = self.headers.get("Content-Length").map(|value| value.parse().ok());
        declared.unwrap_or(Some(self.length.unwrap_or(0)))?.checked_sub(self.data().len() as u64)
    }
}

/// Whether a connection that was kept from an earlier request will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reuse {
    Allowed,
    Forbidden,
}

/// Ports of FTP, SMTP, Gopher, POP3, NNTP and IMAP, to which no request is sent. Page: what-s-new-in-winhttp-5-1, which
/// has no error for it.
const RESTRICTED_PORTS: [u16; 6] = [21, 25, 70, 110, 119, 143];

/// Gets a connection and writes head and data, from that moment on. A kept connection that turns out to be closed is
/// replaced, once.
pub(super) fn transmit(
    object: &Object,
    request: &Request,
    message: Message,
    reuse: Reuse,
    since: Moment,
) -> Result<Sent> {
    let url = request.url();
    if url.secure {
        // There is no TLS here yet, and sending in the clear what was to be secret is not an option.
        return Err(Error::SECURE_CHANNEL_ERROR);
    }
    if RESTRICTED_PORTS.contains(&url.port) {
        return Err(Error::CANNOT_CONNECT);
    }
    let settings = object.settings().clone();
    let route = Route::of(&settings.proxy(), &url.host, url.port);
    let mut marks = Marks::default();
    marks.now(w::WinHttpConnectionAcquireStart);
    let mut wire = connection(object, request, &route, &settings, reuse, since, &mut marks)?;
    marks.now(w::WinHttpConnectionAcquireEnd);
    request.use_line(Line::Socket(wire.socket()));
    if object.is_closed() {
        return Err(Error::OPERATION_CANCELLED);
    }
    // The settings of now: the mark may have been set while the connection was made.
    if let Some(mark) =
        object.settings().bytes(w::WINHTTP_OPTION_CONNECTION_GUID).and_then(|mark| mark.first_chunk())
    {
        wire.socket().set_mark(*mark);
    }
    wire.begin(clock::now(), None, settings.timeout(w::WINHTTP_OPTION_SEND_TIMEOUT));
    let upgrade = settings.get(w::WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET).is_some();
    let key = upgrade.then(tungstenite::handshake::client::generate_key);
    let headers = message.adapted_headers(object, &settings, &url);
    let keep_alive = settings.dword(w::WINHTTP_OPTION_DISABLE_FEATURE) & w::WINHTTP_DISABLE_KEEP_ALIVE == 0;
    let head = Head {
        headers: &headers,
        minor: request.minor,
        refresh: request.refresh,
        agent: &settings.text(w::WINHTTP_OPTION_USER_AGENT),
        keep_alive,
        key: key.as_deref(),
        target: if route.proxied { url.to_string() } else { url.path.to_string() },
        proxied: route.proxied,
    };
    let lines = head.lines(&message, &url);
    let bytes = head.compose(&message.verb, &lines);
    *lock(&request.sent_headers) = Some(lines);
    object.notify(Notice::SendingRequest);
    marks.now(w::WinHttpSendRequestStart);
    let received_before = wire.bytes_in;
    let written = wire.write(&bytes, message.data());
    // Head and data go out as one.
    marks.now(w::WinHttpSendRequestHeadersEnd);
    match written {
        Err(Error::CONNECTION_ERROR) if wire.served > 0 && message.is_repeatable() => {
            drop(wire);
            return transmit(object, request, message, Reuse::Forbidden, clock::now());
        }
        Err(Error::TIMEOUT)
            if wire.served > 0
                && message.is_repeatable()
                && Retries::of(&settings).take(w::WINHTTP_CONNECTION_RETRY_CONDITION_STALE_CONNECTION) =>
        {
            drop(wire);
            return transmit(object, request, message, Reuse::Forbidden, clock::now());
        }
        written => written?,
    }
    marks.now(w::WinHttpSendRequestEnd);
    object.notify(Notice::RequestSent((bytes.len() + message.data().len()) as u32));
    let keep_alive = keep_alive && !headers.lists("Connection", "close");
    let owed = message.owed();
    let head_length = bytes.len();
    Ok(Sent { wire, message, key, marks, head_length, redirects: 0, received_before, owed, keep_alive })
}

/// A connection to where the route leads: one of the pool, or a new one.
fn connection(
    object: &Object,
    request: &Request,
    route: &Route,
    settings: &Settings,
    reuse: Reuse,
    since: Moment,
    marks: &mut Marks,
) -> Result<Wire> {
    let host = route.host.to_ascii_lowercase();
    let name = match settings.text(w::WINHTTP_OPTION_RESOLUTION_HOSTNAME) {
        other if !other.is_empty() => other,
        _ => host.clone(),
    };
    let target = Target { host: host.into(), port: route.port, name: name.into() };
    let wanted = Wanted::by(object, target, settings, since);
    let is_over = || object.is_closed();
    let mut place = match reuse {
        Reuse::Allowed => match pool::find(&wanted, is_over)? {
            Found::Kept(wire) => {
                marks.now(w::WinHttpConnectionAcquireWaitEnd);
                return Ok(*wire);
            }
            Found::Place(place) => place,
        },
        Reuse::Forbidden => pool::find_place(&wanted, is_over)?,
    };
    marks.now(w::WinHttpConnectionAcquireWaitEnd);
    let waiting = Arc::default();
    request.use_line(Line::Waiting(Arc::clone(&waiting)));
    if is_over() {
        return Err(Error::OPERATION_CANCELLED);
    }
    open_more(object, &wanted, settings);
    let say = |notice: Notice<'_>| object.notify(notice);
    let any = reuse == Reuse::Allowed
        && object.root().settings().dword(w::WINHTTP_OPTION_FIRST_AVAILABLE_CONNECTION) != 0;
    if any {
        pool::tell_of_idle(&waiting);
    }
    let instead = || if any { pool::find_idle(&wanted) } else { None };
    let mut wire = dial::connect(&say, &waiting, wanted.target(), settings, since, marks, instead)?;
    if wire.place.is_some() {
        return Ok(wire);
    }
    place.fill(&wire.socket());
    wire.place = Some(place);
    Ok(wire)
}

/// Opens the other connections that a session wants at its first request (`WINHTTP_OPTION_BACKGROUND_CONNECTIONS`), for
/// requests to come. No callback is told of them, and nobody of those that fail: the page has nothing of either.
fn open_more(object: &Object, wanted: &Wanted, settings: &Settings) {
    let session = object.root();
    if session.session().connected.swap(true, Ordering::Relaxed) {
        return;
    }
    let count = session.settings().dword(w::WINHTTP_OPTION_BACKGROUND_CONNECTIONS);
    let more = (1..count).take(pool::MOST_IDLE);
    for mut place in more.map_while(|_| pool::place_at_once(wanted)) {
        let (target, settings) = (wanted.target().clone(), settings.clone());
        let open = move || {
            let mut marks = Marks::default();
            let dialled =
                dial::connect(&|_| {}, &Arc::default(), &target, &settings, clock::now(), &mut marks, || {
                    None
                });
            if let Ok(mut wire) = dialled {
                place.fill(&wire.socket());
                wire.place = Some(place);
                pool::keep(wire);
            }
        };
        // Without a thread there is one connection less.
        let _ = worker::spawn(Box::new(open));
    }
}

/// What of a head does not come from the application's headers.
struct Head<'a> {
    headers: &'a Headers,
    minor: u8,
    refresh: bool,
    agent: &'a str,
    keep_alive: bool,
    key: Option<&'a str>,
    target: String,
    proxied: bool,
}

impl Head<'_> {
    /// All headers, in the order in which they go out.
    fn lines(&self, message: &Message, url: &Url) -> Headers {
        let mut lines = Headers::default();
        let mut header = |name: &str, value: &str| {
            if self.headers.get(name).is_none() {
                lines.append(name, value);
            }
        };
        match self.key {
            Some(key) => {
                header("Connection", "Upgrade");
                header("Upgrade", "websocket");
                header("Sec-WebSocket-Key", key);
                header("Sec-WebSocket-Version", "13");
            }
            None => header("Connection", if self.keep_alive { "Keep-Alive" } else { "Close" }),
        }
        // WinHttpOpenRequest, WINHTTP_FLAG_REFRESH.
        if self.refresh {
            header("Pragma", "no-cache");
            if self.minor == 1 {
                header("Cache-Control", "no-cache");
            }
        }
        if !self.agent.is_empty() {
            header("User-Agent", self.agent);
        }
        if let Some(value) = message.credentials.for_server() {
            header("Authorization", &value);
        }
        if let Some(value) = message.credentials.for_proxy().filter(|_| self.proxied) {
            header("Proxy-Authorization", &value);
        }
        if let Some(length) = message.length {
            header("Content-Length", &length.to_string());
        }
        header("Host", &url.authority());
        for (name, value) in self.headers.iter() {
            lines.append(name, value);
        }
        lines
    }

    fn compose(&self, verb: &str, lines: &Headers) -> Vec<u8> {
        let mut out = format!("{verb} {} HTTP/1.{}\r\n", self.target, self.minor);
        for (name, value) in lines.iter() {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str("\r\n");
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn length(verb: &str, header: Option<(&str, &str)>, data: &[u8], total: u32) -> Result<Option<u64>> {
        let mut headers = Headers::default();
        if let Some((name, value)) = header {
            headers.append(name, value);
        }
        content_length(verb, &headers, data.len(), total)
    }

    #[rstest]
    #[case::nothing("GET", None, b"", 0, Ok(None))]
    #[case::empty_post("POST", None, b"", 0, Ok(Some(0)))]
    #[case::data("POST", None, b"abc", 3, Ok(Some(3)))]
    #[case::more_to_write("PUT", None, b"abc", 10, Ok(Some(10)))]
    #[case::too_little("POST", None, b"abc", 2, Err(Error::INVALID_PARAMETER))]
    #[case::own("POST", Some(("content-length", "3")), b"abc", 3, Ok(None))]
    #[case::own_and_ignore("POST", Some(("Content-Length", "68719476735")), b"", 0, Ok(None))]
    #[case::own_and_ignore_although_it_could_be_told("POST", Some(("Content-Length", "3")), b"", 0, Err(Error::INVALID_PARAMETER))]
    #[case::own_is_nothing("POST", Some(("Content-Length", "0")), b"", 0, Ok(None))]
    #[case::own_differs("POST", Some(("Content-Length", "4")), b"abc", 3, Err(Error::INVALID_PARAMETER))]
    #[case::chunked("POST", Some(("Transfer-Encoding", "chunked")), b"", 0, Ok(None))]
    #[case::chunked_with_data("POST", Some(("Transfer-Encoding", "chunked")), b"abc", 3, Err(Error::INVALID_PARAMETER))]
    fn lengths_must_agree(
        #[case] verb: &str,
        #[case] header: Option<(&str, &str)>,
        #[case] data: &[u8],
        #[case] total: u32,
        #[case] expected: Result<Option<u64>>,
    ) {
        assert_eq!(length(verb, header, data, total), expected);
    }
}
