//! Bytes as a reader wants them: text with escapes, cut where it grows long.

use winhttp_origin::Bytes;

/// How many characters are shown; an escape is not cut.
const SHOWN: usize = 160;

/// The first of `length` bytes, and how many they are.
pub(crate) fn of(bytes: &[u8], length: u64) -> String {
    let (mut text, mut shown) = (String::new(), 0);
    for byte in bytes {
        let escaped = Bytes(vec![*byte]).to_string();
        if text.len() + escaped.len() > SHOWN {
            break;
        }
        text.push_str(&escaped);
        shown += 1;
    }
    let more = if shown < length { "…" } else { "" };
    let plural = if length == 1 { "" } else { "s" };
    format!("\"{text}{more}\" ({length} byte{plural})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_readable_and_says_how_much_there_is() {
        assert_eq!(of(b"a\r\n\xff", 4), r#""a\r\n\xff" (4 bytes)"#);
        assert_eq!(of(b"", 0), r#""" (0 bytes)"#);
        // More than was kept.
        assert_eq!(of(b"a", 2), r#""a…" (2 bytes)"#);
        let long = of(&[0; 1000], 1000);
        assert_eq!(long, format!("\"{}…\" (1000 bytes)", r"\x00".repeat(SHOWN / 4)));
    }
}
