//! Host names, the escaping of object names, and the URL of a request.

use std::{fmt::Write, net::Ipv6Addr};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    code_page::CodePage,
    error::{Error, Result},
};

/// A server's name or address as a request spells it; an IPv6 address stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host(Box<str>);

impl Host {
    /// Page: WinHttpConnect, *pswzServerName*. International names must come as Punycode, so only ASCII passes.
    pub(crate) fn parse(name: &[u16]) -> Result<Host> {
        let name = String::from_utf16(name).map_err(|_| Error::INVALID_URL)?;
        let unbracketed = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
        if unbracketed.parse::<Ipv6Addr>().is_ok() {
            return Ok(Host(format!("[{unbracketed}]").into()));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=%".contains(c);
        if name.is_empty() || !name.chars().all(allowed) {
            return Err(Error::INVALID_URL);
        }
        Ok(Host(name.into()))
    }

    /// As it stands in a URL or a Host header.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As a resolver wants it: without brackets.
    pub(crate) fn resolvable(&self) -> &str {
        self.0.trim_start_matches('[').trim_end_matches(']')
    }
}

/// Where a request goes: everything of its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) secure: bool,
    pub(crate) host: Host,
    /// Never 0.
    pub(crate) port: u16,
    /// Path and query, escaped, beginning with a slash (or `*`).
    pub(crate) path: Box<str>,
}

impl Url {
    /// Joins a connection's server with an object name. `flags` are those of WinHttpOpenRequest.
    /// The query is spelled in the code page, everything else in UTF-8.
    pub(crate) fn new(host: Host, port: u16, object: &[u16], flags: u32, page: CodePage) -> Url {
        let secure = flags & w::WINHTTP_FLAG_SECURE != 0;
        let port = if port != 0 { port } else { default_port(secure) };
        Url { secure, host, port, path: escape(object, flags, page).into() }
    }

    /// Reads an absolute URL of HTTP.
    pub(crate) fn parse(text: &str) -> Result<Url> {
        let nowhere = Url { secure: false, host: Host("".into()), port: 0, path: "/".into() };
        let url = nowhere.join(text)?;
        if url.host.0.is_empty() { Err(Error::INVALID_URL) } else { Ok(url) }
    }

    /// The URL that a Location header means when it answers this one. Page: WinHttpReceiveResponse, which has
    /// `ERROR_WINHTTP_UNRECOGNIZED_SCHEME` for one that is not of HTTP; what is no URL is no response of HTTP. A user
    /// name and password in it are not kept.
    pub(crate) fn join(&self, location: &str) -> Result<Url> {
        let location = location.split('#').next().unwrap_or_default();
        let (secure, rest) = match location.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => {
                let secure = scheme.eq_ignore_ascii_case("https");
                if !secure && !scheme.eq_ignore_ascii_case("http") {
                    return Err(Error::UNRECOGNIZED_SCHEME);
                }
                (secure, rest.strip_prefix("//").ok_or(Error::INVALID_SERVER_RESPONSE)?)
            }
            _ => match location.strip_prefix("//") {
                Some(rest) => (self.secure, rest),
                None => return Ok(Url { path: self.resolve(location), ..self.clone() }),
            },
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => {
                (name, port.parse().map_err(|_| Error::INVALID_SERVER_RESPONSE)?)
            }
            _ => (authority, default_port(secure)),
        };
        let host = Host::parse(&name.encode_utf16().collect::<Vec<_>>())
            .map_err(|_| Error::INVALID_SERVER_RESPONSE)?;
        Ok(Url { secure, host, port, path: escape_found(path) })
    }

    fn resolve(&self, location: &str) -> Box<str> {
        if location.is_empty() {
            return self.path.clone();
        }
        let base = self.path.split('?').next().unwrap_or_default();
        let joined = if location.starts_with('/') {
            location.to_owned()
        } else if location.starts_with('?') {
            format!("{base}{location}")
        } else {
            let folder = base.rfind('/').map_or("/", |slash| &base[..=slash]);
            format!("{folder}{location}")
        };
        escape_found(&joined)
    }

    /// Host, and port where it is not the scheme's own: a Host header, or the authority of a URL.
    pub(crate) fn authority(&self) -> String {
        if self.port == default_port(self.secure) {
            self.host.as_str().to_owned()
        } else {
            format!("{}:{}", self.host.as_str(), self.port)
        }
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}://{}{}", if self.secure { "https" } else { "http" }, self.authority(), self.path)
    }
}

/// Whether an absolute URL has a user name and password, be they empty: a colon before the `@` of its authority.
pub(crate) fn has_user_and_password(url: &str) -> bool {
    let rest = url.split_once("//").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

/// Whether it is the name of a scheme (RFC 3986, section 3.1); path and query of a relative URL can have a colon, too.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn default_port(secure: bool) -> u16 {
    if secure { w::INTERNET_DEFAULT_HTTPS_PORT } else { w::INTERNET_DEFAULT_HTTP_PORT }
}

/// Escapes path and query of a URL that a server sent, and takes out the segments that are dots.
fn escape_found(path: &str) -> Box<str> {
    escape(&without_dots(path).encode_utf16().collect::<Vec<_>>(), 0, CodePage::UTF_8).into()
}

/// The path without `.`, and without `..` and what it goes back on (RFC 3986, section 5.2.4), then the query.
fn without_dots(path: &str) -> String {
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let mut kept = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            // Nothing goes back behind the root.
            ".." if kept.len() > 1 => drop(kept.pop()),
            "." | ".." => {}
            _ => {
                kept.push(segment);
                continue;
            }
        }
        // A path that ends with dots ends with a slash.
        if segments.peek().is_none() {
            kept.push("");
        }
    }
    kept.join("/") + query
}

/// Turns an object name into path and query, converting unsafe characters to escape sequences as the flags of
/// WinHttpOpenRequest say: by default all but the percent sign.
fn escape(object: &[u16], flags: u32, page: CodePage) -> String {
    let text = String::from_utf16_lossy(object);
    let whole = flags & w::WINHTTP_FLAG_ESCAPE_DISABLE == 0;
    let query = whole && flags & w::WINHTTP_FLAG_ESCAPE_DISABLE_QUERY == 0;
    let percent = flags & w::WINHTTP_FLAG_ESCAPE_PERCENT != 0;
    let mut out = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') && text != "*" {
        out.push('/');
    }
    let mut escaping = whole;
    // The page of what is not escaped does not matter: a URL is kept as text.
    let mut spelling = CodePage::UTF_8;
    for c in text.chars() {
        if c == '?' {
            (escaping, spelling) = (query, page);
        }
        // A control character or a space would end the request line: it is never sent as it is.
        let breaks_line = c.is_ascii_control() || c == ' ';
        let unsafe_here = !c.is_ascii() || "\"<>[\\]^`{|}".contains(c) || (percent && c == '%');
        if breaks_line || (escaping && unsafe_here) {
            for byte in spelling.bytes(c) {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// UTF-16 with a terminator, for a string that leaves the library.
pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::both("http://u:p@host/", true)]
    #[case::neither("http://:@host/", true)]
    #[case::no_password("http://u:@host", true)]
    #[case::no_user("//:p@host?q", true)]
    #[case::a_name_alone("http://u@host/", false)]
    #[case::a_port("http://host:80/", false)]
    #[case::in_the_path("http://host/u:p@x", false)]
    #[case::relative("/u:p@x", false)]
    fn a_colon_before_the_at_sign_makes_user_and_password(#[case] url: &str, #[case] has: bool) {
        assert_eq!(has_user_and_password(url), has);
    }

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[rstest]
    #[case::name("www.example.com", "www.example.com")]
    #[case::ipv4("10.0.1.45", "10.0.1.45")]
    #[case::ipv6("::1", "[::1]")]
    #[case::ipv6_in_brackets("[::1]", "[::1]")]
    #[case::punycode("xn--bcher-kva.example", "xn--bcher-kva.example")]
    fn a_server_name_or_an_address_is_a_host(#[case] given: &str, #[case] spelled: &str) {
        assert_eq!(Host::parse(&utf16(given)).unwrap().as_str(), spelled);
    }

    #[rstest]
    #[case::empty("")]
    #[case::url("http://example.com")]
    #[case::port("example.com:80")]
    #[case::space("exam ple")]
    #[case::user("u@example.com")]
    #[case::international("bücher.example")]
    fn anything_else_is_an_invalid_url(#[case] given: &str) {
        assert_eq!(Host::parse(&utf16(given)), Err(Error::INVALID_URL));
    }

    #[rstest]
    #[case::nothing("", 0, "/")]
    #[case::no_slash("writetst.txt", 0, "/writetst.txt")]
    #[case::asterisk("*", 0, "*")]
    #[case::space("/a b", 0, "/a%20b")]
    #[case::brackets("/[a]", 0, "/%5Ba%5D")]
    #[case::percent_is_kept("/a%20b", 0, "/a%20b")]
    #[case::percent_is_escaped("/a%20b", w::WINHTTP_FLAG_ESCAPE_PERCENT, "/a%2520b")]
    #[case::utf8("/ü?ü", 0, "/%C3%BC?%C3%BC")]
    #[case::disabled("/<a>?<b>", w::WINHTTP_FLAG_ESCAPE_DISABLE, "/<a>?<b>")]
    #[case::disabled_in_query("/<a>?<b>", w::WINHTTP_FLAG_ESCAPE_DISABLE_QUERY, "/%3Ca%3E?<b>")]
    fn an_object_name_is_escaped_as_the_flags_say(
        #[case] object: &str,
        #[case] flags: u32,
        #[case] path: &str,
    ) {
        assert_eq!(escape(&utf16(object), flags, CodePage::UTF_8), path);
    }

    #[rstest]
    #[case::only_in_the_query("/é?é", 0, "/%C3%A9?%E9")]
    #[case::disabled("/?é", w::WINHTTP_FLAG_ESCAPE_DISABLE_QUERY, "/?é")]
    #[case::not_in_the_page("/?日", 0, "/?%3F")]
    fn a_query_is_spelled_in_the_code_page(#[case] object: &str, #[case] flags: u32, #[case] path: &str) {
        assert_eq!(escape(&utf16(object), flags, CodePage::new(1252)), path);
    }

    #[rstest]
    #[case::default_port(0, 0, "http://h/x")]
    #[case::own_port(80, 0, "http://h/x")]
    #[case::other_port(8080, 0, "http://h:8080/x")]
    #[case::secure(0, w::WINHTTP_FLAG_SECURE, "https://h/x")]
    #[case::secure_on_80(80, w::WINHTTP_FLAG_SECURE, "https://h:80/x")]
    fn a_url_names_only_a_port_that_is_not_the_schemes_own(
        #[case] port: u16,
        #[case] flags: u32,
        #[case] spelled: &str,
    ) {
        let host = Host::parse(&utf16("h")).unwrap();
        assert_eq!(Url::new(host, port, &utf16("/x"), flags, CodePage::UTF_8).to_string(), spelled);
    }

    #[rstest]
    #[case::absolute("https://h:81/x", Ok("https://h:81/x"))]
    #[case::relative("/x", Err(Error::INVALID_URL))]
    #[case::other_scheme("ftp://h/", Err(Error::UNRECOGNIZED_SCHEME))]
    fn an_absolute_url_needs_no_other(#[case] text: &str, #[case] expected: Result<&str>) {
        assert_eq!(Url::parse(text).map(|url| url.to_string()), expected.map(str::to_owned));
    }

    #[rstest]
    #[case::absolute("http://other/z?q", Ok("http://other/z?q"))]
    #[case::other_port("http://other:81/", Ok("http://other:81/"))]
    #[case::scheme("https://h/", Ok("https://h/"))]
    #[case::same_scheme("//other/z", Ok("http://other/z"))]
    #[case::rooted("/z", Ok("http://h/z"))]
    #[case::relative("z", Ok("http://h/a/z"))]
    #[case::query("?z", Ok("http://h/a/b?z"))]
    #[case::query_with_a_url("?z=ftp://x", Ok("http://h/a/b?z=ftp://x"))]
    #[case::fragment("/z#f", Ok("http://h/z"))]
    #[case::nothing("", Ok("http://h/a/b?c"))]
    #[case::only_a_fragment("#f", Ok("http://h/a/b?c"))]
    #[case::this_folder("./z", Ok("http://h/a/z"))]
    #[case::this_folder_alone(".", Ok("http://h/a/"))]
    #[case::parent("../z/./y?./..", Ok("http://h/z/y?./.."))]
    #[case::parent_alone("..", Ok("http://h/"))]
    #[case::above_the_root("../../z", Ok("http://h/z"))]
    #[case::dots_of_an_absolute_url("http://other/x/../z", Ok("http://other/z"))]
    #[case::dots_that_are_a_name("...", Ok("http://h/a/..."))]
    #[case::colon_in_a_query("z?ftp:x", Ok("http://h/a/z?ftp:x"))]
    #[case::no_authority("mailto:z", Err(Error::UNRECOGNIZED_SCHEME))]
    #[case::http_without_authority("http:z", Err(Error::INVALID_SERVER_RESPONSE))]
    #[case::no_host("http:///z", Err(Error::INVALID_SERVER_RESPONSE))]
    #[case::no_scheme_of_http("ftp://other/", Err(Error::UNRECOGNIZED_SCHEME))]
    fn a_location_is_joined_to_the_url_it_answers(#[case] location: &str, #[case] expected: Result<&str>) {
        let url = Url::new(Host::parse(&utf16("h")).unwrap(), 0, &utf16("/a/b?c"), 0, CodePage::UTF_8);
        assert_eq!(url.join(location).map(|url| url.to_string()), expected.map(str::to_owned));
    }
}
