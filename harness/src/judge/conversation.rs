//! What the peer saw and did, in words.

use winhttp_origin::{Connection, End, Excerpt, Opcode, Request, Transcript, What};

use crate::excerpt;

/// Everything, with its time in microseconds since the script was armed.
pub(super) fn told(transcript: &Transcript) -> Vec<(u64, String)> {
    let mut told = Vec::new();
    for (number, connection) in transcript.connections.iter().enumerate() {
        let mut websocket = false;
        for event in &connection.events {
            let what = match &event.what {
                What::Accepted => "accepted".to_owned(),
                What::Request(request) => received(request),
                What::Sent(it) if websocket => sent_frame(it),
                What::Sent(it) => {
                    websocket = it.bytes.0.starts_with(b"HTTP/1.1 101");
                    format!("sends {}", shown(it))
                }
                What::Frame { opcode, fin, masked, payload, .. } => {
                    let unmasked = if *masked { "" } else { ", unmasked" };
                    format!("receives {} {}{unmasked}", frame(*opcode, *fin), shown(payload))
                }
                What::Ended(end) => ended(end, connection),
            };
            told.push((event.at_us, format!("connection {number}: {what}")));
        }
    }
    told
}

fn shown(it: &Excerpt) -> String {
    excerpt::of(&it.bytes.0, it.length)
}

fn received(request: &Request) -> String {
    let head = &request.head;
    let mut text = format!("{} {} {}\r\n", head.method, head.target, head.version);
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let mut what = format!("receives {}", excerpt::of(text.as_bytes(), text.len() as u64));
    if request.body.length > 0 {
        what.push_str(&format!(", then the body {}", shown(&request.body)));
    }
    if !request.complete {
        what.push_str(", cut short");
    }
    what
}

/// A frame that the peer sent: it masks none, so the payload begins behind the length.
fn sent_frame(it: &Excerpt) -> String {
    let bytes = &it.bytes.0;
    let parsed = (|| {
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let opcode = match first & 0x0f {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        };
        let begin = match second {
            0..=125 => 2,
            126 => 4,
            127 => 10,
            _ => return None,
        };
        let length = it.length.checked_sub(begin)?;
        // Several frames, or half of one, are shown as they are.
        let whole = second > 125 || u64::from(second) == length;
        let payload = bytes.get(begin as usize..)?;
        whole.then(|| format!("{} {}", frame(opcode, first & 0x80 != 0), excerpt::of(payload, length)))
    })();
    format!("sends {}", parsed.unwrap_or_else(|| shown(it)))
}

fn frame(opcode: Opcode, fin: bool) -> String {
    let kind = format!("{opcode:?}").to_lowercase();
    let part = if fin { "frame" } else { "frame that is not the last" };
    format!("a {kind} {part}")
}

fn ended(end: &End, connection: &Connection) -> String {
    let mut text = match end {
        End::ClosedBySubject => "closed by the subject".to_owned(),
        End::ResetBySubject => "reset by the subject".to_owned(),
        End::Closed => "closed by the peer".to_owned(),
        End::Reset => "reset by the peer".to_owned(),
        End::CaseOver => "still open when the case was over".to_owned(),
        End::Error(what) => format!("ended: {what}"),
    };
    let understood = connection.events.iter().any(|event| matches!(event.what, What::Request(_)));
    if !understood && connection.received.length > 0 {
        text.push_str(&format!("; had received {}", shown(&connection.received)));
    }
    if connection.unrecorded > 0 {
        text.push_str(&format!("; {} more events are not recorded", connection.unrecorded));
    }
    text
}
