//! Entry points for connections.

use windows_sys::{Win32::Networking::WinHttp as w, core::GUID};

use super::{
    Code,
    arguments::{InHandle, Out},
    entry_points, memory,
};
use crate::{
    connection_group::{self, Groups},
    error::{Error, Result},
};

entry_points! {
    fn WinHttpQueryConnectionGroup(
        handle: InHandle,
        mark: Out<[u8; size_of::<GUID>()]>,
        flags: u64,
        result: Out<*mut w::WINHTTP_QUERY_CONNECTION_GROUP_RESULT>,
    ) -> Code {
        let groups = connection_group::query(handle.get(), mark.get(), flags)?;
        if result.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let hosts = groups.iter().map(host).collect::<Result<Vec<_>>>()?;
        result.put(memory::global_array([w::WINHTTP_QUERY_CONNECTION_GROUP_RESULT {
            cHosts: hosts.len() as u32,
            pHostConnectionGroups: memory::global_array(hosts)?,
        }])?);
        Ok(())
    }

    fn WinHttpFreeQueryConnectionGroupResult(result: Out<w::WINHTTP_QUERY_CONNECTION_GROUP_RESULT>) -> () {
        let Some(old) = result.get() else { return Ok(()) };
        for at in 0..old.cHosts as usize {
            // SAFETY: the caller passes a result of WinHttpQueryConnectionGroup, which has so many hosts, each with a
            // name and an array that were allocated for it.
            unsafe {
                let host = old.pHostConnectionGroups.add(at).read();
                memory::free(host.pwszHost.cast_mut());
                memory::free(host.pConnectionGroups);
            }
        }
        // SAFETY: and so were the hosts, and the result itself.
        unsafe {
            memory::free(old.pHostConnectionGroups);
            memory::free(result.address());
        }
        Ok(())
    }
}

fn host(groups: &Groups) -> Result<w::WINHTTP_HOST_CONNECTION_GROUP> {
    let name: Vec<u16> = groups.host.encode_utf16().collect();
    let group = |(mark, count): &([u8; size_of::<GUID>()], u32)| w::WINHTTP_CONNECTION_GROUP {
        cConnections: *count,
        // SAFETY: there are as many bytes as a GUID has, and any are one.
        guidGroup: unsafe { mark.as_ptr().cast::<GUID>().read_unaligned() },
    };
    Ok(w::WINHTTP_HOST_CONNECTION_GROUP {
        pwszHost: memory::global_text(Some(&name))?,
        cConnectionGroups: groups.groups.len() as u32,
        pConnectionGroups: memory::global_array(groups.groups.iter().map(group))?,
    })
}
