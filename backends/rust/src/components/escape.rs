//! Escape sequences in components.

use std::fmt::Write;

/// Characters of ASCII that are escaped besides controls, the space and DEL.
///
/// The page on URLs calls these unsafe, and two more. The percent sign stays as it is: a URL that is escaped already
/// would be escaped twice, and both functions take *canonical* URLs. The number sign stays because extra information
/// may begin with one. The grave accent is RFC 1738's; the page has an apostrophe where that has the accent.
const UNSAFE: &str = "<>\"{}|\\^~[]'`";

/// Converts unsafe characters to escape sequences, those beyond ASCII by way of UTF-8.
pub(super) fn escape(text: &[u16]) -> Vec<u16> {
    let mut out = String::with_capacity(text.len());
    let mut utf8 = [0; 4];
    for c in String::from_utf16_lossy(text).chars() {
        if c.is_ascii_graphic() && !UNSAFE.contains(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut utf8).bytes() {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out.encode_utf16().collect()
}

/// Converts each escape sequence to the character of that number: a sequence of UTF-8 stays one character a byte
/// (page: WinHttpCrackUrl). A percent sign without two digits stays.
pub(super) fn decode(text: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match more {
            [high, low, after @ ..] if *first == u16::from(b'%') => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    rest = after;
                }
                _ => out.push(*first),
            },
            _ => out.push(*first),
        }
    }
    out
}

fn digit(unit: u16) -> Option<u16> {
    char::from_u32(unit.into())?.to_digit(16).map(|digit| digit as u16)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[rstest]
    #[case::nothing("/a/b?c=d&e#f", "/a/b?c=d&e#f")]
    #[case::space("/a b", "/a%20b")]
    #[case::control("\t\u{7f}", "%09%7F")]
    #[case::unsafe_characters("<>\"{}|\\^~[]'`", "%3C%3E%22%7B%7D%7C%5C%5E%7E%5B%5D%27%60")]
    #[case::beyond_ascii("ü€", "%C3%BC%E2%82%AC")]
    #[case::escaped_already("/a%20b", "/a%20b")]
    fn unsafe_characters_are_escaped(#[case] text: &str, #[case] escaped: &str) {
        assert_eq!(String::from_utf16_lossy(&escape(&utf16(text))), escaped);
    }

    #[rstest]
    #[case::nothing("/a/b", "/a/b")]
    #[case::space("/a%20b", "/a b")]
    #[case::small_digits("%7e%7E", "~~")]
    #[case::utf8_is_not_decoded("%C3%BC", "\u{c3}\u{bc}")]
    #[case::no_digits("100%", "100%")]
    #[case::one_digit("%2", "%2")]
    #[case::not_a_digit("%zz%2z", "%zz%2z")]
    #[case::percent("%2541", "%41")]
    fn escape_sequences_are_decoded(#[case] text: &str, #[case] decoded: &str) {
        assert_eq!(String::from_utf16_lossy(&decode(&utf16(text))), decoded);
    }
}
