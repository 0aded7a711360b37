//! A request handle and the states it goes through: opened, sent, received; one file each.

mod challenge;
mod credentials;
mod facts;
mod opened;
mod query;
mod query_ex;
mod received;
mod redirect;
mod retries;
mod sent;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use windows_sys::Win32::Networking::WinHttp as w;

pub(crate) use self::{
    challenge::auth_schemes,
    credentials::{Login, Target, set_credentials},
    facts::{Facts, Marks},
    opened::{Sending, send},
    query::{HeaderAnswer, HeaderQuery, decode, query_headers},
    query_ex::query_headers_ex,
    received::{Body, Reading, read},
    sent::{Sent, receive, write},
};
use crate::{
    code_page::CodePage,
    errand::Waiting,
    error::{Error, Result},
    handle::{self, Handle, Kind, Node, Object, lock},
    headers::{Headers, is_token},
    http1::{Head, Header},
    option::{self, Settings},
    pool,
    url::Url,
    wire::{Guid, Socket, Wire},
};

/// A request handle's object.
pub(crate) struct Request {
    pub(crate) verb: Box<str>,
    /// The minor version of HTTP/1.
    pub(crate) minor: u8,
    refresh: bool,
    /// Changes when a redirect is followed.
    url: Mutex<Arc<Url>>,
    pub(crate) headers: Mutex<Headers>,
    /// What went out last, with the headers that were added; `None` before that.
    sent_headers: Mutex<Option<Headers>>,
    credentials: Mutex<credentials::Credentials>,
    phase: Mutex<Phase>,
    sent: AtomicBool,
    response: Mutex<Option<Arc<Response>>>,
    /// What it has of the network, so that closing the handle can interrupt an operation.
    line: Mutex<Line>,
}

/// What closing a request's handle interrupts.
#[derive(Default)]
enum Line {
    #[default]
    Nothing,
    /// The connection is being made.
    Waiting(Arc<Waiting>),
    Socket(Arc<Socket>),
}

/// A received head, and what is known of its exchange.
pub(crate) struct Response {
    pub(crate) head: Head,
    facts: Facts,
}

/// The state of a request.
#[derive(Default)]
pub(crate) enum Phase {
    /// Not sent, or to be sent again.
    #[default]
    Opened,
    /// An operation is under way and has taken what the state held.
    Busy,
    /// Sent; the response is to be received.
    Sent(Box<Sent>),
    /// The response's head is here, its body can be read.
    Received(Box<Body>),
    /// The connection went to a WebSocket handle.
    Upgraded,
}

/// The arguments of WinHttpOpenRequest, besides the connection. NULL is `None`.
pub(crate) struct Opening<'a> {
    pub(crate) verb: Option<&'a [u16]>,
    pub(crate) object: Option<&'a [u16]>,
    pub(crate) version: Option<&'a [u16]>,
    pub(crate) referrer: Option<&'a [u16]>,
    pub(crate) accept: Vec<&'a [u16]>,
    pub(crate) flags: u32,
}

const FLAGS: u32 = w::WINHTTP_FLAG_ESCAPE_DISABLE
    | w::WINHTTP_FLAG_ESCAPE_DISABLE_QUERY
    | w::WINHTTP_FLAG_ESCAPE_PERCENT
    | w::WINHTTP_FLAG_NULL_CODEPAGE
    | w::WINHTTP_FLAG_REFRESH
    | w::WINHTTP_FLAG_AUTOMATIC_CHUNKING
    | w::WINHTTP_FLAG_SECURE;

/// Creates a request handle. Page: WinHttpOpenRequest. An unknown flag, a verb that is no token and a version that
/// is not HTTP/1.x have no documented error; they are `ERROR_INVALID_PARAMETER`.
pub(crate) fn open(connection: Option<Handle>, opening: &Opening<'_>) -> Result<Arc<Object>> {
    let connection = handle::find_kind(connection, Kind::Connect)?;
    let Node::Connect(server) = &connection.node else { return Err(Error::INCORRECT_HANDLE_TYPE) };
    if opening.flags & !FLAGS != 0 {
        return Err(Error::INVALID_PARAMETER);
    }
    let verb = match opening.verb {
        Some(verb) if !verb.is_empty() => ascii(verb).filter(|verb| is_token(verb)),
        _ => Some("GET".to_owned()),
    };
    let minor = minor_version(opening.version, option::http_minor_version());
    let (Some(verb), Some(minor)) = (verb, minor) else { return Err(Error::INVALID_PARAMETER) };
    let mut headers = Headers::default();
    if !opening.accept.is_empty() {
        let types: Vec<String> =
            opening.accept.iter().map(|accept| String::from_utf16_lossy(accept)).collect();
        headers.append("Accept", &types.join(", "));
    }
    if let Some(referrer) = opening.referrer.filter(|referrer| !referrer.is_empty()) {
        headers.append("Referer", &String::from_utf16_lossy(referrer));
    }
    if headers.iter().any(|(_, value)| value.contains(char::is_control)) {
        return Err(Error::INVALID_PARAMETER);
    }
    let page = CodePage::new(connection.settings().dword(w::WINHTTP_OPTION_CODEPAGE));
    let object = opening.object.unwrap_or_default();
    let url = Url::new(server.host.clone(), server.port, object, opening.flags, page);
    let request = Request {
        verb: verb.into(),
        minor,
        refresh: opening.flags & w::WINHTTP_FLAG_REFRESH != 0,
        url: Mutex::new(Arc::new(url)),
        headers: Mutex::new(headers),
        sent_headers: Mutex::default(),
        credentials: Mutex::default(),
        phase: Mutex::default(),
        sent: AtomicBool::new(false),
        response: Mutex::default(),
        line: Mutex::default(),
    };
    Object::create(Some(connection), Node::Request(request))
}

/// The minor version of HTTP/1 that a request asks for. Where it asks for none, the page has HTTP/1.1; option-flags
/// has an option for the version that the process supports, which is that one unless it was set.
fn minor_version(version: Option<&[u16]>, supported: u8) -> Option<u8> {
    match String::from_utf16_lossy(version.unwrap_or_default()).as_str() {
        "" => Some(supported),
        "HTTP/1.1" => Some(1),
        "HTTP/1.0" => Some(0),
        _ => None,
    }
}

fn ascii(text: &[u16]) -> Option<String> {
    String::from_utf16(text).ok().filter(|text| text.is_ascii())
}

/// Adds headers to a request that is not being sent. Pages: WinHttpAddRequestHeaders, WinHttpAddRequestHeadersEx.
pub(crate) fn add_headers(object: &Object, headers: Vec<(String, String)>, flags: u32) -> Result<()> {
    let request = of(object)?;
    request.must_rest()?;
    lock(&request.headers).add(headers, flags)
}

/// The request of an object that is known to be one.
pub(crate) fn of(object: &Object) -> Result<&Request> {
    match &object.node {
        Node::Request(request) => Ok(request),
        _ => Err(Error::INCORRECT_HANDLE_TYPE),
    }
}

impl Request {
    pub(crate) fn url(&self) -> Arc<Url> {
        lock(&self.url).clone()
    }

    /// `ERROR_WINHTTP_INCORRECT_HANDLE_STATE` while it is sent or received, and once a WebSocket has taken it over.
    fn must_rest(&self) -> Result<()> {
        match *lock(&self.phase) {
            Phase::Opened | Phase::Received(_) => Ok(()),
            Phase::Busy | Phase::Sent(_) | Phase::Upgraded => Err(Error::INCORRECT_HANDLE_STATE),
        }
    }

    /// Whether it was ever given to WinHttpSendRequest.
    pub(crate) fn was_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether it is sending or receiving.
    pub(crate) fn is_active(&self) -> bool {
        match &*lock(&self.phase) {
            Phase::Opened | Phase::Upgraded => false,
            Phase::Busy | Phase::Sent(_) => true,
            Phase::Received(body) => !body.is_at_end(),
        }
    }

    pub(crate) fn response(&self) -> Option<Arc<Response>> {
        lock(&self.response).clone()
    }

    /// The headers behind the body. Page: WinHttpQueryHeadersEx.
    fn trailers(&self) -> Result<Vec<Header>> {
        match &*lock(&self.phase) {
            Phase::Received(body) => body.trailers(),
            _ => Err(Error::INCORRECT_HANDLE_STATE),
        }
    }

    /// What the last response tells of its exchange; `None` before one was received.
    pub(crate) fn facts(&self) -> Option<Facts> {
        self.response().map(|response| response.facts.clone())
    }

    /// Takes what the state holds, for an operation; the state is busy until [`Request::enter`].
    ///
    /// A state that the operation does not accept stays, and is `ERROR_WINHTTP_INCORRECT_HANDLE_STATE`.
    fn take(&self, accepts: impl FnOnce(&Phase) -> bool) -> Result<Phase> {
        let mut phase = lock(&self.phase);
        if !accepts(&phase) {
            return Err(Error::INCORRECT_HANDLE_STATE);
        }
        Ok(std::mem::replace(&mut *phase, Phase::Busy))
    }

    fn enter(&self, phase: Phase) {
        *lock(&self.phase) = phase;
    }

    fn use_line(&self, line: Line) {
        *lock(&self.line) = line;
    }

    /// It has nothing of the network any more.
    fn rest(&self) {
        self.use_line(Line::Nothing);
    }

    /// Marks the connection it has, if it has one.
    pub(crate) fn mark_connection(&self, mark: Guid) {
        if let Line::Socket(socket) = &*lock(&self.line) {
            socket.set_mark(mark);
        }
    }

    /// Has the connection that it has serve no other request.
    pub(crate) fn expire_connection(&self) {
        if let Line::Socket(socket) = &*lock(&self.line) {
            socket.expire();
        }
    }

    /// Ends what it does, because its handle is closed: interrupts whatever waits on the network, and leaves the
    /// connection of a received response to others.
    pub(crate) fn cancel(&self, settings: &Settings) {
        let received = {
            let mut phase = lock(&self.phase);
            if matches!(*phase, Phase::Received(_)) { std::mem::take(&mut *phase) } else { Phase::Opened }
        };
        self.leave(received, settings);
        match std::mem::take(&mut *lock(&self.line)) {
            Line::Nothing => {}
            Line::Waiting(waiting) => waiting.cancel(),
            Line::Socket(socket) => socket.shutdown(),
        }
        pool::wake();
    }

    /// Gives up what a state holds; the connection of a response may serve another request.
    fn leave(&self, phase: Phase, settings: &Settings) {
        if let Phase::Received(body) = phase {
            self.rest();
            body.retire(settings.dword(w::WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE).into());
        }
    }

    /// Hands the connection of a received response to a WebSocket handle.
    pub(crate) fn upgrade(&self) -> Result<Wire> {
        match self.take(|phase| matches!(phase, Phase::Received(_)))? {
            Phase::Received(body) => {
                self.rest();
                self.enter(Phase::Upgraded);
                body.into_wire().ok_or(Error::INTERNAL)
            }
            _ => Err(Error::INTERNAL),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none(None, 1, Some(1))]
    #[case::none_in_a_process_of_the_older_version(None, 0, Some(0))]
    #[case::empty(Some(""), 0, Some(0))]
    #[case::newer(Some("HTTP/1.1"), 0, Some(1))]
    #[case::older(Some("HTTP/1.0"), 1, Some(0))]
    #[case::advanced(Some("HTTP/2"), 1, None)]
    #[case::any_case(Some("http/1.1"), 1, None)]
    fn a_request_has_the_version_it_asks_for(
        #[case] version: Option<&str>,
        #[case] supported: u8,
        #[case] minor: Option<u8>,
    ) {
        let version: Option<Vec<u16>> = version.map(|version| version.encode_utf16().collect());
        assert_eq!(minor_version(version.as_deref(), supported), minor);
    }
}
