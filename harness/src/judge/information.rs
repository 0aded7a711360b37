//! What a callback came with, in words: by the documented type of its status.

use winhttp_machine::Notification;
use winhttp_spec::constants::CONSTANTS;
use winhttp_spec::statuses::{self, Information};
use winhttp_spec::structs::{self, FieldType, Struct, Width};

use super::memory::{number, wide_text};
use super::{Facts, error_text, rules};
use crate::excerpt;

/// The information of a callback; empty where there is none.
pub(super) fn text(it: &Notification, facts: &Facts<'_>) -> String {
    if it.information == 0 {
        return if it.length == 0 { String::new() } else { format!("NULL, length {}", it.length) };
    }
    let bytes = &it.payload.0;
    let documented = statuses::find(&rules::status_text(it.status)).map_or(&[][..], |it| it.information);
    let decoded = documented.iter().find_map(|kind| match kind {
        Information::Dword => number(bytes, 4).map(|value| value.to_string()),
        Information::Text => {
            let terminated: Vec<u8> = bytes.iter().copied().chain([0, 0]).collect();
            wide_text(&terminated).filter(|text| !text.is_empty()).map(|text| format!("{text:?}"))
        }
        Information::Handle => number(bytes, 8).map(|handle| facts.handle_text(handle, it.step)),
        // The larger struct comes second, and begins with the first.
        Information::Struct(_) => documented.iter().rev().find_map(|kind| structure(kind, bytes, it)),
        Information::Null | Information::Buffer | Information::Unstated => None,
    });
    match decoded {
        Some(text) => text,
        None if bytes.is_empty() => format!("{:#x}, length {}", it.information, it.length),
        None => excerpt::of(bytes, u64::from(it.length).max(bytes.len() as u64)),
    }
}

fn structure(kind: &Information, bytes: &[u8], it: &Notification) -> Option<String> {
    let Information::Struct(name) = kind else { return None };
    let definition = structs::find(name)?;
    // Memory of the case's own is what it gave to a function, and so no struct.
    let fits = bytes.len() == definition.size(Width::W64) as usize && it.at.is_none();
    fits.then(|| format!("{{{}}}", members(definition, bytes)))
}

fn members(definition: &Struct, bytes: &[u8]) -> String {
    let members = definition.fields.iter().filter_map(|field| {
        let (_, offset) = definition.member(field.name, Width::W64)?;
        let bytes = bytes.get(offset as usize..)?;
        if let FieldType::Struct(name) = field.ty {
            return Some(members(structs::find(name)?, bytes));
        }
        let value = number(bytes, field.ty.size(Width::W64) as usize)?;
        let value = match field.name {
            "dwError" => error_text(value as u32),
            "dwResult" => named(value, |name| name.starts_with("API_")),
            "Operation" => named(value, |name| name.ends_with("_OPERATION") && web_socket(name)),
            "eBufferType" => named(value, |name| name.ends_with("_BUFFER_TYPE") && web_socket(name)),
            _ => value.to_string(),
        };
        Some(format!("{}: {value}", field.name))
    });
    members.collect::<Vec<_>>().join(", ")
}

fn web_socket(name: &str) -> bool {
    name.starts_with("WINHTTP_WEB_SOCKET_")
}

/// The constant with this value among those that fit.
fn named(value: u64, fits: impl Fn(&str) -> bool) -> String {
    let constant = CONSTANTS.iter().find(|it| it.value == value && fits(it.name));
    constant.map_or_else(|| value.to_string(), |it| it.name.to_owned())
}
