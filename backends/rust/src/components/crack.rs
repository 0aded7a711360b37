//! Taking a URL apart. Page: WinHttpCrackUrl.

use std::ops::Range;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{Parts, Scheme, escape};
use crate::error::{Error, Result};

const FLAGS: u32 = w::ICU_DECODE | w::ICU_ESCAPE | w::ICU_REJECT_USERPWD;

/// How a caller wants a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Not at all.
    #[default]
    Not,
    /// As a place in the URL.
    Place,
    /// As a copy, in a buffer for so many characters.
    Copy(usize),
}

/// A component as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// It was not wanted.
    Nothing,
    /// It lies there in the URL.
    Place(Range<usize>),
    /// The URL has no place for it.
    Absent,
    /// Without terminator; the buffer has room for one.
    Copy(Vec<u16>),
}

/// What is always given, and the components that were wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cracked {
    pub(crate) scheme: Scheme,
    /// The scheme's own, if the URL names none.
    pub(crate) port: u16,
    pub(crate) parts: Parts<Given>,
}

/// Takes a URL apart.
///
/// The two flags that change text need buffers to put it into; that a component is wanted without one has no
/// documented error and is `ERROR_INVALID_PARAMETER`, and so is an unknown flag. The pages contradict each other on
/// components that the URL lacks: each pointer is said to point to its starting point in the URL, and a pointer that
/// WinHttpCreateUrl gets must be NULL for a component that is not there. A path and extra information always have a
/// starting point; a user name and a password have none, and are [`Given::Absent`].
pub(crate) fn crack(url: &[u16], flags: u32, wanted: &Parts<Wanted>) -> Result<Cracked> {
    let Parts { scheme, user, password, host, path, extra } = *wanted;
    let changes = flags & (w::ICU_DECODE | w::ICU_ESCAPE) != 0;
    let placed = [scheme, user, password, host, path, extra].contains(&Wanted::Place);
    if flags & !FLAGS != 0 || (changes && placed) {
        return Err(Error::INVALID_PARAMETER);
    }
    let found = Places::find(url)?;
    let named = |place: &Option<Range<usize>>| place.as_ref().is_some_and(|place| !place.is_empty());
    if flags & w::ICU_REJECT_USERPWD != 0 && (named(&found.parts.user) || named(&found.parts.password)) {
        return Err(Error::INVALID_URL);
    }
    let mut places = found.parts;
    if extra == Wanted::Not
        && let Some(path) = &mut places.path
    {
        path.end = url.len();
    }
    let give = |wanted, place, escaped| give(url, flags, wanted, place, escaped);
    let parts = Parts {
        scheme: give(scheme, places.scheme, false)?,
        user: give(user, places.user, false)?,
        password: give(password, places.password, false)?,
        host: give(host, places.host, false)?,
        path: give(path, places.path, true)?,
        extra: give(extra, places.extra, true)?,
    };
    Ok(Cracked { scheme: found.scheme, port: found.port, parts })
}

/// Gives one component. Only path and extra information are escaped: elsewhere an escape sequence would change what
/// the component means.
fn give(
    url: &[u16],
    flags: u32,
    wanted: Wanted,
    place: Option<Range<usize>>,
    escaped: bool,
) -> Result<Given> {
    let room = match wanted {
        Wanted::Not => return Ok(Given::Nothing),
        Wanted::Place => return Ok(place.map_or(Given::Absent, Given::Place)),
        Wanted::Copy(room) => room,
    };
    let mut text = place.map_or_else(Vec::new, |place| url[place].to_vec());
    if flags & w::ICU_DECODE != 0 {
        text = escape::decode(&text);
    }
    if flags & w::ICU_ESCAPE != 0 && escaped {
        text = escape::escape(&text);
    }
    if text.len() < room { Ok(Given::Copy(text)) } else { Err(Error::INSUFFICIENT_BUFFER) }
}

/// Where the components lie.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) scheme: Scheme,
    pub(super) port: u16,
    pub(super) parts: Parts<Option<Range<usize>>>,
}

impl Places {
    /// Finds the delimiters of RFC 3986. Without host, or with a port that is no number, a URL is invalid.
    pub(super) fn find(url: &[u16]) -> Result<Places> {
        let colon = position(url, ":").ok_or(Error::UNRECOGNIZED_SCHEME)?;
        let scheme = Scheme::parse(&url[..colon]).ok_or(Error::UNRECOGNIZED_SCHEME)?;
        let start = colon + 3;
        if url.get(colon + 1..start) != Some(&[u16::from(b'/'); 2]) {
            return Err(Error::INVALID_URL);
        }
        let end = start + position(&url[start..], "/?#").unwrap_or(url.len() - start);
        let extra = end + position(&url[end..], "?#").unwrap_or(url.len() - end);
        let at = url[start..end].iter().rposition(|unit| *unit == u16::from(b'@')).map(|at| start + at);
        let (user, password) = match at {
            None => (None, None),
            Some(at) => match position(&url[start..at], ":").map(|colon| start + colon) {
                None => (Some(start..at), None),
                Some(colon) => (Some(start..colon), Some(colon + 1..at)),
            },
        };
        let host = at.map_or(start, |at| at + 1);
        let port = host + end_of_host(&url[host..end])?;
        if port == host {
            return Err(Error::INVALID_URL);
        }
        Ok(Places {
            scheme,
            port: match url[port..end].split_first() {
                // A port may be empty (RFC 3986, section 3.2.3).
                None | Some((_, [])) => scheme.default_port(),
                Some((_, digits)) => number(digits).ok_or(Error::INVALID_URL)?,
            },
            parts: Parts {
                scheme: Some(0..colon),
                user,
                password,
                host: Some(host..port),
                path: Some(end..extra),
                extra: Some(extra..url.len()),
            },
        })
    }
}

/// Where the host ends: at a colon, which is not one of an address in brackets, or with the authority.
fn end_of_host(authority: &[u16]) -> Result<usize> {
    if authority.first() != Some(&u16::from(b'[')) {
        return Ok(position(authority, ":").unwrap_or(authority.len()));
    }
    let end = position(authority, "]").ok_or(Error::INVALID_URL)? + 1;
    match authority.get(end) {
        None => Ok(end),
        Some(unit) if *unit == u16::from(b':') => Ok(end),
        Some(_) => Err(Error::INVALID_URL),
    }
}

fn position(text: &[u16], delimiters: &str) -> Option<usize> {
    text.iter().position(|unit| delimiters.bytes().any(|delimiter| u16::from(delimiter) == *unit))
}

fn number(digits: &[u16]) -> Option<u16> {
    let digits = String::from_utf16(digits).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn spelled(url: &str) -> Result<String> {
        let units = utf16(url);
        let found = Places::find(&units)?;
        let Parts { scheme, user, password, host, path, extra } = found.parts;
        let text = |place: Option<Range<usize>>| match place {
            Some(place) => String::from_utf16(&units[place]).unwrap(),
            None => "-".to_owned(),
        };
        let parts = [scheme, user, password, host, path, extra].map(text).join(" ");
        Ok(format!("{parts} {}", found.port))
    }

    #[rstest]
    #[case::example("http://h.example/a/b?c=d#e", "http - - h.example /a/b ?c=d#e 80")]
    #[case::secure("https://h/", "https - - h /  443")]
    #[case::any_case("HtTp://h/", "HtTp - - h /  80")]
    #[case::nothing_but_a_host("http://h", "http - - h   80")]
    #[case::port("https://h:8443/", "https - - h /  8443")]
    #[case::empty_port("http://h:/", "http - - h /  80")]
    #[case::largest_port("http://h:65535", "http - - h   65535")]
    #[case::user("http://u@h/", "http u - h /  80")]
    #[case::user_and_password("http://u:p@h:1/", "http u p h /  1")]
    #[case::password_with_colon("http://u:p:q@h/", "http u p:q h /  80")]
    #[case::at_in_password("http://u:p@q@h/", "http u p@q h /  80")]
    #[case::empty_user("http://@h/", "http  - h /  80")]
    #[case::at_in_path("http://h/a@b", "http - - h /a@b  80")]
    #[case::ipv6("http://[::1]/", "http - - [::1] /  80")]
    #[case::ipv6_and_port("http://u:p@[2001:db8::1]:81/x", "http u p [2001:db8::1] /x  81")]
    #[case::query_without_path("http://server?Bad=URL", "http - - server  ?Bad=URL 80")]
    #[case::fragment_without_path("http://h#x/y?z", "http - - h  #x/y?z 80")]
    #[case::not_checked("http://a b/c d\u{fc}", "http - - a b /c d\u{fc}  80")]
    fn a_url_has_its_components_between_delimiters(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(spelled(url).as_deref(), Ok(expected));
    }

    #[rstest]
    #[case::empty("", Error::UNRECOGNIZED_SCHEME)]
    #[case::no_scheme("h.example/a", Error::UNRECOGNIZED_SCHEME)]
    #[case::empty_scheme("://h/", Error::UNRECOGNIZED_SCHEME)]
    #[case::ftp("ftp://h/", Error::UNRECOGNIZED_SCHEME)]
    #[case::longer("httpx://h/", Error::UNRECOGNIZED_SCHEME)]
    #[case::no_authority("http:h", Error::INVALID_URL)]
    #[case::one_slash("http:/h", Error::INVALID_URL)]
    #[case::scheme_alone("http:", Error::INVALID_URL)]
    #[case::no_host("http://", Error::INVALID_URL)]
    #[case::no_host_but_path("http:///a", Error::INVALID_URL)]
    #[case::no_host_but_port("http://:80/", Error::INVALID_URL)]
    #[case::no_host_but_user("http://u@/", Error::INVALID_URL)]
    #[case::port_too_large("http://h:65536/", Error::INVALID_URL)]
    #[case::port_no_number("http://h:x/", Error::INVALID_URL)]
    #[case::port_with_sign("http://h:+1/", Error::INVALID_URL)]
    #[case::open_bracket("http://[::1/", Error::INVALID_URL)]
    #[case::behind_bracket("http://[::1]x/", Error::INVALID_URL)]
    fn what_has_no_scheme_or_no_host_is_refused(#[case] url: &str, #[case] error: Error) {
        assert_eq!(spelled(url), Err(error));
    }

    fn copies(room: usize) -> Parts<Wanted> {
        let copy = Wanted::Copy(room);
        Parts { scheme: copy, user: copy, password: copy, host: copy, path: copy, extra: copy }
    }

    fn texts(url: &str, flags: u32, wanted: &Parts<Wanted>) -> Result<String> {
        let Parts { scheme, user, password, host, path, extra } = crack(&utf16(url), flags, wanted)?.parts;
        let texts = [scheme, user, password, host, path, extra].map(|given| match given {
            Given::Copy(text) => String::from_utf16(&text).unwrap(),
            other => format!("{other:?}"),
        });
        Ok(texts.join(" "))
    }

    #[rstest]
    #[case::plain(0, "http u%41 p%42 h%43 /a%44ü ?%45")]
    #[case::decoded(w::ICU_DECODE, "http uA pB hC /aDü ?E")]
    #[case::escaped(w::ICU_ESCAPE, "http u%41 p%42 h%43 /a%44%C3%BC ?%45")]
    #[case::both(w::ICU_DECODE | w::ICU_ESCAPE, "http uA pB hC /aD%C3%BC ?E")]
    fn flags_change_what_is_copied(#[case] flags: u32, #[case] expected: &str) {
        let url = "http://u%41:p%42@h%43/a%44ü?%45";
        assert_eq!(texts(url, flags, &copies(64)).as_deref(), Ok(expected));
    }

    #[rstest]
    #[case::decode(w::ICU_DECODE)]
    #[case::escape(w::ICU_ESCAPE)]
    #[case::unknown(1)]
    fn text_cannot_be_changed_in_place(#[case] flags: u32) {
        let wanted = Parts { path: Wanted::Place, ..copies(64) };
        assert_eq!(texts("http://h/", flags, &wanted), Err(Error::INVALID_PARAMETER));
    }

    #[rstest]
    #[case::user("http://u@h/")]
    #[case::password("http://:p@h/")]
    #[case::both("http://u:p@h/")]
    fn credentials_are_rejected_on_request(#[case] url: &str) {
        assert_eq!(texts(url, w::ICU_REJECT_USERPWD, &copies(64)), Err(Error::INVALID_URL));
        assert!(texts("http://h/u@x:y", w::ICU_REJECT_USERPWD, &copies(64)).is_ok());
    }

    #[rstest]
    #[case::exact(5, true)]
    #[case::no_room_for_the_terminator(4, false)]
    #[case::empty(0, false)]
    fn a_copy_needs_room_for_its_terminator(#[case] room: usize, #[case] fits: bool) {
        let wanted = Parts { path: Wanted::Copy(room), ..Parts::default() };
        let cracked = crack(&utf16("http://h/abc?d"), 0, &Parts { extra: Wanted::Place, ..wanted });
        assert_eq!(cracked.is_ok(), fits);
        if !fits {
            assert_eq!(cracked, Err(Error::INSUFFICIENT_BUFFER));
        }
    }

    #[test]
    fn extra_information_that_is_not_wanted_belongs_to_the_path() {
        let wanted = Parts { path: Wanted::Copy(64), ..Parts::default() };
        let parts = crack(&utf16("http://h/a?b#c"), 0, &wanted).unwrap().parts;
        assert_eq!((parts.path, parts.extra), (Given::Copy(utf16("/a?b#c")), Given::Nothing));
    }

    #[test]
    fn what_a_url_lacks_is_absent_or_empty() {
        let place = Wanted::Place;
        let wanted = Parts { user: place, password: place, path: place, extra: place, ..Parts::default() };
        let parts = crack(&utf16("http://h"), 0, &wanted).unwrap().parts;
        assert_eq!((parts.user, parts.password), (Given::Absent, Given::Absent));
        assert_eq!((parts.path, parts.extra), (Given::Place(8..8), Given::Place(8..8)));
    }
}
