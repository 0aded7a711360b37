//! What a test has of this library beyond the API. The table has it, and no library exports it.

use std::time::Duration;

use super::table::Entry;
use crate::clock;

/// `BOOL WinHttpRustPassTime(DWORD milliseconds)`: has time pass, for the whole process. Time-outs that are due by then
/// are over when it returns, TRUE; the operations that they end then end by themselves.
extern "system" fn pass_time(milliseconds: u32) -> i32 {
    clock::pass(Duration::from_millis(milliseconds.into()));
    1
}

pub(super) const ENTRIES: &[Entry] = &[Entry::control("WinHttpRustPassTime", pass_time as *const ())];
