//! What the peer must have received: `requests`.

use super::{Parse, get};
use crate::case::{BodyRule, ConnectionRule, HeaderRule, RequestRule};
use crate::load::words;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn requests(&mut self, entry: (&Key, &Node)) -> Vec<RequestRule> {
        let rules = self.list(Some(entry), Self::request_rule);
        if let (Some(RequestRule { connection: Some(ConnectionRule::Same), .. }), Kind::List(nodes)) =
            (rules.first(), &entry.1.value)
        {
            self.wrong(&nodes[0].span, "before the first request there is none whose connection it could be");
        }
        rules
    }

    fn request_rule(&mut self, node: &Node) -> Option<RequestRule> {
        let entries = self.map(node, "a request", words::REQUEST)?;
        Some(RequestRule {
            method: get(entries, "method").and_then(|(_, node)| self.text(node)),
            target: get(entries, "target").and_then(|(_, node)| self.filled_text(node)),
            version: get(entries, "version").and_then(|(_, node)| self.version(node)),
            headers: get(entries, "headers").map(|(_, node)| self.header_rules(node)).unwrap_or_default(),
            present: self.list(get(entries, "present"), Self::text),
            absent: self.list(get(entries, "absent"), Self::text),
            order: self.list(get(entries, "order"), Self::text),
            all_headers: get(entries, "all-headers").map(|entry| self.list(Some(entry), Self::text)),
            body: get(entries, "body").and_then(|(_, node)| self.body_rule(node)),
            complete: get(entries, "complete").map(|_| self.flag(entries, "complete")),
            connection: get(entries, "connection").and_then(|(_, node)| self.connection_rule(node)),
        })
    }

    fn version(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        let known = ["HTTP/1.0", "HTTP/1.1"].contains(&&*text);
        if !known {
            self.wrong(&node.span, "a version is HTTP/1.0 or HTTP/1.1");
        }
        known.then_some(text)
    }

    fn header_rules(&mut self, node: &Node) -> Vec<(String, HeaderRule)> {
        let Kind::Map(headers) = &node.value else {
            self.wrong(&node.span, "`headers` is a mapping from names to values");
            return Vec::new();
        };
        headers.iter().filter_map(|(key, node)| Some((key.text.clone(), self.header_rule(node)?))).collect()
    }

    fn header_rule(&mut self, node: &Node) -> Option<HeaderRule> {
        match &node.value {
            Kind::Null => Some(HeaderRule::All(Vec::new())),
            Kind::List(values) => self.filled_texts(values).map(HeaderRule::All),
            Kind::Map(_) => match self.map(node, "a rule about a header", words::HEADER)? {
                [(key, Node { value: Kind::List(values), .. })] if key.text == "one-of" => {
                    self.filled_texts(values).map(HeaderRule::OneOf)
                }
                [(key, Node { value: Kind::List(members), .. })] if key.text == "list" => {
                    self.filled_texts(members).map(HeaderRule::Listed)
                }
                [(key, first)] if key.text == "first" => self.filled_text(first).map(HeaderRule::First),
                [(key, start)] if key.text == "starts-with" => {
                    self.filled_text(start).map(HeaderRule::StartsWith)
                }
                _ => {
                    self.wrong(
                        &node.span,
                        "one of these: { one-of: [a, b] }, { list: [a, b] }, { starts-with: a } or { first: a }",
                    );
                    None
                }
            },
            _ => self.filled_text(node).map(|value| HeaderRule::All(vec![value])),
        }
    }

    fn filled_texts(&mut self, nodes: &[Node]) -> Option<Vec<String>> {
        nodes.iter().map(|node| self.filled_text(node)).collect()
    }

    fn body_rule(&mut self, node: &Node) -> Option<BodyRule> {
        let Kind::Map(entries) = &node.value else {
            return self.payload(node).map(BodyRule::Is);
        };
        let entries_known = self.map(node, "a body", words::BODY)?;
        let count = |parse: &mut Self, name: &str| get(entries, name).map(|(_, node)| parse.count(node));
        if let Some(length) = count(self, "length") {
            if entries_known.len() > 1 {
                self.wrong(&node.span, "`length` stands alone");
            }
            return length.map(BodyRule::Length);
        }
        self.payload(node).map(BodyRule::Is)
    }

    fn connection_rule(&mut self, node: &Node) -> Option<ConnectionRule> {
        match &node.value {
            Kind::Text(text) if text == "same" => Some(ConnectionRule::Same),
            Kind::Text(text) if text == "new" => Some(ConnectionRule::New),
            _ => {
                self.wrong(&node.span, "`connection` is `same` or `new`, seen from the request before");
                None
            }
        }
    }
}
