//! What this library exports, for programs that want to know before they call.

use std::sync::LazyLock;

/// Whether a function does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As documented, as far as this library goes.
    Implemented,
    /// Present, so that programs load; it only fails.
    Stub,
    /// Not of the API and not exported: for tests, which find it in the table.
    Control,
}

/// One function. A function of the API that has no entry is absent: it is not exported either.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The exported name.
    pub name: &'static str,
    /// The function's address, to be called as the C prototype says.
    pub address: *const (),
    /// Whether it does its work.
    pub state: State,
}

// SAFETY: the address is of a function, which no one can change through it.
unsafe impl Send for Entry {}
// SAFETY: as for Send.
unsafe impl Sync for Entry {}

impl Entry {
    pub(super) const fn implemented(name: &'static str, address: *const ()) -> Entry {
        Entry { name, address, state: State::Implemented }
    }

    pub(super) const fn control(name: &'static str, address: *const ()) -> Entry {
        Entry { name, address, state: State::Control }
    }
}

/// All exported functions, sorted by name: those of `winhttp.h`, and where the platform is not Windows the few of
/// kernel32 that the ABI needs (`GetLastError`, `SetLastError`, `GlobalFree`, `LocalFree`). Beside them stands
/// `WinHttpRustPassTime(DWORD milliseconds)`, which no library exports: it has time pass for every time-out.
pub fn table() -> &'static [Entry] {
    static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let mut entries = [
            super::authentication::ENTRIES,
            super::connections::ENTRIES,
            super::control::ENTRIES,
            super::extended::ENTRIES,
            super::handles::ENTRIES,
            super::options::ENTRIES,
            super::proxies::ENTRIES,
            super::requests::ENTRIES,
            super::resolvers::ENTRIES,
            super::times::ENTRIES,
            super::urls::ENTRIES,
            super::websockets::ENTRIES,
            #[cfg(not(windows))]
            super::platform::ENTRIES,
        ]
        .concat();
        entries.sort_by_key(|entry| entry.name);
        entries
    });
    &TABLE
}
