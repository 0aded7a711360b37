//! Connection groups.

use std::ptr::{null, null_mut};

use windows_sys::core::GUID;

use crate::{api::*, constants::WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE as INSECURE, peer::Peer};

/// Each host with the numbers of connections and the first numbers of the marks.
fn query(handle: Handle, mark: Option<GUID>, flags: u64) -> Result<String, u32> {
    let mark = mark.as_ref().map_or(null(), |mark| &raw const *mark);
    let mut result = null_mut();
    match call!(WinHttpQueryConnectionGroup(handle, mark, flags, &mut result)) {
        0 => {
            // SAFETY: the function allocated it.
            let spelled = hosts(unsafe { &*result });
            call!(WinHttpFreeQueryConnectionGroupResult(result));
            Ok(spelled)
        }
        error => {
            assert!(result.is_null());
            Err(error)
        }
    }
}

fn hosts(result: &WINHTTP_QUERY_CONNECTION_GROUP_RESULT) -> String {
    let mut out = String::new();
    for at in 0..result.cHosts as usize {
        // SAFETY: the result has so many hosts, whose names end in NUL, and each has so many groups.
        let (name, groups) = unsafe {
            let host = &*result.pHostConnectionGroups.add(at);
            let units = (0..).map(|at| host.pwszHost.add(at).read()).take_while(|unit| *unit != 0);
            let name = String::from_utf16(&units.collect::<Vec<_>>()).unwrap();
            (name, std::slice::from_raw_parts(host.pConnectionGroups, host.cConnectionGroups as usize))
        };
        out.push_str(&name);
        for group in groups {
            out.push_str(&format!(" {}*{:x}", group.cConnections, group.guidGroup.data1));
        }
    }
    out
}

#[test]
fn a_connection_is_counted_under_its_mark() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    let family = Family::to(0, peer.port, "/");
    let (request, connection) = (family.request, family.connection);
    assert_eq!(query(request, None, 0).as_deref(), Ok(""), "nothing was sent");
    assert_eq!((send(request), receive(request)), (0, 0));
    assert_eq!(query(request, None, 0).as_deref(), Ok("127.0.0.1 1*0"), "in use, without a mark");
    let mark = GUID::from_u128(0x1234_5678_0000_0000_0000_0000_0000_0001);
    // SAFETY: a GUID is sixteen bytes, and any can be read.
    let bytes = unsafe { std::slice::from_raw_parts((&raw const mark).cast::<u8>(), 16) };
    assert_eq!(set_bytes(request, WINHTTP_OPTION_CONNECTION_GUID, bytes), 0);
    assert_eq!(query(request, Some(mark), 0).as_deref(), Ok("127.0.0.1 1*12345678"));
    assert_eq!(query(request, Some(GUID::from_u128(1)), 0).as_deref(), Ok(""));
    assert_eq!(read(request, 10), Ok(b"x".to_vec()));
    assert_eq!(query(connection, None, INSECURE).as_deref(), Ok("127.0.0.1 1*12345678"), "idle now");
    assert_eq!(query(connection, None, 0).as_deref(), Ok(""), "HTTPS is assumed");
}

#[test]
fn a_query_checks_its_arguments() {
    let family = Family::new();
    assert_eq!(query(family.session, None, 0), Err(ERROR_WINHTTP_INCORRECT_HANDLE_TYPE));
    assert_eq!(query(null_mut(), None, 0), Err(ERROR_INVALID_HANDLE));
    assert_eq!(query(family.request, None, 2), Err(ERROR_INVALID_PARAMETER));
    let nowhere = call!(WinHttpQueryConnectionGroup(family.request, null(), 0, null_mut()));
    assert_eq!(nowhere, ERROR_INVALID_PARAMETER);
    call!(WinHttpFreeQueryConnectionGroupResult(null_mut()));
}
