//! What the option table promises, one requirement a cell: nobody should have to type some five hundred sentences.

use super::{Level, Requirement, Testability};
use crate::options::{Caution, Cell, Data, OPTIONS, Row, WinHttpOption};
use crate::windows::Windows;

/// The page that has the table.
pub(super) const PAGE: &str = "option-flags";

/// `<option>/exists` for every option, and `<option>/table-…` for the cells of those in the table.
pub(super) fn requirements() -> impl Iterator<Item = Requirement> {
    OPTIONS.iter().flat_map(|option| {
        let row = option.row.iter().flat_map(|row| of_row(option, row));
        std::iter::once(exists(option)).chain(row)
    })
}

fn exists(option: &WinHttpOption) -> Requirement {
    let says =
        format!("{} is an option that WinHttpQueryOption or WinHttpSetOption recognises.", option.name);
    let section = match (option.heading, option.row) {
        (true, _) => option.name,
        (false, Some(_)) => "Remarks",
        (false, None) => "Option flags",
    };
    requirement(option, "exists", says, section)
}

fn of_row(option: &WinHttpOption, row: &Row) -> Vec<Requirement> {
    let name = option.name;
    let handle = |cell, kind| match cell {
        Cell::Yes => format!("{name} is valid on a {kind} handle."),
        Cell::No => format!("{name} is invalid on a {kind} handle."),
        Cell::Disputed | Cell::Unstated => {
            format!("Whether {name} is valid on a {kind} handle depends on its value.")
        }
    };
    let function = |cell, function| match cell {
        Cell::Yes => format!("{name} is valid for {function}."),
        _ => format!("{name} is invalid for {function}."),
    };
    let cells = [
        ("table-type", data_type(option)),
        ("table-session", handle(row.session, "session")),
        ("table-request", handle(row.request, "request")),
        ("table-query", function(row.query, "WinHttpQueryOption")),
        ("table-set", function(row.set, "WinHttpSetOption")),
    ];
    let since = option.since.map(|windows| {
        let release = release(windows);
        let says = format!(
            "{name} works from {release} on; older versions refuse it with ERROR_WINHTTP_INVALID_OPTION."
        );
        ("table-since", says)
    });
    cells.into_iter().chain(since).map(|(slug, says)| requirement(option, slug, says, "Remarks")).collect()
}

fn requirement(option: &WinHttpOption, slug: &str, says: String, section: &str) -> Requirement {
    let why = untestable(option);
    Requirement {
        id: format!("{PAGE}/{}/{slug}", option.slug()),
        page: PAGE.to_owned(),
        says,
        section: section.to_owned(),
        level: Level::Must,
        test: if why.is_some() { Testability::Untestable } else { testability(option) },
        why: why.map(str::to_owned),
        pending: None,
        conflicts: Vec::new(),
    }
}

fn untestable(option: &WinHttpOption) -> Option<&'static str> {
    match (option.value, option.caution) {
        (None, _) => {
            Some("Neither winhttp.h nor the metadata gives the name a number, so no call can use it.")
        }
        (_, Some(Caution::Internal)) => {
            Some("The page reserves the option for internal use and asks not to use it.")
        }
        _ => None,
    }
}

fn testability(option: &WinHttpOption) -> Testability {
    match (option.caution, option.data) {
        (Some(Caution::Registry), _) | (_, Data::Struct("WINHTTP_CREDS" | "WINHTTP_CREDS_EX")) => {
            Testability::Registry
        }
        (Some(Caution::ActiveRequest), _) => Testability::Loopback,
        _ if option.websocket == Cell::Yes => Testability::Websocket,
        _ => Testability::Offline,
    }
}

fn data_type(option: &WinHttpOption) -> String {
    let name = option.name;
    match option.data {
        Data::Dword => format!("The buffer of {name} is a DWORD."),
        Data::Bool => format!("The buffer of {name} is a BOOL."),
        Data::DwordPtr => format!("The buffer of {name} is a DWORD_PTR."),
        Data::Pointer => format!("The buffer of {name} is a pointer or a handle."),
        Data::Wide => format!("The buffer of {name} is UTF-16 text."),
        Data::Struct(of) => format!("The buffer of {name} is a {of}."),
        Data::StructPointer(of) => format!("The buffer of {name} is a pointer to a {of}."),
        Data::None => format!("{name} takes no buffer."),
        Data::Unstated => format!("The data type of {name} is not stated."),
    }
}

fn release(windows: Windows) -> String {
    match windows {
        Windows::VISTA => "Windows Vista".to_owned(),
        Windows::EIGHT_1 => "Windows 8.1".to_owned(),
        Windows::V1607 => "Windows 10 version 1607".to_owned(),
        Windows::V1803 => "Windows 10 version 1803".to_owned(),
        Windows::V1809 => "Windows 10 version 1809".to_owned(),
        Windows::V1903 => "Windows 10 version 1903".to_owned(),
        Windows::V2004 => "Windows 10 version 2004".to_owned(),
        Windows::V21H1 => "Windows 10 version 21H1".to_owned(),
        Windows { major, minor, build } => format!("Windows {major}.{minor}.{build}"),
    }
}
