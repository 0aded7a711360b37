//! What a status callback is called with, by status. Page: WINHTTP_STATUS_CALLBACK.

use Information::{Buffer, Dword, Handle, Null, Struct, Text, Unstated};

/// A status, `dwInternetStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The constant, without [`PREFIX`].
    pub name: &'static str,
    /// What `lpvStatusInformation` is; several where it depends on the function that was called.
    pub information: &'static [Information],
    /// Whether the page says what `dwStatusInformationLength` is.
    pub length_stated: bool,
}

/// What `lpvStatusInformation` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Information {
    /// `NULL`.
    Null,
    /// A pointer to a 32-bit number.
    Dword,
    /// A pointer to zero-terminated UTF-16 text.
    Text,
    /// A pointer to a handle.
    Handle,
    /// A pointer to this struct.
    Struct(&'static str),
    /// The pointer that the application gave to the function that is complete.
    Buffer,
    /// The page does not say.
    Unstated,
}

/// What the names of the constants begin with.
pub const PREFIX: &str = "WINHTTP_CALLBACK_STATUS_";

/// The status of that name, with or without [`PREFIX`].
#[must_use]
pub fn find(name: &str) -> Option<&'static Status> {
    let short = name.strip_prefix(PREFIX).unwrap_or(name);
    STATUSES.iter().find(|status| status.name == short)
}

impl Status {
    /// The name of the constant.
    #[must_use]
    pub fn constant(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }
}

const fn status(name: &'static str, information: &'static [Information]) -> Status {
    Status { name, information, length_stated: false }
}

const fn with_length(name: &'static str, information: &'static [Information]) -> Status {
    Status { name, information, length_stated: true }
}

/// Every status.
pub static STATUSES: &[Status] = &[
    status("CLOSE_COMPLETE", &[Null]),
    status("CLOSING_CONNECTION", &[Null]),
    status("CONNECTED_TO_SERVER", &[Text]),
    status("CONNECTING_TO_SERVER", &[Text]),
    status("CONNECTION_CLOSED", &[Null]),
    with_length("DATA_AVAILABLE", &[Dword]),
    status("DETECTING_PROXY", &[Unstated]),
    status("GETPROXYFORURL_COMPLETE", &[Unstated]),
    status("GETPROXYSETTINGS_COMPLETE", &[Unstated]),
    status("HANDLE_CLOSING", &[Handle]),
    status("HANDLE_CREATED", &[Handle]),
    status("HEADERS_AVAILABLE", &[Null]),
    status("INTERMEDIATE_RESPONSE", &[Dword]),
    status("NAME_RESOLVED", &[Text]),
    with_length("READ_COMPLETE", &[Buffer, Struct("WINHTTP_WEB_SOCKET_STATUS")]),
    status("RECEIVING_RESPONSE", &[Null]),
    with_length("REDIRECT", &[Text]),
    status("REQUEST_ERROR", &[Struct("WINHTTP_ASYNC_RESULT"), Struct("WINHTTP_WEB_SOCKET_ASYNC_RESULT")]),
    status("REQUEST_SENT", &[Dword]),
    status("RESOLVING_NAME", &[Text]),
    status("RESPONSE_RECEIVED", &[Dword]),
    status("SECURE_FAILURE", &[Dword]),
    status("SENDING_REQUEST", &[Null]),
    with_length("SENDREQUEST_COMPLETE", &[Buffer]),
    status("SETTINGS_READ_COMPLETE", &[Unstated]),
    status("SETTINGS_WRITE_COMPLETE", &[Unstated]),
    status("SHUTDOWN_COMPLETE", &[Null]),
    with_length("WRITE_COMPLETE", &[Dword, Struct("WINHTTP_WEB_SOCKET_STATUS")]),
];
