//! Memory that a case provides.

use winhttp_spec::structs::{self, FieldType, STRUCTS, Struct, Width};

use super::{Entries, Parse, get, steps::is_text};
use crate::case::{Content, Data, FieldValue, Member};
use crate::diagnostics::Diagnostic;
use crate::load::words;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn data(&mut self, node: &Node, entries: &Entries) -> Option<Data> {
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
            "text" => Content::Text { text: self.filled_text(value)?, terminated: true },
            "chars" => Content::Text { text: self.filled_text(value)?, terminated: false },
            "bytes" => Content::Bytes(self.hex(value)?),
            "space" => Content::Space(self.small(value)?),
            _ => {
                let definition = self.structure(key)?;
                match &value.value {
                    Kind::List(items) => Content::Structs(
                        definition,
                        items.iter().map(|item| self.fields(definition, item, Self::field_value)).collect(),
                    ),
                    _ => Content::Struct(definition, self.fields(definition, value, Self::field_value)),
                }
            }
        };
        let size = match get(entries, "size") {
            Some((_, node)) => Some(self.small(node)?),
            None => None,
        };
        Some(Data { content, size, edge: self.flag(entries, "edge") })
    }

    pub(super) fn field_value(&mut self, ty: FieldType, node: &Node) -> Option<FieldValue> {
        match (&node.value, ty) {
            (Kind::Text(text), FieldType::WideStr | FieldType::NarrowStr) if is_text(text) => {
                self.filled_text(node).map(FieldValue::Text)
            }
            (_, ty) => self.scalar(node, bits(ty)).map(FieldValue::Scalar),
        }
    }

    pub(super) fn structure(&mut self, key: &Key) -> Option<&'static Struct> {
        let found = structs::find(&key.text);
        if found.is_none() {
            let candidates = words::names(words::DATA)
                .chain(words::names(words::MEMORY))
                .chain(STRUCTS.iter().map(|it| it.name));
            self.problems.push(
                Diagnostic::at(key.span.clone(), format!("`{}` is no kind of memory", key.text))
                    .suggest(&key.text, candidates),
            );
        }
        found
    }

    pub(super) fn fields<T>(
        &mut self,
        definition: &'static Struct,
        node: &Node,
        parse: impl Fn(&mut Self, FieldType, &Node) -> Option<T>,
    ) -> Vec<(Member, T)> {
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, format!("{} takes a mapping from members to values", definition.name));
            return Vec::new();
        };
        let mut fields = Vec::new();
        for (key, node) in entries {
            let Some((ty, _)) = definition.member(&key.text, Width::W64) else {
                let message = format!("{} has no member `{}`", definition.name, key.text);
                let candidates = definition.fields.iter().map(|field| field.name);
                self.problems.push(Diagnostic::at(key.span.clone(), message).suggest(&key.text, candidates));
                continue;
            };
            let member = Member { path: key.text.clone(), ty };
            fields.extend(parse(self, ty, node).map(|value| (member, value)));
        }
        fields
    }
}

pub(super) fn bits(ty: FieldType) -> u32 {
    (ty.size(Width::W64) * 8).min(64)
}
