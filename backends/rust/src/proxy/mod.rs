//! Proxy settings as `WINHTTP_PROXY_INFO` has them, and the way to a server that follows from them.

pub(crate) mod auto;
mod change;
mod list;
pub(crate) mod resolver;
pub(crate) mod settings;

use windows_sys::Win32::Networking::WinHttp as w;

pub(crate) use self::{
    change::{changed, register, unregister},
    list::Proxy,
};
use crate::{
    config::Config,
    error::{Error, Result},
    url::Host,
};

/// How requests reach their server. The strings are UTF-16 without terminator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProxyInfo {
    /// One of the `WINHTTP_ACCESS_TYPE_` values.
    pub(crate) access_type: u32,
    pub(crate) proxy: Option<Box<[u16]>>,
    pub(crate) bypass: Option<Box<[u16]>>,
}

impl ProxyInfo {
    /// No proxy at all.
    pub(crate) fn direct() -> ProxyInfo {
        ProxyInfo { access_type: w::WINHTTP_ACCESS_TYPE_NO_PROXY, proxy: None, bypass: None }
    }

    /// The default proxy of the machine.
    pub(crate) fn machine_default() -> ProxyInfo {
        Config::load().default_proxy()
    }

    /// Only a named proxy has a name, and it must have one. Page: WinHttpOpen, *dwAccessType* and *pszProxyW*.
    ///
    /// The default proxy is looked up now: it applies to new sessions (page: WinHttpSetDefaultProxyConfiguration),
    /// and as an access type only when it is set, never when it is queried (page: WINHTTP_PROXY_INFO).
    pub(crate) fn checked(self) -> Result<ProxyInfo> {
        match self.access_type {
            _ if !self.fits() => Err(Error::INVALID_PARAMETER),
            w::WINHTTP_ACCESS_TYPE_DEFAULT_PROXY => Ok(ProxyInfo::machine_default()),
            _ => Ok(self),
        }
    }

    /// As it can be the default proxy itself: a named proxy, or none.
    ///
    /// The page of WinHttpSetDefaultProxyConfiguration has the default type for none, which would be itself, and
    /// WINHTTP_PROXY_INFO has a type for direct access; both are taken for that.
    pub(crate) fn checked_as_default(self) -> Result<ProxyInfo> {
        match self.access_type {
            _ if !self.fits() => Err(Error::INVALID_PARAMETER),
            w::WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY => Err(Error::INVALID_PARAMETER),
            w::WINHTTP_ACCESS_TYPE_DEFAULT_PROXY => Ok(ProxyInfo::direct()),
            _ => Ok(self),
        }
    }

    fn fits(&self) -> bool {
        let named = match self.access_type {
            w::WINHTTP_ACCESS_TYPE_NAMED_PROXY => true,
            w::WINHTTP_ACCESS_TYPE_DEFAULT_PROXY
            | w::WINHTTP_ACCESS_TYPE_NO_PROXY
            | w::WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY => false,
            _ => return false,
        };
        match (&self.proxy, &self.bypass) {
            (Some(proxy), _) => named && !proxy.is_empty(),
            (None, Some(_)) => false,
            (None, None) => !named,
        }
    }
}

/// Where to connect to for a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The other end is a proxy: the request names its whole URL.
    pub(crate) proxied: bool,
}

impl Route {
    /// Through the first proxy for HTTP, unless the bypass list has the server. Pages: WinHttpOpen,
    /// autoproxy-issues-in-winhttp. The automatic access type uses the user's settings, else the machine's.
    pub(crate) fn of(info: &ProxyInfo, host: &Host, port: u16) -> Route {
        if info.access_type == w::WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY {
            return Route::through(&Config::load().static_proxy(), host, port);
        }
        Route::through(info, host, port)
    }

    fn through(info: &ProxyInfo, host: &Host, port: u16) -> Route {
        let direct = Route { host: host.resolvable().to_owned(), port, proxied: false };
        let Some(proxy) = &info.proxy else { return direct };
        if info.bypass.as_deref().is_some_and(|bypass| list::bypassed(bypass, host.as_str())) {
            return direct;
        }
        match list::serving(proxy, "http").into_iter().next() {
            Some(Proxy { host, port, .. }) => {
                Route { host: host.trim_matches(['[', ']']).to_owned(), port, proxied: true }
            }
            None => direct,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::direct(1, None, None, true)]
    #[case::machine_default(0, None, None, true)]
    #[case::automatic(4, None, None, true)]
    #[case::named(3, Some("p:8080"), None, true)]
    #[case::named_with_bypass(3, Some("p:8080"), Some("<local>"), true)]
    #[case::named_with_empty_bypass(3, Some("p:8080"), Some(""), true)]
    #[case::named_without_name(3, None, None, false)]
    #[case::named_with_empty_name(3, Some(""), None, false)]
    #[case::name_without_named(1, Some("p:8080"), None, false)]
    #[case::bypass_without_named(1, None, Some("x"), false)]
    #[case::unknown_access_type(2, None, None, false)]
    fn only_a_named_proxy_has_a_name(
        #[case] access_type: u32,
        #[case] proxy: Option<&str>,
        #[case] bypass: Option<&str>,
        #[case] accepted: bool,
    ) {
        let wide = |text: &str| text.encode_utf16().collect();
        let info = ProxyInfo { access_type, proxy: proxy.map(wide), bypass: bypass.map(wide) };
        assert_eq!(info.clone().checked().is_ok(), accepted);
        assert_eq!(info.checked_as_default().is_ok(), accepted && access_type != 4);
    }

    #[rstest]
    #[case::everything("p:8080", "", "p", 8080, true)]
    #[case::default_port("p", "", "p", 80, true)]
    #[case::for_http("https=s:1;http=p:2", "", "p", 2, true)]
    #[case::bypassed("p:8080", "*.example.com", "www.example.com", 80, false)]
    #[case::second_bypass("p:8080", "other; www.*", "www.example.com", 80, false)]
    #[case::not_local("p:8080", "<local>", "p", 8080, true)]
    fn a_named_proxy_serves_what_the_bypass_list_lacks(
        #[case] proxy: &str,
        #[case] bypass: &str,
        #[case] host: &str,
        #[case] port: u16,
        #[case] proxied: bool,
    ) {
        let wide = |text: &str| -> Vec<u16> { text.encode_utf16().collect() };
        let bypass = (!bypass.is_empty()).then(|| wide(bypass).into());
        let info = ProxyInfo { access_type: 3, proxy: Some(wide(proxy).into()), bypass };
        let server = Host::parse(&wide("www.example.com")).unwrap();
        assert_eq!(Route::of(&info, &server, 80), Route { host: host.to_owned(), port, proxied });
    }
}
