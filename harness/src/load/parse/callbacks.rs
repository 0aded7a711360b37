//! Rules about callbacks, held against what the documentation says of each status.

use winhttp_spec::constants;
use winhttp_spec::functions::Type;
use winhttp_spec::statuses::{self, Information, STATUSES, Status};

use super::{Entries, Named, Parse, get};
use crate::case::{Among, At, CallbackRule, CallbackRuleKind, CallbackThread, Matcher, Number, With};
use crate::diagnostics::Diagnostic;
use crate::load::words;
use crate::yaml::{Key, Kind, Node};

/// The keys of which a rule has one.
const KINDS: [&str; 6] = ["once", "at-most-once", "never", "some", "last", "before"];

impl Parse<'_> {
    pub(super) fn callback_rule(&mut self, node: &Node) -> Option<CallbackRule> {
        let entries = self.map(node, "a rule about callbacks", words::CALLBACK)?;
        let mut kinds = entries.iter().filter(|(key, _)| KINDS.contains(&&*key.text));
        let (Some((key, value)), None) = (kinds.next(), kinds.next()) else {
            self.wrong(&node.span, format!("a rule about callbacks says one of: {}", KINDS.join(", ")));
            return None;
        };
        let times = get(entries, "times");
        if let Some((times, _)) = times.filter(|_| key.text != "some") {
            self.wrong(&times.span, "`times` goes with `some`");
        }
        let statuses = self.statuses(value)?;
        let kind = match &*key.text {
            "once" => CallbackRuleKind::Once(statuses),
            "at-most-once" => CallbackRuleKind::AtMostOnce(statuses),
            "never" => CallbackRuleKind::Never(statuses),
            "some" => CallbackRuleKind::Some(statuses, times.and_then(|(_, node)| self.small(node))),
            "last" => CallbackRuleKind::Last(statuses),
            _ if statuses.len() > 1 => CallbackRuleKind::Before(statuses),
            _ => {
                self.wrong(&value.span, "`before` takes two statuses or more: [A, B]");
                return None;
            }
        };
        let context = get(entries, "context").and_then(|(_, node)| self.number(node));
        let with = get(entries, "with").and_then(|(_, node)| self.with(&kind, node));
        if let (CallbackRuleKind::Never(_), Some((key, _))) =
            (&kind, get(entries, "with").or_else(|| get(entries, "context")))
        {
            self.wrong(&key.span, format!("what never comes has no `{}`", key.text));
        }
        Some(CallbackRule { kind, among: self.among(entries), context, with })
    }

    /// A status, or a list of them.
    pub(super) fn statuses(&mut self, node: &Node) -> Option<Vec<Number>> {
        let nodes = match &node.value {
            Kind::List(nodes) => &nodes[..],
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            self.wrong(&node.span, "no status is named");
        }
        let statuses: Vec<Number> = nodes.iter().filter_map(|node| self.status(node)).collect();
        (!statuses.is_empty() && statuses.len() == nodes.len()).then_some(statuses)
    }

    /// The name of a status, long or short.
    fn status(&mut self, node: &Node) -> Option<Number> {
        let Kind::Text(name) = &node.value else { return self.number(node) };
        if let Some(status) = statuses::find(name) {
            let text = status.constant();
            return Some(Number { value: constants::value(&text)?, text });
        }
        let long = name.starts_with(statuses::PREFIX);
        let candidates: Vec<String> = STATUSES
            .iter()
            .map(|status| if long { status.constant() } else { status.name.to_owned() })
            .collect();
        self.problems.push(
            Diagnostic::at(node.span.clone(), format!("no status of a callback is called `{name}`"))
                .suggest(name, candidates.iter().map(String::as_str)),
        );
        None
    }

    fn among(&mut self, entries: &Entries) -> Among {
        let mut named = |name: &str| get(entries, name).and_then(|(_, node)| self.reference(node));
        let (on, during, after) = (named("on"), named("during"), named("after"));
        for name in ["during", "after"] {
            if let Some((_, node)) = get(entries, name) {
                self.is_call(node);
            }
        }
        let recorder = get(entries, "recorder").and_then(|(_, node)| match node.value {
            Kind::Number(number @ 0..=3) => Some(number as u8),
            _ => {
                self.wrong(&node.span, "a recording callback has a number from 0 to 3");
                None
            }
        });
        let thread = get(entries, "thread").and_then(|(_, node)| match &node.value {
            Kind::Text(text) if text == "caller" => Some(CallbackThread::Caller),
            Kind::Text(text) if text == "other" => Some(CallbackThread::Other),
            _ => {
                self.wrong(&node.span, "`thread` takes caller or other");
                None
            }
        });
        Among { on, recorder, thread, during, after }
    }

    /// A reference to a call as a whole.
    fn is_call(&mut self, node: &Node) {
        if let Kind::Text(text) = &node.value
            && text.contains('.')
            && let Some(Named::Call(_)) =
                self.names.get(text.trim_start_matches('$').split('.').next().unwrap_or_default())
        {
            self.wrong(&node.span, "a call is named here, not a part of it");
        }
    }

    fn with(&mut self, kind: &CallbackRuleKind, node: &Node) -> Option<With> {
        let [status] = kind.statuses() else {
            self.wrong(&node.span, "`with` goes with one status: another comes with something else");
            return None;
        };
        let status = statuses::find(&status.text);
        let with = match &node.value {
            Kind::Null => With { at: Some(At::Null), ..With::default() },
            Kind::Map(entries) => self.with_parts(entries, node)?,
            _ => {
                self.problems.push(
                    Diagnostic::at(node.span.clone(), "say how to read what the callback comes with")
                        .help("NULL, { DWORD: 1 }, { HINTERNET: $h }, { text: \"…\" }, { STRUCT: { … } }, { length: 4 } or { at: $call.parameter }"),
                );
                return None;
            }
        };
        if let Some(problem) = status.and_then(|status| undocumented(status, &with)) {
            self.wrong(&node.span, problem);
        }
        Some(with)
    }

    fn with_parts(&mut self, entries: &Entries, node: &Node) -> Option<With> {
        let (own, memory): (Vec<_>, Vec<_>) = entries
            .iter()
            .cloned()
            .partition(|(key, _)| words::names(words::WITH).any(|word| word == key.text));
        let holds = match memory.len() {
            0 => None,
            _ => Some(self.matcher(Type::Buffer, &Node { value: Kind::Map(memory), ..node.clone() })?),
        };
        let length = get(&own, "length").and_then(|(_, node)| self.numeric(node, 32));
        let at = get(&own, "at").and_then(|(key, node)| self.at(key, node));
        Some(With { length, at, holds })
    }

    fn at(&mut self, key: &Key, node: &Node) -> Option<At> {
        if node.value == Kind::Null {
            return Some(At::Null);
        }
        let reference = self.reference(node)?;
        let memory =
            matches!(self.names.get(&reference.path[0]), Some(Named::Call(_))) && reference.path.len() == 2;
        if !memory {
            self.wrong(&key.span, "`at` takes NULL, or the memory that a call was given: $call.parameter");
        }
        memory.then_some(At::Memory(reference))
    }
}

/// Why the documentation does not support an expectation of what a status comes with.
fn undocumented(status: &Status, with: &With) -> Option<String> {
    if with.length.is_some() && !status.length_stated {
        return Some(format!("the documentation does not say what length {} comes with", status.name));
    }
    let fits = |information: &Information| match (information, &with.holds) {
        (Information::Null, None) => matches!(with.at, Some(At::Null)),
        (Information::Buffer, None | Some(Matcher::Bytes(_))) => true,
        (Information::Unstated, _) => false,
        (_, None) => with.at.is_none(),
        (Information::Dword, Some(Matcher::Dword(..)))
        | (Information::Text, Some(Matcher::Text(_)))
        | (Information::Handle, Some(Matcher::Pointer(..))) => true,
        (Information::Struct(name), Some(Matcher::Struct(definition, _))) => definition.name == *name,
        _ => false,
    };
    if status.information.iter().any(fits) {
        return None;
    }
    let documented = status.information.iter().map(|information| match information {
        Information::Null => "NULL".to_owned(),
        Information::Dword => "a DWORD".to_owned(),
        Information::Text => "a text".to_owned(),
        Information::Handle => "an HINTERNET".to_owned(),
        Information::Struct(name) => (*name).to_owned(),
        Information::Buffer => "the pointer that the call was given".to_owned(),
        Information::Unstated => "nothing that the documentation speaks of".to_owned(),
    });
    Some(format!("{} comes with {}", status.name, documented.collect::<Vec<_>>().join(" or ")))
}
