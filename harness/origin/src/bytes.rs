//! Bytes that people read and write: text with escapes, or hexadecimal digits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A sequence of bytes that is readable in a case, a record and a report.
///
/// Written as text: printable ASCII stands for itself, `\r`, `\n`, `\t`, `\\` and `\xNN` for what they
/// stand for in Rust. Read from the same text (other characters mean their UTF-8 bytes), or from
/// `{ hex: "0d 0a" }`, where white space does not count.
///
/// In YAML, a plain or single-quoted scalar brings the escapes here. A double-quoted one has YAML read
/// them first: the same for `\r` and `\n`, but there `"\xff"` is the *character* U+00FF, two bytes.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// Reads text with escapes. The error says which escape is wrong and which ones there are.
    pub fn from_escaped(text: &str) -> Result<Bytes, String> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            bytes.extend_from_slice(&rest.as_bytes()[..at]);
            let (byte, length) = read_escape(&rest[at..])?;
            bytes.push(byte);
            rest = &rest[at + length..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(Bytes(bytes))
    }

    /// Reads hexadecimal digits, two a byte. The error says what is wrong.
    pub fn from_hex(text: &str) -> Result<Bytes, String> {
        let digits = text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<_>>();
        if !digits.len().is_multiple_of(2) {
            return Err(format!("{} hexadecimal digits are not whole bytes", digits.len()));
        }
        digits.chunks(2).map(|pair| hex_byte(pair[0], pair[1])).collect::<Result<_, _>>().map(Bytes)
    }
}

/// The byte that the escape at the start of `text` stands for, and the escape's length.
fn read_escape(text: &str) -> Result<(u8, usize), String> {
    let mut chars = text.chars().skip(1);
    let short = |byte| Ok((byte, 2));
    match chars.next() {
        Some('r') => short(b'\r'),
        Some('n') => short(b'\n'),
        Some('t') => short(b'\t'),
        Some('\\') => short(b'\\'),
        Some('x') => match (chars.next(), chars.next()) {
            (Some(high), Some(low)) => Ok((hex_byte(high, low)?, 4)),
            _ => Err("an escape \\x needs two hexadecimal digits".to_owned()),
        },
        Some(other) => Err(format!("unknown escape \\{other}; there are \\r, \\n, \\t, \\\\ and \\xNN")),
        None => Err("a single \\ at the end; write \\\\ for a backslash".to_owned()),
    }
}

fn hex_byte(high: char, low: char) -> Result<u8, String> {
    let digit =
        |c: char| c.to_digit(16).map(|d| d as u8).ok_or_else(|| format!("'{c}' is not a hexadecimal digit"));
    Ok(digit(high)? * 16 + digit(low)?)
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in &self.0 {
            match byte {
                b'\r' => f.write_str("\\r")?,
                b'\n' => f.write_str("\\n")?,
                b'\t' => f.write_str("\\t")?,
                b'\\' => f.write_str("\\\\")?,
                b' '..=b'~' => write!(f, "{}", byte as char)?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{self}\"")
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

impl From<&str> for Bytes {
    /// The text's UTF-8 bytes; a backslash is a backslash.
    fn from(text: &str) -> Self {
        Bytes(text.as_bytes().to_vec())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> serde::de::Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text with escapes, or { hex: digits }")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bytes, E> {
        Bytes::from_escaped(text).map_err(E::custom)
    }

    fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<Bytes, M::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Hex {
            hex: String,
        }
        let Hex { hex } = Hex::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Bytes::from_hex(&hex).map_err(serde::de::Error::custom)
    }
}
