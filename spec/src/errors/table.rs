//! The page "Error messages", in its order, then the Win32 codes.

use windows_sys::Win32::Networking::WinHttp::ERROR_WINHTTP_INVALID_OPTION;

use super::ErrorCode;

/// Every code of the page.
pub static ERRORS: &[ErrorCode] = &[ErrorCode {
    name: "ERROR_WINHTTP_INVALID_OPTION",
    value: ERROR_WINHTTP_INVALID_OPTION,
    says: "the option number is not one that can be queried or set",
    obsolete: false,
}];
