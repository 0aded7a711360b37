//! Every `WINHTTP_OPTION_*` of the page "Option flags": its headings and its table.
//!
//! A cell says what the table says and no more: the table has columns for session and request handles only,
//! so what it leaves out stays [`Cell::Unstated`], unless the prose under the option's heading answers.

use crate::windows::Windows;

mod table;

pub use table::OPTIONS;

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
    /// Which numbers are accepted.
    pub range: Range,
    /// Has a heading of its own.
    pub heading: bool,
    /// Has a row in the table under "Remarks".
    pub row: bool,
    /// Where setting it needs something that a handle alone does not give, or asking it would disturb others.
    pub caution: Option<Caution>,
}

/// What the documentation says of one combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The table has an X, or the prose says so.
    Yes,
    /// The table has a dash, or the prose says so.
    No,
    /// It depends on the value, or table and prose contradict each other: see the option's requirements.
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

/// Which numbers an option accepts.
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
