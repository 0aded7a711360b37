//! Code pages, as `WINHTTP_OPTION_CODEPAGE` names them. Page: option-flags.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5,
    ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_13, ISO_8859_15, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS,
    WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255,
    WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

/// A way to spell characters as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CodePage(Option<&'static Encoding>);

impl CodePage {
    pub(crate) const UTF_8: CodePage = CodePage(None);

    /// The code page of this number. The default is UTF-8; so is a page that is not known here, among them the
    /// system's own (0), for which other systems than Windows have no number.
    pub(crate) fn new(number: u32) -> CodePage {
        CodePage(match number {
            866 => Some(IBM866),
            874 => Some(WINDOWS_874),
            932 => Some(SHIFT_JIS),
            936 => Some(GBK),
            949 | 51949 => Some(EUC_KR),
            950 => Some(BIG5),
            1250 => Some(WINDOWS_1250),
            1251 => Some(WINDOWS_1251),
            // What the encoding standard takes for ISO 8859-1 (28591) and ASCII (20127), too.
            1252 | 20127 | 28591 => Some(WINDOWS_1252),
            1253 => Some(WINDOWS_1253),
            1254 | 28599 => Some(WINDOWS_1254),
            1255 => Some(WINDOWS_1255),
            1256 => Some(WINDOWS_1256),
            1257 => Some(WINDOWS_1257),
            1258 => Some(WINDOWS_1258),
            10000 => Some(MACINTOSH),
            20866 => Some(KOI8_R),
            21866 => Some(KOI8_U),
            28592 => Some(ISO_8859_2),
            28593 => Some(ISO_8859_3),
            28594 => Some(ISO_8859_4),
            28595 => Some(ISO_8859_5),
            28596 => Some(ISO_8859_6),
            28597 => Some(ISO_8859_7),
            28598 => Some(ISO_8859_8),
            28603 => Some(ISO_8859_13),
            28605 => Some(ISO_8859_15),
            51932 => Some(EUC_JP),
            54936 => Some(GB18030),
            _ => None,
        })
    }

    /// The bytes of a character; a question mark for one that the page does not have.
    pub(crate) fn bytes(self, c: char) -> Vec<u8> {
        let text = c.to_string();
        let Some(encoding) = self.0 else { return text.into_bytes() };
        match encoding.encode(&text) {
            (bytes, _, false) => bytes.into_owned(),
            (_, _, true) => b"?".to_vec(),
        }
    }

    /// The characters of these bytes, in UTF-16; what is not UTF-8 comes byte for byte, so that nothing is lost.
    pub(crate) fn text(self, bytes: &[u8]) -> Vec<u16> {
        match (self.0, std::str::from_utf8(bytes)) {
            (Some(encoding), _) => encoding.decode_without_bom_handling(bytes).0.encode_utf16().collect(),
            (None, Ok(text)) => text.encode_utf16().collect(),
            (None, Err(_)) => bytes.iter().map(|byte| u16::from(*byte)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::utf8(65001, '€', b"\xE2\x82\xAC")]
    #[case::unset(0, '€', b"\xE2\x82\xAC")]
    #[case::unknown(1, '€', b"\xE2\x82\xAC")]
    #[case::western(1252, '€', b"\x80")]
    #[case::cyrillic(1251, '€', b"\x88")]
    #[case::japanese(932, '日', b"\x93\xFA")]
    #[case::ascii(1252, 'a', b"a")]
    #[case::not_in_the_page(1252, '日', b"?")]
    fn a_character_is_spelled_as_the_page_has_it(#[case] page: u32, #[case] c: char, #[case] bytes: &[u8]) {
        assert_eq!(CodePage::new(page).bytes(c), bytes);
    }

    #[rstest]
    #[case::utf8(65001, b"\xC3\xA9", "\u{e9}")]
    #[case::unset(0, b"\xC3\xA9", "\u{e9}")]
    #[case::not_utf8(0, b"\xE9", "\u{e9}")]
    #[case::western(1252, b"\xC3\xA9", "\u{c3}\u{a9}")]
    #[case::cyrillic(1251, b"\xE9", "\u{439}")]
    fn bytes_are_read_as_the_page_has_them(#[case] page: u32, #[case] bytes: &[u8], #[case] text: &str) {
        assert_eq!(String::from_utf16(&CodePage::new(page).text(bytes)).unwrap(), text);
    }
}
