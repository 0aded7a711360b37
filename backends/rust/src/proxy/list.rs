//! Lists of proxies, and lists of servers that need none. Pages: WINHTTP_PROXY_INFO, WinHttpOpen,
//! proxycfg-exe--a-proxy-configuration-tool.

use windows_sys::Win32::Networking::WinHttp as w;

/// One proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// The `INTERNET_SCHEME_` that is spoken with it.
    pub(crate) scheme: i32,
    /// An IPv6 address has its brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl std::fmt::Display for Proxy {
    /// As an entry of a list.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.scheme == w::WINHTTP_INTERNET_SCHEME_SOCKS { "socks=" } else { "" };
        write!(out, "{scheme}{}:{}", self.host, self.port)
    }
}

/// The proxies of a list that serve URLs of a scheme: those named for it, else those named for none. Entries are
/// `[scheme=][scheme://]server[:port]`, between semicolons or white space.
pub(crate) fn serving(list: &[u16], scheme: &str) -> Vec<Proxy> {
    let list = String::from_utf16_lossy(list);
    let entries: Vec<(Option<&str>, Proxy)> = items(&list).filter_map(entry).collect();
    let of = |wanted: Option<&str>| -> Vec<Proxy> {
        let same = |own: &Option<&str>| match (own, wanted) {
            (Some(own), Some(wanted)) => own.eq_ignore_ascii_case(wanted),
            (own, wanted) => own.is_none() && wanted.is_none(),
        };
        entries.iter().filter(|(own, _)| same(own)).map(|(_, proxy)| proxy.clone()).collect()
    };
    [Some(scheme), None, Some("socks")]
        .into_iter()
        .map(of)
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// Whether a list of servers has this one. `<local>` stands for all names without a period.
pub(crate) fn bypassed(list: &[u16], host: &str) -> bool {
    items(&String::from_utf16_lossy(list)).any(|pattern| matches(pattern, host))
}

/// The items of a list.
pub(crate) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c == ';' || c.is_whitespace()).filter(|item| !item.is_empty())
}

/// The scheme that a proxy is named for, and the proxy; `None` for a broken entry.
fn entry(entry: &str) -> Option<(Option<&str>, Proxy)> {
    let (served, rest) = match entry.split_once('=') {
        Some((served, rest)) => (Some(served), rest),
        None => (None, entry),
    };
    let (spoken, rest) = match rest.split_once("://") {
        Some((spoken, rest)) => (Some(spoken), rest),
        None => (None, rest),
    };
    let socks = |scheme: Option<&str>| scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("socks"));
    let (scheme, own_port) = match spoken {
        Some(spoken) if spoken.eq_ignore_ascii_case("https") => (w::WINHTTP_INTERNET_SCHEME_HTTPS, 443),
        spoken if socks(spoken) || socks(served) => (w::WINHTTP_INTERNET_SCHEME_SOCKS, 1080),
        _ => (w::WINHTTP_INTERNET_SCHEME_HTTP, w::INTERNET_DEFAULT_HTTP_PORT),
    };
    let rest = rest.trim_end_matches('/');
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (rest, own_port),
    };
    (!host.is_empty()).then(|| (served, Proxy { scheme, host: host.to_owned(), port }))
}

fn matches(pattern: &str, host: &str) -> bool {
    if pattern.eq_ignore_ascii_case("<local>") {
        return !host.contains('.') && !host.starts_with('[');
    }
    wildcard(pattern.to_ascii_lowercase().as_bytes(), host.to_ascii_lowercase().as_bytes())
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

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[rstest]
    #[case::name("p", "http", "1 p:80")]
    #[case::port("p:8080", "https", "1 p:8080")]
    #[case::url("http://p:8080/", "http", "1 p:8080")]
    #[case::secure_proxy("https://p", "http", "2 p:443")]
    #[case::ipv6("[::1]", "http", "1 [::1]:80")]
    #[case::ipv6_and_port("[::1]:81", "http", "1 [::1]:81")]
    #[case::several("p;q:1 r\ts", "http", "1 p:80, 1 q:1, 1 r:80, 1 s:80")]
    #[case::of_the_scheme("http=p https=q", "https", "1 q:80")]
    #[case::other_proxy("http=https://p other", "https", "1 other:80")]
    #[case::own_before_other("other http=p", "http", "1 p:80")]
    #[case::any_case("HTTP=p", "http", "1 p:80")]
    #[case::only_another_scheme("https=q", "http", "")]
    #[case::socks("socks=s", "http", "4 socks=s:1080")]
    #[case::broken(";;p:x;=;http=", "http", "")]
    fn a_list_serves_a_scheme(#[case] list: &str, #[case] scheme: &str, #[case] expected: &str) {
        let found = serving(&utf16(list), scheme);
        let spelled: Vec<String> = found.iter().map(|proxy| format!("{} {proxy}", proxy.scheme)).collect();
        assert_eq!(spelled.join(", "), expected);
    }

    #[rstest]
    #[case::itself("www.example.com", true)]
    #[case::any_case("WWW.example.com", true)]
    #[case::wildcard("*.example.com", true)]
    #[case::second("other; www.*", true)]
    #[case::white_space("other\twww.*", true)]
    #[case::part("example.com", false)]
    #[case::local("<local>", false)]
    #[case::nothing("", false)]
    fn a_list_bypasses_servers(#[case] list: &str, #[case] expected: bool) {
        assert_eq!(bypassed(&utf16(list), "www.example.com"), expected);
    }

    #[rstest]
    #[case::name("intranet", true)]
    #[case::domain("a.b", false)]
    #[case::ipv6("[::1]", false)]
    fn a_name_without_period_is_local(#[case] host: &str, #[case] expected: bool) {
        assert_eq!(bypassed(&utf16("<local>"), host), expected);
    }
}
