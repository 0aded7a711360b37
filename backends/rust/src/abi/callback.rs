//! Calling the application's status callback.

use std::ffi::c_void;

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{handle::Handle, notification::Notice};

type Function = unsafe extern "system" fn(*mut c_void, usize, u32, *mut c_void, u32);

/// A status callback that an application installed.
#[derive(Clone, Copy)]
pub(crate) struct StatusCallback(Function);

/// WINHTTP_STATUS_CALLBACK as an argument.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct InCallback(Option<Function>);

impl InCallback {
    pub(super) fn get(self) -> Option<StatusCallback> {
        self.0.map(StatusCallback)
    }

    /// Reads a callback that came as the value of `WINHTTP_OPTION_CALLBACK`.
    ///
    /// # Safety
    /// `address` is NULL, or the address of a WINHTTP_STATUS_CALLBACK.
    pub(super) unsafe fn from_address(address: *const ()) -> InCallback {
        // SAFETY: NULL is None, anything else the function it points to; both are of a pointer's size.
        InCallback(unsafe { std::mem::transmute::<*const (), Option<Function>>(address) })
    }
}

impl StatusCallback {
    /// What the application set, as a number.
    pub(crate) fn address(self) -> usize {
        (self.0 as *const ()).expose_provenance()
    }

    /// Calls it with a notice, laid out as the page WINHTTP_STATUS_CALLBACK has it for each status.
    pub(crate) fn call(self, handle: Handle, context: usize, notice: Notice<'_>) {
        match notice {
            Notice::HandleCreated(handle) | Notice::HandleClosing(handle) => {
                self.with(handle, context, notice, &mut handle.value(), size_of::<usize>());
            }
            Notice::ResolvingName(text)
            | Notice::NameResolved(text)
            | Notice::Connecting(text)
            | Notice::Connected(text)
            | Notice::Redirect(text) => {
                // The page gives the length of a redirect's text in characters, and none for the others.
                let characters = text.len().saturating_sub(1);
                self.raw(handle, context, notice, text.as_ptr().cast_mut().cast(), characters);
            }
            Notice::RequestSent(number)
            | Notice::ResponseReceived(number)
            | Notice::IntermediateResponse(number)
            | Notice::DataAvailable(number)
            | Notice::WriteComplete(number) => {
                self.with(handle, context, notice, &mut { number }, size_of::<u32>());
            }
            Notice::SendingRequest
            | Notice::ReceivingResponse
            | Notice::ClosingConnection
            | Notice::ConnectionClosed
            | Notice::HeadersAvailable
            | Notice::WebSocketShutdown
            | Notice::WebSocketClosed
            | Notice::ProxyForUrlComplete
            | Notice::ProxySettingsComplete => self.raw(handle, context, notice, std::ptr::null_mut(), 0),
            Notice::SendRequestComplete(buffer, length) | Notice::ReadComplete(buffer, length) => {
                let buffer = std::ptr::with_exposed_provenance_mut(buffer);
                self.raw(handle, context, notice, buffer, length as usize);
            }
            Notice::RequestError(function, error) => {
                let mut result = w::WINHTTP_ASYNC_RESULT { dwResult: function as usize, dwError: error };
                self.with(handle, context, notice, &mut result, size_of::<w::WINHTTP_ASYNC_RESULT>());
            }
            Notice::WebSocketReceived(bytes, buffer_type) | Notice::WebSocketSent(bytes, buffer_type) => {
                let mut status =
                    w::WINHTTP_WEB_SOCKET_STATUS { dwBytesTransferred: bytes, eBufferType: buffer_type };
                self.with(handle, context, notice, &mut status, size_of::<w::WINHTTP_WEB_SOCKET_STATUS>());
            }
            Notice::WebSocketError(operation, error) => {
                let mut result = w::WINHTTP_WEB_SOCKET_ASYNC_RESULT {
                    AsyncResult: w::WINHTTP_ASYNC_RESULT { dwResult: 0, dwError: error },
                    Operation: operation,
                };
                let size = size_of::<w::WINHTTP_WEB_SOCKET_ASYNC_RESULT>();
                self.with(handle, context, notice, &mut result, size);
            }
        }
    }

    fn with<T>(self, handle: Handle, context: usize, notice: Notice<'_>, value: &mut T, size: usize) {
        self.raw(handle, context, notice, std::ptr::from_mut(value).cast(), size);
    }

    fn raw(
        self,
        handle: Handle,
        context: usize,
        notice: Notice<'_>,
        information: *mut c_void,
        length: usize,
    ) {
        let handle = std::ptr::without_provenance_mut(handle.value());
        // SAFETY: the application promised a function of this type when it installed the callback, and to keep it
        // until the handle's last notification. `information` points to what the status is documented to come with,
        // for as long as the call lasts.
        unsafe { (self.0)(handle, context, notice.status(), information, length as u32) };
    }
}
