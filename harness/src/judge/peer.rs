//! What the peer saw.

use winhttp_origin::{Head, Opcode, Transcript, What};
use winhttp_reports::record::{Difference, Lane, Moment};

use crate::case::{Case, HeaderRule, RequestRule};

/// Holds the requests the peer saw against those it must have seen.
pub(super) fn requests(case: &Case, seen: Option<&Transcript>, differences: &mut Vec<Difference>) {
    let Some(rules) = &case.requests else { return };
    let heads: Vec<&Head> =
        seen.into_iter().flat_map(Transcript::requests).map(|request| &request.head).collect();
    let mut differ = |expected: String, observed: String| {
        differences.push(Difference { step: None, what: "requests at the peer".into(), expected, observed });
    };
    if heads.len() != rules.len() {
        let shown: Vec<_> = heads.iter().map(|head| format!("{} {}", head.method, head.target)).collect();
        differ(format!("{} requests", rules.len()), format!("{}: {}", heads.len(), shown.join(", ")));
    }
    for (rule, head) in rules.iter().zip(heads) {
        for (expected, observed) in violations(rule, head) {
            differ(expected, observed);
        }
    }
}

fn violations(rule: &RequestRule, head: &Head) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(method) = rule.method.as_ref().filter(|method| **method != head.method) {
        found.push((format!("method {method}"), head.method.clone()));
    }
    if let Some(target) = rule.target.as_ref().filter(|target| **target != head.target) {
        found.push((format!("target {target}"), head.target.clone()));
    }
    for (name, rule) in &rule.headers {
        let all: Vec<&str> = head.all(name).collect();
        let fits = match rule {
            HeaderRule::First(value) => all.first() == Some(&value.as_str()),
            HeaderRule::All(values) => all == *values,
            HeaderRule::OneOf(values) => matches!(all[..], [value] if values.iter().any(|it| it == value)),
        };
        if !fits {
            let observed = if all.is_empty() { "no such header".to_owned() } else { all.join(", then ") };
            found.push((expected(name, rule), observed));
        }
    }
    found
}

fn expected(name: &str, rule: &HeaderRule) -> String {
    match rule {
        HeaderRule::First(value) => format!("{name}: {value}"),
        HeaderRule::All(values) if values.is_empty() => format!("no {name}"),
        HeaderRule::All(values) => format!("{name}: {}, and no other", values.join(", then ")),
        HeaderRule::OneOf(values) => format!("{name}: {}, and no other", values.join(", or ")),
    }
}

/// The peer's side of the time line.
pub(super) fn moments(transcript: &Transcript) -> Vec<Moment> {
    let mut moments = Vec::new();
    for (number, connection) in transcript.connections.iter().enumerate() {
        for event in &connection.events {
            let what = match &event.what {
                What::Accepted => "accepted".to_owned(),
                What::Request(request) => {
                    format!(
                        "received {} {} with {} bytes",
                        request.head.method, request.head.target, request.body.length
                    )
                }
                What::Sent(excerpt) => {
                    let text = String::from_utf8_lossy(&excerpt.bytes.0);
                    let first = text.lines().next().unwrap_or_default();
                    format!("sent {} bytes: {}", excerpt.length, first.chars().take(80).collect::<String>())
                }
                What::Frame { opcode, payload, .. } => {
                    format!("received {} frame, {} bytes", frame(*opcode), payload.length)
                }
                What::Ended(end) => format!("ended: {end:?}"),
            };
            moments.push(Moment {
                micros: event.at_us,
                lane: Lane::Peer,
                text: format!("connection {number}: {what}"),
            });
        }
    }
    moments
}

fn frame(opcode: Opcode) -> String {
    format!("{opcode:?}").to_lowercase()
}
