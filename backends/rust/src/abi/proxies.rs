//! Entry points for proxy settings.

use std::ffi::c_void;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Bool, Code,
    arguments::{InHandle, InText, Out, text_at},
    entry_points, memory,
    options::{proxy_info, proxy_of},
};
use crate::{
    config::{self, Config},
    error::{Error, Result},
    handle::{self, Kind},
    proxy::{
        self, ProxyInfo,
        auto::{self, Options, Search, Way},
    },
};

entry_points! {
    fn WinHttpGetDefaultProxyConfiguration(info: Out<w::WINHTTP_PROXY_INFO>) -> Bool {
        if info.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        info.put(proxy_info(&ProxyInfo::machine_default())?);
        Ok(())
    }

    fn WinHttpSetDefaultProxyConfiguration(info: Out<w::WINHTTP_PROXY_INFO>) -> Bool {
        let info = info.get().ok_or(Error::INVALID_PARAMETER)?;
        // SAFETY: the caller promises such a structure, whose strings are NULL or end in NUL.
        let info = unsafe { proxy_of(&info) };
        config::set_default_proxy(&info.checked_as_default()?)
    }

    fn WinHttpGetIEProxyConfigForCurrentUser(settings: Out<w::WINHTTP_CURRENT_USER_IE_PROXY_CONFIG>) -> Bool {
        if settings.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let user = Config::load().user_proxy().ok_or(Error::FILE_NOT_FOUND)?;
        settings.put(w::WINHTTP_CURRENT_USER_IE_PROXY_CONFIG {
            fAutoDetect: user.auto_detect.into(),
            lpszAutoConfigUrl: memory::global_text(user.auto_config_url.as_deref())?,
            lpszProxy: memory::global_text(user.proxy.as_deref())?,
            lpszProxyBypass: memory::global_text(user.bypass.as_deref())?,
        });
        Ok(())
    }

    fn WinHttpDetectAutoProxyConfigUrl(flags: u32, url: Out<*mut u16>) -> Bool {
        if url.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        Err(auto::detect(flags))
    }

    fn WinHttpGetProxyForUrl(
        session: InHandle,
        url: InText<'_>,
        options: Out<w::WINHTTP_AUTOPROXY_OPTIONS>,
        info: Out<w::WINHTTP_PROXY_INFO>,
    ) -> Bool {
        handle::find_kind(session.get(), Kind::Session)?;
        let search = search(url, options)?;
        if info.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let found = match search.run(&Config::load())? {
            Way::Direct => ProxyInfo::direct(),
            Way::Through(proxies, bypass) => {
                let list: Vec<String> = proxies.iter().map(ToString::to_string).collect();
                ProxyInfo {
                    access_type: w::WINHTTP_ACCESS_TYPE_NAMED_PROXY,
                    proxy: Some(list.join(";").encode_utf16().collect()),
                    bypass,
                }
            }
        };
        info.put(proxy_info(&found)?);
        Ok(())
    }

    fn WinHttpRegisterProxyChangeNotification(
        flags: u64,
        callback: InChangeCallback,
        context: *mut c_void,
        registration: Out<usize>,
    ) -> Code {
        let function = callback.0.filter(|_| !registration.is_null()).ok_or(Error::INVALID_PARAMETER)?;
        let callback = ChangeCallback { function, flags, context: context.expose_provenance() };
        registration.put(proxy::register(callback, flags)?);
        Ok(())
    }

    fn WinHttpUnregisterProxyChangeNotification(registration: *const c_void) -> Code {
        proxy::unregister(registration.addr())
    }
}

/// Reads URL and options of a search; NULL for any of them is `ERROR_INVALID_PARAMETER`.
pub(super) fn search(url: InText<'_>, options: Out<w::WINHTTP_AUTOPROXY_OPTIONS>) -> Result<Search> {
    let url = url.get().ok_or(Error::INVALID_PARAMETER)?;
    let options = options.get().ok_or(Error::INVALID_PARAMETER)?;
    // SAFETY: the caller promises such a structure, whose string is NULL or ends in NUL.
    let config_url = unsafe { text_at(options.lpszAutoConfigUrl) };
    Search::new(
        url,
        &Options {
            flags: options.dwFlags,
            detection: options.dwAutoDetectFlags,
            config_url,
            reserved: options.lpvReserved.is_null() && options.dwReserved == 0,
        },
    )
}

type ChangeFunction = unsafe extern "system" fn(u64, *const c_void);

/// WINHTTP_PROXY_CHANGE_CALLBACK as an argument.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct InChangeCallback(Option<ChangeFunction>);

/// A callback that an application registered, with what it is to be given.
#[derive(Clone, Copy)]
pub(crate) struct ChangeCallback {
    function: ChangeFunction,
    flags: u64,
    context: usize,
}

impl ChangeCallback {
    pub(crate) fn call(self) {
        // SAFETY: the application registered a function of this type, and the context that it expects.
        unsafe { (self.function)(self.flags, std::ptr::with_exposed_provenance(self.context)) };
    }
}
