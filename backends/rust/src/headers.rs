//! Headers of a request: adding, replacing and merging them, and reading them out of the text that an application
//! passes. Page: WinHttpAddRequestHeaders.

use windows_sys::Win32::Networking::WinHttp as w;

use crate::error::{Error, Result};

/// A request's own headers, in the order they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Appends one header, whatever is there already.
    pub(crate) fn append(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Whether a header that is a comma-separated list has this item.
    pub(crate) fn lists(&self, name: &str, item: &str) -> bool {
        self.all(name).any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(item)))
    }

    /// Appends to the first header of that name, or adds one.
    pub(crate) fn merge(&mut self, name: &str, separator: &str, value: &str) {
        match self.0.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
            Some((_, old)) => merge(old, separator, value),
            None => self.append(name, value),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    /// Adds headers as the flags of WinHttpAddRequestHeaders say; none of them, if one is refused.
    ///
    /// `WINHTTP_ADDREQ_FLAG_ADD` on its own appends, also where a header of that name exists: the page says "adds
    /// the header if it does not exist", but keeps the refusal to `ADD_IF_NEW` and calls the whole function one
    /// that appends.
    pub(crate) fn add(&mut self, headers: Vec<(String, String)>, flags: u32) -> Result<()> {
        let mut changed = self.clone();
        for (name, value) in headers {
            changed.add_one(name, value, flags)?;
        }
        *self = changed;
        Ok(())
    }

    fn add_one(&mut self, name: String, value: String, flags: u32) -> Result<()> {
        let existing = self.0.iter().position(|(own, _)| own.eq_ignore_ascii_case(&name));
        let is = |flag: u32| flags & flag != 0;
        match existing {
            Some(_) if is(w::WINHTTP_ADDREQ_FLAG_ADD_IF_NEW) => return Err(Error::HEADER_ALREADY_EXISTS),
            Some(at) if is(w::WINHTTP_ADDREQ_FLAG_REPLACE) => {
                if value.is_empty() {
                    self.remove(&name);
                } else {
                    self.0[at].1 = value;
                }
            }
            Some(at) if is(w::WINHTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA) => {
                merge(&mut self.0[at].1, ", ", &value)
            }
            Some(at) if is(w::WINHTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON) => {
                merge(&mut self.0[at].1, "; ", &value);
            }
            None if is(w::WINHTTP_ADDREQ_FLAG_REPLACE) => {
                match (is(w::WINHTTP_ADDREQ_FLAG_ADD), value.is_empty()) {
                    (true, false) => self.0.push((name, value)),
                    // There is nothing to remove, and adding was asked for as well: nothing is left to do.
                    (true, true) => {}
                    (false, _) => return Err(Error::HEADER_NOT_FOUND),
                }
            }
            _ => self.0.push((name, value)),
        }
        Ok(())
    }
}

fn merge(old: &mut String, separator: &str, value: &str) {
    old.push_str(separator);
    old.push_str(value);
}

/// Splits text into headers, each a name, a colon and a value.
pub(crate) fn parse(text: &[u16]) -> Result<Vec<(String, String)>> {
    let text = String::from_utf16(text).map_err(|_| Error::INVALID_PARAMETER)?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':').ok_or(Error::INVALID_PARAMETER)?;
        well_formed(name, value)
    };
    text.split("\r\n").filter(|line| !line.is_empty()).map(header).collect()
}

/// A header, if it is well formed: the name a token, the value without control characters.
pub(crate) fn well_formed(name: &str, value: &str) -> Result<(String, String)> {
    let value = value.trim_matches([' ', '\t']);
    let clean = |c: char| !c.is_control() || c == '\t';
    if !is_token(name) || !value.chars().all(clean) {
        return Err(Error::INVALID_PARAMETER);
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a text is a token of RFC 9110, as verbs and header names are.
pub(crate) fn is_token(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ADD: u32 = w::WINHTTP_ADDREQ_FLAG_ADD;
    const REPLACE: u32 = w::WINHTTP_ADDREQ_FLAG_REPLACE;

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn after(lines: &str, flags: u32) -> Result<String> {
        let mut headers = Headers::default();
        headers.append("Accept", "text/*");
        headers.add(parse(&utf16(lines))?, flags)?;
        Ok(headers.iter().map(|(name, value)| format!("{name}={value};")).collect())
    }

    #[rstest]
    #[case::another("X: 1", ADD, "Accept=text/*;X=1;")]
    #[case::two("X: 1\r\nY: 2\r\n", ADD, "Accept=text/*;X=1;Y=2;")]
    #[case::same_name_appends("Accept: a/b", ADD, "Accept=text/*;Accept=a/b;")]
    #[case::new_if_new("X: 1", w::WINHTTP_ADDREQ_FLAG_ADD_IF_NEW, "Accept=text/*;X=1;")]
    #[case::replaces("accept: a/b", REPLACE, "Accept=a/b;")]
    #[case::removes("Accept:", REPLACE, "")]
    #[case::add_or_replace("X: 1", ADD | REPLACE, "Accept=text/*;X=1;")]
    #[case::nothing_to_remove("X:", ADD | REPLACE, "Accept=text/*;")]
    #[case::comma("Accept: audio/*", w::WINHTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA, "Accept=text/*, audio/*;")]
    #[case::semicolon("Accept: q", w::WINHTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON, "Accept=text/*; q;")]
    fn flags_say_how_a_header_is_added(#[case] lines: &str, #[case] flags: u32, #[case] expected: &str) {
        assert_eq!(after(lines, flags).unwrap(), expected);
    }

    #[rstest]
    #[case::exists("Accept: a", w::WINHTTP_ADDREQ_FLAG_ADD_IF_NEW, Error::HEADER_ALREADY_EXISTS)]
    #[case::nothing_to_replace("X: 1", REPLACE, Error::HEADER_NOT_FOUND)]
    #[case::no_colon("X", ADD, Error::INVALID_PARAMETER)]
    #[case::no_name(": x", ADD, Error::INVALID_PARAMETER)]
    #[case::space_in_name("A b: x", ADD, Error::INVALID_PARAMETER)]
    #[case::line_feed_in_value("A: x\ny", ADD, Error::INVALID_PARAMETER)]
    #[case::one_of_two("X: 1\r\nY", ADD, Error::INVALID_PARAMETER)]
    fn a_refused_header_is_not_added(#[case] lines: &str, #[case] flags: u32, #[case] error: Error) {
        let mut headers = Headers::default();
        headers.append("Accept", "text/*");
        let before = headers.clone();
        let added = parse(&utf16(lines)).and_then(|parsed| headers.add(parsed, flags));
        assert_eq!(added, Err(error));
        assert_eq!(headers, before);
    }
}
