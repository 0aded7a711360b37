//! What the peer is to do in a case. Plain data: reading it does nothing, and choosing an answer is a
//! pure function.

use crate::bytes::Bytes;
use crate::transcript::Head;
use serde::{Deserialize, Serialize};

/// What the peer does for the length of a case, on every connection.
///
/// In a case file: `origin: ok`, `origin: { raw: { bytes: … } }`, `origin: { routes: [ … ] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Resets each connection as soon as it is accepted.
    Reset,
    /// Reads a request and closes without an answer.
    Close,
    /// Answers every request with these bytes.
    Raw(Raw),
    /// Answers by method and target: the first route that fits, else 404.
    Routes(Vec<Route>),
}

/// One line of a route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The method it answers, in the request's own letter case; every method when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The whole request target as it is sent, query included.
    pub target: String,
    /// What to do.
    pub reply: Reply,
}

/// What to do once a request and its body have been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A response that the peer frames itself: Content-Length is added unless `headers` has it or a
/// Transfer-Encoding; HEAD, 1xx, 204 and 304 get no body.
///
/// The connection stays open unless the request or `headers` says `Connection: close`, or the request
/// is older than HTTP/1.1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The status code, 200 when absent.
    #[serde(default = "ok_status")]
    pub status: u16,
    /// The reason phrase; the registered one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Names and values, sent in this order and letter case.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: Bytes,
}

fn ok_status() -> u16 {
    200
}

/// Exact bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    /// What to send.
    pub bytes: Bytes,
    /// What to do after it.
    #[serde(default)]
    pub then: Then,
}

/// What becomes of the connection after [`Raw`] bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What to do about a request.
    pub(crate) fn reply_to(&self, request: &Head) -> Reply {
        match self {
            Script::Ok | Script::WebsocketRefuse => Reply::Response(Response::text(200, "ok")),
            Script::Websocket if request.asks_for_websocket() => Reply::Websocket,
            Script::Websocket => Reply::Response(Response::text(200, "ok")),
            Script::Silent | Script::Deaf => Reply::Silent,
            Script::Reset => Reply::Reset,
            Script::Close => Reply::Close,
            Script::Raw(raw) => Reply::Raw(raw.clone()),
            Script::Routes(routes) => match routes.iter().find(|route| route.fits(request)) {
                Some(route) => route.reply.clone(),
                None => Reply::Response(Response::text(404, "no route")),
            },
        }
    }
}

impl Route {
    fn fits(&self, request: &Head) -> bool {
        self.target == request.target && self.method.as_ref().is_none_or(|method| *method == request.method)
    }
}

impl Response {
    /// A response with a text body.
    pub fn text(status: u16, body: &str) -> Response {
        let headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
        Response { status, reason: None, headers, body: body.into() }
    }
}
