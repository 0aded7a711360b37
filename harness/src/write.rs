//! A case as the text of a case file: what the fuzzer found, ready to be committed.

use winhttp_origin::{Opcode, Payload, Script};

use crate::case::{
    BodyRule, CallStep, Case, ConnectionRule, Expect, FrameRule, HeaderRule, MeanwhileStep, Outcome,
    OutcomeKind, RequestRule, Step, WaitStep, WhenStep,
};
use crate::display::{any_of, quoted};

/// A file with this one case, under `name`. [`crate::load::load_text`] reads it back as a case with the same plan and
/// the same expectations.
///
/// A case that is answered from the inventory ([`Case::presence`]) makes no calls and has no text.
#[must_use]
pub fn case_file(name: &str, case: &Case) -> String {
    let mut out = Lines::default();
    out.line(0, &format!("covers: [{}]", case.covers.join(", ")));
    if let Some(script) = &case.origin {
        out.line(0, &format!("origin: {}", script_text(script)));
    }
    if case.ipv6 {
        out.line(0, "ipv6: true");
    }
    if case.isolated {
        out.line(0, "isolated: true");
    }
    out.line(0, "");
    out.line(0, "cases:");
    out.line(1, &format!("{name}:"));
    out.body(case);
    out.0
}

/// A case as it stands below `cases:`, with everything of its own.
#[must_use]
pub(crate) fn case_text(name: &str, case: &Case) -> String {
    let mut out = Lines::default();
    out.line(1, &format!("{name}:"));
    out.line(2, &format!("covers: [{}]", case.covers.join(", ")));
    if let Some(script) = &case.origin {
        out.line(2, &format!("origin: {}", script_text(script)));
    }
    if case.isolated {
        out.line(2, "isolated: true");
    }
    out.body(case);
    out.0
}

/// JSON is YAML's flow style. A script is plain data, which always can be written.
fn script_text(script: &Script) -> String {
    serde_json::to_string(script).unwrap_or_default()
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, depth: usize, text: &str) {
        if !text.is_empty() {
            self.0.push_str(&"  ".repeat(depth));
            self.0.push_str(text);
        }
        self.0.push('\n');
    }

    /// What stands below a case's name.
    fn body(&mut self, case: &Case) {
        if let Some(about) = &case.about {
            self.line(2, &format!("about: {}", quoted(about)));
        }
        if case.slow {
            self.line(2, "slow: true");
        }
        if let Some(deadline) = case.deadline_ms {
            self.line(2, &format!("deadline: {deadline}"));
        }
        self.line(2, "steps:");
        for step in &case.steps {
            self.step(3, step);
        }
        if !case.callbacks.is_empty() {
            self.line(2, "callbacks:");
            case.callbacks.iter().for_each(|rule| self.line(3, &format!("- {{ {rule} }}")));
        }
        if let Some(requests) = &case.requests {
            let requests: Vec<_> = requests.iter().map(request_rule).collect();
            self.line(2, &format!("requests: [{}]", requests.join(", ")));
        }
        if let Some(frames) = &case.frames {
            let frames: Vec<_> = frames.iter().map(frame_rule).collect();
            self.line(2, &format!("frames: [{}]", frames.join(", ")));
        }
    }

    fn step(&mut self, depth: usize, step: &Step) {
        match step {
            Step::Setup(_) | Step::Join(_) | Step::Pass(_) => self.line(depth, &format!("- {{ {step} }}")),
            Step::Wait(wait) => self.line(depth, &format!("- {{ {} }}", wait_step(wait))),
            Step::Call(call) => self.call(depth, call),
            Step::When(when) => {
                self.line(depth, &format!("- when: {}", any_of(&when.statuses)));
                let WhenStep { on, nth, optional, name, steps, .. } = when;
                let keys = [
                    on.as_ref().map(|on| format!("on: {on}")),
                    (*nth != 1).then(|| format!("nth: {nth}")),
                    optional.then(|| "optional: true".to_owned()),
                    name.as_ref().map(|name| format!("as: {name}")),
                ];
                keys.iter().flatten().for_each(|key| self.line(depth + 1, key));
                self.line(depth + 1, "do:");
                steps.iter().for_each(|step| self.step(depth + 2, step));
            }
            Step::Meanwhile(MeanwhileStep { name, steps }) => {
                self.line(depth, "- meanwhile:");
                steps.iter().for_each(|step| self.step(depth + 2, step));
                if let Some(name) = name {
                    self.line(depth + 1, &format!("as: {name}"));
                }
            }
        }
    }

    fn call(&mut self, depth: usize, call: &CallStep) {
        self.line(depth, &format!("- {}: {{ {} }}", call.function.name, call.arguments_text()));
        let Expect { outcomes, open, gives, unchanged } = &call.expect;
        if let Some(name) = &call.name {
            self.line(depth + 1, &format!("as: {name}"));
        }
        if let Some(number) = &call.last_error {
            self.line(depth + 1, &format!("last-error: {number}"));
        }
        match &outcomes[..] {
            _ if *open => self.line(depth + 1, "open: true"),
            [] => {}
            [Outcome { kind, .. }] => self.line(depth + 1, &outcome_kind(kind)),
            several => {
                self.line(depth + 1, "either:");
                several.iter().for_each(|it| self.line(depth + 2, &format!("- {{ {} }}", outcome(it))));
            }
        }
        let name = |index: &usize| call.function.params[*index].name;
        if !gives.is_empty() {
            let gives: Vec<_> =
                gives.iter().map(|(index, matcher)| format!("{}: {matcher}", name(index))).collect();
            self.line(depth + 1, &format!("gives: {{ {} }}", gives.join(", ")));
        }
        if !unchanged.is_empty() {
            let unchanged: Vec<_> = unchanged.iter().map(name).collect();
            self.line(depth + 1, &format!("unchanged: [{}]", unchanged.join(", ")));
        }
    }
}

fn wait_step(wait: &WaitStep) -> String {
    let comes = if wait.comes { "" } else { ", comes: false" };
    format!("{wait}{comes}")
}

fn outcome(outcome: &Outcome) -> String {
    let because = outcome.because.as_ref().map(|id| format!(", because: {id}"));
    format!("{}{}", outcome_kind(&outcome.kind), because.unwrap_or_default())
}

fn outcome_kind(kind: &OutcomeKind) -> String {
    match kind {
        OutcomeKind::Succeeds => "succeeds: true".to_owned(),
        OutcomeKind::Returns(value) => format!("returns: {value}"),
        OutcomeKind::Fails(codes) => match &codes[..] {
            [] => "fails: true".to_owned(),
            [code] => format!("fails: {code}"),
            several => {
                let codes: Vec<_> = several.iter().map(ToString::to_string).collect();
                format!("fails: [{}]", codes.join(", "))
            }
        },
    }
}

fn request_rule(rule: &RequestRule) -> String {
    let RequestRule { method, target, version, headers, present, absent, order, all_headers, .. } = rule;
    let mut parts = Vec::new();
    for (key, text) in [("method", method), ("target", target), ("version", version)] {
        parts.extend(text.as_ref().map(|text| format!("{key}: {}", quoted(text))));
    }
    if !headers.is_empty() {
        let headers = headers.iter().map(|(name, rule)| format!("{}: {}", quoted(name), header_rule(rule)));
        parts.push(format!("headers: {{ {} }}", headers.collect::<Vec<_>>().join(", ")));
    }
    for (key, names) in [("present", present), ("absent", absent), ("order", order)] {
        if !names.is_empty() {
            parts.push(format!("{key}: {}", texts(names)));
        }
    }
    parts.extend(all_headers.as_ref().map(|names| format!("all-headers: {}", texts(names))));
    parts.extend(rule.body.as_ref().map(|body| format!("body: {}", body_rule(body))));
    parts.extend(rule.complete.map(|complete| format!("complete: {complete}")));
    parts.extend(rule.connection.map(|connection| match connection {
        ConnectionRule::Same => "connection: same".to_owned(),
        ConnectionRule::New => "connection: new".to_owned(),
    }));
    format!("{{ {} }}", parts.join(", "))
}

fn header_rule(rule: &HeaderRule) -> String {
    match rule {
        HeaderRule::All(values) => texts(values),
        HeaderRule::First(value) => format!("{{ first: {} }}", quoted(value)),
        HeaderRule::OneOf(values) => format!("{{ one-of: {} }}", texts(values)),
        HeaderRule::Listed(members) => format!("{{ list: {} }}", texts(members)),
        HeaderRule::StartsWith(start) => format!("{{ starts-with: {} }}", quoted(start)),
    }
}

fn body_rule(rule: &BodyRule) -> String {
    match rule {
        BodyRule::Is(Payload { bytes, repeat }) => {
            format!("{{ text: {}, repeat: {repeat} }}", quoted(&bytes.to_string()))
        }
        BodyRule::Length(length) => format!("{{ length: {length} }}"),
    }
}

fn texts(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn frame_rule(rule: &FrameRule) -> String {
    let FrameRule { kind, payload, status, is_final } = rule;
    let bytes = |payload: &Payload| {
        format!("{{ text: {}, repeat: {} }}", quoted(&payload.bytes.to_string()), payload.repeat)
    };
    let content = match kind {
        Opcode::Close => match (status, payload) {
            (None, None) => None,
            (Some(None), _) => Some("{}".to_owned()),
            (status, reason) => {
                let status = status.flatten().map(|status| format!("status: {status}"));
                let reason = reason.as_ref().map(|reason| format!("reason: {}", bytes(reason)));
                let parts: Vec<_> = status.into_iter().chain(reason).collect();
                Some(format!("{{ {} }}", parts.join(", ")))
            }
        },
        _ => payload.as_ref().map(bytes),
    };
    let word = format!("{kind:?}").to_lowercase();
    match content {
        None => word,
        Some(content) => {
            let is_final = is_final.map(|it| format!(", final: {it}")).unwrap_or_default();
            format!("{{ {word}: {content}{is_final} }}")
        }
    }
}
