//! Error codes as values: what a call of the C API reports, before it becomes a last error or a return code.

use std::{fmt, io};

use windows_sys::Win32::{Foundation as f, Networking::WinHttp as w};

/// The result of every operation of the safe core.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A Windows error code, never `ERROR_SUCCESS`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Error(u32);

macro_rules! codes {
    ($($name:ident = $code:expr;)*) => {
        impl Error {
            $(pub(crate) const $name: Error = Error($code);)*
        }
    };
}

codes! {
    ACCESS_DENIED = f::ERROR_ACCESS_DENIED;
    AUTODETECTION_FAILED = w::ERROR_WINHTTP_AUTODETECTION_FAILED;
    AUTO_PROXY_SERVICE_ERROR = w::ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR;
    CANNOT_CONNECT = w::ERROR_WINHTTP_CANNOT_CONNECT;
    CHUNK_HEADER_OVERFLOW = w::ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW;
    CONNECTION_ERROR = w::ERROR_WINHTTP_CONNECTION_ERROR;
    FILE_NOT_FOUND = f::ERROR_FILE_NOT_FOUND;
    HEADER_COUNT_EXCEEDED = w::ERROR_WINHTTP_HEADER_COUNT_EXCEEDED;
    HEADER_NOT_FOUND = w::ERROR_WINHTTP_HEADER_NOT_FOUND;
    HEADER_ALREADY_EXISTS = w::ERROR_WINHTTP_HEADER_ALREADY_EXISTS;
    HEADER_SIZE_OVERFLOW = w::ERROR_WINHTTP_HEADER_SIZE_OVERFLOW;
    INCORRECT_HANDLE_STATE = w::ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    INCORRECT_HANDLE_TYPE = w::ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
    INSUFFICIENT_BUFFER = f::ERROR_INSUFFICIENT_BUFFER;
    INTERNAL = w::ERROR_WINHTTP_INTERNAL_ERROR;
    INVALID_HANDLE = f::ERROR_INVALID_HANDLE;
    INVALID_HEADER = w::ERROR_WINHTTP_INVALID_HEADER;
    INVALID_OPERATION = f::ERROR_INVALID_OPERATION;
    INVALID_OPTION = w::ERROR_WINHTTP_INVALID_OPTION;
    INVALID_PARAMETER = f::ERROR_INVALID_PARAMETER;
    INVALID_SERVER_RESPONSE = w::ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    INVALID_URL = w::ERROR_WINHTTP_INVALID_URL;
    NAME_NOT_RESOLVED = w::ERROR_WINHTTP_NAME_NOT_RESOLVED;
    NOT_ENOUGH_MEMORY = f::ERROR_NOT_ENOUGH_MEMORY;
    OPERATION_CANCELLED = w::ERROR_WINHTTP_OPERATION_CANCELLED;
    OPTION_NOT_SETTABLE = w::ERROR_WINHTTP_OPTION_NOT_SETTABLE;
    REDIRECT_FAILED = w::ERROR_WINHTTP_REDIRECT_FAILED;
    RESEND_REQUEST = w::ERROR_WINHTTP_RESEND_REQUEST;
    SECURE_CHANNEL_ERROR = w::ERROR_WINHTTP_SECURE_CHANNEL_ERROR;
    TIMEOUT = w::ERROR_WINHTTP_TIMEOUT;
    UNRECOGNIZED_SCHEME = w::ERROR_WINHTTP_UNRECOGNIZED_SCHEME;
}

impl Error {
    /// The code as `GetLastError` gives it.
    pub(crate) fn code(self) -> u32 {
        self.0
    }

    /// What a failed read or write on an established connection means to the application. The socket's own code
    /// is kept for `WINHTTP_OPTION_EXTENDED_ERROR`.
    pub(crate) fn from_io(error: &io::Error) -> Error {
        crate::last_error::note_socket_error(error);
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Error::TIMEOUT,
            _ => Error::CONNECTION_ERROR,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Error({})", self.0)
    }
}
