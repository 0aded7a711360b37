//! A user's proxy settings in full. Pages: WinHttpGetProxySettingsEx, WINHTTP_PROXY_SETTINGS_EX.

use std::sync::Mutex;

use windows_sys::Win32::Networking::WinHttp as w;

use super::list;
use crate::{
    config::{Config, UserProxy},
    error::{Error, Result},
    handle::lock,
};

/// `WINHTTP_PROXY_SETTINGS_EX`, as far as there is something to tell: there is no interface and no connection manager
/// to have settings of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Grows with each change that was seen.
    pub(crate) generation: u64,
    /// `WINHTTP_PROXY_TYPE_` flags.
    pub(crate) flags: u64,
    pub(crate) auto_config_url: Option<Box<[u16]>>,
    /// The proxy for HTTP, as a URL.
    pub(crate) proxy: Option<Box<[u16]>>,
    /// The proxy for HTTPS, as a URL.
    pub(crate) secure_proxy: Option<Box<[u16]>>,
    pub(crate) bypasses: Vec<Box<[u16]>>,
}

/// Checks the type of settings: those for the Linux or the Android subsystem. The unknown type, and any other number,
/// has no documented error.
pub(crate) fn known(settings_type: i32) -> Result<()> {
    match settings_type {
        w::WinHttpProxySettingsTypeWsl | w::WinHttpProxySettingsTypeWsa => Ok(()),
        _ => Err(Error::INVALID_PARAMETER),
    }
}

impl Settings {
    /// The user's settings as they are now; both subsystems share them.
    pub(crate) fn now(config: &Config) -> Settings {
        let user = config.user_proxy().unwrap_or_default();
        Settings::of(&user, generation(&user))
    }

    fn of(user: &UserProxy, generation: u64) -> Settings {
        let list = user.proxy.as_deref().unwrap_or_default();
        let url = |scheme| {
            let first = list::serving(list, scheme).into_iter().next()?;
            let spoken = match first.scheme {
                w::WINHTTP_INTERNET_SCHEME_HTTPS => "https",
                w::WINHTTP_INTERNET_SCHEME_SOCKS => "socks",
                _ => "http",
            };
            Some(format!("{spoken}://{}:{}", first.host, first.port).encode_utf16().collect())
        };
        let bypass = String::from_utf16_lossy(user.bypass.as_deref().unwrap_or_default());
        let set = [
            (user.proxy.is_some(), w::WINHTTP_PROXY_TYPE_PROXY),
            (user.auto_config_url.is_some(), w::WINHTTP_PROXY_TYPE_AUTO_PROXY_URL),
            (user.auto_detect, w::WINHTTP_PROXY_TYPE_AUTO_DETECT),
        ];
        let flags: u32 = set.iter().filter(|(is, _)| *is).map(|(_, flag)| flag).sum();
        Settings {
            generation,
            flags: u64::from(if flags == 0 { w::WINHTTP_PROXY_TYPE_DIRECT } else { flags }),
            auto_config_url: user.auto_config_url.clone(),
            proxy: url("http"),
            secure_proxy: url("https"),
            bypasses: list::items(&bypass).map(|item| item.encode_utf16().collect()).collect(),
        }
    }
}

/// The number of these settings among all that this process has seen.
fn generation(user: &UserProxy) -> u64 {
    static SEEN: Mutex<Option<(UserProxy, u64)>> = Mutex::new(None);
    let mut seen = lock(&SEEN);
    let generation = match &*seen {
        Some((last, generation)) if last == user => *generation,
        Some((_, generation)) => generation + 1,
        None => 1,
    };
    *seen = Some((user.clone(), generation));
    generation
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Box<[u16]> {
        text.encode_utf16().collect()
    }

    #[test]
    fn no_settings_are_direct_access() {
        let settings = Settings::of(&UserProxy::default(), 7);
        assert_eq!((settings.generation, settings.flags), (7, u64::from(w::WINHTTP_PROXY_TYPE_DIRECT)));
        assert_eq!((settings.proxy, settings.secure_proxy, settings.bypasses), (None, None, Vec::new()));
    }

    #[test]
    fn settings_name_a_proxy_for_each_scheme() {
        let user = UserProxy {
            auto_detect: true,
            auto_config_url: Some(wide("http://h/p.pac")),
            proxy: Some(wide("http=p:1 https=https://q")),
            bypass: Some(wide("a; b")),
        };
        let settings = Settings::of(&user, 1);
        assert_eq!(settings.flags, 14);
        assert_eq!(settings.proxy, Some(wide("http://p:1")));
        assert_eq!(settings.secure_proxy, Some(wide("https://q:443")));
        assert_eq!(settings.bypasses, [wide("a"), wide("b")]);
    }

    #[test]
    fn a_change_is_a_new_generation() {
        let (old, new) = (UserProxy::default(), UserProxy { auto_detect: true, ..UserProxy::default() });
        let first = generation(&old);
        assert_eq!([generation(&old), generation(&new), generation(&new)], [first, first + 1, first + 1]);
    }

    #[test]
    fn settings_have_a_type() {
        assert_eq!(
            [0, 1, 2, 3].map(|settings_type| known(settings_type).is_ok()),
            [false, true, true, false]
        );
    }
}
