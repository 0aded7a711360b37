//! Reading a Set-Cookie header (RFC 6265, sections 5.2 and 5.3).

use std::time::{Duration, SystemTime};

use super::date;

/// What a Set-Cookie header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SetCookie<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Without the dot that may precede it; `None` if it is not there or empty.
    pub(super) domain: Option<&'a str>,
    /// `None` if it is not there or does not begin with a slash.
    pub(super) path: Option<&'a str>,
    /// `None` for the end of the session.
    pub(super) expires: Option<SystemTime>,
    pub(super) secure: bool,
}

impl<'a> SetCookie<'a> {
    /// Reads a header's value; `None` if it sets no cookie. Of an attribute that is repeated the last one counts.
    pub(super) fn parse(text: &'a str, now: SystemTime) -> Option<SetCookie<'a>> {
        let mut parts = text.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return None;
        }
        let mut cookie = SetCookie { name, value, domain: None, path: None, expires: None, secure: false };
        let mut max_age = None;
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            let (attribute, value) = (attribute.trim(), value.trim());
            let is = |name: &str| attribute.eq_ignore_ascii_case(name);
            if is("Expires") {
                cookie.expires = date::parse(value).or(cookie.expires);
            } else if is("Max-Age") {
                max_age = expiry(value, now).or(max_age);
            } else if is("Domain") {
                let domain = value.strip_prefix('.').unwrap_or(value);
                cookie.domain = Some(domain).filter(|domain| !domain.is_empty());
            } else if is("Path") {
                cookie.path = Some(value).filter(|path| path.starts_with('/'));
            } else if is("Secure") {
                cookie.secure = true;
            }
        }
        // Max-Age is the stronger of the two.
        cookie.expires = max_age.or(cookie.expires);
        Some(cookie)
    }
}

/// When an age in seconds is over; what is not positive is over already.
fn expiry(seconds: &str, now: SystemTime) -> Option<SystemTime> {
    let digits = seconds.strip_prefix('-').unwrap_or(seconds);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.len() < seconds.len() {
        return Some(SystemTime::UNIX_EPOCH);
    }
    const CENTURY: u64 = 100 * 365 * 86_400;
    match digits.parse().unwrap_or(CENTURY).min(CENTURY) {
        0 => Some(SystemTime::UNIX_EPOCH),
        seconds => now.checked_add(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn after(seconds: u64) -> Option<SystemTime> {
        Some(NOW + Duration::from_secs(seconds))
    }

    #[test]
    fn name_and_value_are_trimmed_and_attributes_read_in_any_case() {
        let text = " a = b=c ; DOMAIN=.example.com; path=/x; Secure; HttpOnly; max-age=5";
        let expected = SetCookie {
            name: "a",
            value: "b=c",
            domain: Some("example.com"),
            path: Some("/x"),
            expires: after(5),
            secure: true,
        };
        assert_eq!(SetCookie::parse(text, NOW), Some(expected));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_value("a; Path=/")]
    #[case::no_name("=b")]
    fn what_names_nothing_sets_nothing(#[case] text: &str) {
        assert_eq!(SetCookie::parse(text, NOW), None);
    }

    #[rstest]
    #[case::session("a=b", None)]
    #[case::date("a=b; Expires=Thu, 01-Jan-1970 00:01:00 GMT", after(60))]
    #[case::no_date("a=b; Expires=tomorrow", None)]
    #[case::age_is_stronger("a=b; Max-Age=5; Expires=Thu, 01-Jan-1970 00:01:00 GMT", after(5))]
    #[case::zero("a=b; Max-Age=0", after(0))]
    #[case::negative("a=b; Max-Age=-1", after(0))]
    #[case::no_number("a=b; Max-Age=x", None)]
    #[case::huge("a=b; Max-Age=99999999999999999999999", after(3_153_600_000))]
    fn a_cookie_lives_as_long_as_it_says(#[case] text: &str, #[case] expires: Option<SystemTime>) {
        assert_eq!(SetCookie::parse(text, NOW).unwrap().expires, expires);
    }

    #[rstest]
    #[case::relative("a=b; Path=x")]
    #[case::empty("a=b; Path=; Domain=")]
    fn an_attribute_that_says_nothing_is_not_there(#[case] text: &str) {
        let cookie = SetCookie::parse(text, NOW).unwrap();
        assert_eq!((cookie.path, cookie.domain), (None, None));
    }
}
