//! Every `WINHTTP_OPTION_*` of the page "Option flags": its headings and its table.
//!
//! A cell says what the table says and no more: the table has columns for session and request handles only,
//! so what it leaves out stays [`Cell::Unstated`], unless the prose under the option's heading answers.

use crate::handles::HandleKind;
use crate::structs::{self, Width};
use crate::windows::Windows;

mod table;

pub use table::{ELSEWHERE, OPTIONS};

/// One option of the page.
#[derive(Clone, Copy, Debug)]
pub struct WinHttpOption {
    /// The name in `winhttp.h`, `WINHTTP_OPTION_…`.
    pub name: &'static str,
    /// Its number; `None` where neither header nor metadata knows the name.
    pub value: Option<u32>,
    /// What the buffer holds.
    pub data: Data,
    /// Valid on a `NULL` handle (process-wide).
    pub null: Cell,
    /// Valid on a session handle.
    pub session: Cell,
    /// Valid on a connection handle: the table has no such column.
    pub connect: Cell,
    /// Valid on a request handle.
    pub request: Cell,
    /// Valid on a WebSocket handle: the table has no such column.
    pub websocket: Cell,
    /// `WinHttpQueryOption` accepts it.
    pub query: Cell,
    /// `WinHttpSetOption` accepts it.
    pub set: Cell,
    /// Minimum Windows version; `None` where the table has a dash or the option is not in it.
    pub since: Option<Windows>,
    /// The documented default value of a number (milliseconds, bytes or a count, as the page says).
    pub default: Option<u32>,
    /// Which numbers are accepted, or returned where it can only be queried.
    pub range: Range,
    /// Has a heading of its own.
    pub heading: bool,
    /// Its row in the table under "Remarks", before the prose had its say; `None` where it has no row.
    pub row: Option<Row>,
    /// Where setting it needs something that a handle alone does not give, or asking it would disturb others.
    pub caution: Option<Caution>,
}

/// The X's and dashes of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Column "Session handle".
    pub session: Cell,
    /// Column "Request handle".
    pub request: Cell,
    /// Column "Query option".
    pub query: Cell,
    /// Column "Set option".
    pub set: Cell,
}

/// What the documentation says of one combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The table has an X, or the prose says so.
    Yes,
    /// The table has a dash, or the prose says so.
    No,
    /// It depends on the value (the table's asterisk), or table and prose contradict each other.
    Disputed,
    /// The documentation does not say.
    Unstated,
}

/// The data type of an option's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// 32-bit unsigned number.
    Dword,
    /// 32-bit `BOOL`.
    Bool,
    /// Pointer-sized number (`DWORD_PTR`).
    DwordPtr,
    /// A pointer or handle, returned or taken by value (`LPVOID`, `HINTERNET`, event `HANDLE`).
    Pointer,
    /// UTF-16 text; queried as text in the buffer with a length in bytes.
    Wide,
    /// A struct of [`crate::structs`], by name.
    Struct(&'static str),
    /// A pointer to a struct that the implementation allocates, written into the buffer (`PCERT_CONTEXT`, …).
    StructPointer(&'static str),
    /// The option takes no data: buffer and length are not looked at.
    None,
    /// The page names no data type.
    Unstated,
}

/// Which numbers an option accepts, or returns where it can only be queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// The documentation states no limit.
    Unstated,
    /// Not less than this; the documentation names the error for less.
    AtLeast {
        /// The smallest accepted value.
        minimum: u32,
        /// The documented error for a smaller one, where it names one.
        error: Option<&'static str>,
    },
    /// One of these named values.
    OneOf(&'static [&'static str]),
    /// Any combination of these named bits.
    Flags(&'static [&'static str]),
}

/// Why the generated matrix leaves a combination out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// The buffer holds a pointer that the implementation dereferences: only well-formed cases may set it.
    Dereferences,
    /// Setting it changes the whole process: needs an agent of its own.
    ProcessWide,
    /// The page reserves it for internal use.
    Internal,
    /// Needs a registry value that is absent by default.
    Registry,
    /// Needs a request in flight.
    ActiveRequest,
}

/// What `dwBufferLength` of `WinHttpSetOption` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetLength {
    /// Bytes.
    Bytes,
    /// UTF-16 code units, the terminator included.
    CharsWithTerminator,
    /// `WinHttpSetOption`'s page counts "the following options" in characters and then lists none: any text may be
    /// one of them.
    Unstated,
}

/// The option of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static WinHttpOption> {
    documented().find(|option| option.name == name)
}

/// Every option of any page.
pub fn documented() -> impl Iterator<Item = &'static WinHttpOption> {
    OPTIONS.iter().chain(ELSEWHERE)
}

impl WinHttpOption {
    /// The name as ids write it: `web-socket-keepalive-interval`.
    #[must_use]
    pub fn slug(&self) -> String {
        self.name.trim_start_matches("WINHTTP_OPTION_").to_ascii_lowercase().replace('_', "-")
    }

    /// Whether it is valid on a handle of that kind.
    #[must_use]
    pub const fn on(&self, kind: HandleKind) -> Cell {
        match kind {
            HandleKind::Null => self.null,
            HandleKind::Session => self.session,
            HandleKind::Connect => self.connect,
            HandleKind::Request => self.request,
            HandleKind::WebSocket => self.websocket,
        }
    }

    /// What the length passed to `WinHttpSetOption` counts. `WinHttpQueryOption` counts bytes, always.
    #[must_use]
    pub fn set_length(&self) -> SetLength {
        match (self.name, self.data) {
            ("WINHTTP_OPTION_USER_AGENT", _) => SetLength::CharsWithTerminator,
            (_, Data::Wide | Data::Unstated) => SetLength::Unstated,
            _ => SetLength::Bytes,
        }
    }
}

impl Data {
    /// Size of the buffer in bytes; `None` where it varies, or there is none, or the page does not say.
    #[must_use]
    pub fn size(self, width: Width) -> Option<u32> {
        match self {
            Self::Dword | Self::Bool => Some(4),
            Self::DwordPtr | Self::Pointer | Self::StructPointer(_) => Some(width.pointer()),
            Self::Struct(name) => Some(structs::expect(name).size(width)),
            Self::Wide | Self::None | Self::Unstated => None,
        }
    }
}
