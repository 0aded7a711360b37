//! Status notifications: what a callback is told, and who is told. Page: WINHTTP_STATUS_CALLBACK.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    abi::callback::StatusCallback,
    handle::{Handle, lock},
};

/// One notification, with its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Notice<'a> {
    HandleCreated(Handle),
    HandleClosing(Handle),
    /// The name being looked up, ending in NUL.
    ResolvingName(&'a [u16]),
    /// The name that was looked up, ending in NUL.
    NameResolved(&'a [u16]),
    /// The address in dotted notation, ending in NUL.
    Connecting(&'a [u16]),
    /// The address in dotted notation, ending in NUL.
    Connected(&'a [u16]),
    SendingRequest,
    /// Bytes sent.
    RequestSent(u32),
    ReceivingResponse,
    /// Bytes received.
    ResponseReceived(u32),
    ClosingConnection,
    ConnectionClosed,
    /// The new URL, ending in NUL.
    Redirect(&'a [u16]),
    /// The informational status code.
    IntermediateResponse(u32),
    /// The data that were given with the request, as an address, and how many bytes they are.
    SendRequestComplete(usize, u32),
    HeadersAvailable,
    /// Bytes that can be read at once.
    DataAvailable(u32),
    /// The caller's buffer as an address, and the bytes put into it.
    ReadComplete(usize, u32),
    /// Bytes written.
    WriteComplete(u32),
    /// The function, as an `API_` constant, and its error.
    RequestError(u32, u32),
    /// Bytes and buffer type.
    WebSocketReceived(u32, i32),
    /// Bytes and buffer type.
    WebSocketSent(u32, i32),
    WebSocketShutdown,
    WebSocketClosed,
    /// Operation and error.
    WebSocketError(i32, u32),
    ProxyForUrlComplete,
    ProxySettingsComplete,
}

impl Notice<'_> {
    /// The `WINHTTP_CALLBACK_STATUS_` value. The flags of WinHttpSetStatusCallback are unions of these bits.
    pub(crate) fn status(&self) -> u32 {
        match self {
            Notice::HandleCreated(_) => w::WINHTTP_CALLBACK_STATUS_HANDLE_CREATED,
            Notice::HandleClosing(_) => w::WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING,
            Notice::ResolvingName(_) => w::WINHTTP_CALLBACK_STATUS_RESOLVING_NAME,
            Notice::NameResolved(_) => w::WINHTTP_CALLBACK_STATUS_NAME_RESOLVED,
            Notice::Connecting(_) => w::WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER,
            Notice::Connected(_) => w::WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER,
            Notice::SendingRequest => w::WINHTTP_CALLBACK_STATUS_SENDING_REQUEST,
            Notice::RequestSent(_) => w::WINHTTP_CALLBACK_STATUS_REQUEST_SENT,
            Notice::ReceivingResponse => w::WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE,
            Notice::ResponseReceived(_) => w::WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED,
            Notice::ClosingConnection => w::WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION,
            Notice::ConnectionClosed => w::WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED,
            Notice::Redirect(_) => w::WINHTTP_CALLBACK_STATUS_REDIRECT,
            Notice::IntermediateResponse(_) => w::WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE,
            Notice::SendRequestComplete(..) => w::WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE,
            Notice::HeadersAvailable => w::WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE,
            Notice::DataAvailable(_) => w::WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE,
            Notice::ReadComplete(..) | Notice::WebSocketReceived(..) => {
                w::WINHTTP_CALLBACK_STATUS_READ_COMPLETE
            }
            Notice::WriteComplete(_) | Notice::WebSocketSent(..) => w::WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE,
            Notice::RequestError(..) | Notice::WebSocketError(..) => w::WINHTTP_CALLBACK_STATUS_REQUEST_ERROR,
            Notice::WebSocketShutdown => w::WINHTTP_CALLBACK_STATUS_SHUTDOWN_COMPLETE,
            Notice::WebSocketClosed => w::WINHTTP_CALLBACK_STATUS_CLOSE_COMPLETE,
            Notice::ProxyForUrlComplete => w::WINHTTP_CALLBACK_STATUS_GETPROXYFORURL_COMPLETE,
            Notice::ProxySettingsComplete => w::WINHTTP_CALLBACK_STATUS_GETPROXYSETTINGS_COMPLETE,
        }
    }
}

/// Who is told of a handle's notices: its callback with the wanted notices, and its context value.
#[derive(Default)]
pub(crate) struct Notifier {
    callback: Mutex<(Option<StatusCallback>, u32)>,
    context: AtomicUsize,
}

impl Notifier {
    /// What a derived handle starts with: the same callback, and the same context value.
    ///
    /// That the callback is inherited is documented; of the context value only that a handle inherits the
    /// settings of its parent (page: hinternet-handles-in-winhttp).
    pub(crate) fn inherited(&self) -> Notifier {
        Notifier { callback: Mutex::new(*lock(&self.callback)), context: AtomicUsize::new(self.context()) }
    }

    /// The same callback with another context value.
    pub(crate) fn with_context(self, context: usize) -> Notifier {
        self.set_context(context);
        self
    }

    pub(crate) fn context(&self) -> usize {
        self.context.load(Ordering::Relaxed)
    }

    pub(crate) fn set_context(&self, context: usize) {
        self.context.store(context, Ordering::Relaxed);
    }

    pub(crate) fn callback(&self) -> Option<StatusCallback> {
        lock(&self.callback).0
    }

    /// Installs or removes the callback; returns the one before.
    pub(crate) fn set_callback(
        &self,
        callback: Option<StatusCallback>,
        flags: u32,
    ) -> Option<StatusCallback> {
        std::mem::replace(&mut *lock(&self.callback), (callback, flags)).0
    }

    /// As [`Notifier::set_callback`], for the option that has no place for flags: those of the callback before
    /// stay, and a first callback is told everything.
    pub(crate) fn replace_callback(&self, callback: Option<StatusCallback>) {
        let mut current = lock(&self.callback);
        let flags = if current.0.is_some() { current.1 } else { w::WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS };
        *current = (callback, flags);
    }

    /// Calls the callback, if there is one that wants this notice. No lock is held meanwhile.
    pub(crate) fn notify(&self, handle: Handle, notice: Notice<'_>) {
        let (callback, flags) = *lock(&self.callback);
        if let Some(callback) = callback.filter(|_| flags & notice.status() != 0) {
            callback.call(handle, self.context(), notice);
        }
    }
}
