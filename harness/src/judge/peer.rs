//! What the peer saw.

use winhttp_origin::{Digest, Head, Payload, Received, Request, Transcript};
use winhttp_reports::record::Difference;

use crate::case::{BodyRule, Case, ConnectionRule, HeaderRule, RequestRule};
use crate::fill::Peer;

/// More of a body than this is not shown, in bytes.
const SHOWN: usize = 80;

/// Holds the requests the peer received against those it must have received.
pub(super) fn requests(
    case: &Case,
    peer: &Peer,
    seen: Option<&Transcript>,
    differences: &mut Vec<Difference>,
) {
    let Some(rules) = &case.requests else { return };
    let received = seen.map(Transcript::received).unwrap_or_default();
    let mut differ = |what: String, expected: String, observed: String| {
        differences.push(Difference { step: None, what, expected, observed });
    };
    if received.len() != rules.len() {
        differ(
            "requests at the peer".to_owned(),
            counted(rules.len(), rules.iter().map(|rule| rule_line(rule, peer))),
            counted(received.len(), received.iter().map(|it| request_line(&it.request.head))),
        );
    }
    for connection in seen.map(|seen| &seen.connections[..]).unwrap_or_default() {
        let rest = &connection.no_request;
        if rest.length > 0 {
            let observed = format!("{}, {} bytes", shown(&rest.bytes.0), rest.length);
            differ("requests at the peer".to_owned(), "whole requests and nothing else".to_owned(), observed);
        }
    }
    for (at, (rule, it)) in rules.iter().zip(&received).enumerate() {
        let what = format!("request {} at the peer ({})", at + 1, request_line(&it.request.head));
        for (expected, observed) in violations(rule, peer, &received[..at], it) {
            differ(what.clone(), expected, observed);
        }
    }
}

fn counted(count: usize, lines: impl Iterator<Item = String>) -> String {
    match count {
        0 => "none".to_owned(),
        _ => format!("{count}: {}", lines.collect::<Vec<_>>().join(", ")),
    }
}

fn rule_line(rule: &RequestRule, peer: &Peer) -> String {
    let target = rule.target.as_ref().map(|target| peer.fill(target));
    format!("{} {}", rule.method.as_deref().unwrap_or("any"), target.as_deref().unwrap_or("anything"))
}

fn request_line(head: &Head) -> String {
    format!("{} {}", head.method, head.target)
}

/// Everything in which a request is not as the rule says: what was expected, what came.
fn violations(
    rule: &RequestRule,
    peer: &Peer,
    before: &[Received<'_>],
    it: &Received<'_>,
) -> Vec<(String, String)> {
    let head = &it.request.head;
    let target = rule.target.as_ref().map(|target| peer.fill(target));
    let mut found = Vec::new();
    for (what, wanted, came) in [
        ("method", rule.method.as_ref(), &head.method),
        ("target", target.as_ref(), &head.target),
        ("version", rule.version.as_ref(), &head.version),
    ] {
        found.extend(
            wanted.filter(|wanted| *wanted != came).map(|wanted| (format!("{what} {wanted}"), came.clone())),
        );
    }
    found.extend(rule.headers.iter().filter_map(|(name, rule)| header(name, rule, peer, head)));
    for name in &rule.present {
        if head.header(name).is_none() {
            found.push((format!("a header {name}"), header_lines(head)));
        }
    }
    for name in &rule.absent {
        if head.header(name).is_some() {
            found.push((format!("no header {name}"), these_headers(head, name)));
        }
    }
    found.extend(order(&rule.order, head));
    found.extend(rule.all_headers.as_ref().and_then(|names| all_headers(names, head)));
    found.extend(rule.body.as_ref().and_then(|rule| body(rule, peer, it.request)));
    if let Some(wanted) = rule.complete.filter(|wanted| *wanted != it.request.complete) {
        let text = |complete| if complete { "the whole body" } else { "a body cut short" };
        let length = it.request.body.length;
        found.push((text(wanted).to_owned(), format!("{}, {length} bytes", text(it.request.complete))));
    }
    found.extend(rule.connection.and_then(|rule| connection(rule, before, it)));
    found
}

fn header(name: &str, rule: &HeaderRule, peer: &Peer, head: &Head) -> Option<(String, String)> {
    let values: Vec<&str> = head.all(name).collect();
    let filled = |wanted: &[String]| wanted.iter().map(|value| peer.fill(value)).collect::<Vec<_>>();
    let lines = |wanted: &[String]| wanted.iter().map(|value| format!("{name}: {value}")).collect::<Vec<_>>();
    let (kept, expected) = match rule {
        HeaderRule::All(wanted) if wanted.is_empty() => (values.is_empty(), format!("no header {name}")),
        HeaderRule::All(wanted) => {
            let wanted = filled(wanted);
            (values == wanted, lines(&wanted).join(" and "))
        }
        HeaderRule::First(value) => {
            let value = peer.fill(value);
            (values.first() == Some(&value.as_str()), format!("{name}: {value}, and perhaps others"))
        }
        HeaderRule::OneOf(wanted) => {
            let wanted = filled(wanted);
            let kept = matches!(&values[..], [value] if wanted.iter().any(|it| it == value));
            (kept, lines(&wanted).join(" or "))
        }
        HeaderRule::Listed(wanted) => {
            let wanted = filled(wanted);
            let members = values.iter().flat_map(|value| value.split(',')).map(str::trim);
            let kept = members.filter(|member| !member.is_empty()).eq(wanted.iter().map(String::as_str));
            (kept, format!("the list {name}: {}", wanted.join(", ")))
        }
        HeaderRule::StartsWith(start) => {
            let start = peer.fill(start);
            let kept = matches!(&values[..], [value] if value.starts_with(&start));
            (kept, format!("{name}: {start}…"))
        }
    };
    (!kept).then(|| (expected, these_headers(head, name)))
}

fn these_headers(head: &Head, name: &str) -> String {
    let lines: Vec<String> = head.all(name).map(|value| format!("{name}: {value}")).collect();
    if lines.is_empty() { "no such header".to_owned() } else { lines.join(" and ") }
}

fn header_lines(head: &Head) -> String {
    let names: Vec<&str> = head.headers.iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() { "no headers".to_owned() } else { names.join(", ") }
}

fn order(names: &[String], head: &Head) -> Option<(String, String)> {
    let mut headers = head.headers.iter();
    let in_order = names.iter().all(|name| headers.any(|(header, _)| header.eq_ignore_ascii_case(name)));
    (!in_order).then(|| (format!("headers in the order {}", names.join(", ")), header_lines(head)))
}

fn all_headers(names: &[String], head: &Head) -> Option<(String, String)> {
    let sorted = |names: &mut dyn Iterator<Item = &String>| {
        let mut names: Vec<String> = names.map(|name| name.to_ascii_lowercase()).collect();
        names.sort();
        names
    };
    let came = sorted(&mut head.headers.iter().map(|(name, _)| name));
    (sorted(&mut names.iter()) != came)
        .then(|| (format!("these headers and no others: {}", names.join(", ")), header_lines(head)))
}

fn body(rule: &BodyRule, peer: &Peer, request: &Request) -> Option<(String, String)> {
    let (kept, expected) = match rule {
        BodyRule::Is(Payload { bytes, repeat }) => {
            let bytes = peer.fill_bytes(&bytes.0);
            let length = bytes.len() as u64 * repeat;
            let kept =
                request.body.length == length && request.digest == Digest::of_repeated(&bytes, *repeat);
            let times = if *repeat == 1 { String::new() } else { format!(" {repeat} times") };
            (kept, format!("the body {}{times}, {length} bytes", shown(&bytes)))
        }
        BodyRule::Length(length) => (request.body.length == *length, format!("a body of {length} bytes")),
    };
    if kept && request.complete {
        return None;
    }
    let cut = if request.complete { "" } else { ", cut short" };
    Some((expected, format!("{}, {} bytes{cut}", shown(&request.body.bytes.0), request.body.length)))
}

fn shown(bytes: &[u8]) -> String {
    let part = winhttp_origin::Bytes(bytes[..bytes.len().min(SHOWN)].to_vec());
    format!("\"{part}\"{}", if bytes.len() > SHOWN { "…" } else { "" })
}

fn connection(rule: ConnectionRule, before: &[Received<'_>], it: &Received<'_>) -> Option<(String, String)> {
    let (kept, expected) = match rule {
        ConnectionRule::Same => (
            before.last().is_some_and(|last| last.connection == it.connection),
            "on the connection of the request before",
        ),
        ConnectionRule::New => {
            (before.iter().all(|earlier| earlier.connection != it.connection), "on a new connection")
        }
    };
    let number = |it: &Received<'_>| it.connection.to_string();
    let earlier: Vec<String> = before.iter().map(number).collect();
    (!kept).then(|| {
        let observed = format!("on connection {}; those before: {}", it.connection, earlier.join(", "));
        (expected.to_owned(), observed)
    })
}
