//! Connection groups.

use std::ptr::{null, null_mut};

use crate::{api::*, constants::WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE as INSECURE};

fn query(handle: Handle, flags: u64) -> Result<u32, u32> {
    let mut result = null_mut();
    match call!(WinHttpQueryConnectionGroup(handle, null(), flags, &mut result)) {
        0 => {
            // SAFETY: the function allocated it.
            let hosts = unsafe { (*result).cHosts };
            call!(WinHttpFreeQueryConnectionGroupResult(result));
            Ok(hosts)
        }
        error => {
            assert!(result.is_null());
            Err(error)
        }
    }
}

#[test]
fn there_are_no_groups() {
    let family = Family::new();
    assert_eq!([query(family.connection, INSECURE), query(family.request, 0)], [Ok(0), Ok(0)]);
    call!(WinHttpFreeQueryConnectionGroupResult(null_mut()));
}

#[test]
fn a_query_checks_its_arguments() {
    let family = Family::new();
    assert_eq!(query(family.session, 0), Err(ERROR_WINHTTP_INCORRECT_HANDLE_TYPE));
    assert_eq!(query(null_mut(), 0), Err(ERROR_INVALID_HANDLE));
    assert_eq!(query(family.request, 2), Err(ERROR_INVALID_PARAMETER));
    let nowhere = call!(WinHttpQueryConnectionGroup(family.request, null(), 0, null_mut()));
    assert_eq!(nowhere, ERROR_INVALID_PARAMETER);
}
