//! One case: from nodes to the typed form, names resolved, values checked against their types.

use std::collections::BTreeMap;
use std::ops::Range;

use winhttp_spec::constants;
use winhttp_spec::functions::{FUNCTIONS, Function, Param, Type};
use winhttp_spec::structs::{self, Field, FieldType, STRUCTS, Struct, Width};

use super::words::{self, Word};
use crate::case::{
    Argument, CallStep, CallbackRule, CallbackRuleKind, Case, Content, Data, Expect, FieldMatcher,
    FieldValue, Matcher, Number, Numeric, Outcome, OutcomeKind, Reference, RequestRule, Scalar, Setup,
    SetupKind, Step, WaitStep,
};
use crate::diagnostics::Diagnostic;
use crate::system_functions;
use crate::yaml::{Key, Kind, Node};

type Entries = [(Key, Node)];

/// How long a `wait` waits if it does not say.
const WAIT_MS: u32 = 5000;

/// Parses a case whose axes are replaced.
pub(super) fn case(name: &Key, entries: &Entries, problems: &mut Vec<Diagnostic>) -> Case {
    let before = problems.len();
    for (key, _) in entries {
        known(key, words::CASE, "a case", problems);
    }
    let mut parse = Parse { problems, names: BTreeMap::new() };
    let case = Case {
        covers: parse.covers(name, get(entries, "covers")),
        about: get(entries, "about").and_then(|(_, node)| parse.text(node)),
        origin: get(entries, "origin").and_then(|(_, node)| parse.origin(node)),
        isolated: parse.flag(entries, "isolated"),
        steps: parse.steps(name, get(entries, "steps")),
        callbacks: parse.list(get(entries, "callbacks"), Parse::callback_rule),
        requests: get(entries, "requests").map(|entry| parse.list(Some(entry), Parse::request_rule)),
        deadline_ms: get(entries, "deadline").and_then(|(_, node)| parse.small(node)),
        ..Case::default()
    };
    // Where an assertion was not understood, that is said already.
    if !asserts(&case) && !(problems.len() > before && tries_to_assert(entries)) {
        problems.push(
            Diagnostic::at(
                name.span.clone(),
                format!("the case `{}` asserts nothing, so it cannot fail", name.text),
            )
            .help("say what a call must do: `succeeds: true`, `fails: ERROR_…`, `returns:`, `gives:`"),
        );
    }
    case
}

/// Refuses a key that is none of the words.
pub(super) fn known(key: &Key, words: &'static [Word], of: &str, problems: &mut Vec<Diagnostic>) {
    if !words::names(words).any(|word| word == key.text) {
        let message = format!("{of} has no key `{}`", key.text);
        problems.push(Diagnostic::at(key.span.clone(), message).suggest(&key.text, words::names(words)));
    }
}

/// Refuses a name that is no good in an id.
pub(super) fn check_name(name: &Key, problems: &mut Vec<Diagnostic>) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if name.text.is_empty() || !name.text.chars().all(fits) {
        problems.push(
            Diagnostic::at(name.span.clone(), format!("`{}` is no good as a case's name", name.text))
                .help("names are made of small letters, digits, `-` and `.`, and read as what is promised: `refuses-less-than-15-s`"),
        );
    }
}

fn get<'a>(entries: &'a Entries, name: &str) -> Option<(&'a Key, &'a Node)> {
    entries.iter().find(|(key, _)| key.text == name).map(|(key, node)| (key, node))
}

fn asserts(case: &Case) -> bool {
    let step = |step: &Step| match step {
        Step::Setup(_) => false,
        Step::Wait(_) => true,
        Step::Call(call) => {
            let Expect { outcomes, open, gives, unchanged } = &call.expect;
            *open || !(outcomes.is_empty() && gives.is_empty() && unchanged.is_empty())
        }
    };
    !case.callbacks.is_empty() || case.requests.is_some() || case.steps.iter().any(step)
}

/// Whether a key stands in the case that asserts, or that would if it were spelt right.
fn tries_to_assert(entries: &Entries) -> bool {
    let sets_up = ["as", "last-error"];
    let call = |key: &str| words::names(words::CALL).any(|word| word == key) && !sets_up.contains(&key);
    let known = |key: &str| {
        sets_up.contains(&key)
            || function(key).is_some()
            || SetupKind::ALL.iter().any(|kind| kind.word() == key)
            || words::names(words::SETUP).any(|word| word == key)
    };
    let step = |step: &Node| match &step.value {
        Kind::Map(entries) => entries.iter().any(|(key, _)| call(&key.text) || !known(&key.text)),
        _ => true,
    };
    entries.iter().any(|(key, node)| match (&*key.text, &node.value) {
        ("steps", Kind::List(steps)) => steps.iter().any(step),
        ("steps" | "callbacks" | "requests", _) => true,
        (other, _) => !words::names(words::CASE).any(|word| word == other),
    })
}

/// What a name of an earlier step stands for.
#[derive(Clone, Copy)]
enum Named {
    Setup(SetupKind),
    Call(&'static Function),
}

struct Parse<'a> {
    problems: &'a mut Vec<Diagnostic>,
    names: BTreeMap<String, Named>,
}

impl Parse<'_> {
    fn wrong(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.problems.push(Diagnostic::at(span.clone(), message));
    }

    // Parts of a case.

    fn covers(&mut self, name: &Key, entry: Option<(&Key, &Node)>) -> Vec<String> {
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

    fn requirement(&mut self, node: &Node) -> Option<String> {
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

    fn origin(&mut self, node: &Node) -> Option<winhttp_origin::Script> {
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

    fn list<T>(
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

    fn callback_rule(&mut self, node: &Node) -> Option<CallbackRule> {
        let entries = self.map(node, "a rule about callbacks", words::CALLBACK)?;
        let mut rules = entries.iter().filter(|(key, _)| !["on", "context"].contains(&&*key.text));
        let (Some((key, value)), None) = (rules.next(), rules.next()) else {
            self.wrong(&node.span, "a rule about callbacks says one of: once, never, some, last, before");
            return None;
        };
        let kind = match &*key.text {
            "once" => CallbackRuleKind::Once(self.number(value)?),
            "never" => CallbackRuleKind::Never(self.number(value)?),
            "some" => CallbackRuleKind::Some(self.number(value)?),
            "last" => CallbackRuleKind::Last(self.number(value)?),
            "before" => match &value.value {
                Kind::List(pair) if pair.len() == 2 => {
                    CallbackRuleKind::Before(self.number(&pair[0])?, self.number(&pair[1])?)
                }
                _ => {
                    self.wrong(&value.span, "`before` takes two statuses: [A, B]");
                    return None;
                }
            },
            // Refused by `map`.
            _ => return None,
        };
        let on = get(entries, "on").and_then(|(_, node)| self.reference(node));
        let context = get(entries, "context").and_then(|(_, node)| self.number(node));
        Some(CallbackRule { kind, on, context })
    }

    fn request_rule(&mut self, node: &Node) -> Option<RequestRule> {
        let entries = self.map(node, "a request", words::REQUEST)?;
        let method = get(entries, "method").and_then(|(_, node)| self.text(node));
        let target = get(entries, "target").and_then(|(_, node)| self.text(node));
        let headers = match get(entries, "headers") {
            Some((_, Node { value: Kind::Map(headers), .. })) => headers
                .iter()
                .filter_map(|(key, value)| Some((key.text.clone(), self.text(value)?)))
                .collect(),
            Some((_, node)) => {
                self.wrong(&node.span, "`headers` is a mapping from names to values");
                Vec::new()
            }
            None => Vec::new(),
        };
        Some(RequestRule { method, target, headers })
    }

    // Steps.

    fn steps(&mut self, name: &Key, entry: Option<(&Key, &Node)>) -> Vec<Step> {
        if entry.is_none() {
            self.wrong(&name.span, format!("the case `{}` has no `steps`", name.text));
        }
        self.list(entry, Self::step)
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
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
            if key.text == "wait" {
                return self.wait(value, entries);
            }
        }
        let (key, _) = entries.first()?;
        let candidates = SetupKind::ALL
            .iter()
            .map(|kind| kind.word())
            .chain(FUNCTIONS.iter().map(|function| function.name))
            .chain(["wait"])
            .chain(words::names(words::CALL));
        self.problems.push(
            Diagnostic::at(key.span.clone(), format!("`{}` is no function, set-up or `wait`", key.text))
                .suggest(&key.text, candidates),
        );
        None
    }

    fn setup(&mut self, kind: SetupKind, key: &Key, value: &Node, entries: &Entries) -> Option<Step> {
        for (other, _) in entries.iter().filter(|(other, _)| other.text != key.text) {
            known(other, words::SETUP, &format!("the set-up `{}`", kind.word()), self.problems);
        }
        let name = self.name(value, Named::Setup(kind))?;
        let from = get(entries, "from").and_then(|(_, node)| self.reference(node));
        Some(Step::Setup(Setup { kind, name, from, asynchronous: self.flag(entries, "async") }))
    }

    fn wait(&mut self, value: &Node, entries: &Entries) -> Option<Step> {
        for (other, _) in entries.iter().filter(|(other, _)| other.text != "wait") {
            known(other, words::WAIT, "`wait`", self.problems);
        }
        let on = get(entries, "on").and_then(|(_, node)| self.reference(node));
        let within_ms = get(entries, "within").map_or(Some(WAIT_MS), |(_, node)| self.small(node))?;
        let comes = get(entries, "comes").is_none() || self.flag(entries, "comes");
        Some(Step::Wait(WaitStep { status: self.number(value)?, on, within_ms, comes }))
    }

    fn call(
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
        let expect = self.expect(function, entries, &arguments);
        let last_error = get(entries, "last-error").and_then(|(_, node)| self.number(node));
        // The name is known to later steps only.
        let name = get(entries, "as").and_then(|(_, node)| self.name(node, Named::Call(function)));
        Some(Step::Call(Box::new(CallStep { function, arguments, name, last_error, expect })))
    }

    fn arguments(&mut self, function: &'static Function, key: &Key, value: &Node) -> Vec<(usize, Argument)> {
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

    fn param(&mut self, function: &'static Function, name: &Key) -> Option<usize> {
        let index = function.params.iter().position(|param| param.name == name.text);
        if index.is_none() {
            let message = format!("{} has no parameter `{}`", function.name, name.text);
            let candidates = function.params.iter().map(|param| param.name);
            self.problems.push(Diagnostic::at(name.span.clone(), message).suggest(&name.text, candidates));
        }
        index
    }

    fn argument(&mut self, param: &Param, node: &Node) -> Option<Argument> {
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
            (Kind::Text(text), Type::WideStr) if !text.starts_with('$') => {
                Some(Argument::Data(plain_text(text)))
            }
            (Kind::Number(_), Type::DwordPointer) => {
                let value = self.scalar(node, 32)?;
                Some(Argument::Data(Data {
                    content: Content::Dword("DWORD", value),
                    size: None,
                    edge: false,
                }))
            }
            (Kind::Null, _) => Some(Argument::Word(null())),
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

    // Expectations.

    fn expect(
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

    fn outcome(&mut self, node: &Node) -> Option<Outcome> {
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

    fn outcome_kind(&mut self, entries: &Entries) -> Option<OutcomeKind> {
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

    fn error_code(&mut self, node: &Node) -> Option<Number> {
        let number = self.number(node)?;
        if number.value == 0 {
            self.wrong(&node.span, "ERROR_SUCCESS is no failure");
        }
        Some(number)
    }

    fn gives(
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

    fn memory_param(
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

    fn matcher(&mut self, ty: Type, node: &Node) -> Option<Matcher> {
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
            "text" => Matcher::Text(self.text(value)?),
            "bytes" => Matcher::Bytes(self.hex(value)?),
            _ => {
                let definition = self.structure(key)?;
                let fields = self.fields(definition, value, Self::field_matcher);
                Matcher::Struct(definition, fields)
            }
        })
    }

    fn field_matcher(&mut self, field: &'static Field, node: &Node) -> Option<FieldMatcher> {
        match (&node.value, field.ty) {
            (Kind::Null, FieldType::WideStr) => Some(FieldMatcher::Text(None)),
            (_, FieldType::WideStr) => self.text(node).map(|text| FieldMatcher::Text(Some(text))),
            (_, ty) => self.numeric(node, bits(ty)).map(FieldMatcher::Numeric),
        }
    }

    fn numeric(&mut self, node: &Node, bits: u32) -> Option<Numeric> {
        let Kind::Map(entries) = &node.value else { return self.scalar(node, bits).map(Numeric::Equals) };
        let [(key, value)] = &entries[..] else {
            self.wrong(&node.span, "one condition on a number at a time");
            return None;
        };
        match &*key.text {
            "not" => self.scalar(value, bits).map(Numeric::Not),
            "at-least" => self.number(value).map(Numeric::AtLeast),
            "at-most" => self.number(value).map(Numeric::AtMost),
            "one-of" => Some(Numeric::OneOf(self.list(Some((key, value)), Self::number))),
            _ => {
                known(key, words::NUMERIC, "a condition on a number", self.problems);
                None
            }
        }
    }

    // Memory.

    fn data(&mut self, node: &Node, entries: &Entries) -> Option<Data> {
        let mut contents = entries.iter().filter(|(key, _)| !["size", "edge"].contains(&&*key.text));
        let (Some((key, value)), None) = (contents.next(), contents.next()) else {
            self.wrong(&node.span, "memory has one content, like { DWORD: 1 } or { space: 4 }");
            return None;
        };
        let content = match &*key.text {
            "DWORD" => Content::Dword("DWORD", self.scalar(value, 32)?),
            "BOOL" => Content::Dword("BOOL", self.scalar(value, 32)?),
            "DWORD_PTR" => Content::Pointer("DWORD_PTR", self.scalar(value, 64)?),
            "HINTERNET" => Content::Pointer("HINTERNET", self.scalar(value, 64)?),
            "LPVOID" => Content::Pointer("LPVOID", self.scalar(value, 64)?),
            "text" => Content::Text { text: self.text(value)?, terminated: true },
            "chars" => Content::Text { text: self.text(value)?, terminated: false },
            "bytes" => Content::Bytes(self.hex(value)?),
            "space" => Content::Space(self.small(value)?),
            _ => {
                let definition = self.structure(key)?;
                let fields = self.fields(definition, value, Self::field_value);
                Content::Struct(definition, fields)
            }
        };
        let size = match get(entries, "size") {
            Some((_, node)) => Some(self.small(node)?),
            None => None,
        };
        Some(Data { content, size, edge: self.flag(entries, "edge") })
    }

    fn field_value(&mut self, field: &'static Field, node: &Node) -> Option<FieldValue> {
        match (&node.value, field.ty) {
            (Kind::Text(text), FieldType::WideStr) if !text.starts_with('$') => {
                Some(FieldValue::Text(text.clone()))
            }
            (_, ty) => self.scalar(node, bits(ty)).map(FieldValue::Scalar),
        }
    }

    fn structure(&mut self, key: &Key) -> Option<&'static Struct> {
        let found = structs::find(&key.text);
        if found.is_none() {
            let candidates = words::names(words::DATA).chain(STRUCTS.iter().map(|it| it.name));
            self.problems.push(
                Diagnostic::at(key.span.clone(), format!("`{}` is no kind of memory", key.text))
                    .suggest(&key.text, candidates),
            );
        }
        found
    }

    fn fields<T>(
        &mut self,
        definition: &'static Struct,
        node: &Node,
        parse: impl Fn(&mut Self, &'static Field, &Node) -> Option<T>,
    ) -> Vec<(&'static Field, T)> {
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, format!("{} takes a mapping from members to values", definition.name));
            return Vec::new();
        };
        let mut fields = Vec::new();
        for (key, node) in entries {
            let Some(field) = definition.fields.iter().find(|field| field.name == key.text) else {
                let message = format!("{} has no member `{}`", definition.name, key.text);
                let candidates = definition.fields.iter().map(|field| field.name);
                self.problems.push(Diagnostic::at(key.span.clone(), message).suggest(&key.text, candidates));
                continue;
            };
            fields.extend(parse(self, field, node).map(|value| (field, value)));
        }
        fields
    }

    // Scalars.

    /// A word of at most `bits` bits.
    fn scalar(&mut self, node: &Node, bits: u32) -> Option<Scalar> {
        let scalar = match &node.value {
            Kind::Text(text) if text == "$port" => Scalar::Port,
            Kind::Text(text) if text.starts_with('$') => Scalar::Reference(self.reference(node)?),
            Kind::Text(text) if text == "forged" => Scalar::Forged,
            Kind::Text(text) if text == "recorder" => Scalar::Recorder(0),
            Kind::Text(text)
                if text.strip_prefix("recorder-").is_some_and(|number| ["1", "2", "3"].contains(&number)) =>
            {
                Scalar::Recorder(text.as_bytes()[text.len() - 1] - b'0')
            }
            _ => Scalar::Number(self.number(node)?),
        };
        let Scalar::Number(Number { value, text }) = scalar else { return Some(scalar) };
        if !fits(value, bits) {
            self.wrong(&node.span, format!("{text} does not fit {bits} bits"));
            return None;
        }
        Some(Scalar::Number(Number { value: value & (u64::MAX >> (64 - bits)), text }))
    }

    fn number(&mut self, node: &Node) -> Option<Number> {
        match &node.value {
            Kind::Null => Some(Number { value: 0, text: "NULL".to_owned() }),
            Kind::Bool(flag) => Some(Number {
                value: u64::from(*flag),
                text: if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            }),
            Kind::Number(number) => Some(Number { value: *number as u64, text: number.to_string() }),
            Kind::Text(text) => self.constants(node, text),
            _ => {
                self.wrong(&node.span, "a number or the name of a constant belongs here");
                None
            }
        }
    }

    /// `A`, `A | B`, with hexadecimal and decimal numbers among them.
    fn constants(&mut self, node: &Node, text: &str) -> Option<Number> {
        let mut value = 0;
        for part in text.split('|').map(str::trim) {
            let number = match part.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => part.parse().ok().or_else(|| constants::value(part)),
            };
            let Some(number) = number else {
                let candidates = constants::CONSTANTS.iter().map(|constant| constant.name);
                let gap = constants::GAPS.iter().find(|gap| gap.name == part);
                let problem = Diagnostic::at(node.span.clone(), format!("no constant is called `{part}`"));
                self.problems.push(match gap {
                    Some(gap) => {
                        problem.help(format!("it is documented, but has no known value: {}", gap.source))
                    }
                    None => problem.suggest(part, candidates),
                });
                return None;
            };
            value |= number;
        }
        Some(Number { value, text: text.to_owned() })
    }

    fn reference(&mut self, node: &Node) -> Option<Reference> {
        let Kind::Text(text) = &node.value else {
            self.wrong(&node.span, "a name of an earlier step belongs here: $name");
            return None;
        };
        let Some(path) = text.strip_prefix('$') else {
            self.problems.push(
                Diagnostic::at(node.span.clone(), format!("`{text}` is no reference"))
                    .help(format!("write `${text}`")),
            );
            return None;
        };
        // Only the first two parts are split off: a member of a nested struct has dots of its own.
        let path: Vec<String> = path.splitn(3, '.').map(str::to_owned).collect();
        let Some(named) = self.names.get(&path[0]).copied() else {
            let candidates: Vec<String> = self.names.keys().cloned().collect();
            self.problems.push(
                Diagnostic::at(
                    node.span.clone(),
                    format!("no earlier step and no axis is called `{}`", path[0]),
                )
                .suggest(&path[0], candidates.iter().map(String::as_str)),
            );
            return None;
        };
        let fits = match (named, path.get(1)) {
            (_, None) => true,
            (Named::Setup(kind), Some(part)) => {
                path.len() == 2 && SetupKind::ALL.iter().any(|above| *above < kind && above.word() == part)
            }
            (Named::Call(function), Some(part)) => function.params.iter().any(|param| param.name == part),
        };
        if !fits {
            self.wrong(&node.span, format!("`${}` has no part `{}`", path[0], path[1..].join(".")));
            return None;
        }
        Some(Reference { path })
    }

    fn name(&mut self, node: &Node, named: Named) -> Option<String> {
        let name = self.text(node)?;
        if name.is_empty()
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            || name == "port"
        {
            self.wrong(&node.span, format!("`{name}` is no good as a name: use letters and digits"));
            return None;
        }
        if self.names.insert(name.clone(), named).is_some() {
            self.wrong(&node.span, format!("an earlier step is called `{name}` too"));
        }
        Some(name)
    }

    fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Kind::Text(text) => Some(text.clone()),
            Kind::Number(number) => Some(number.to_string()),
            Kind::Bool(flag) => Some(flag.to_string()),
            _ => {
                self.wrong(&node.span, "text belongs here");
                None
            }
        }
    }

    fn hex(&mut self, node: &Node) -> Option<Vec<u8>> {
        let text = self.text(node)?;
        let digits: Vec<u32> =
            text.chars().filter(|c| !c.is_whitespace()).filter_map(|c| c.to_digit(16)).collect();
        if !digits.len().is_multiple_of(2)
            || digits.len() != text.chars().filter(|c| !c.is_whitespace()).count()
        {
            self.wrong(&node.span, "pairs of hexadecimal digits belong here");
            return None;
        }
        Some(digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
    }

    /// A size or time: small enough to be allocated or waited for.
    fn small(&mut self, node: &Node) -> Option<u32> {
        match &node.value {
            Kind::Number(number) if (0..=16 << 20).contains(number) => Some(*number as u32),
            _ => {
                self.wrong(&node.span, "a number from 0 to 16777216 belongs here");
                None
            }
        }
    }

    fn flag(&mut self, entries: &Entries, name: &str) -> bool {
        match get(entries, name) {
            None => false,
            Some((_, Node { value: Kind::Bool(flag), .. })) => *flag,
            Some((_, node)) => {
                self.wrong(&node.span, format!("`{name}` takes true or false"));
                false
            }
        }
    }

    fn map<'b>(&mut self, node: &'b Node, of: &str, words: &'static [Word]) -> Option<&'b Entries> {
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, format!("{of} is a mapping"));
            return None;
        };
        let before = self.problems.len();
        for (key, _) in entries {
            known(key, words, of, self.problems);
        }
        (self.problems.len() == before).then_some(entries)
    }
}

fn function(name: &str) -> Option<&'static Function> {
    winhttp_spec::functions::find(name).or_else(|| system_functions::find(name))
}

/// Lengths are derived; numbers and what may be `NULL` are zero.
fn can_be_left_out(function: &Function, index: usize) -> bool {
    let param = &function.params[index];
    let number = matches!(param.ty, Type::Dword | Type::Word | Type::Qword | Type::DwordPtr);
    param.optional || number || param.length_of.is_some()
}

/// Whether a number, or a negative one in two's complement, fits that many bits.
fn fits(value: u64, bits: u32) -> bool {
    let sign = value >> (bits - 1);
    bits == 64 || value >> bits == 0 || sign == u64::MAX >> (bits - 1)
}

fn plain_text(text: &str) -> Data {
    Data { content: Content::Text { text: text.to_owned(), terminated: true }, size: None, edge: false }
}

fn null() -> Scalar {
    Scalar::Number(Number { value: 0, text: "NULL".to_owned() })
}

fn bits(ty: FieldType) -> u32 {
    (ty.size(Width::W64) * 8).min(64)
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
