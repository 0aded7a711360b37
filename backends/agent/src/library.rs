//! Loads an implementation by path.
#![allow(unsafe_code)]

use std::ffi::OsStr;
use std::fmt;

use libloading::Library;
use winhttp_machine::{Address, Table};

/// Why a library is no subject.
#[derive(Debug)]
pub enum LoadError {
    /// It could not be loaded.
    NotLoaded(String, libloading::Error),
    /// It has no such function, without which nothing can be asked.
    Lacks(String, &'static str),
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoaded(path, error) => write!(formatter, "{path} could not be loaded: {error}"),
            Self::Lacks(path, name) => write!(
                formatter,
                "{path} exports no {name}. Outside of Windows a subject has to export GetLastError, SetLastError and \
                 GlobalFree beside winhttp.h's functions, because no kernel32 does"
            ),
        }
    }
}

impl std::error::Error for LoadError {}

/// Loads `path` (a name without a folder is searched for by the system's rules) for good.
///
/// # Errors
///
/// See [`LoadError`].
pub fn load(path: &OsStr) -> Result<Table, LoadError> {
    let shown = path.to_string_lossy().into_owned();
    // SAFETY: loading runs the library's initialisers. The user named it as the subject, to be run.
    let library =
        unsafe { Library::new(path) }.map_err(|error| LoadError::NotLoaded(shown.clone(), error))?;
    let system = system_library()?;
    let find = move |name: &str| find(&library, name).or_else(|| find(system.as_ref()?, name));
    for name in ["GetLastError", "SetLastError"] {
        if find(name).is_none() {
            return Err(LoadError::Lacks(shown, name));
        }
    }
    // SAFETY: the library is the subject: it says of itself that these names are WinHTTP's functions, which take
    // numbers and pointers only. It is never unloaded (the closure lives as long as the table).
    Ok(unsafe { Table::new(find) })
}

fn find(library: &Library, name: &str) -> Option<Address> {
    // SAFETY: the symbol is only taken as an address.
    let symbol = unsafe { library.get::<*const ()>(name.as_bytes()) }.ok()?;
    // SAFETY: a function's symbol is its address.
    let address = unsafe { symbol.try_as_raw_ptr() }?;
    Some(Address(address.cast_const().cast()))
}

/// Where the last error and the free functions come from when the subject does not export them.
#[cfg(windows)]
fn system_library() -> Result<Option<Library>, LoadError> {
    // SAFETY: kernel32 is loaded in every process.
    let library = unsafe { Library::new("kernel32.dll") };
    library.map(Some).map_err(|error| LoadError::NotLoaded("kernel32.dll".into(), error))
}

#[cfg(not(windows))]
fn system_library() -> Result<Option<Library>, LoadError> {
    Ok(None)
}
