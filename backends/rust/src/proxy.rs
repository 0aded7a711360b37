//! Proxy settings as `WINHTTP_PROXY_INFO` has them, and the way to a server that follows from them.

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
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
    /// The default proxy of the machine. There is no registry here to hold another: connections are direct.
    pub(crate) fn machine_default() -> ProxyInfo {
        ProxyInfo { access_type: w::WINHTTP_ACCESS_TYPE_NO_PROXY, proxy: None, bypass: None }
    }

    /// Only a named proxy has a name, and it must have one. Page: WinHttpOpen, *dwAccessType* and *pszProxyW*.
    pub(crate) fn checked(self) -> Result<ProxyInfo> {
        let named = match self.access_type {
            w::WINHTTP_ACCESS_TYPE_NAMED_PROXY => true,
            w::WINHTTP_ACCESS_TYPE_DEFAULT_PROXY
            | w::WINHTTP_ACCESS_TYPE_NO_PROXY
            | w::WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY => false,
            _ => return Err(Error::INVALID_PARAMETER),
        };
        let fits = match (&self.proxy, &self.bypass) {
            (Some(proxy), _) => named && !proxy.is_empty(),
            (None, Some(_)) => false,
            (None, None) => !named,
        };
        if fits { Ok(self) } else { Err(Error::INVALID_PARAMETER) }
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
    /// Through the named proxy, unless the bypass list has the server. Page: WinHttpOpen.
    pub(crate) fn of(info: &ProxyInfo, host: &Host, port: u16) -> Route {
        let direct = || Route { host: host.resolvable().to_owned(), port, proxied: false };
        let Some(proxy) = &info.proxy else { return direct() };
        let bypass = info.bypass.as_deref().map(String::from_utf16_lossy).unwrap_or_default();
        if bypass.split([';', ' ']).any(|pattern| bypasses(pattern.trim(), host.as_str())) {
            return direct();
        }
        let list = String::from_utf16_lossy(proxy);
        let first = list.split([';', ' ']).find_map(for_http).unwrap_or_default();
        let (name, number) = match first.rsplit_once(':') {
            Some((name, number)) if !number.ends_with(']') => (name, number.parse().unwrap_or(80)),
            _ => (first, 80),
        };
        Route { host: name.trim_matches(['[', ']']).to_owned(), port: number, proxied: true }
    }
}

/// The proxy of this entry, `http=name:port` or `name:port`, if it is one for HTTP.
fn for_http(entry: &str) -> Option<&str> {
    let name = match entry.split_once('=') {
        Some((scheme, name)) => scheme.eq_ignore_ascii_case("http").then_some(name)?,
        None => entry,
    };
    let name = name.strip_prefix("http://").unwrap_or(name);
    (!name.is_empty()).then_some(name)
}

fn bypasses(pattern: &str, host: &str) -> bool {
    if pattern.eq_ignore_ascii_case("<local>") {
        return !host.contains('.') && !host.starts_with('[');
    }
    !pattern.is_empty()
        && wildcard(pattern.to_ascii_lowercase().as_bytes(), host.to_ascii_lowercase().as_bytes())
}

fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| wildcard(rest, &text[skipped..])),
        Some((first, rest)) => {
            text.split_first().is_some_and(|(own, text)| own == first && wildcard(rest, text))
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
        assert_eq!(info.checked().is_ok(), accepted);
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
