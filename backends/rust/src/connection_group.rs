//! The connections that wait for requests. Pages: WinHttpQueryConnectionGroup, WinHttpFreeQueryConnectionGroupResult.
//!
//! Every request has a connection of its own, which ends with it: none waits, and no group has any.

use crate::{
    error::{Error, Result},
    handle::{self, Handle, Kind},
};

/// Documented; the metadata lacks it.
const INSECURE: u64 = 1;

/// Checks the arguments of a query. The page names neither an error for them nor for another kind of handle.
pub(crate) fn query(handle: Option<Handle>, flags: u64) -> Result<()> {
    let object = handle::find(handle)?;
    if !matches!(object.kind(), Kind::Connect | Kind::Request) {
        return Err(Error::INCORRECT_HANDLE_TYPE);
    }
    if flags & !INSECURE == 0 { Ok(()) } else { Err(Error::INVALID_PARAMETER) }
}
