//! The cookies of a session. Page: cookie-handling-in-winhttp.
//!
//! The page names RFC 2109; servers have followed its successor RFC 6265 for long, which reads what the older one
//! would have refused: a `Path` that the request does not lie below, a date with dashes. That one is followed here.

mod date;
mod set_cookie;

use std::{net::IpAddr, time::SystemTime};

use self::set_cookie::SetCookie;
use crate::url::Url;

/// All cookies of one session; they end with it.
#[derive(Default)]
pub(crate) struct Jar(Vec<Cookie>);

struct Cookie {
    name: Box<str>,
    value: Box<str>,
    domain: Box<str>,
    /// It came without a domain, and goes to its host only.
    host_only: bool,
    path: Box<str>,
    secure: bool,
    expires: Option<SystemTime>,
}

/// As many as RFC 6265, section 6.1, has a browser keep; the oldest make room.
const MOST: usize = 3000;
/// A longer cookie is not stored (RFC 6265, section 6.1).
const LONGEST: usize = 4096;

impl Jar {
    /// Stores what a Set-Cookie header of a response to a request for this URL says.
    pub(crate) fn store(&mut self, url: &Url, header: &[u8], now: SystemTime) {
        let Some(set) = std::str::from_utf8(header).ok().and_then(|text| SetCookie::parse(text, now)) else {
            return;
        };
        if set.name.len() + set.value.len() > LONGEST {
            return;
        }
        let host = url.host.as_str().to_ascii_lowercase();
        let domain = set.domain.map(str::to_ascii_lowercase);
        if domain.as_ref().is_some_and(|domain| !may_set(&host, domain)) {
            return;
        }
        let cookie = Cookie {
            name: set.name.into(),
            value: set.value.into(),
            host_only: domain.is_none(),
            domain: domain.unwrap_or(host).into(),
            path: set.path.unwrap_or_else(|| default_path(&url.path)).into(),
            secure: set.secure,
            expires: set.expires,
        };
        self.0.retain(|old| old.lives(now) && !old.is_same(&cookie));
        if cookie.lives(now) {
            self.0.push(cookie);
        }
        if self.0.len() > MOST {
            self.0.remove(0);
        }
    }

    /// Forgets the cookies of this URL (`WINHTTP_OPTION_PASSPORT_SIGN_OUT`).
    pub(crate) fn forget(&mut self, url: &Url) {
        self.0.retain(|cookie| !cookie.is_of(url));
    }

    /// The value of the Cookie header for a request for this URL; `None` if no cookie goes there. Longer paths come
    /// first, then older cookies (RFC 6265, section 5.4).
    pub(crate) fn header(&self, url: &Url, now: SystemTime) -> Option<String> {
        let mut cookies: Vec<&Cookie> = self.0.iter().filter(|cookie| cookie.goes_to(url, now)).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    fn lives(&self, now: SystemTime) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }

    fn is_same(&self, other: &Cookie) -> bool {
        self.name == other.name && self.domain == other.domain && self.path == other.path
    }

    fn goes_to(&self, url: &Url, now: SystemTime) -> bool {
        self.is_of(url) && self.lives(now) && (url.secure || !self.secure)
    }

    fn is_of(&self, url: &Url) -> bool {
        let host = url.host.as_str().to_ascii_lowercase();
        let same_host = if self.host_only { *host == *self.domain } else { is_below(&host, &self.domain) };
        let path = url.path.split('?').next().unwrap_or_default();
        same_host && path_matches(path, &self.path)
    }
}

/// Whether a host may set a cookie for a domain: its own or one above, but none without a dot in it, which would be
/// a whole top-level domain (RFC 2109, section 4.3.2).
fn may_set(host: &str, domain: &str) -> bool {
    is_below(host, domain) && (host == domain || domain.contains('.'))
}

/// Whether a host is in a domain (RFC 6265, section 5.1.3); addresses have none above them.
fn is_below(host: &str, domain: &str) -> bool {
    let above = || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    host == domain || (!is_address && above())
}

/// Up to and without the last slash of a request's path (RFC 6265, section 5.1.4).
fn default_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

fn path_matches(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::{code_page::CodePage, url::Host};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn url(text: &str) -> Url {
        let host = Host::parse(&"h".encode_utf16().collect::<Vec<_>>()).unwrap();
        Url::new(host, 0, &[], 0, CodePage::UTF_8).join(text).unwrap()
    }

    fn sent(origin: &str, cookies: &[&str], target: &str) -> Option<String> {
        let mut jar = Jar::default();
        for cookie in cookies {
            jar.store(&url(origin), cookie.as_bytes(), NOW);
        }
        jar.header(&url(target), NOW)
    }

    #[rstest]
    #[case::same_host("a=1", "http://www.example.com/", true)]
    #[case::other_host("a=1", "http://example.com/", false)]
    #[case::below("a=1", "http://x.www.example.com/", false)]
    #[case::domain("a=1; Domain=example.com", "http://example.com/", true)]
    #[case::domain_with_dot("a=1; Domain=.EXAMPLE.com", "http://other.example.com/", true)]
    #[case::not_in_domain("a=1; Domain=example.com", "http://badexample.com/", false)]
    #[case::foreign_domain("a=1; Domain=example.org", "http://example.org/", false)]
    #[case::top_level_domain("a=1; Domain=com", "http://www.example.com/", false)]
    #[case::other_port("a=1", "http://www.example.com:8080/", true)]
    #[case::secure("a=1; Secure", "http://www.example.com/", false)]
    #[case::secure_to_secure("a=1; Secure", "https://www.example.com/", true)]
    fn a_cookie_goes_to_its_host_or_domain(#[case] cookie: &str, #[case] target: &str, #[case] goes: bool) {
        let header = sent("http://www.example.com/", &[cookie], target);
        assert_eq!(header.as_deref(), goes.then_some("a=1"));
    }

    #[rstest]
    #[case::default_is_the_folder("a=1", "/x/z?q", true)]
    #[case::not_above("a=1", "/", false)]
    #[case::folder_itself("a=1", "/x", true)]
    #[case::only_whole_names("a=1", "/xy", false)]
    #[case::root("a=1; Path=/", "/", true)]
    #[case::elsewhere("a=1; Path=/w", "/w/1", true)]
    #[case::with_slash("a=1; Path=/w/", "/w", false)]
    fn a_cookie_goes_to_its_path(#[case] cookie: &str, #[case] path: &str, #[case] goes: bool) {
        let header = sent("http://h/x/y?q=/", &[cookie], &format!("http://h{path}"));
        assert_eq!(header.as_deref(), goes.then_some("a=1"));
    }

    #[rstest]
    #[case::several(&["a=1", "b=2"], Some("a=1; b=2"))]
    #[case::longest_path_first(&["a=1; Path=/", "b=2; Path=/x"], Some("b=2; a=1"))]
    #[case::replaced(&["a=1", "a=2"], Some("a=2"))]
    #[case::removed(&["a=1", "a=; Max-Age=0"], None)]
    #[case::never_lived(&["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], None)]
    #[case::same_name_elsewhere(&["a=1; Path=/", "a=2; Path=/x"], Some("a=2; a=1"))]
    fn the_header_has_what_is_in_force(#[case] cookies: &[&str], #[case] header: Option<&str>) {
        assert_eq!(sent("http://h/x/y", cookies, "http://h/x/y").as_deref(), header);
    }

    #[test]
    fn signing_out_takes_the_cookies_of_a_url_and_no_others() {
        let (mut jar, here) = (Jar::default(), url("http://h/x"));
        for cookie in ["a=1; Path=/", "b=2; Path=/x; Secure", "c=3; Path=/other"] {
            jar.store(&here, cookie.as_bytes(), NOW);
        }
        jar.forget(&here);
        assert_eq!((jar.0.len(), &*jar.0[0].name), (1, "c"));
    }

    #[test]
    fn a_cookie_ends_when_it_said() {
        let (mut jar, here) = (Jar::default(), url("http://h/"));
        jar.store(&here, b"a=1; Max-Age=10", NOW);
        assert_eq!(jar.header(&here, NOW + Duration::from_secs(9)).as_deref(), Some("a=1"));
        assert_eq!(jar.header(&here, NOW + Duration::from_secs(10)), None);
    }

    #[test]
    fn an_address_has_no_domain_above() {
        assert_eq!(sent("http://127.0.0.1/", &["a=1; Domain=0.0.1"], "http://127.0.0.1/"), None);
    }

    #[test]
    fn the_oldest_make_room() {
        let (mut jar, here) = (Jar::default(), url("http://h/"));
        for at in 0..=MOST {
            jar.store(&here, format!("c{at}=1").as_bytes(), NOW);
        }
        assert_eq!((jar.0.len(), &*jar.0[0].name), (MOST, "c1"));
    }
}
