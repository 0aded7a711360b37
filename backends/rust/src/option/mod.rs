//! Options of handles: which exist ([`table`]), what is stored for a handle, setting ([`mod@set`]) and querying
//! ([`mod@query`]). Pages: option-flags, WinHttpSetOption, WinHttpQueryOption.
//!
//! Both functions check in one order: is the handle valid, is the option known, does it act on this kind of handle,
//! may it be set (queried), is the buffer right. Where the two function pages say `ERROR_INVALID_PARAMETER` in their
//! remarks for an option that the handle or the direction forbids, their tables of error codes are followed.

mod process;
mod query;
mod set;
mod table;

use std::sync::Arc;

use self::table::{Initial, Row};
pub(crate) use self::{
    query::{Answer, query},
    set::{Input, set, settable},
    table::{CERTIFICATE, OLD_PROTOCOLS, Shape},
};
use crate::{
    error::{Error, Result},
    handle::{self, Handle, Object, lock},
    proxy::ProxyInfo,
};

/// A stored option value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Dword(u32),
    Word(usize),
    /// Without terminator.
    Text(Arc<[u16]>),
    Bytes(Arc<[u8]>),
    Proxy(Arc<ProxyInfo>),
}

/// What was set on a handle, or inherited; an option that is not here has its initial value.
#[derive(Clone, Default)]
pub(crate) struct Settings(Vec<(u32, Value)>);

impl Settings {
    pub(crate) fn put(&mut self, option: u32, value: Value) {
        match self.0.iter_mut().find(|(id, _)| *id == option) {
            Some((_, old)) => *old = value,
            None => self.0.push((option, value)),
        }
    }

    pub(crate) fn get(&self, option: u32) -> Option<&Value> {
        self.0.iter().find(|(id, _)| *id == option).map(|(_, value)| value)
    }

    /// A DWORD option in force: as set, or its initial value.
    pub(crate) fn dword(&self, option: u32) -> u32 {
        let initial = || match table::find(option).map(|row| row.initial) {
            Some(Initial::Dword(value)) => value,
            _ => 0,
        };
        match self.get(option) {
            Some(Value::Dword(value)) => *value,
            _ => initial(),
        }
    }

    /// A timeout in force; 0 and all ones mean that there is none.
    pub(crate) fn timeout(&self, option: u32) -> Option<std::time::Duration> {
        match self.dword(option) {
            0 | u32::MAX => None,
            milliseconds => Some(std::time::Duration::from_millis(milliseconds.into())),
        }
    }

    /// A text option, empty if it was never set.
    pub(crate) fn text(&self, option: u32) -> String {
        match self.get(option) {
            Some(Value::Text(text)) => String::from_utf16_lossy(text),
            _ => String::new(),
        }
    }

    /// A structure, as it was set.
    pub(crate) fn bytes(&self, option: u32) -> Option<&[u8]> {
        match self.get(option) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn proxy(&self) -> Arc<ProxyInfo> {
        match self.get(windows_sys::Win32::Networking::WinHttp::WINHTTP_OPTION_PROXY) {
            Some(Value::Proxy(proxy)) => proxy.clone(),
            _ => Arc::new(ProxyInfo::machine_default()),
        }
    }
}

/// The minor version of HTTP/1 that the process supports (`WINHTTP_OPTION_HTTP_VERSION`).
pub(crate) fn http_minor_version() -> u8 {
    lock(&process::PROCESS).http_version.dwMinorVersion as u8
}

/// The first three checks: handle, option, kind. No object is the NULL handle, on an option that acts on it.
fn target(handle: Option<Handle>, option: u32) -> Result<(Option<Arc<Object>>, &'static Row)> {
    let object = handle.map(|handle| handle::find(Some(handle))).transpose()?;
    let row = table::find(option).ok_or(Error::INVALID_OPTION)?;
    match &object {
        Some(object) if !row.acts_on(Some(object.kind())) => Err(Error::INCORRECT_HANDLE_TYPE),
        None if !row.acts_on(None) => Err(Error::INVALID_HANDLE),
        _ => Ok((object, row)),
    }
}
