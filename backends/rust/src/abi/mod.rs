//! The C ABI: the one place for `unsafe`.
//!
//! [`entry_points`] makes an exported function of a body that is a `Result`; [`arguments`] has the types that a
//! caller's pointers arrive as; [`callback`] calls back; [`memory`] allocates what the caller frees.
#![allow(unsafe_code)]

mod arguments;
mod authentication;
mod buffers;
pub(crate) mod callback;
mod connections;
mod control;
mod extended;
mod handles;
mod memory;
mod options;
#[cfg(not(windows))]
mod platform;
pub(crate) mod proxies;
mod requests;
mod resolvers;
pub(crate) mod table;
mod times;
mod urls;
mod websockets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    error::{Error, Result},
    handle::Handle,
};

/// Declares exported functions, and the list of them that [`table::table`] shows.
macro_rules! entry_points {
    ($($(#[$meta:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $returns:ty $body:block)*) => {
        $(
            $(#[$meta])*
            #[allow(non_snake_case, reason = "the names are those of the C API")]
            #[unsafe(no_mangle)]
            unsafe extern "system" fn $name($($argument: $type),*) -> $returns {
                $crate::abi::guarded::<$returns>(move || $body)
            }
        )*

        pub(super) const ENTRIES: &[$crate::abi::table::Entry] =
            &[$($crate::abi::table::Entry::implemented(stringify!($name), $name as *const ())),*];
    };
}
use entry_points;

/// A return type of the C API: how it tells success and failure.
trait Returned {
    type Value;

    fn succeeded(value: Self::Value) -> Self;
    fn failed(error: Error) -> Self;
}

/// BOOL, with a last error.
#[repr(transparent)]
struct Bool(i32);

impl Returned for Bool {
    type Value = ();

    fn succeeded((): ()) -> Bool {
        Bool(1)
    }

    fn failed(error: Error) -> Bool {
        set_last_error(error);
        Bool(0)
    }
}

/// A code; the last error stays as it was.
#[repr(transparent)]
struct Code(u32);

impl Returned for Code {
    type Value = ();

    fn succeeded((): ()) -> Code {
        Code(windows_sys::Win32::Foundation::ERROR_SUCCESS)
    }

    fn failed(error: Error) -> Code {
        Code(error.code())
    }
}

/// A code that says of success that the operation goes on.
#[repr(transparent)]
struct Pending(u32);

impl Returned for Pending {
    type Value = ();

    fn succeeded((): ()) -> Pending {
        Pending(windows_sys::Win32::Foundation::ERROR_IO_PENDING)
    }

    fn failed(error: Error) -> Pending {
        Pending(error.code())
    }
}

/// Nothing at all.
impl Returned for () {
    type Value = ();

    fn succeeded((): ()) {}

    fn failed(_: Error) {}
}

/// HINTERNET, or NULL with a last error.
#[repr(transparent)]
struct OutHandle(usize);

impl Returned for OutHandle {
    type Value = Handle;

    fn succeeded(handle: Handle) -> OutHandle {
        OutHandle(handle.value())
    }

    fn failed(error: Error) -> OutHandle {
        set_last_error(error);
        OutHandle(0)
    }
}

/// The address of a callback, or `WINHTTP_INVALID_STATUS_CALLBACK` with a last error.
#[repr(transparent)]
struct OutCallback(usize);

impl Returned for OutCallback {
    type Value = usize;

    fn succeeded(address: usize) -> OutCallback {
        OutCallback(address)
    }

    fn failed(error: Error) -> OutCallback {
        set_last_error(error);
        OutCallback(usize::MAX)
    }
}

/// Runs the body of an entry point; a panic is an internal error, never an unwinding into the caller.
fn guarded<R: Returned>(body: impl FnOnce() -> Result<R::Value>) -> R {
    match catch_unwind(AssertUnwindSafe(body)).unwrap_or(Err(Error::INTERNAL)) {
        Ok(value) => R::succeeded(value),
        Err(error) => R::failed(error),
    }
}

fn set_last_error(error: Error) {
    #[cfg(not(windows))]
    crate::last_error::set_last_error(error.code());
    #[cfg(windows)]
    // SAFETY: SetLastError takes any number and touches nothing but the thread's own last error.
    unsafe {
        windows_sys::Win32::Foundation::SetLastError(error.code());
    }
}

/// Keeps the library loaded from now on: threads of its own are about to run its code.
pub(crate) fn pin_module() {
    #[cfg(windows)]
    {
        use windows_sys::Win32::System::LibraryLoader as l;
        static PINNED: std::sync::Once = std::sync::Once::new();
        PINNED.call_once(|| {
            let mut module = std::ptr::null_mut();
            let address = pin_module as *const () as *const u16;
            let flags = l::GET_MODULE_HANDLE_EX_FLAG_PIN | l::GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
            // SAFETY: with FROM_ADDRESS the name is not read, it is an address in the module that is meant; and
            // `module` is a place for the answer.
            unsafe { l::GetModuleHandleExW(flags, address, &mut module) };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let Code(code) = guarded(|| panic!("a defect"));
        std::panic::set_hook(quiet);
        assert_eq!(code, windows_sys::Win32::Networking::WinHttp::ERROR_WINHTTP_INTERNAL_ERROR);
    }
}
