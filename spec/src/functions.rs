//! The exported functions of winhttp.dll that the documentation describes.
//!
//! A new function is a row here: the harness compiles calls from it, the machine never learns its name's meaning.

use crate::windows::Windows;

mod table;

pub use table::FUNCTIONS;

/// One function, as its page describes it.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The exported name.
    pub name: &'static str,
    /// Parameters in order, under their documented names.
    pub params: &'static [Param],
    /// What the return value means.
    pub returns: Returns,
    /// Minimum supported Windows client; `None` where the page leaves it empty.
    pub since: Option<Windows>,
    /// The codes other than success that the page's tables and prose name.
    pub errors: &'static [&'static str],
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// The documented name.
    pub name: &'static str,
    /// Its type, as far as calling needs it.
    pub ty: Type,
    /// Which way data flows.
    pub direction: Direction,
    /// Whether the documentation allows `NULL` or 0, asks for it, or says what it does.
    pub optional: bool,
    /// If this parameter is a length: of which other parameter, and in what unit.
    pub length_of: Option<(&'static str, Unit)>,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// An `HINTERNET`, or the registration handle of `WinHttpRegisterProxyChangeNotification`.
    Handle,
    /// `DWORD`, `int`, `UINT`, an enum: a 32-bit number.
    Dword,
    /// `USHORT`, `INTERNET_PORT`: a 16-bit number.
    Word,
    /// `ULONGLONG`.
    Qword,
    /// `DWORD_PTR`, or a `PVOID` that is only handed back: a pointer-sized number.
    DwordPtr,
    /// `LPCWSTR`: zero-terminated UTF-16.
    WideStr,
    /// `LPVOID`, `LPCVOID`: bytes whose meaning another parameter gives.
    Buffer,
    /// `LPWSTR` that the function writes.
    WideBuffer,
    /// `LPDWORD`, or pointer to an enum: pointer to a 32-bit number.
    DwordPointer,
    /// `USHORT*`: pointer to a 16-bit number.
    WordPointer,
    /// `HINTERNET*` and other pointers to a pointer-sized result.
    PointerPointer,
    /// Pointer to a struct of [`crate::structs`], by name.
    StructPointer(&'static str),
    /// `LPCWSTR*`: a NULL-terminated array of strings.
    WideStrArray,
    /// A callback: `WINHTTP_STATUS_CALLBACK`, or `WINHTTP_PROXY_CHANGE_CALLBACK` for proxy changes.
    Callback,
}

/// Which way a pointer parameter's data flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Read by the function.
    In,
    /// Written by the function.
    Out,
    /// Read, then written.
    InOut,
}

/// The unit of a length parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// UTF-16 code units: of a string that is read, without its terminator; of a buffer that is written, with it.
    Chars,
    /// Structs in an array.
    Elements,
    /// The option's own unit (`WinHttpSetOption`: characters for some, bytes for others).
    ByOption,
}

/// What a return value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// `TRUE`, or `FALSE` with the last error set.
    Bool,
    /// `ERROR_SUCCESS`, or another code.
    Code,
    /// A handle, or `NULL` with the last error set.
    Handle,
    /// A previous callback, or `WINHTTP_INVALID_STATUS_CALLBACK` with the last error set.
    Callback,
    /// Nothing.
    Void,
}

/// The function of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}
