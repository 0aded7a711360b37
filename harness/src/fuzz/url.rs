//! URLs and the components that they are made of.
//!
//! Only such URLs are made as are well-formed, and as no rule of a page turns into others: no port that is the
//! scheme's own, no name or password that is empty, no query right behind the host.

use crate::case::{Argument, Content, FieldValue, Number, Scalar};
use crate::make;

/// The components of a URL.
#[derive(Clone, Debug)]
pub(super) struct Url {
    /// With HTTPS.
    pub(super) secure: bool,
    pub(super) user: Option<String>,
    /// Goes with a user name only.
    pub(super) password: Option<String>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// Begins with a slash.
    pub(super) path: String,
    /// Begins with `?` or `#`, or is empty.
    pub(super) extra: String,
}

/// A component and its members of URL_COMPONENTS.
pub(super) struct Component {
    pointer: &'static str,
    pub(super) length: &'static str,
    pub(super) text: String,
}

impl Url {
    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The port that is meant.
    pub(super) fn port(&self) -> u16 {
        self.port.filter(|port| *port != self.usual_port()).unwrap_or(self.usual_port())
    }

    fn usual_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }

    fn number(&self) -> Number {
        make::constant(if self.secure {
            "WINHTTP_INTERNET_SCHEME_HTTPS"
        } else {
            "WINHTTP_INTERNET_SCHEME_HTTP"
        })
    }

    /// The URL, and the components that are in it.
    pub(super) fn parts(&self) -> (String, Vec<Component>) {
        let (mut url, mut parts) = (String::new(), Vec::new());
        let mut put = |url: &mut String, pointer, length, text: &str| {
            parts.push(Component { pointer, length, text: text.to_owned() });
            url.push_str(text);
        };
        put(&mut url, "lpszScheme", "dwSchemeLength", self.scheme());
        url.push_str("://");
        if let Some(user) = &self.user {
            put(&mut url, "lpszUserName", "dwUserNameLength", user);
            if let Some(password) = &self.password {
                url.push(':');
                put(&mut url, "lpszPassword", "dwPasswordLength", password);
            }
            url.push('@');
        }
        put(&mut url, "lpszHostName", "dwHostNameLength", &self.host);
        if self.port() != self.usual_port() {
            url.push_str(&format!(":{}", self.port()));
        }
        put(&mut url, "lpszUrlPath", "dwUrlPathLength", &self.path);
        if !self.extra.is_empty() {
            put(&mut url, "lpszExtraInfo", "dwExtraInfoLength", &self.extra);
        }
        (url, parts)
    }

    /// A URL_COMPONENTS that asks for every component, none of which is copied.
    pub(super) fn wanted() -> Argument {
        const LENGTHS: [&str; 6] = [
            "dwSchemeLength",
            "dwHostNameLength",
            "dwUserNameLength",
            "dwPasswordLength",
            "dwUrlPathLength",
            "dwExtraInfoLength",
        ];
        let lengths = LENGTHS.map(|length| (length, number(u64::from(u32::MAX))));
        components(lengths.to_vec())
    }

    /// A URL_COMPONENTS that holds these.
    pub(super) fn components(&self) -> Argument {
        let mut members = vec![
            ("nScheme", FieldValue::Scalar(Scalar::Number(self.number()))),
            ("nPort", number(u64::from(self.port()))),
        ];
        for Component { pointer, length, text } in self.parts().1 {
            members.push((length, number(text.encode_utf16().count() as u64)));
            members.push((pointer, FieldValue::Text(text)));
        }
        components(members)
    }
}

fn components(members: Vec<(&str, FieldValue)>) -> Argument {
    const NAME: &str = "URL_COMPONENTS";
    let size = winhttp_spec::structs::find(NAME)
        .map_or(0, |definition| definition.size(winhttp_spec::structs::Width::W64));
    let size = ("dwStructSize", number(u64::from(size)));
    make::structure(NAME, std::iter::once(size).chain(members).collect())
}

fn number(value: u64) -> FieldValue {
    FieldValue::Scalar(Scalar::Number(make::number(value)))
}

/// Room for the URL and its terminator, and so many characters more or less.
#[derive(Clone, Debug)]
pub(super) struct Space {
    pub(super) delta: i32,
    pub(super) edge: bool,
}

impl Space {
    /// In characters.
    pub(super) fn characters(&self, url: &str) -> u32 {
        (url.encode_utf16().count() as u32 + 1).saturating_add_signed(self.delta)
    }

    /// `pwszUrl`.
    pub(super) fn argument(&self, url: &str) -> Argument {
        let content = Content::Space(2 * self.characters(url));
        Argument::Data(crate::case::Data { content, size: None, edge: self.edge })
    }
}
