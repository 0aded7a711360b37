//! Resetting of automatic proxy discovery. Page: WinHttpResetAutoProxy.

use std::{sync::Mutex, time::Duration};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    clock::{self, Moment},
    error::{Error, Result},
    handle::{self, Handle, Kind, lock},
};

/// Resets follow each other at least this far apart; an earlier one reports success and does nothing.
const REST: Duration = Duration::from_secs(30);

const FLAGS: u32 = w::WINHTTP_RESET_ALL
    | w::WINHTTP_RESET_NOTIFY_NETWORK_CHANGED
    | w::WINHTTP_RESET_OUT_OF_PROC
    | w::WINHTTP_RESET_DISCARD_RESOLVERS;

/// What the discovery service remembers; there is one for the process.
#[derive(Default)]
pub(crate) struct AutoProxy {
    last_reset: Option<Moment>,
    /// How many resets really happened.
    pub(crate) resets: u64,
}

impl AutoProxy {
    /// Resets, unless the last reset was less than 30 seconds before `now`.
    pub(crate) fn reset(&mut self, now: Moment) {
        let rested = self.last_reset.is_none_or(|last| now.since(last) >= REST);
        if rested {
            self.last_reset = Some(now);
            self.resets += 1;
        }
    }
}

/// Checks the arguments of `WinHttpResetAutoProxy` and resets.
///
/// `WINHTTP_RESET_OUT_OF_PROC` is noted as required, without an error for its absence: a call without it, or with
/// a bit that names no flag, is `ERROR_INVALID_PARAMETER` here.
pub(crate) fn reset(session: Option<Handle>, flags: u32) -> Result<()> {
    static SERVICE: Mutex<AutoProxy> = Mutex::new(AutoProxy { last_reset: None, resets: 0 });
    handle::find_kind(session, Kind::Session)?;
    if flags & !FLAGS != 0 || flags & w::WINHTTP_RESET_OUT_OF_PROC == 0 {
        return Err(Error::INVALID_PARAMETER);
    }
    lock(&SERVICE).reset(clock::now());
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::at_once(0, 1)]
    #[case::a_moment_too_soon(29_999, 1)]
    #[case::rested(30_000, 2)]
    fn a_second_reset_needs_thirty_seconds(#[case] later: u64, #[case] resets: u64) {
        let mut service = AutoProxy::default();
        let start = clock::now();
        service.reset(start);
        service.reset(start + Duration::from_millis(later));
        assert_eq!(service.resets, resets);
    }

    #[test]
    fn a_reset_that_did_nothing_does_not_prolong_the_rest() {
        let mut service = AutoProxy::default();
        let start = clock::now();
        for seconds in [0, 20, 30] {
            service.reset(start + Duration::from_secs(seconds));
        }
        assert_eq!(service.resets, 2);
    }
}
