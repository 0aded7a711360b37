//! Data becomes memory: its bytes, its pointers, its length.

use winhttp_machine::{Buffer, Place, Put, Step as PlanStep, Word};
use winhttp_spec::functions::Unit;
use winhttp_spec::options::{SetLength, WinHttpOption};
use winhttp_spec::structs::{FieldType, Struct};

use super::{Compiler, Memory, option_of};
use crate::case::{Argument, CallStep, Content, Data, FieldValue, Members};

impl Compiler {
    pub(super) fn memory(&mut self, data: &Data) -> Result<Memory, String> {
        let mut pointers = Vec::new();
        let bytes = match &data.content {
            Content::Space(_) => Vec::new(),
            Content::Dword(_, value) => (self.number(value)? as u32).to_le_bytes().to_vec(),
            Content::Pointer(_, value) => {
                let word = self.scalar(value)?;
                self.pointer_bytes(word, 0, &mut pointers)
            }
            Content::Text { text, terminated } => wide(&self.peer.fill(text), *terminated),
            Content::Bytes(bytes) => bytes.clone(),
            Content::Struct(definition, members) => self.members(definition, members, 0, &mut pointers)?,
            Content::Structs(definition, elements) => {
                let mut bytes = Vec::new();
                for members in elements {
                    bytes.extend(self.members(definition, members, bytes.len() as u32, &mut pointers)?);
                }
                bytes
            }
        };
        let own = match data.content {
            Content::Space(size) => size,
            _ => bytes.len() as u32,
        };
        let length = data.size.unwrap_or(own);
        let place = if data.edge { Place::Edge } else { Place::Watched };
        let before = bytes.iter().copied().take(length as usize).collect();
        let buffer = self.buffer(Buffer { length, bytes: bytes.into(), place });
        for (offset, word) in pointers {
            if offset + self.width.pointer() <= length {
                self.push(PlanStep::Put(Put { buffer, offset, word }));
            }
        }
        Ok(Memory::new(buffer, before))
    }

    /// The bytes of a struct that stands at `start` of its buffer.
    fn members(
        &mut self,
        definition: &Struct,
        members: &Members,
        start: u32,
        pointers: &mut Vec<(u32, Word)>,
    ) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; definition.size(self.width) as usize];
        for (member, value) in members {
            let (_, offset) = definition
                .member(&member.path, self.width)
                .ok_or_else(|| format!("{} has no member {}", definition.name, member.path))?;
            let at = offset as usize;
            let value = match value {
                FieldValue::Text(text) => {
                    let text = &self.peer.fill(text);
                    let narrow = || text.bytes().chain([0]).collect();
                    let bytes = if member.ty == FieldType::NarrowStr { narrow() } else { wide(text, true) };
                    let length = bytes.len() as u32;
                    let buffer = self.buffer(Buffer { length, bytes: bytes.into(), place: Place::Watched });
                    self.pointer_bytes(Word::Pointer(buffer, 0), start + offset, pointers)
                }
                FieldValue::Scalar(scalar)
                    if matches!(
                        member.ty,
                        FieldType::Pointer | FieldType::WideStr | FieldType::NarrowStr
                    ) =>
                {
                    let word = self.scalar(scalar)?;
                    self.pointer_bytes(word, start + offset, pointers)
                }
                FieldValue::Scalar(scalar) => self.number(scalar)?.to_le_bytes().to_vec(),
            };
            let size = member.ty.size(self.width) as usize;
            let given = value.len().min(size);
            bytes[at..at + given].copy_from_slice(&value[..given]);
        }
        Ok(bytes)
    }

    /// A pointer's bytes if they are known now; else zeros, and a note to put them in before the call.
    fn pointer_bytes(&self, word: Word, offset: u32, later: &mut Vec<(u32, Word)>) -> Vec<u8> {
        let size = self.width.pointer() as usize;
        match word {
            Word::Number(number) => number.to_le_bytes()[..size].to_vec(),
            symbolic => {
                later.push((offset, symbolic));
                vec![0; size]
            }
        }
    }

    /// The length of what another parameter points to, in the unit that the function's page gives.
    pub(super) fn length(&self, call: &CallStep, measured: &str, unit: Unit) -> u32 {
        let param = call.function.params.iter().position(|param| param.name == measured);
        let argument = call.arguments.iter().find(|(given, _)| Some(*given) == param);
        let Some((_, Argument::Data(data))) = argument else { return 0 };
        let (bytes, terminator) = match &data.content {
            Content::Text { text, terminated } => {
                let text = self.peer.fill(text);
                (text.encode_utf16().count() as u32 * 2 + u32::from(*terminated) * 2, u32::from(*terminated))
            }
            Content::Space(size) => (*size, 0),
            Content::Dword(..) => (4, 0),
            Content::Pointer(..) => (self.width.pointer(), 0),
            Content::Bytes(bytes) => (bytes.len() as u32, 0),
            Content::Struct(definition, _) => (definition.size(self.width), 0),
            Content::Structs(definition, elements) => {
                (definition.size(self.width) * elements.len() as u32, 0)
            }
        };
        let elements = match &data.content {
            Content::Structs(_, elements) => elements.len() as u32,
            _ => 1,
        };
        let bytes = data.size.unwrap_or(bytes);
        match unit {
            Unit::Bytes => bytes,
            Unit::Chars => (bytes / 2).saturating_sub(terminator),
            Unit::Elements => elements,
            Unit::ByOption => match (option_of(call).map(WinHttpOption::set_length), &data.content) {
                (Some(SetLength::CharsWithTerminator), _) => bytes / 2,
                (Some(SetLength::Unstated), Content::Text { .. }) => (bytes / 2).saturating_sub(terminator),
                _ => bytes,
            },
        }
    }
}

fn wide(text: &str, terminated: bool) -> Vec<u8> {
    text.encode_utf16().chain(terminated.then_some(0)).flat_map(u16::to_le_bytes).collect()
}
