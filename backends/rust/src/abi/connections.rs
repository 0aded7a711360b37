//! Entry points for connections.

use windows_sys::{Win32::Networking::WinHttp as w, core::GUID};

use super::{
    Code,
    arguments::{InHandle, Out},
    entry_points, memory,
};
use crate::{connection_group, error::Error};

entry_points! {
    fn WinHttpQueryConnectionGroup(
        handle: InHandle,
        // It narrows the answer down, which is empty anyway.
        _connection: Out<GUID>,
        flags: u64,
        result: Out<*mut w::WINHTTP_QUERY_CONNECTION_GROUP_RESULT>,
    ) -> Code {
        connection_group::query(handle.get(), flags)?;
        if result.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        result.put(memory::global_array([w::WINHTTP_QUERY_CONNECTION_GROUP_RESULT::default()])?);
        Ok(())
    }

    fn WinHttpFreeQueryConnectionGroupResult(result: *mut w::WINHTTP_QUERY_CONNECTION_GROUP_RESULT) -> () {
        // SAFETY: the caller passes a result of WinHttpQueryConnectionGroup, which points to nothing else.
        unsafe { memory::free(result) };
        Ok(())
    }
}
