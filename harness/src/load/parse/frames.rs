//! WebSocket frames: those the peer sends, and those it must have received.

use winhttp_origin::{CloseFrame, FramePhase, Opcode, Payload, RawFrame};

use super::{Entries, Parse, get};
use crate::case::FrameRule;
use crate::load::words;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn frame_phase(&mut self, node: &Node) -> Option<FramePhase> {
        let (word, key, value) = self.one_of(node, "a phase of a WebSocket", words::FRAME_PHASE)?;
        Some(match (word, value) {
            ("text", Some(value)) => FramePhase::Text(self.payload(value)?),
            ("binary", Some(value)) => FramePhase::Binary(self.payload(value)?),
            ("ping", Some(value)) => FramePhase::Ping(self.payload(value)?),
            ("ping", None) => FramePhase::Ping("".into()),
            ("pong", Some(value)) => FramePhase::Pong(self.payload(value)?),
            ("pong", None) => FramePhase::Pong("".into()),
            ("close", Some(value)) => FramePhase::Close(self.close_frame(value)?),
            ("close", None) => FramePhase::Close(CloseFrame::default()),
            ("frame", Some(value)) => FramePhase::Frame(self.raw_frame(value)?),
            ("raw", Some(value)) => FramePhase::Raw(self.payload(value)?),
            ("until", Some(value)) => FramePhase::Until(self.opcodes(key, value)?),
            ("echo", None) => FramePhase::Echo,
            ("stall", None) => FramePhase::Stall,
            ("cut", None) => FramePhase::Cut,
            ("reset", None) => FramePhase::Reset,
            (word, value) => return self.not_so(node, word, value),
        })
    }

    fn close_frame(&mut self, node: &Node) -> Option<CloseFrame> {
        let entries = self.map(node, "a Close", words::CLOSE_FRAME)?;
        let status = match get(entries, "status") {
            Some((_, node)) => Some(self.close_status(node)?),
            None => None,
        };
        let reason = match get(entries, "reason") {
            Some((_, node)) => self.payload(node)?,
            None => Payload::from(""),
        };
        Some(CloseFrame { status, reason })
    }

    fn close_status(&mut self, node: &Node) -> Option<u16> {
        let number = self.number(node)?;
        let status = u16::try_from(number.value).ok();
        if status.is_none() {
            self.wrong(&node.span, "a status has 16 bits");
        }
        status
    }

    fn raw_frame(&mut self, node: &Node) -> Option<RawFrame> {
        let entries = self.map(node, "a frame", words::RAW_FRAME)?;
        let Some(opcode) = self.bits(entries, "opcode", 15)? else {
            self.wrong(&node.span, "a frame has an `opcode`");
            return None;
        };
        Some(RawFrame {
            opcode,
            is_final: get(entries, "final").is_none() || self.flag(entries, "final"),
            reserved: self.bits(entries, "reserved", 7)?.unwrap_or(0),
            masked: self.flag(entries, "masked"),
            payload: match get(entries, "payload") {
                Some((_, node)) => self.payload(node)?,
                None => Payload::from(""),
            },
        })
    }

    /// A small number; `Some(None)` if it is not given.
    fn bits(&mut self, entries: &Entries, name: &str, most: u64) -> Option<Option<u8>> {
        let Some((_, node)) = get(entries, name) else { return Some(None) };
        let count = self.count(node)?;
        if count > most {
            self.wrong(&node.span, format!("`{name}` is at most {most}"));
            return None;
        }
        Some(Some(count as u8))
    }

    /// A kind of frame, or a list of them.
    fn opcodes(&mut self, key: Option<&Key>, node: &Node) -> Option<Vec<Opcode>> {
        match node.value {
            Kind::List(_) => self.some(key, node, Self::opcode),
            _ => Some(vec![self.opcode(node)?]),
        }
    }

    fn opcode(&mut self, node: &Node) -> Option<Opcode> {
        let (word, _, value) = self.one_of(node, "a kind of frame", words::FRAME)?;
        match value {
            Some(_) => self.not_so(node, word, value),
            None => Some(opcode(word)),
        }
    }

    pub(super) fn frame_rule(&mut self, node: &Node) -> Option<FrameRule> {
        if let Kind::Text(_) = &node.value {
            let kind = self.opcode(node)?;
            return Some(FrameRule { kind, payload: None, status: None, is_final: None });
        }
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, "a frame is a word, or a mapping with one");
            return None;
        };
        // `final` stands beside the kind.
        let kinds: Vec<_> = entries.iter().filter(|(key, _)| key.text != "final").cloned().collect();
        let kind_node = Node { value: Kind::Map(kinds), span: node.span.clone() };
        let (word, _, value) = self.one_of(&kind_node, "a kind of frame", words::FRAME)?;
        let value = value?;
        let is_final = get(entries, "final").map(|_| self.flag(entries, "final"));
        let rule = FrameRule { kind: opcode(word), payload: None, status: None, is_final };
        if rule.kind != Opcode::Close {
            return self.payload(value).map(|payload| FrameRule { payload: Some(payload), ..rule });
        }
        let close = self.map(value, "a Close", words::CLOSE_FRAME)?;
        let CloseFrame { status, reason } = self.close_frame(value)?;
        let payload = (get(close, "reason").is_some() || close.is_empty()).then_some(reason);
        let status = (status.is_some() || close.is_empty()).then_some(status);
        Some(FrameRule { payload, status, ..rule })
    }
}

fn opcode(word: &str) -> Opcode {
    match word {
        "continuation" => Opcode::Continuation,
        "text" => Opcode::Text,
        "binary" => Opcode::Binary,
        "close" => Opcode::Close,
        "ping" => Opcode::Ping,
        _ => Opcode::Pong,
    }
}
