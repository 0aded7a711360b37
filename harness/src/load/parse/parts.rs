//! The parts of a case beside its steps.

use super::{Parse, get};
use crate::case::{HeaderRule, RequestRule};
use crate::diagnostics::Diagnostic;
use crate::load::words;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn covers(&mut self, name: &Key, entry: Option<(&Key, &Node)>) -> Vec<String> {
        let Some((_, node)) = entry else {
            self.wrong(&name.span, "the case covers no requirement: neither it nor its file has `covers`");
            return Vec::new();
        };
        let nodes = match &node.value {
            Kind::List(items) => &items[..],
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            self.wrong(&node.span, "`covers` names no requirement");
        }
        nodes.iter().filter_map(|node| self.requirement(node)).collect()
    }

    pub(super) fn requirement(&mut self, node: &Node) -> Option<String> {
        let id = self.text(node)?;
        let ledger = winhttp_spec::requirements::ledger();
        if ledger.requirement(&id).is_none() {
            self.problems.push(
                Diagnostic::at(node.span.clone(), format!("there is no requirement `{id}`"))
                    .suggest(&id, ledger.all().map(|requirement| &*requirement.id)),
            );
        }
        Some(id)
    }

    pub(super) fn origin(&mut self, node: &Node) -> Option<winhttp_origin::Script> {
        if node.value == Kind::Null {
            return None;
        }
        match serde_yaml::with::singleton_map_recursive::deserialize(to_value(node)) {
            Ok(script) => Some(script),
            Err(error) => {
                self.wrong(&node.span, format!("this is no script for the peer: {error}"));
                None
            }
        }
    }

    pub(super) fn list<T>(
        &mut self,
        entry: Option<(&Key, &Node)>,
        parse: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        match entry {
            None => Vec::new(),
            Some((_, Node { value: Kind::List(items), .. })) => {
                items.iter().filter_map(|item| parse(self, item)).collect()
            }
            Some((key, node)) => {
                self.wrong(&node.span, format!("`{}` takes a list", key.text));
                Vec::new()
            }
        }
    }

    pub(super) fn request_rule(&mut self, node: &Node) -> Option<RequestRule> {
        let entries = self.map(node, "a request", words::REQUEST)?;
        let method = get(entries, "method").and_then(|(_, node)| self.text(node));
        let target = get(entries, "target").and_then(|(_, node)| self.text(node));
        let headers = match get(entries, "headers") {
            Some((_, Node { value: Kind::Map(headers), .. })) => headers
                .iter()
                .filter_map(|(key, value)| Some((key.text.clone(), self.header_rule(value)?)))
                .collect(),
            Some((_, node)) => {
                self.wrong(&node.span, "`headers` is a mapping from names to values");
                Vec::new()
            }
            None => Vec::new(),
        };
        Some(RequestRule { method, target, headers })
    }

    fn texts(&mut self, node: &Node) -> Option<Vec<String>> {
        let Kind::List(values) = &node.value else {
            self.wrong(&node.span, "a list of texts belongs here");
            return None;
        };
        values.iter().map(|value| self.text(value)).collect()
    }

    fn header_rule(&mut self, node: &Node) -> Option<HeaderRule> {
        match &node.value {
            Kind::Null => Some(HeaderRule::All(Vec::new())),
            Kind::List(_) => self.texts(node).map(HeaderRule::All),
            Kind::Map(entries) => match &entries[..] {
                [(key, values)] if key.text == "one-of" => self.texts(values).map(HeaderRule::OneOf),
                _ => {
                    self.wrong(
                        &node.span,
                        "a header's value is text, a list of texts, NULL or { one-of: [a, b] }",
                    );
                    None
                }
            },
            _ => self.text(node).map(HeaderRule::First),
        }
    }
}

/// Back to serde_yaml's own form, for a part that serde reads.
fn to_value(node: &Node) -> serde_yaml::Value {
    use serde_yaml::Value;
    match &node.value {
        Kind::Null => Value::Null,
        Kind::Bool(flag) => Value::Bool(*flag),
        Kind::Number(number) => i64::try_from(*number).map_or(Value::Null, Value::from),
        Kind::Text(text) => Value::String(text.clone()),
        Kind::List(items) => Value::Sequence(items.iter().map(to_value).collect()),
        Kind::Map(entries) => Value::Mapping(
            entries.iter().map(|(key, item)| (Value::String(key.text.clone()), to_value(item))).collect(),
        ),
    }
}
