//! What a call is expected to do.

use winhttp_spec::functions::{Function, Type};
use winhttp_spec::structs::{FieldType, Width};

use super::{Entries, Parse, can_be_left_out, get, known, memory::bits, steps::is_text};
use crate::behind::{self, Path};
use crate::case::{Argument, Expect, FieldMatcher, Matcher, Number, Numeric, Outcome, OutcomeKind};
use crate::diagnostics::Diagnostic;
use crate::load::words;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn expect(
        &mut self,
        function: &'static Function,
        entries: &Entries,
        arguments: &[(usize, Argument)],
    ) -> Expect {
        let mut expect = Expect { open: self.flag(entries, "open"), ..Expect::default() };
        if let Some((_, either)) = get(entries, "either") {
            let outcomes = self.list(get(entries, "either"), Self::outcome);
            if outcomes.len() == 1 {
                self.wrong(&either.span, "`either` with one outcome is none: write the outcome itself");
            }
            expect.outcomes = outcomes;
        }
        expect.outcomes.extend(self.outcome_kind(entries).map(|kind| Outcome { kind, because: None }));
        let ways = ["open", "either", "succeeds", "fails", "returns"];
        if let Some((second, _)) = entries.iter().filter(|(key, _)| ways.contains(&&*key.text)).nth(1) {
            self.wrong(&second.span, "a call has one of `succeeds`, `fails`, `returns`, `either` and `open`");
        }
        if let Some((_, node)) = get(entries, "gives") {
            expect.gives = self.gives(function, node, arguments);
            self.follows_after_success(&expect, node);
            // Memory is read after a success: a call that may fail as it likes would keep every promise about it.
            if expect.outcomes.is_empty() && !expect.open {
                expect.outcomes.push(Outcome { kind: OutcomeKind::Succeeds, because: None });
            }
        }
        expect.unchanged = self.list(get(entries, "unchanged"), |parse, node| {
            let text = parse.text(node)?;
            parse.memory_param(function, &Key { text, span: node.span.clone() }, arguments)
        });
        expect
    }

    /// Behind a pointer nothing is looked at unless the call succeeds.
    fn follows_after_success(&mut self, expect: &Expect, node: &Node) {
        let fails = |outcome: &Outcome| matches!(outcome.kind, OutcomeKind::Fails(_));
        let follows = |(_, matcher): &(usize, Matcher)| {
            !behind::pointers(matcher, &Path::start(), Width::W64).is_empty()
        };
        let only_fails = !expect.outcomes.is_empty() && expect.outcomes.iter().all(fails);
        if only_fails && expect.gives.iter().any(follows) {
            self.wrong(&node.span, "pointers are followed only after a success, and this call fails");
        }
    }

    pub(super) fn outcome(&mut self, node: &Node) -> Option<Outcome> {
        let entries = self.map(node, "an outcome", words::OUTCOME)?;
        let because = match get(entries, "because") {
            Some((_, node)) => self.requirement(node),
            None => {
                self.wrong(
                    &node.span,
                    "an outcome under `either` says which requirement allows it: `because:`",
                );
                None
            }
        };
        let kind = self.outcome_kind(entries);
        if kind.is_none() {
            self.wrong(&node.span, "an outcome says one of `succeeds`, `fails` and `returns`");
        }
        Some(Outcome { kind: kind?, because })
    }

    pub(super) fn outcome_kind(&mut self, entries: &Entries) -> Option<OutcomeKind> {
        if let Some((key, node)) = get(entries, "succeeds") {
            if node.value != Kind::Bool(true) {
                self.problems.push(
                    Diagnostic::at(key.span.clone(), "`succeeds` takes `true`")
                        .help("a failure is written `fails: ERROR_…`"),
                );
            }
            return Some(OutcomeKind::Succeeds);
        }
        if let Some((_, node)) = get(entries, "returns") {
            return self.scalar(node, 64).map(OutcomeKind::Returns);
        }
        let (_, node) = get(entries, "fails")?;
        Some(OutcomeKind::Fails(match &node.value {
            Kind::Bool(true) => Vec::new(),
            Kind::List(items) => items.iter().filter_map(|item| self.error_code(item)).collect(),
            _ => self.error_code(node).into_iter().collect(),
        }))
    }

    pub(super) fn error_code(&mut self, node: &Node) -> Option<Number> {
        let number = self.number(node)?;
        if number.value == 0 {
            self.wrong(&node.span, "ERROR_SUCCESS is no failure");
        }
        Some(number)
    }

    pub(super) fn gives(
        &mut self,
        function: &'static Function,
        node: &Node,
        arguments: &[(usize, Argument)],
    ) -> Vec<(usize, Matcher)> {
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, "`gives` is a mapping from parameters to what they must hold");
            return Vec::new();
        };
        let mut gives = Vec::new();
        for (name, node) in entries {
            let Some(index) = self.memory_param(function, name, arguments) else { continue };
            if let Some(matcher) = self.matcher(function.params[index].ty, node) {
                gives.push((index, matcher));
            }
        }
        gives
    }

    pub(super) fn memory_param(
        &mut self,
        function: &'static Function,
        name: &Key,
        arguments: &[(usize, Argument)],
    ) -> Option<usize> {
        let index = self.param(function, name)?;
        let derived = function.params[index].ty == Type::DwordPointer && can_be_left_out(function, index);
        match arguments.iter().find(|(given, _)| *given == index) {
            Some((_, Argument::Data(_))) => Some(index),
            None if derived => Some(index),
            _ => {
                let message =
                    format!("`{}` is not given memory in this call, so nothing can be said of it", name.text);
                self.wrong(&name.span, message);
                None
            }
        }
    }

    pub(super) fn matcher(&mut self, ty: Type, node: &Node) -> Option<Matcher> {
        let Kind::Map(entries) = &node.value else {
            let numeric = self.numeric(node, 32)?;
            return if ty == Type::DwordPointer {
                Some(Matcher::Dword("DWORD", numeric))
            } else {
                self.problems.push(
                    Diagnostic::at(node.span.clone(), "say how to read the memory")
                        .help("{ DWORD: 1 }, { BOOL: TRUE }, { HINTERNET: $h }, { text: \"…\" }, { bytes: \"00ff\" } or { STRUCT: { … } }"),
                );
                None
            };
        };
        let [(key, value)] = &entries[..] else {
            self.wrong(&node.span, "one way to read the memory at a time");
            return None;
        };
        if ty == Type::DwordPointer && words::names(words::NUMERIC).any(|word| word == key.text) {
            return self.numeric(node, 32).map(|numeric| Matcher::Dword("DWORD", numeric));
        }
        Some(match &*key.text {
            "DWORD" => Matcher::Dword("DWORD", self.numeric(value, 32)?),
            "BOOL" => Matcher::Dword("BOOL", self.numeric(value, 32)?),
            "DWORD_PTR" => Matcher::Pointer("DWORD_PTR", self.numeric(value, 64)?),
            "HINTERNET" => Matcher::Pointer("HINTERNET", self.numeric(value, 64)?),
            "LPVOID" => Matcher::Pointer("LPVOID", self.numeric(value, 64)?),
            "text" => Matcher::Text(self.filled_text(value)?),
            "bytes" => Matcher::Bytes(self.hex(value)?),
            "one-of" => Matcher::OneOf(self.list(Some((key, value)), |parse, node| {
                let matcher = parse.matcher(ty, node)?;
                if !matches!(matcher, Matcher::Text(_) | Matcher::Bytes(_)) {
                    parse.wrong(&node.span, "only texts and bytes can be alternatives: { text: \"…\" }");
                    return None;
                }
                Some(matcher)
            })),
            "behind" => Matcher::Behind(Box::new(self.behind(value)?)),
            _ => {
                let definition = self.structure(key)?;
                match &value.value {
                    Kind::List(items) => Matcher::Structs(
                        definition,
                        items.iter().map(|item| self.fields(definition, item, Self::field_matcher)).collect(),
                    ),
                    _ => Matcher::Struct(definition, self.fields(definition, value, Self::field_matcher)),
                }
            }
        })
    }

    /// What lies behind a pointer.
    fn behind(&mut self, node: &Node) -> Option<Matcher> {
        let matcher = self.matcher(Type::Buffer, node)?;
        if behind::shape(&matcher, Width::W64).is_none() {
            self.wrong(&node.span, "behind a pointer, only texts can be alternatives: { text: \"…\" }");
            return None;
        }
        Some(matcher)
    }

    pub(super) fn field_matcher(&mut self, ty: FieldType, node: &Node) -> Option<FieldMatcher> {
        let is_string = matches!(ty, FieldType::WideStr | FieldType::NarrowStr);
        match &node.value {
            Kind::Map(entries) => match &entries[..] {
                [(key, value)] if key.text == "behind" && (is_string || ty == FieldType::Pointer) => {
                    self.behind(value).map(|matcher| FieldMatcher::Behind(Box::new(matcher)))
                }
                _ => self.numeric(node, bits(ty)).map(FieldMatcher::Numeric),
            },
            Kind::Null if is_string => Some(FieldMatcher::Text(None)),
            Kind::Text(text) if is_string && !is_text(text) => {
                self.numeric(node, bits(ty)).map(FieldMatcher::Numeric)
            }
            _ if is_string => self.filled_text(node).map(|text| FieldMatcher::Text(Some(text))),
            _ => self.numeric(node, bits(ty)).map(FieldMatcher::Numeric),
        }
    }

    pub(super) fn numeric(&mut self, node: &Node, bits: u32) -> Option<Numeric> {
        let Kind::Map(entries) = &node.value else { return self.scalar(node, bits).map(Numeric::Equals) };
        let [(key, value)] = &entries[..] else {
            self.wrong(&node.span, "one condition on a number at a time");
            return None;
        };
        match &*key.text {
            "not" => self.scalar(value, bits).map(Numeric::Not),
            "at-least" => self.scalar(value, bits).map(Numeric::AtLeast),
            "at-most" => self.scalar(value, bits).map(Numeric::AtMost),
            "one-of" => Some(Numeric::OneOf(self.list(Some((key, value)), Self::number))),
            _ => {
                known(key, words::NUMERIC, "a condition on a number", self.problems);
                None
            }
        }
    }
}
