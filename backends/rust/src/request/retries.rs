//! When a request is sent again on its own account. Page: WINHTTP_FAILED_CONNECTION_RETRIES.

use windows_sys::Win32::Networking::WinHttp as w;

use crate::option::Settings;

/// The retries that a request has left. The page does not say whether each condition has its own: they share them.
pub(super) struct Retries {
    left: u32,
    conditions: u32,
}

impl Retries {
    pub(super) fn of(settings: &Settings) -> Retries {
        let set = settings.bytes(w::WINHTTP_OPTION_FAILED_CONNECTION_RETRIES).unwrap_or_default();
        let number = |at: usize| {
            let bytes = set.get(at..).and_then(|rest| rest.first_chunk());
            bytes.map_or(0, |four| u32::from_ne_bytes(*four))
        };
        Retries { left: number(0), conditions: number(4) }
    }

    /// Takes one, if the condition is one of those that were asked for and there is one left.
    pub(super) fn take(&mut self, condition: u32) -> bool {
        let granted = self.conditions & condition != 0 && self.left > 0;
        self.left -= u32::from(granted);
        granted
    }
}
