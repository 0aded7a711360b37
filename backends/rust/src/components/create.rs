//! Putting a URL together. Page: WinHttpCreateUrl.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{Parts, Scheme, crack::Places, escape};
use crate::error::{Error, Result};

const FLAGS: u32 = w::ICU_ESCAPE | w::ICU_REJECT_USERPWD;

/// What a URL is made of.
pub(crate) struct Source<'a> {
    /// `None` for a component that is not required.
    pub(crate) parts: Parts<Option<&'a [u16]>>,
    /// The `INTERNET_SCHEME_` value, for when there is no scheme in text.
    pub(crate) scheme: i32,
    /// 0, and the scheme's own, are not written.
    pub(crate) port: u16,
}

/// Makes a URL, without terminator.
///
/// The page has no error for components that make no URL. Where the result would be taken apart into others (a host
/// with a slash, a user name with a colon, no host at all) it is `ERROR_WINHTTP_INVALID_URL`. A path gets the slash
/// that it must begin with. Neither text nor number makes the scheme HTTP.
pub(crate) fn create(source: &Source<'_>, flags: u32) -> Result<Vec<u16>> {
    let Parts { scheme: name, user, password, host, path, extra } = source.parts;
    let user = user.filter(|user| !user.is_empty());
    let password = password.filter(|password| !password.is_empty());
    if flags & !FLAGS != 0 {
        return Err(Error::INVALID_PARAMETER);
    }
    if flags & w::ICU_REJECT_USERPWD != 0 && (user.is_some() || password.is_some()) {
        return Err(Error::INVALID_URL);
    }
    let scheme = match (name.filter(|name| !name.is_empty()), source.scheme) {
        (Some(name), _) => Scheme::parse(name),
        (None, w::WINHTTP_INTERNET_SCHEME_HTTPS) => Some(Scheme::Https),
        (None, 0 | w::WINHTTP_INTERNET_SCHEME_HTTP) => Some(Scheme::Http),
        (None, _) => None,
    };
    let scheme = scheme.ok_or(Error::UNRECOGNIZED_SCHEME)?;
    let mut url: Vec<u16> = match name.filter(|name| !name.is_empty()) {
        Some(name) => name.to_vec(),
        None => scheme.name().encode_utf16().collect(),
    };
    let mut parts = Parts { scheme: Some(0..url.len()), ..Parts::default() };
    push(&mut url, "://");
    if user.is_some() || password.is_some() {
        parts.user = Some(append(&mut url, user.unwrap_or_default()));
        if let Some(password) = password {
            push(&mut url, ":");
            parts.password = Some(append(&mut url, password));
        }
        push(&mut url, "@");
    }
    parts.host = Some(append(&mut url, host.unwrap_or_default()));
    if source.port != 0 && source.port != scheme.default_port() {
        push(&mut url, &format!(":{}", source.port));
    }
    let port = if source.port == 0 { scheme.default_port() } else { source.port };
    let (path, extra) = (path.unwrap_or_default(), extra.unwrap_or_default());
    let rooted = |unit: &u16| "/?#".bytes().any(|start| u16::from(start) == *unit);
    if path.first().is_some_and(|unit| !rooted(unit)) {
        push(&mut url, "/");
    }
    for text in [path, extra] {
        if flags & w::ICU_ESCAPE != 0 {
            url.extend(escape::escape(text));
        } else {
            url.extend_from_slice(text);
        }
    }
    let found = Places::find(&url)?;
    parts.path = found.parts.path.clone();
    parts.extra = found.parts.extra.clone();
    if found == (Places { scheme, port, parts }) { Ok(url) } else { Err(Error::INVALID_URL) }
}

fn push(url: &mut Vec<u16>, text: &str) {
    url.extend(text.encode_utf16());
}

/// Appends a component, and says where it lies.
fn append(url: &mut Vec<u16>, text: &[u16]) -> std::ops::Range<usize> {
    let start = url.len();
    url.extend_from_slice(text);
    start..url.len()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ESCAPE: u32 = w::ICU_ESCAPE;
    const REJECT: u32 = w::ICU_REJECT_USERPWD;

    /// Scheme, user, password, host, path, extra; a dash is NULL.
    fn made(parts: &str, scheme: i32, port: u16, flags: u32) -> Result<String> {
        let texts: Vec<Option<Vec<u16>>> =
            parts.split('!').map(|part| (part != "-").then(|| part.encode_utf16().collect())).collect();
        let [scheme_name, user, password, host, path, extra] = &texts[..] else { panic!("{parts}") };
        let parts = Parts {
            scheme: scheme_name.as_deref(),
            user: user.as_deref(),
            password: password.as_deref(),
            host: host.as_deref(),
            path: path.as_deref(),
            extra: extra.as_deref(),
        };
        create(&Source { parts, scheme, port }, flags).map(|url| String::from_utf16(&url).unwrap())
    }

    #[rstest]
    #[case::all("https!u!p!h!/a!?b#c", 0, 81, 0, "https://u:p@h:81/a?b#c")]
    #[case::host("http!-!-!h!-!-", 0, 80, 0, "http://h")]
    #[case::empty_is_not_required("!!!h!!", 1, 0, 0, "http://h")]
    #[case::scheme_by_number("-!-!-!h!/!-", 2, 0, 0, "https://h/")]
    #[case::text_before_number("http!-!-!h!/!-", 2, 0, 0, "http://h/")]
    #[case::no_scheme("-!-!-!h!/!-", 0, 0, 0, "http://h/")]
    #[case::case_is_kept("HTTP!-!-!H!/!-", 0, 0, 0, "HTTP://H/")]
    #[case::own_port("https!-!-!h!/!-", 0, 443, 0, "https://h/")]
    #[case::other_schemes_port("https!-!-!h!/!-", 0, 80, 0, "https://h:80/")]
    #[case::user("http!u!-!h!/!-", 0, 0, 0, "http://u@h/")]
    #[case::password("http!-!p!h!/!-", 0, 0, 0, "http://:p@h/")]
    #[case::ipv6("http!-!-![::1]!/!-", 0, 8080, 0, "http://[::1]:8080/")]
    #[case::slash_is_added("http!-!-!h!a!-", 0, 0, 0, "http://h/a")]
    #[case::query_in_path("http!-!-!h!?a!-", 0, 0, 0, "http://h?a")]
    #[case::not_escaped("http!-!-!h!/a b!?<c>", 0, 0, 0, "http://h/a b?<c>")]
    #[case::escaped("http!u u!-!h!/a b!?<c>", 0, 0, ESCAPE, "http://u u@h/a%20b?%3Cc%3E")]
    #[case::nothing_to_reject("http!!!h!/!-", 0, 0, REJECT, "http://h/")]
    fn a_url_is_made_of_its_components(
        #[case] parts: &str,
        #[case] scheme: i32,
        #[case] port: u16,
        #[case] flags: u32,
        #[case] url: &str,
    ) {
        assert_eq!(made(parts, scheme, port, flags).as_deref(), Ok(url));
    }

    #[rstest]
    #[case::no_host("http!-!-!-!/!-", 0, 0, Error::INVALID_URL)]
    #[case::slash_in_host("http!-!-!a/b!/!-", 0, 0, Error::INVALID_URL)]
    #[case::at_in_host("http!-!-!a@b!/!-", 0, 0, Error::INVALID_URL)]
    #[case::port_in_host("http!-!-!a:1!/!-", 0, 0, Error::INVALID_URL)]
    #[case::no_brackets("http!-!-!::1!/!-", 0, 0, Error::INVALID_URL)]
    #[case::colon_in_user("http!a:b!p!h!/!-", 0, 0, Error::INVALID_URL)]
    #[case::slash_in_password("http!u!p/q!h!/!-", 0, 0, Error::INVALID_URL)]
    #[case::extra_that_runs_into_the_host("http!-!-!h!-!x", 0, 0, Error::INVALID_URL)]
    #[case::user("http!u!-!h!/!-", 0, REJECT, Error::INVALID_URL)]
    #[case::password("http!-!p!h!/!-", 0, REJECT, Error::INVALID_URL)]
    #[case::other_scheme("ftp!-!-!h!/!-", 0, 0, Error::UNRECOGNIZED_SCHEME)]
    #[case::other_number("-!-!-!h!/!-", 3, 0, Error::UNRECOGNIZED_SCHEME)]
    #[case::decode("http!-!-!h!/!-", 0, w::ICU_DECODE, Error::INVALID_PARAMETER)]
    fn components_that_make_no_url_are_refused(
        #[case] parts: &str,
        #[case] scheme: i32,
        #[case] flags: u32,
        #[case] error: Error,
    ) {
        assert_eq!(made(parts, scheme, 0, flags), Err(error));
    }
}
