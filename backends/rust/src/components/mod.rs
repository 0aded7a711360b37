//! The components of a URL, taken apart ([`crack`](mod@crack)) and put together ([`create`](mod@create)). Pages:
//! WinHttpCrackUrl, WinHttpCreateUrl, URL_COMPONENTS, uniform-resource-locators--urls--in-winhttp.
//!
//! A URL is `scheme://user:password@host:port/path?extra#info`. Neither function looks at more of it than the
//! delimiters: the page says that a URL is not checked before it is taken apart.

mod crack;
mod create;
mod escape;

use windows_sys::Win32::Networking::WinHttp as w;

pub(crate) use self::{
    crack::{Given, Wanted, crack},
    create::{Source, create},
};

/// One thing for each component that is text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts<T> {
    pub(crate) scheme: T,
    pub(crate) user: T,
    pub(crate) password: T,
    /// An IPv6 address has its brackets.
    pub(crate) host: T,
    pub(crate) path: T,
    /// The query and the fragment, beginning with `?` or `#`.
    pub(crate) extra: T,
}

/// A scheme that WinHTTP speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// By name, in any case.
    pub(crate) fn parse(name: &[u16]) -> Option<Scheme> {
        let same = |known: &str| {
            name.len() == known.len()
                && name.iter().zip(known.bytes()).all(|(unit, byte)| {
                    u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte))
                })
        };
        [Scheme::Http, Scheme::Https].into_iter().find(|scheme| same(scheme.name()))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The `INTERNET_SCHEME_` value.
    pub(crate) fn number(self) -> i32 {
        match self {
            Scheme::Http => w::WINHTTP_INTERNET_SCHEME_HTTP,
            Scheme::Https => w::WINHTTP_INTERNET_SCHEME_HTTPS,
        }
    }

    pub(crate) fn default_port(self) -> u16 {
        match self {
            Scheme::Http => w::INTERNET_DEFAULT_HTTP_PORT,
            Scheme::Https => w::INTERNET_DEFAULT_HTTPS_PORT,
        }
    }
}
