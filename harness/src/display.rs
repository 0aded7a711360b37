//! Cases in the words of the case language: for reports, `explain`, and the cases that the fuzzer writes.

use std::fmt::{self, Display, Formatter};

use crate::case::{
    Among, Argument, At, CallStep, CallbackRule, CallbackRuleKind, CallbackThread, Content, Data, Expect,
    FieldMatcher, FieldValue, JoinStep, Matcher, Member, Number, Numeric, Outcome, OutcomeKind, Reference,
    Scalar, Setup, Step, WaitStep, WhenStep, With,
};

impl Display for Number {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Display for Reference {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        element(out, &format!("${}", self.path.join(".")))
    }
}

impl Display for Member {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        element(out, &self.path)
    }
}

/// A path, in quotes if it has brackets: within braces they begin a list.
fn element(out: &mut Formatter<'_>, path: &str) -> fmt::Result {
    out.write_str(&if path.contains('[') { quoted(path) } else { path.to_owned() })
}

impl Display for Scalar {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Reference(reference) => reference.fmt(out),
            Self::Forged => out.write_str("forged"),
            Self::Recorder(0) => out.write_str("recorder"),
            Self::Recorder(number) => write!(out, "recorder-{number}"),
            Self::Port => out.write_str("$port"),
        }
    }
}

impl Display for Argument {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(scalar) => scalar.fmt(out),
            Self::Data(data) => data.fmt(out),
        }
    }
}

impl Display for Data {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{{{}", self.content)?;
        if let Some(size) = self.size {
            write!(out, ", size: {size}")?;
        }
        if self.edge {
            out.write_str(", edge: true")?;
        }
        out.write_str("}")
    }
}

impl Display for Content {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Space(size) => write!(out, "space: {size}"),
            Self::Dword(word, value) | Self::Pointer(word, value) => write!(out, "{word}: {value}"),
            Self::Text { text, terminated: true } => write!(out, "text: {}", quoted(text)),
            Self::Text { text, terminated: false } => write!(out, "chars: {}", quoted(text)),
            Self::Bytes(bytes) => write!(out, "bytes: {}", quoted(&hex(bytes))),
            Self::Struct(definition, members) => write!(out, "{}: {}", definition.name, braced(members)),
            Self::Structs(definition, elements) => {
                let elements = elements.iter().map(|members| braced(members));
                write!(out, "{}: [{}]", definition.name, joined(elements))
            }
        }
    }
}

fn braced(members: &[(Member, FieldValue)]) -> String {
    let members = members.iter().map(|(member, value)| match value {
        FieldValue::Scalar(scalar) => format!("{}: {scalar}", member),
        FieldValue::Text(text) => format!("{}: {}", member, quoted(text)),
    });
    format!("{{{}}}", joined(members))
}

impl Display for Matcher {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dword(word, value) | Self::Pointer(word, value) => write!(out, "{{{word}: {value}}}"),
            Self::Text(text) => write!(out, "{{text: {}}}", quoted(text)),
            Self::Bytes(bytes) => write!(out, "{{bytes: {}}}", quoted(&hex(bytes))),
            Self::OneOf(matchers) => {
                write!(out, "{{one-of: [{}]}}", joined(matchers.iter().map(Matcher::to_string)))
            }
            Self::Struct(definition, fields) => {
                write!(out, "{{{}: {}}}", definition.name, matched(fields))
            }
            Self::Structs(definition, elements) => {
                let elements = elements.iter().map(|fields| matched(fields));
                write!(out, "{{{}: [{}]}}", definition.name, joined(elements))
            }
            Self::Behind(matcher) => write!(out, "{{behind: {matcher}}}"),
        }
    }
}

fn matched(fields: &[(Member, FieldMatcher)]) -> String {
    let fields = fields.iter().map(|(member, value)| match value {
        FieldMatcher::Numeric(numeric) => format!("{}: {numeric}", member),
        FieldMatcher::Text(Some(text)) => format!("{}: {}", member, quoted(text)),
        FieldMatcher::Text(None) => format!("{}: NULL", member),
        FieldMatcher::Behind(matcher) => format!("{}: {{behind: {matcher}}}", member),
    });
    format!("{{{}}}", joined(fields))
}

impl Display for Numeric {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(scalar) => scalar.fmt(out),
            Self::Not(scalar) => write!(out, "{{not: {scalar}}}"),
            Self::AtLeast(number) => write!(out, "{{at-least: {number}}}"),
            Self::AtMost(number) => write!(out, "{{at-most: {number}}}"),
            Self::OneOf(numbers) => {
                write!(out, "{{one-of: [{}]}}", joined(numbers.iter().map(Number::to_string)))
            }
        }
    }
}

impl Display for OutcomeKind {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeds => out.write_str("succeeds"),
            Self::Fails(codes) if codes.is_empty() => out.write_str("fails"),
            Self::Fails(codes) => {
                write!(
                    out,
                    "fails with {}",
                    codes.iter().map(Number::to_string).collect::<Vec<_>>().join(" or ")
                )
            }
            Self::Returns(value) => write!(out, "returns {value}"),
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(out)?;
        self.because.as_ref().map_or(Ok(()), |requirement| write!(out, " ({requirement})"))
    }
}

impl CallStep {
    /// The arguments as a flow mapping without its braces.
    pub(crate) fn arguments_text(&self) -> String {
        joined(self.arguments.iter().map(|(index, argument)| {
            let param = &self.function.params[*index];
            let text = match argument {
                // Text is a plain scalar in a case file; a call reads better with it than with its memory.
                Argument::Data(Data {
                    content: Content::Text { text, terminated: true },
                    size: None,
                    edge: false,
                }) if param.ty == winhttp_spec::functions::Type::WideStr => quoted(text),
                other => other.to_string(),
            };
            format!("{}: {text}", param.name)
        }))
    }
}

impl Display for Step {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(Setup { kind, name, from, asynchronous }) => {
                write!(out, "{}: {name}", kind.word())?;
                if let Some(from) = from {
                    write!(out, ", from: {from}")?;
                }
                if *asynchronous { out.write_str(", async: true") } else { Ok(()) }
            }
            Self::Call(call) => write!(out, "{}({})", call.function.name, call.arguments_text()),
            Self::Wait(wait) => wait.fmt(out),
            Self::When(when) => when.fmt(out),
            Self::Meanwhile(_) => out.write_str("meanwhile"),
            Self::Join(JoinStep { of, within_ms }) => write!(out, "join: {of}, within: {within_ms}"),
            Self::Pass(millis) => write!(out, "pass: {millis}"),
        }
    }
}

impl Display for WaitStep {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "wait: {}", any_of(&self.statuses))?;
        if let Some(on) = &self.on {
            write!(out, ", on: {on}")?;
        }
        if self.times != 1 {
            write!(out, ", times: {}", self.times)?;
        }
        write!(out, ", within: {}", self.within_ms)
    }
}

impl Display for WhenStep {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "when: {}", any_of(&self.statuses))?;
        if let Some(on) = &self.on {
            write!(out, ", on: {on}")?;
        }
        if self.nth != 1 {
            write!(out, ", nth: {}", self.nth)?;
        }
        Ok(())
    }
}

impl Display for CallbackRule {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let statuses = any_of(self.kind.statuses());
        match &self.kind {
            CallbackRuleKind::Once(_) => write!(out, "once: {statuses}")?,
            CallbackRuleKind::AtMostOnce(_) => write!(out, "at-most-once: {statuses}")?,
            CallbackRuleKind::Never(_) => write!(out, "never: {statuses}")?,
            CallbackRuleKind::Some(_, None) => write!(out, "some: {statuses}")?,
            CallbackRuleKind::Some(_, Some(times)) => write!(out, "some: {statuses}, times: {times}")?,
            CallbackRuleKind::Last(_) => write!(out, "last: {statuses}")?,
            CallbackRuleKind::Before(_) => write!(out, "before: {statuses}")?,
        }
        self.among.fmt(out)?;
        if let Some(context) = &self.context {
            write!(out, ", context: {context}")?;
        }
        self.with.as_ref().map_or(Ok(()), |with| write!(out, ", with: {with}"))
    }
}

impl Display for Among {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { on, recorder, thread, during, after } = self;
        if let Some(on) = on {
            write!(out, ", on: {on}")?;
        }
        if let Some(recorder) = recorder {
            write!(out, ", recorder: {recorder}")?;
        }
        match thread {
            Some(CallbackThread::Caller) => out.write_str(", thread: caller")?,
            Some(CallbackThread::Other) => out.write_str(", thread: other")?,
            None => {}
        }
        if let Some(call) = during {
            write!(out, ", during: {call}")?;
        }
        after.as_ref().map_or(Ok(()), |call| write!(out, ", after: {call}"))
    }
}

impl Display for With {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let at = self.at.as_ref().map(|at| match at {
            At::Null => "at: NULL".to_owned(),
            At::Memory(reference) => format!("at: {reference}"),
        });
        let length = self.length.as_ref().map(|length| format!("length: {length}"));
        // A matcher has braces of its own.
        let holds = self.holds.as_ref().map(|matcher| {
            let text = matcher.to_string();
            text[1..text.len() - 1].to_owned()
        });
        write!(out, "{{{}}}", joined(holds.into_iter().chain(at).chain(length)))
    }
}

/// A status, or a list of them.
pub(crate) fn any_of(statuses: &[Number]) -> String {
    match statuses {
        [status] => status.to_string(),
        several => format!("[{}]", joined(several.iter().map(Number::to_string))),
    }
}

impl Expect {
    /// What is expected, in one line; empty if nothing is.
    #[must_use]
    pub fn text(&self, function: &winhttp_spec::functions::Function) -> String {
        let mut parts = Vec::new();
        if self.open {
            parts.push("any documented outcome".to_owned());
        } else if !self.outcomes.is_empty() {
            parts.push(self.outcomes.iter().map(Outcome::to_string).collect::<Vec<_>>().join(", or "));
        }
        parts.extend(
            self.gives.iter().map(|(index, matcher)| format!("{} = {matcher}", function.params[*index].name)),
        );
        parts
            .extend(self.unchanged.iter().map(|index| format!("{} unchanged", function.params[*index].name)));
        parts.join("; ")
    }
}

/// A double-quoted YAML scalar.
pub(crate) fn quoted(text: &str) -> String {
    // JSON's quoting is YAML's double-quoted style, but for the control characters that JSON leaves as they are.
    let quoted = serde_json::Value::from(text).to_string();
    let control = |c: char| c.is_control();
    if !quoted.contains(control) {
        return quoted;
    }
    quoted.chars().map(|c| if control(c) { format!("\\x{:02x}", c as u32) } else { c.to_string() }).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
