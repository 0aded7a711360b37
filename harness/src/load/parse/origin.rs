//! What the peer does: `origin`.

use winhttp_origin::{Bytes, Payload, Phase, Raw, Reply, Response, Route, Script, Then, Until};

use super::{Parse, get};
use crate::diagnostics::Diagnostic;
use crate::fill;
use crate::load::words::{self, Word};
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    /// A script; `origin: null` undoes the file's.
    pub(super) fn origin(&mut self, node: &Node) -> Option<Script> {
        match &node.value {
            Kind::Null => None,
            _ => self.script(node),
        }
    }

    fn script(&mut self, node: &Node) -> Option<Script> {
        if let Kind::List(_) = &node.value {
            return self.phases(node, false).map(Script::Phases);
        }
        let (word, key, value) = self.one_of(node, "a script of the peer", words::ORIGIN)?;
        Some(match (word, value) {
            ("ok", None) => Script::Ok,
            ("websocket", None) => Script::Websocket,
            ("websocket", Some(value)) => Script::Frames(self.some(key, value, Self::frame_phase)?),
            ("websocket-refuse", None) => Script::WebsocketRefuse,
            ("silent", None) => Script::Silent,
            ("deaf", None) => Script::Deaf,
            ("unreachable", None) => Script::Unreachable,
            ("reset", None) => Script::Reset,
            ("close", None) => Script::Close,
            ("raw", Some(value)) => Script::Raw(self.raw(value)?),
            ("routes", Some(value)) => Script::Routes(self.some(key, value, Self::route)?),
            ("connections", Some(value)) => Script::Connections(self.connections(key, value)?),
            (word, value) => return self.not_so(node, word, value),
        })
    }

    fn connections(&mut self, key: Option<&Key>, node: &Node) -> Option<Vec<Script>> {
        let scripts = self.some(key, node, Self::connection)?;
        match scripts.iter().position(|script| *script == Script::Unreachable) {
            Some(at) if at + 1 < scripts.len() => {
                self.wrong(&node.span, "no connection comes after one that is `unreachable`");
                None
            }
            _ => Some(scripts),
        }
    }

    fn connection(&mut self, node: &Node) -> Option<Script> {
        match self.script(node)? {
            Script::Connections(_) => {
                self.wrong(&node.span, "`connections` is no script of a single connection");
                None
            }
            script => Some(script),
        }
    }

    fn route(&mut self, node: &Node) -> Option<Route> {
        let entries = self.map(node, "a route", words::ROUTE)?;
        let method = get(entries, "method").and_then(|(_, node)| self.text(node));
        let Some((_, target)) = get(entries, "target") else {
            self.wrong(&node.span, "a route has a `target`");
            return None;
        };
        let target = self.filled_text(target)?;
        let replies = match (get(entries, "reply"), get(entries, "replies")) {
            (Some((_, reply)), None) => vec![self.reply(reply)?],
            (None, Some((key, replies))) => self.some(Some(key), replies, Self::reply)?,
            _ => {
                self.wrong(&node.span, "a route has a `reply`, or several in turn under `replies`");
                return None;
            }
        };
        Some(Route { method, target, replies })
    }

    fn reply(&mut self, node: &Node) -> Option<Reply> {
        if let Kind::List(_) = &node.value {
            return self.phases(node, true).map(Reply::Phases);
        }
        let (word, key, value) = self.one_of(node, "a reply", words::REPLY)?;
        Some(match (word, value) {
            ("response", Some(value)) => Reply::Response(self.response(value)?),
            ("raw", Some(value)) => Reply::Raw(self.raw(value)?),
            ("websocket", None) => Reply::Websocket,
            ("websocket", Some(value)) => Reply::Frames(self.some(key, value, Self::frame_phase)?),
            ("silent", None) => Reply::Silent,
            ("close", None) => Reply::Close,
            ("reset", None) => Reply::Reset,
            (word, value) => return self.not_so(node, word, value),
        })
    }

    /// Phases; `asked` if a request's head has been read before the first of them.
    fn phases(&mut self, node: &Node, asked: bool) -> Option<Vec<Phase>> {
        let Kind::List(nodes) = &node.value else { return None };
        if nodes.is_empty() {
            self.wrong(&node.span, "at least one phase belongs here");
        }
        let before = self.problems.len();
        let mut phases: Vec<Phase> = Vec::new();
        let mut asked = asked;
        for node in nodes {
            if matches!(
                phases.last(),
                Some(Phase::Stall | Phase::Close | Phase::Reset | Phase::Until(Until::Closed))
            ) {
                self.wrong(&node.span, "nothing comes after the end of the connection");
            }
            let phase = self.phase(node)?;
            if !asked && matches!(phase, Phase::Upgrade) {
                self.wrong(&node.span, "no request asks for it yet: `until: head` comes first");
            }
            if phases.contains(&Phase::Upgrade)
                && matches!(phase, Phase::Until(_) | Phase::Response(_) | Phase::Upgrade)
            {
                self.wrong(&node.span, "no HTTP comes after the handshake");
            }
            asked |= matches!(phase, Phase::Until(Until::Head | Until::Request));
            if !asked && matches!(phase, Phase::Until(Until::Body | Until::BodyBytes(_))) {
                self.wrong(&node.span, "no request has a body yet: `until: head` comes first");
            }
            phases.push(phase);
        }
        (self.problems.len() == before && !phases.is_empty()).then_some(phases)
    }

    fn phase(&mut self, node: &Node) -> Option<Phase> {
        let (word, _, value) = self.one_of(node, "a phase", words::PHASE)?;
        Some(match (word, value) {
            ("send", Some(value)) => Phase::Send(self.payload(value)?),
            ("response", Some(value)) => Phase::Response(self.response(value)?),
            ("until", Some(value)) => Phase::Until(self.until(value)?),
            ("upgrade", None) => Phase::Upgrade,
            ("stall", None) => Phase::Stall,
            ("close", None) => Phase::Close,
            ("reset", None) => Phase::Reset,
            (word, value) => return self.not_so(node, word, value),
        })
    }

    fn until(&mut self, node: &Node) -> Option<Until> {
        let (word, _, value) = self.one_of(node, "what can be waited for", words::UNTIL)?;
        Some(match (word, value) {
            ("head", None) => Until::Head,
            ("body", None) => Until::Body,
            ("body-bytes", Some(value)) => Until::BodyBytes(self.count(value)?),
            ("request", None) => Until::Request,
            ("connections", Some(value)) => Until::Connections(self.count(value)?),
            ("closed", None) => Until::Closed,
            (word, value) => return self.not_so(node, word, value),
        })
    }

    /// Bytes, and how often: `repeat`.
    pub(super) fn payload(&mut self, node: &Node) -> Option<Payload> {
        let Kind::Map(entries) = &node.value else { return self.bytes(node).map(Payload::from) };
        let repeat = match get(entries, "repeat") {
            Some((_, node)) => self.count(node)?,
            None => 1,
        };
        let content: Vec<_> = entries.iter().filter(|(key, _)| key.text != "repeat").cloned().collect();
        let content = Node { value: Kind::Map(content), span: node.span.clone() };
        self.bytes(&content).map(|bytes| Payload { bytes, repeat })
    }

    fn response(&mut self, node: &Node) -> Option<Response> {
        let entries = self.map(node, "a response", words::RESPONSE)?;
        let status = match get(entries, "status") {
            Some((_, node)) => self.status_code(node)?,
            None => 200,
        };
        let reason = get(entries, "reason").and_then(|(_, node)| self.filled_text(node));
        let headers = self.list(get(entries, "headers"), Self::header);
        let body = match get(entries, "body") {
            Some((_, node)) => self.payload(node)?,
            None => Payload::from(""),
        };
        Some(Response { status, reason, headers, body })
    }

    fn status_code(&mut self, node: &Node) -> Option<u16> {
        match &node.value {
            Kind::Number(number @ 0..=999) => Some(*number as u16),
            _ => {
                self.wrong(&node.span, "a status code is a number from 0 to 999");
                None
            }
        }
    }

    fn header(&mut self, node: &Node) -> Option<(String, String)> {
        let Kind::List(pair) = &node.value else {
            self.wrong(&node.span, "a header of the peer is a pair: [Name, value]");
            return None;
        };
        let [name, value] = &pair[..] else {
            self.wrong(&node.span, "a header of the peer is a pair: [Name, value]");
            return None;
        };
        Some((self.filled_text(name)?, self.filled_text(value)?))
    }

    fn raw(&mut self, node: &Node) -> Option<Raw> {
        let entries = self.map(node, "`raw`", words::RAW)?;
        let Some((_, bytes)) = get(entries, "bytes") else {
            self.wrong(&node.span, "`raw` has `bytes`");
            return None;
        };
        let bytes = self.bytes(bytes)?;
        let then = match get(entries, "then") {
            Some((_, node)) => match self.one_of(node, "what comes `then`", words::THEN)?.0 {
                "close" => Then::Close,
                "reset" => Then::Reset,
                _ => Then::KeepOpen,
            },
            None => Then::KeepOpen,
        };
        Some(Raw { bytes, then })
    }

    /// Text with escapes, or `{ bytes: "00ff" }`.
    pub(super) fn bytes(&mut self, node: &Node) -> Option<Bytes> {
        if let Kind::Map(entries) = &node.value {
            let [(key, value)] = &entries[..] else {
                self.wrong(&node.span, "text with escapes, { text: … } or { bytes: \"00ff\" } belongs here");
                return None;
            };
            super::known(key, words::BYTES, "bytes", self.problems);
            return match &*key.text {
                "bytes" => self.hex(value).map(|bytes| Bytes(fill::literal(&bytes))),
                "text" => self.bytes(value),
                _ => None,
            };
        }
        let text = self.text(node)?;
        let bytes = match Bytes::from_escaped(&text) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.wrong(&node.span, reason);
                return None;
            }
        };
        self.check_holes(node, &text)?;
        Some(bytes)
    }

    /// Exactly one of the words: alone, or as the key of a mapping with one entry.
    pub(super) fn one_of<'b>(
        &mut self,
        node: &'b Node,
        what: &str,
        words: &'static [Word],
    ) -> Option<(&'static str, Option<&'b Key>, Option<&'b Node>)> {
        let (text, span, key, value) = match &node.value {
            Kind::Text(text) => (text, &node.span, None, None),
            Kind::Map(entries) => match &entries[..] {
                [(key, value)] => (&key.text, &key.span, Some(key), Some(value)),
                _ => {
                    self.wrong(&node.span, format!("{what} is one thing"));
                    return None;
                }
            },
            _ => {
                self.wrong(&node.span, format!("{what} is a word, or a mapping with one"));
                return None;
            }
        };
        let found = words::names(words).find(|word| word == text);
        if found.is_none() {
            let problem = Diagnostic::at(span.clone(), format!("`{text}` is not {what}"));
            self.problems.push(problem.suggest(text, words::names(words)));
        }
        found.map(|word| (word, key, value))
    }

    /// A list with at least one entry, all of them right.
    pub(super) fn some<T>(
        &mut self,
        key: Option<&Key>,
        node: &Node,
        parse: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let before = self.problems.len();
        let found = self.list(key.map(|key| (key, node)), parse);
        if found.is_empty() && self.problems.len() == before {
            self.wrong(&node.span, "at least one belongs here");
        }
        (self.problems.len() == before).then_some(found)
    }

    pub(super) fn not_so<T>(&mut self, node: &Node, word: &str, value: Option<&Node>) -> Option<T> {
        let message = match value {
            Some(_) => format!("`{word}` stands alone"),
            None => format!("`{word}` takes something: `{word}: …`"),
        };
        self.wrong(&node.span, message);
        None
    }
}
