//! The page "Error messages" in its order, then the Win32 codes that only other pages name.

use windows_sys::Win32::Foundation::*;
use windows_sys::Win32::Networking::WinHttp::*;

use super::ErrorCode;

macro_rules! errors {
    ($($name:ident $($obsolete:ident)?: $says:literal,)+) => {
        &[$(ErrorCode {
            name: stringify!($name),
            value: $name,
            says: $says,
            obsolete: obsolete!($($obsolete)?),
        },)+]
    };
}

macro_rules! obsolete {
    () => {
        false
    };
    (obsolete) => {
        true
    };
}

/// Every code that a page lists. No two have the same number.
///
/// The page describes `ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED` twice: here it stands where its number does.
/// It gives the two codes about private keys no number: theirs come from the headers.
pub static ERRORS: &[ErrorCode] = errors! {
    ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR: "WinHttpGetProxyForUrl found no proxy for the URL",
    ERROR_WINHTTP_AUTODETECTION_FAILED: "WinHttpDetectAutoProxyConfigUrl found no PAC file",
    ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT: "running the script of the PAC file failed",
    ERROR_WINHTTP_CANNOT_CALL_AFTER_OPEN: "the COM object: not possible once Open was called",
    ERROR_WINHTTP_CANNOT_CALL_AFTER_SEND: "the COM object: not possible once Send was called",
    ERROR_WINHTTP_CANNOT_CALL_BEFORE_OPEN: "the COM object: not possible before Open was called",
    ERROR_WINHTTP_CANNOT_CALL_BEFORE_SEND: "the COM object: not possible before Send was called",
    ERROR_WINHTTP_CANNOT_CONNECT: "no connection to the server could be made",
    ERROR_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY: "no access to the client certificate's private key",
    ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY: "the client certificate comes without a private key",
    ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW: "a size in the chunked response overflowed",
    ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED: "the server asks the client for a certificate",
    ERROR_WINHTTP_CONNECTION_ERROR: "the connection was reset or ended, or the SSL protocols do not fit",
    ERROR_WINHTTP_HEADER_ALREADY_EXISTS obsolete: "no longer used",
    ERROR_WINHTTP_HEADER_COUNT_EXCEEDED: "the response has more headers than WinHTTP can take",
    ERROR_WINHTTP_HEADER_NOT_FOUND: "there is no such header",
    ERROR_WINHTTP_HEADER_SIZE_OVERFLOW: "the response's headers are larger than the request handle allows",
    ERROR_WINHTTP_INCORRECT_HANDLE_STATE: "the handle is not in a state for this operation",
    ERROR_WINHTTP_INCORRECT_HANDLE_TYPE: "the handle is of another kind than this operation needs",
    ERROR_WINHTTP_INTERNAL_ERROR: "something failed inside WinHTTP",
    ERROR_WINHTTP_INVALID_OPTION: "there is no such option to query or to set",
    ERROR_WINHTTP_INVALID_QUERY_REQUEST obsolete: "no longer used",
    ERROR_WINHTTP_INVALID_SERVER_RESPONSE: "the server's response cannot be parsed",
    ERROR_WINHTTP_INVALID_URL: "the URL is not valid",
    ERROR_WINHTTP_LOGIN_FAILURE: "logging in failed; another try needs a new request handle",
    ERROR_WINHTTP_NAME_NOT_RESOLVED: "the server's name could not be resolved",
    ERROR_WINHTTP_NOT_INITIALIZED obsolete: "no longer used",
    ERROR_WINHTTP_OPERATION_CANCELLED: "the operation was cancelled, as a rule by closing its handle",
    ERROR_WINHTTP_OPTION_NOT_SETTABLE: "the option can be queried, but not set",
    ERROR_WINHTTP_OUT_OF_HANDLES obsolete: "no longer used",
    ERROR_WINHTTP_REDIRECT_FAILED: "the redirect changed the scheme, or there were too many of them",
    ERROR_WINHTTP_RESEND_REQUEST: "failed, and may be tried again on the same request handle",
    ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW: "the response is larger than a limit inside WinHTTP",
    ERROR_WINHTTP_SCRIPT_EXECUTION_ERROR: "a script failed while it ran",
    ERROR_WINHTTP_SECURE_CERT_CN_INVALID: "the certificate's name is not the server's (CERT_E_CN_NO_MATCH)",
    ERROR_WINHTTP_SECURE_CERT_DATE_INVALID: "a certificate is out of its time (CERT_E_EXPIRED and the like)",
    ERROR_WINHTTP_SECURE_CERT_REV_FAILED: "the revocation server was offline (CRYPT_E_REVOCATION_OFFLINE)",
    ERROR_WINHTTP_SECURE_CERT_REVOKED: "a certificate was revoked (CRYPT_E_REVOKED)",
    ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE: "a certificate is not meant for this usage (CERT_E_WRONG_USAGE)",
    ERROR_WINHTTP_SECURE_CHANNEL_ERROR: "the secure channel failed (a SEC_E_ or SEC_I_ code)",
    ERROR_WINHTTP_SECURE_FAILURE: "the certificate has errors; the status callback says which",
    ERROR_WINHTTP_SECURE_INVALID_CA: "the chain ends in an untrusted root (CERT_E_UNTRUSTEDROOT)",
    ERROR_WINHTTP_SECURE_INVALID_CERT: "a certificate is not valid (CERT_E_ROLE and the like)",
    ERROR_WINHTTP_SHUTDOWN: "WinHTTP is being shut down or unloaded",
    ERROR_WINHTTP_TIMEOUT: "the request timed out, by WinHTTP's time-outs or by TCP/IP's",
    ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT: "the PAC file could not be fetched",
    ERROR_WINHTTP_UNHANDLED_SCRIPT_TYPE: "this type of script is not supported",
    ERROR_WINHTTP_UNRECOGNIZED_SCHEME: "the URL's scheme is neither http nor https",
    ERROR_NOT_ENOUGH_MEMORY: "there was too little memory",
    ERROR_INSUFFICIENT_BUFFER: "the buffer is too small for the data",
    ERROR_INVALID_HANDLE: "the handle was closed, or is no handle",
    ERROR_NO_MORE_FILES: "there are no further files",
    ERROR_NO_MORE_ITEMS: "there are no further items",
    ERROR_NOT_SUPPORTED: "the protocol stack is not loaded: Windows Sockets cannot be started",
    ERROR_SUCCESS: "the operation succeeded; some pages call it NO_ERROR",
    ERROR_FILE_NOT_FOUND: "there are no such settings",
    ERROR_ACCESS_DENIED: "the session's secure defaults forbid it",
    ERROR_INVALID_PARAMETER: "a parameter is not valid",
    ERROR_IO_PENDING: "the operation goes on asynchronously",
    ERROR_INVALID_OPERATION: "an operation is pending, or the WebSocket channel is closed",
};
