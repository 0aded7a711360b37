//! Who is told when proxy settings change. Pages: WinHttpRegisterProxyChangeNotification,
//! WinHttpUnregisterProxyChangeNotification.
//!
//! A change is one that WinHttpSetDefaultProxyConfiguration makes in this process; the file itself is not watched.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    abi::proxies::ChangeCallback,
    error::{Error, Result},
    handle::lock,
    worker,
};

static REGISTERED: Mutex<Vec<(usize, ChangeCallback)>> = Mutex::new(Vec::new());

/// Registers a callback; returns the registration's handle.
///
/// The page calls `WINHTTP_PROXY_NOTIFY_CHANGE` an example of a flag, and no page has another:
/// anything else is `ERROR_INVALID_PARAMETER`.
pub(crate) fn register(callback: ChangeCallback, flags: u64) -> Result<usize> {
    static NEXT: AtomicUsize = AtomicUsize::new(0x5052_0001);
    if flags != u64::from(w::WINHTTP_PROXY_NOTIFY_CHANGE) {
        return Err(Error::INVALID_PARAMETER);
    }
    let handle = NEXT.fetch_add(8, Ordering::Relaxed);
    lock(&REGISTERED).push((handle, callback));
    Ok(handle)
}

/// Ends a registration; `ERROR_INVALID_HANDLE` if there is none. A callback that is running finishes.
pub(crate) fn unregister(handle: usize) -> Result<()> {
    let mut registered = lock(&REGISTERED);
    let at = registered.iter().position(|(own, _)| *own == handle).ok_or(Error::INVALID_HANDLE)?;
    registered.remove(at);
    Ok(())
}

/// Calls everyone who is registered, on another thread.
pub(crate) fn changed() {
    let registered = lock(&REGISTERED).clone();
    if registered.is_empty() {
        return;
    }
    // Without a thread the settings have changed all the same, and there is no one to report to.
    let _ = worker::spawn(Box::new(move || {
        for (handle, callback) in registered {
            if lock(&REGISTERED).iter().any(|(own, _)| *own == handle) {
                callback.call();
            }
        }
    }));
}
