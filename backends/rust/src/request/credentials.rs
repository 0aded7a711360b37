//! Credentials of a request: kept until it is sent, and what is sent of them. Pages: WinHttpSetCredentials,
//! authentication-in-winhttp.

use data_encoding::BASE64;
use windows_sys::Win32::Networking::WinHttp as w;

use super::of;
use crate::{
    error::{Error, Result},
    handle::{Object, lock},
};

/// Who asks for credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Server,
    Proxy,
}

impl Target {
    /// Reads a `WINHTTP_AUTH_TARGET_` value. They are no flags, although the page calls them so: the server's is 0.
    pub(crate) fn parse(value: u32) -> Result<Target> {
        match value {
            w::WINHTTP_AUTH_TARGET_SERVER => Ok(Target::Server),
            w::WINHTTP_AUTH_TARGET_PROXY => Ok(Target::Proxy),
            _ => Err(Error::INVALID_PARAMETER),
        }
    }

    /// The `WINHTTP_AUTH_TARGET_` value.
    pub(crate) fn value(self) -> u32 {
        match self {
            Target::Server => w::WINHTTP_AUTH_TARGET_SERVER,
            Target::Proxy => w::WINHTTP_AUTH_TARGET_PROXY,
        }
    }
}

/// A name and a password for one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    scheme: u32,
    user: Box<str>,
    password: Box<str>,
}

impl Login {
    /// The page documents no error for what is none of the five schemes, for two of them at once, nor for a name or
    /// a password that is NULL; only an empty password is allowed.
    pub(crate) fn new(scheme: u32, user: Option<&[u16]>, password: Option<&[u16]>) -> Result<Login> {
        let known = matches!(
            scheme,
            w::WINHTTP_AUTH_SCHEME_BASIC
                | w::WINHTTP_AUTH_SCHEME_NTLM
                | w::WINHTTP_AUTH_SCHEME_PASSPORT
                | w::WINHTTP_AUTH_SCHEME_DIGEST
                | w::WINHTTP_AUTH_SCHEME_NEGOTIATE
        );
        let text = |text: &[u16]| String::from_utf16(text).ok().map(String::into_boxed_str);
        match (known, user.and_then(text), password.and_then(text)) {
            (true, Some(user), Some(password)) => Ok(Login { scheme, user, password }),
            _ => Err(Error::INVALID_PARAMETER),
        }
    }

    /// What a request can say before it was challenged. Only the Basic scheme has something to say then; the others
    /// answer a challenge, which is not done here yet, so that the application meets the challenge again.
    fn unasked(&self) -> Option<String> {
        let pair = format!("{}:{}", self.user, self.password);
        let basic = self.scheme == w::WINHTTP_AUTH_SCHEME_BASIC;
        basic.then(|| format!("Basic {}", BASE64.encode(pair.as_bytes())))
    }
}

/// What the next sending of a request has for server and proxy.
#[derive(Default)]
pub(crate) struct Credentials {
    server: Option<Login>,
    proxy: Option<Login>,
}

impl Credentials {
    fn put(&mut self, target: Target, login: Login) {
        match target {
            Target::Server => self.server = Some(login),
            Target::Proxy => self.proxy = Some(login),
        }
    }

    /// The value of an `Authorization` header.
    pub(super) fn for_server(&self) -> Option<String> {
        self.server.as_ref().and_then(Login::unasked)
    }

    /// The value of a `Proxy-Authorization` header.
    pub(super) fn for_proxy(&self) -> Option<String> {
        self.proxy.as_ref().and_then(Login::unasked)
    }
}

/// Keeps credentials for the next sending, and for that one only. They replace those of the same target.
///
/// The scheme must be one that WinHttpQueryAuthSchemes returned, says the page; the page on authentication has them
/// set before anything is sent, so this is not asked for.
pub(crate) fn set_credentials(object: &Object, target: Target, login: Login) -> Result<()> {
    let request = of(object)?;
    request.must_rest()?;
    lock(&request.credentials).put(target, login);
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[rstest]
    #[case::basic(w::WINHTTP_AUTH_SCHEME_BASIC, Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))]
    #[case::digest(w::WINHTTP_AUTH_SCHEME_DIGEST, None)]
    #[case::negotiate(w::WINHTTP_AUTH_SCHEME_NEGOTIATE, None)]
    fn only_basic_credentials_go_out_unasked(#[case] scheme: u32, #[case] header: Option<&str>) {
        let (user, password) = (utf16("Aladdin"), utf16("open sesame"));
        let login = Login::new(scheme, Some(&user), Some(&password)).unwrap();
        let mut credentials = Credentials::default();
        credentials.put(Target::Proxy, login);
        assert_eq!(credentials.for_proxy().as_deref(), header);
        assert_eq!(credentials.for_server(), None);
    }

    #[rstest]
    #[case::password_is_blank(1, Some("u"), Some(""), true)]
    #[case::no_user(1, None, Some("p"), false)]
    #[case::no_password(1, Some("u"), None, false)]
    #[case::no_scheme(0, Some("u"), Some("p"), false)]
    #[case::two_schemes(3, Some("u"), Some("p"), false)]
    #[case::unknown_scheme(32, Some("u"), Some("p"), false)]
    fn a_login_is_one_scheme_with_a_name_and_a_password(
        #[case] scheme: u32,
        #[case] user: Option<&str>,
        #[case] password: Option<&str>,
        #[case] accepted: bool,
    ) {
        let (user, password) = (user.map(utf16), password.map(utf16));
        assert_eq!(Login::new(scheme, user.as_deref(), password.as_deref()).is_ok(), accepted);
    }
}
