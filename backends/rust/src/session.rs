//! A session: what `WinHttpOpen` was told, and the cookies that came since.

use std::sync::{Arc, Mutex, atomic::AtomicBool};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    config::Config,
    cookies::Jar,
    error::{Error, Result},
    handle::{Node, Object},
    option::{OLD_PROTOCOLS, Settings, Value},
    pool,
    proxy::ProxyInfo,
};

/// The part of a session that no option changes.
pub(crate) struct Session {
    /// Calls complete through the callback.
    pub(crate) asynchronous: bool,
    /// TLS 1.2 or newer is required (`WINHTTP_FLAG_SECURE_DEFAULTS`).
    pub(crate) secure_defaults: bool,
    pub(crate) cookies: Mutex<Jar>,
    /// A request had to open a connection.
    pub(crate) connected: AtomicBool,
}

/// Opens a session. Page: WinHttpOpen.
///
/// The page says of both proxy strings that they *must* be NULL unless the access type is named proxy, and of the
/// access type that it *can be one of* four; it documents no error for either. Here both are `ERROR_INVALID_PARAMETER`.
pub(crate) fn open(agent: Option<&[u16]>, proxy: ProxyInfo, flags: u32) -> Result<Arc<Object>> {
    if flags & !w::WINHTTP_FLAG_SECURE_DEFAULTS != 0 {
        return Err(Error::INVALID_PARAMETER);
    }
    let session = Session {
        // The secure defaults imply asynchronous use; their constant contains that flag.
        asynchronous: flags & w::WINHTTP_FLAG_ASYNC != 0,
        secure_defaults: flags & w::WINHTTP_FLAG_SECURE_DEFAULTS == w::WINHTTP_FLAG_SECURE_DEFAULTS,
        cookies: Mutex::default(),
        connected: AtomicBool::default(),
    };
    let mut settings = Settings::default();
    if let Some(agent) = agent.filter(|agent| !agent.is_empty()) {
        settings.put(w::WINHTTP_OPTION_USER_AGENT, Value::Text(agent.into()));
    }
    let protocols = match Config::load().secure_protocols() {
        protocols if session.secure_defaults => protocols & !OLD_PROTOCOLS,
        protocols => protocols,
    };
    settings.put(w::WINHTTP_OPTION_SECURE_PROTOCOLS, Value::Dword(protocols));
    settings.put(w::WINHTTP_OPTION_PROXY, Value::Proxy(Arc::new(proxy.checked()?)));
    let object = Object::create_with(None, Node::Session(session), settings, |notifier| notifier)?;
    pool::serve(object.handle);
    Ok(object)
}
