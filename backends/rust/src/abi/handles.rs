//! Entry points that create, watch and close handles.

use super::{
    Bool, Code, OutCallback, OutHandle,
    arguments::{InHandle, InText, InTexts},
    callback::InCallback,
    entry_points,
};
use crate::{
    auto_proxy, connection,
    error::Error,
    handle,
    proxy::ProxyInfo,
    request::{self, Opening},
    session, timeouts,
};

entry_points! {
    /// This implementation runs wherever it was built for.
    fn WinHttpCheckPlatform() -> Bool {
        Ok(())
    }

    fn WinHttpOpen(agent: InText<'_>, access_type: u32, proxy: InText<'_>, bypass: InText<'_>, flags: u32) -> OutHandle {
        let proxy = ProxyInfo {
            access_type,
            proxy: proxy.get().map(Box::from),
            bypass: bypass.get().map(Box::from),
        };
        session::open(agent.get(), proxy, flags).map(|object| object.handle)
    }

    fn WinHttpConnect(session: InHandle, server: InText<'_>, port: u16, reserved: u32) -> OutHandle {
        connection::connect(session.get(), server.get(), port, reserved).map(|object| object.handle)
    }

    fn WinHttpOpenRequest(
        connection: InHandle,
        verb: InText<'_>,
        object: InText<'_>,
        version: InText<'_>,
        referrer: InText<'_>,
        accept: InTexts<'_>,
        flags: u32,
    ) -> OutHandle {
        let opening = Opening {
            verb: verb.get(),
            object: object.get(),
            version: version.get(),
            referrer: referrer.get(),
            accept: accept.get(),
            flags,
        };
        request::open(connection.get(), &opening).map(|object| object.handle)
    }

    fn WinHttpCloseHandle(handle: InHandle) -> Bool {
        handle::close(handle.get())
    }

    fn WinHttpSetStatusCallback(handle: InHandle, callback: InCallback, flags: u32, reserved: usize) -> OutCallback {
        let object = handle::find(handle.get())?;
        if reserved != 0 {
            return Err(Error::INVALID_PARAMETER);
        }
        let previous = object.notifier.set_callback(callback.get(), flags);
        Ok(previous.map_or(0, |previous| previous.address()))
    }

    fn WinHttpSetTimeouts(handle: InHandle, resolve: i32, connect: i32, send: i32, receive: i32) -> Bool {
        timeouts::set(handle.get(), [resolve, connect, send, receive])
    }

    fn WinHttpResetAutoProxy(session: InHandle, flags: u32) -> Code {
        auto_proxy::reset(session.get(), flags)
    }
}
