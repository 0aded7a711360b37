//! The WebSocket frames that the peer received.

use winhttp_origin::{Bytes, Digest, Excerpt, Opcode, Payload, Transcript, What};
use winhttp_reports::record::Difference;

use crate::case::{Case, FrameRule};
use crate::fill::Peer;

/// More of a payload than this is not shown, in bytes.
const SHOWN: usize = 80;

/// A frame as it came.
#[derive(Clone, Copy)]
struct Came<'a> {
    kind: Opcode,
    is_final: bool,
    payload: &'a Excerpt,
    digest: Digest,
}

/// Holds the frames the peer received against those it must have received.
pub(super) fn frames(case: &Case, peer: &Peer, seen: Option<&Transcript>, differences: &mut Vec<Difference>) {
    let Some(rules) = &case.frames else { return };
    let came: Vec<Came<'_>> =
        seen.map(Transcript::frames).unwrap_or_default().into_iter().filter_map(of).collect();
    let mut differ = |what: String, expected: String, observed: String| {
        differences.push(Difference { step: None, what, expected, observed });
    };
    if came.len() != rules.len() {
        let wanted: Vec<String> = rules.iter().map(|rule| rule_text(rule, peer)).collect();
        let observed: Vec<String> = came.iter().map(|came| text(*came)).collect();
        differ("frames at the peer".to_owned(), counted(&wanted), counted(&observed));
    }
    for (at, (rule, came)) in rules.iter().zip(&came).enumerate() {
        if !kept(rule, peer, *came) {
            differ(format!("frame {} at the peer", at + 1), rule_text(rule, peer), text(*came));
        }
    }
}

fn of(what: &What) -> Option<Came<'_>> {
    match what {
        What::Frame { opcode, fin, payload, digest, .. } => {
            Some(Came { kind: *opcode, is_final: *fin, payload, digest: *digest })
        }
        _ => None,
    }
}

fn kept(rule: &FrameRule, peer: &Peer, came: Came<'_>) -> bool {
    let is_final = rule.is_final.is_none_or(|wanted| wanted == came.is_final);
    let payload = rule.payload.as_ref().map(|payload| filled(payload, peer));
    rule.kind == came.kind
        && is_final
        && match rule.kind {
            Opcode::Close => {
                let (status, reason) = close(came.payload);
                rule.status.is_none_or(|wanted| wanted == status)
                    && payload.is_none_or(|payload| payload.bytes.0.repeat(payload.repeat as usize) == reason)
            }
            _ => payload.is_none_or(|payload| {
                payload.length() == came.payload.length
                    && Digest::of_repeated(&payload.bytes.0, payload.repeat) == came.digest
            }),
        }
}

fn filled(payload: &Payload, peer: &Peer) -> Payload {
    Payload { bytes: Bytes(peer.fill_bytes(&payload.bytes.0)), repeat: payload.repeat }
}

/// Status and reason of a Close; what is too short for a status is all reason.
fn close(payload: &Excerpt) -> (Option<u16>, &[u8]) {
    match &payload.bytes.0[..] {
        [high, low, reason @ ..] => (Some(u16::from_be_bytes([*high, *low])), reason),
        short => (None, short),
    }
}

fn counted(texts: &[String]) -> String {
    match texts.len() {
        0 => "none".to_owned(),
        count => format!("{count}: {}", texts.join(", ")),
    }
}

fn rule_text(rule: &FrameRule, peer: &Peer) -> String {
    let mut parts = vec![kind_text(rule.kind)];
    parts.extend(rule.status.map(status_text));
    parts.extend(rule.payload.as_ref().map(|payload| {
        let payload = filled(payload, peer);
        let times = if payload.repeat == 1 { String::new() } else { format!(" {} times", payload.repeat) };
        format!("{}{times}, {} bytes", shown(&payload.bytes.0), payload.length())
    }));
    parts.extend(rule.is_final.map(final_text));
    parts.join(" ")
}

fn text(came: Came<'_>) -> String {
    let mut parts = vec![kind_text(came.kind)];
    if came.kind == Opcode::Close {
        let (status, reason) = close(came.payload);
        parts.push(status_text(status));
        parts.push(format!("{}, {} bytes", shown(reason), reason.len()));
    } else {
        parts.push(format!("{}, {} bytes", shown(&came.payload.bytes.0), came.payload.length));
    }
    parts.push(final_text(came.is_final));
    parts.join(" ")
}

fn kind_text(kind: Opcode) -> String {
    format!("{kind:?}").to_lowercase()
}

fn status_text(status: Option<u16>) -> String {
    status.map_or_else(|| "without a status".to_owned(), |status| status.to_string())
}

fn final_text(is_final: bool) -> String {
    if is_final { "(final)" } else { "(not final)" }.to_owned()
}

fn shown(bytes: &[u8]) -> String {
    let part = Bytes(bytes[..bytes.len().min(SHOWN)].to_vec());
    format!("\"{part}\"{}", if bytes.len() > SHOWN { "…" } else { "" })
}
