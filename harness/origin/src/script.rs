//! What the peer is to do in a case. Plain data: reading it does nothing, and choosing an answer is a
//! pure function.

use crate::bytes::Bytes;
use crate::frames::FramePhase;
use crate::transcript::Head;
use serde::Serialize;

/// What the peer does for the length of a case, on every connection.
///
/// In a case file: `origin: ok`, `origin: { raw: { bytes: … } }`, `origin: { routes: [ … ] }`. Written by
/// serde it is what a case file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Script {
    /// Answers every request with 200 and a small text body.
    Ok,
    /// Completes the WebSocket handshake on any target that asks for it, then answers Ping with Pong,
    /// sends data frames back and answers Close with Close. Any other request gets what `ok` gives.
    Websocket,
    /// Answers every request, also one that asks for an upgrade, with 200.
    WebsocketRefuse,
    /// Reads requests and never answers.
    Silent,
    /// Reads nothing at all, so that what is sent fills the buffers of the system and then waits.
    Deaf,
    /// Neither accepts nor refuses a connection: whoever connects goes on trying. Among [`Script::Connections`]
    /// it is the last.
    Unreachable,
    /// Resets each connection as soon as it is accepted.
    Reset,
    /// Reads a request and closes without an answer.
    Close,
    /// Answers every request with these bytes.
    Raw(Raw),
    /// Answers by method and target: the first route that fits, else 404.
    Routes(Vec<Route>),
    /// The first connection gets the first script, the next one the second; the last script is for all
    /// that come later. At least one.
    Connections(Vec<Script>),
    /// Completes the WebSocket handshake on any target that asks for it, then does this. Any other request
    /// gets what `ok` gives.
    #[serde(rename = "websocket")]
    Frames(Vec<FramePhase>),
    /// Does this on every connection, from its first byte on; then reads requests and answers none.
    #[serde(untagged)]
    Phases(Vec<Phase>),
}

/// One thing after the other, each waiting for what it needs and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Sends these bytes.
    Send(Payload),
    /// Sends a well-formed response.
    Response(Response),
    /// Completes the WebSocket handshake of the request whose head was read last; what is sent then are frames.
    Upgrade,
    /// Waits for this.
    Until(Until),
    /// Never goes on: nothing more is read or sent, and the connection stays open.
    Stall,
    /// Closes the connection in order.
    Close,
    /// Resets the connection. On Windows the subject may then lose bytes that it had not read yet.
    Reset,
}

/// What a [`Phase`] can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// The head of the next request has been read.
    Head,
    /// The whole body of the request has been read.
    Body,
    /// So many more bytes of the body have been read, or all that there are.
    BodyBytes(u64),
    /// The next request has been read, head and body.
    Request,
    /// So many connections of the case are open, this one included: others may come or end meanwhile, and
    /// nothing is read on this one.
    Connections(u64),
    /// The subject has ended the connection; until then requests are read.
    Closed,
}

/// Bytes, once or many times: what is large is made when it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Payload {
    /// What is sent.
    #[serde(rename = "text")]
    pub bytes: Bytes,
    /// How often.
    #[serde(skip_serializing_if = "is_one")]
    pub repeat: u64,
}

fn is_one(repeat: &u64) -> bool {
    *repeat == 1
}

impl Payload {
    /// How many bytes it is in all.
    #[must_use]
    pub fn length(&self) -> u64 {
        (self.bytes.0.len() as u64).saturating_mul(self.repeat)
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Payload {
        Payload { bytes, repeat: 1 }
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Payload {
        Bytes::from(text).into()
    }
}

/// One line of a route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The method it answers, in the request's own letter case; every method when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The whole request target as it is sent, query included.
    pub target: String,
    /// What to do: the first request gets the first of them, the next one the second, whatever connection
    /// they come on; the last is for all that come later. At least one.
    pub replies: Vec<Reply>,
}

/// What to do once a request and its body have been read, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// A well-formed response.
    Response(Response),
    /// These bytes, right or wrong.
    Raw(Raw),
    /// The WebSocket handshake and what [`Script::Websocket`] does after it; 400 when the request has
    /// no `Sec-WebSocket-Key`.
    Websocket,
    /// Nothing; the connection stays open.
    Silent,
    /// Closes the connection.
    Close,
    /// Resets the connection.
    Reset,
    /// The WebSocket handshake and then this; 400 when the request has no `Sec-WebSocket-Key`.
    #[serde(rename = "websocket")]
    Frames(Vec<FramePhase>),
    /// Does this as soon as the head has been read, before the body is; what is left of the body is read
    /// afterwards.
    #[serde(untagged)]
    Phases(Vec<Phase>),
}

/// A response that the peer frames itself: Content-Length is added unless `headers` has it or a
/// Transfer-Encoding; HEAD, 1xx, 204 and 304 get no body.
///
/// The connection stays open unless the request or `headers` says `Connection: close`, or the request
/// is older than HTTP/1.1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// The status code, 200 when absent.
    pub status: u16,
    /// The reason phrase; the registered one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Names and values, sent in this order and letter case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Payload,
}

/// Exact bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Raw {
    /// What to send.
    pub bytes: Bytes,
    /// What to do after it.
    pub then: Then,
}

/// What becomes of the connection after [`Raw`] bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It stays open and the next request is read.
    #[default]
    KeepOpen,
    /// It is closed in order.
    Close,
    /// It is reset. On Windows the subject may then lose bytes that it had not read yet.
    Reset,
}

impl Script {
    /// Whether there is a connection that it neither accepts nor refuses.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Script::Unreachable => true,
            Script::Connections(scripts) => scripts.iter().any(Script::is_unreachable),
            _ => false,
        }
    }

    /// Replaces every text that is sent, and what routes are chosen by: for what is known only when the
    /// peer listens.
    #[must_use]
    pub fn map_texts(mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) -> Script {
        match &mut self {
            Script::Raw(raw) => raw.map_texts(replace),
            Script::Routes(routes) => routes.iter_mut().for_each(|route| route.map_texts(replace)),
            Script::Connections(scripts) => {
                scripts.iter_mut().for_each(|script| *script = script.clone().map_texts(replace));
            }
            Script::Frames(phases) => phases.iter_mut().for_each(|phase| phase.map_texts(replace)),
            Script::Phases(phases) => phases.iter_mut().for_each(|phase| phase.map_texts(replace)),
            Script::Ok
            | Script::Websocket
            | Script::WebsocketRefuse
            | Script::Silent
            | Script::Deaf
            | Script::Unreachable
            | Script::Reset
            | Script::Close => {}
        }
        self
    }
}

impl Route {
    pub(crate) fn fits(&self, request: &Head) -> bool {
        self.target == request.target && self.method.as_ref().is_none_or(|method| *method == request.method)
    }

    fn map_texts(&mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
        map_string(&mut self.target, replace);
        self.replies.iter_mut().for_each(|reply| reply.map_texts(replace));
    }
}

impl Reply {
    fn map_texts(&mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
        match self {
            Reply::Response(response) => response.map_texts(replace),
            Reply::Raw(raw) => raw.map_texts(replace),
            Reply::Frames(phases) => phases.iter_mut().for_each(|phase| phase.map_texts(replace)),
            Reply::Phases(phases) => phases.iter_mut().for_each(|phase| phase.map_texts(replace)),
            Reply::Websocket | Reply::Silent | Reply::Close | Reply::Reset => {}
        }
    }
}

impl Phase {
    fn map_texts(&mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
        match self {
            Phase::Send(payload) => payload.bytes.0 = replace(&payload.bytes.0),
            Phase::Response(response) => response.map_texts(replace),
            Phase::Upgrade | Phase::Until(_) | Phase::Stall | Phase::Close | Phase::Reset => {}
        }
    }
}

impl Response {
    /// A response with a text body.
    pub fn text(status: u16, body: &str) -> Response {
        let headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
        Response { status, reason: None, headers, body: body.into() }
    }

    fn map_texts(&mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
        self.reason.iter_mut().for_each(|reason| map_string(reason, replace));
        for (name, value) in &mut self.headers {
            map_string(name, replace);
            map_string(value, replace);
        }
        self.body.bytes.0 = replace(&self.body.bytes.0);
    }
}

impl Raw {
    fn map_texts(&mut self, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
        self.bytes.0 = replace(&self.bytes.0);
    }
}

fn map_string(text: &mut String, replace: &dyn Fn(&[u8]) -> Vec<u8>) {
    *text = String::from_utf8_lossy(&replace(text.as_bytes())).into_owned();
}
