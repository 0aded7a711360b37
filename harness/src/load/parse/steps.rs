//! Steps: set-ups, waits, calls and their arguments.

use winhttp_spec::constants;
use winhttp_spec::functions::{FUNCTIONS, Function, Param, Type};

use super::{Entries, Named, Parse, WAIT_MS, can_be_left_out, function, get, known};
use crate::case::{
    Argument, CallStep, Content, Data, Outcome, OutcomeKind, Scalar, Setup, SetupKind, Step, WaitStep,
};
use crate::diagnostics::Diagnostic;
use crate::fill;
use crate::load::words;
use crate::make;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn steps(&mut self, name: &Key, entry: Option<(&Key, &Node)>) -> Vec<Step> {
        if entry.is_none() {
            self.wrong(&name.span, format!("the case `{}` has no `steps`", name.text));
        }
        self.list(entry, Self::step)
    }

    pub(super) fn step(&mut self, node: &Node) -> Option<Step> {
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, "a step is a mapping: a function or a set-up, and what goes with it");
            return None;
        };
        for (key, value) in entries {
            if let Some(kind) = SetupKind::ALL.into_iter().find(|kind| kind.word() == key.text) {
                return self.setup(kind, key, value, entries);
            }
            if let Some(function) = function(&key.text) {
                return self.call(function, key, value, entries);
            }
            match &*key.text {
                "wait" => return self.wait(value, entries),
                "when" => return self.when(key, value, entries),
                "meanwhile" => return self.meanwhile(key, value, entries),
                "join" => return self.join(value, entries),
                "pass" => return self.pass(value, entries),
                _ => {}
            }
        }
        let (key, _) = entries.first()?;
        let candidates = SetupKind::ALL
            .iter()
            .map(|kind| kind.word())
            .chain(FUNCTIONS.iter().map(|function| function.name))
            .chain(["wait", "when", "meanwhile", "join", "pass"])
            .chain(words::names(words::CALL));
        self.problems.push(
            Diagnostic::at(key.span.clone(), format!("`{}` is no function, set-up or other step", key.text))
                .suggest(&key.text, candidates),
        );
        None
    }

    pub(super) fn setup(
        &mut self,
        kind: SetupKind,
        key: &Key,
        value: &Node,
        entries: &Entries,
    ) -> Option<Step> {
        for (other, _) in entries.iter().filter(|(other, _)| other.text != key.text) {
            known(other, words::SETUP, &format!("the set-up `{}`", kind.word()), self.problems);
        }
        let name = self.name(value, Named::Setup(kind))?;
        let from = get(entries, "from").and_then(|(_, node)| self.reference(node));
        Some(Step::Setup(Setup { kind, name, from, asynchronous: self.flag(entries, "async") }))
    }

    pub(super) fn wait(&mut self, value: &Node, entries: &Entries) -> Option<Step> {
        for (other, _) in entries.iter().filter(|(other, _)| other.text != "wait") {
            known(other, words::WAIT, "`wait`", self.problems);
        }
        let on = get(entries, "on").and_then(|(_, node)| self.reference(node));
        let within_ms = get(entries, "within").map_or(Some(WAIT_MS), |(_, node)| self.small(node))?;
        let comes = get(entries, "comes").is_none() || self.flag(entries, "comes");
        let times = get(entries, "times").map_or(Some(1), |(_, node)| self.small(node))?;
        Some(Step::Wait(WaitStep { statuses: self.statuses(value)?, on, times, within_ms, comes }))
    }

    pub(super) fn call(
        &mut self,
        function: &'static Function,
        key: &Key,
        value: &Node,
        entries: &Entries,
    ) -> Option<Step> {
        for (other, _) in entries.iter().filter(|(other, _)| other.text != key.text) {
            known(other, words::CALL, &format!("the call of {}", function.name), self.problems);
        }
        let arguments = self.arguments(function, key, value);
        let last_error = get(entries, "last-error").and_then(|(_, node)| self.number(node));
        self.closes(function, key, &arguments);
        // The name is known to later steps, and to the expectations: what is given can be compared with each other.
        let name = get(entries, "as").and_then(|(_, node)| self.name(node, Named::Call(function)));
        let expect = self.expect(function, entries, &arguments);
        let own = |outcome: &Outcome| match &outcome.kind {
            OutcomeKind::Returns(Scalar::Reference(reference)) => reference.path.first() == name.as_ref(),
            _ => false,
        };
        if name.is_some() && expect.outcomes.iter().any(own) {
            self.wrong(&key.span, "what a call returns cannot be compared with itself");
        }
        Some(Step::Call(Box::new(CallStep { function, arguments, name, last_error, expect })))
    }

    pub(super) fn arguments(
        &mut self,
        function: &'static Function,
        key: &Key,
        value: &Node,
    ) -> Vec<(usize, Argument)> {
        let given = match &value.value {
            Kind::Map(given) => &given[..],
            Kind::Null => &[],
            _ => {
                self.wrong(
                    &value.span,
                    format!("the arguments of {} are a mapping from parameter names", function.name),
                );
                return Vec::new();
            }
        };
        let mut arguments = Vec::new();
        for (name, node) in given {
            let Some(index) = self.param(function, name) else { continue };
            if let Some(argument) = self.argument(&function.params[index], node) {
                arguments.push((index, argument));
            }
        }
        for (index, param) in function.params.iter().enumerate() {
            let missing = !given.iter().any(|(name, _)| name.text == param.name);
            if missing && !can_be_left_out(function, index) {
                self.wrong(
                    &key.span,
                    format!("{} is not given its parameter `{}`", function.name, param.name),
                );
            }
        }
        arguments.sort_by_key(|(index, _)| *index);
        arguments
    }

    pub(super) fn param(&mut self, function: &'static Function, name: &Key) -> Option<usize> {
        let index = function.params.iter().position(|param| param.name == name.text);
        if index.is_none() {
            let message = format!("{} has no parameter `{}`", function.name, name.text);
            let candidates = function.params.iter().map(|param| param.name);
            self.problems.push(Diagnostic::at(name.span.clone(), message).suggest(&name.text, candidates));
        }
        index
    }

    pub(super) fn argument(&mut self, param: &Param, node: &Node) -> Option<Argument> {
        let memory = !matches!(
            param.ty,
            Type::Handle | Type::Dword | Type::Word | Type::Qword | Type::DwordPtr | Type::Callback
        );
        match (&node.value, param.ty) {
            (Kind::Map(entries), _) if memory => self.data(node, entries).map(Argument::Data),
            (Kind::Map(_), _) => {
                self.wrong(&node.span, format!("`{}` is passed by value", param.name));
                None
            }
            (Kind::Text(text), Type::WideStr) if is_text(text) => {
                self.filled_text(node).map(|text| make::text(&text))
            }
            (Kind::Number(_), Type::DwordPointer) => {
                let value = self.scalar(node, 32)?;
                Some(Argument::Data(Data {
                    content: Content::Dword("DWORD", value),
                    size: None,
                    edge: false,
                }))
            }
            (Kind::Null, _) => Some(make::word(make::null())),
            (Kind::Text(text), _) if memory && !text.starts_with('$') && constants::value(text).is_none() => {
                self.problems.push(
                    Diagnostic::at(node.span.clone(), format!("`{}` is a pointer: it takes NULL or memory", param.name))
                        .help("memory is written like { DWORD: 1 }, { text: \"…\" }, { space: 4 } or { WINHTTP_PROXY_INFO: { … } }"),
                );
                None
            }
            (_, ty) => {
                let bits = match ty {
                    Type::Word => 16,
                    Type::Dword => 32,
                    _ => 64,
                };
                self.scalar(node, bits).map(Argument::Word)
            }
        }
    }
}

/// Whether it is a text, not the name of an earlier step.
pub(super) fn is_text(text: &str) -> bool {
    !text.starts_with('$') || fill::begins_with_hole(text)
}
