//! What a response asks to be authenticated with. Pages: WinHttpQueryAuthSchemes, authentication-in-winhttp.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{credentials::Target, of};
use crate::{
    error::{Error, Result},
    handle::Object,
};

/// A challenge, in `WINHTTP_AUTH_SCHEME_` values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// All the schemes that are supported at both ends.
    pub(crate) supported: u32,
    /// The first of them, or 0.
    pub(crate) first: u32,
    pub(crate) target: Target,
}

/// The challenge of the response that was received.
///
/// The page forbids the call before WinHttpQueryHeaders and names no error for it, nor for a response that is no
/// challenge. The response is what is needed: without one, or with another than 401 or 407, the handle is in an
/// incorrect state.
pub(crate) fn auth_schemes(object: &Object) -> Result<Challenge> {
    let response = of(object)?.response().ok_or(Error::INCORRECT_HANDLE_STATE)?;
    let (target, header) = match response.head.status {
        401 => (Target::Server, "WWW-Authenticate"),
        407 => (Target::Proxy, "Proxy-Authenticate"),
        _ => return Err(Error::INCORRECT_HANDLE_STATE),
    };
    let (mut supported, mut first) = (0, 0);
    for value in response.head.all(header) {
        for scheme in schemes(&String::from_utf8_lossy(value)) {
            supported |= scheme;
            first = if first == 0 { scheme } else { first };
        }
    }
    Ok(Challenge { supported, first, target })
}

/// The known schemes of one header, in order. It is a list of challenges, and each of them may have a list of
/// parameters (RFC 9110, section 11.6.1).
fn schemes(header: &str) -> Vec<u32> {
    let mut quoted = false;
    let mut escaped = false;
    let items = header.split(|c| {
        let ends = c == ',' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && quoted && !escaped;
        ends
    });
    items.filter_map(scheme).collect()
}

/// The scheme that an item of the list begins with; `None` for a further parameter, and for an unknown scheme.
fn scheme(item: &str) -> Option<u32> {
    let name = item.trim().split(|c: char| c.is_ascii_whitespace()).next()?;
    SCHEMES.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

const SCHEMES: [(&str, u32); 5] = [
    ("Basic", w::WINHTTP_AUTH_SCHEME_BASIC),
    ("NTLM", w::WINHTTP_AUTH_SCHEME_NTLM),
    // Page: passport-authentication-in-winhttp.
    ("Passport1.4", w::WINHTTP_AUTH_SCHEME_PASSPORT),
    ("Digest", w::WINHTTP_AUTH_SCHEME_DIGEST),
    ("Negotiate", w::WINHTTP_AUTH_SCHEME_NEGOTIATE),
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::empty("", &[])]
    #[case::basic("Basic realm=\"example\"", &[1])]
    #[case::any_case("bASIC realm=x", &[1])]
    #[case::no_parameters("Negotiate", &[16])]
    #[case::data("NTLM TlRMTVNTUAAC==", &[2])]
    #[case::list("Negotiate, NTLM,Basic realm=\"a\"", &[16, 2, 1])]
    #[case::parameters("Digest realm=\"a\", nonce=\"b\", qop=\"auth,auth-int\", Basic realm=\"c\"", &[8, 1])]
    #[case::comma_in_quotes("Basic realm=\"a, Digest b\"", &[1])]
    #[case::quote_in_quotes(r#"Basic realm="a\", Digest \"b", NTLM"#, &[1, 2])]
    #[case::backslash_in_quotes(r#"Basic realm="a\\", NTLM"#, &[1, 2])]
    #[case::passport("Passport1.4 da-status=failed", &[4])]
    #[case::unknown("Bearer realm=\"a\", Basic realm=\"b\"", &[1])]
    #[case::parameter_named_like_a_scheme("Bearer basic=1", &[])]
    fn a_header_lists_its_schemes(#[case] header: &str, #[case] expected: &[u32]) {
        assert_eq!(schemes(header), expected);
    }
}
