//! What only the peer knows, in the texts of a case: `$port` is its port, `$host` its address as a URL has it, `$$` a
//! dollar sign. Nothing else may follow a `$`, so that a slip of the pen is found when the case is read.

use crate::case::Case;

/// Where the peer listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// `127.0.0.1` or `[::1]`.
    pub host: &'static str,
    /// The port.
    pub port: u16,
}

impl Peer {
    /// The peer of a case, at this port.
    #[must_use]
    pub fn of(case: &Case, port: u16) -> Self {
        Self { host: if case.ipv6 { "[::1]" } else { "127.0.0.1" }, port }
    }

    /// A text with everything filled in.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            filled.push_str(&rest[..at]);
            let (hole, after) = Hole::first(&rest[at + 1..]);
            match hole {
                Some(Hole::Port) => filled.push_str(&self.port.to_string()),
                Some(Hole::Host) => filled.push_str(self.host),
                // What is no hole was refused when the case was read.
                Some(Hole::Dollar) | None => filled.push('$'),
            }
            rest = after;
        }
        filled + rest
    }

    /// Bytes with everything filled in.
    #[must_use]
    pub fn fill_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        // Latin-1 there and back: every byte is a character, and what is filled in is ASCII.
        let text: String = bytes.iter().copied().map(char::from).collect();
        self.fill(&text).chars().map(|character| character as u8).collect()
    }
}

/// What stands after a `$`.
enum Hole {
    Port,
    Host,
    Dollar,
}

impl Hole {
    /// The hole at the start of what follows a `$`, and what follows the hole.
    fn first(text: &str) -> (Option<Self>, &str) {
        for (word, hole) in [("port", Self::Port), ("host", Self::Host), ("$", Self::Dollar)] {
            if let Some(rest) = text.strip_prefix(word) {
                return (Some(hole), rest);
            }
        }
        (None, text)
    }
}

/// Whether a text begins with a hole: then it is a text, and no name of an earlier step.
pub(crate) fn begins_with_hole(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|rest| Hole::first(rest).0.is_some())
}

/// Refuses a `$` that stands for nothing.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (hole, after) = Hole::first(&rest[at + 1..]);
        if hole.is_none() {
            let word: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
            return Err(format!("`${word}` stands for nothing in a text"));
        }
        rest = after;
    }
    Ok(())
}

/// Bytes in which nothing is to be filled in.
pub(crate) fn literal(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| std::iter::repeat_n(*byte, if *byte == b'$' { 2 } else { 1 })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: Peer = Peer { host: "127.0.0.1", port: 8080 };

    #[test]
    fn holes_are_filled_from_left_to_right() {
        assert_eq!(PEER.fill("http://$host:$port/$$port$$"), "http://127.0.0.1:8080/$port$");
        assert_eq!(PEER.fill("$$$port$$$$port"), "$8080$$port");
        assert_eq!(PEER.fill_bytes(b"\xff$port\x00\xc3\xbc"), b"\xff8080\x00\xc3\xbc");
    }

    #[test]
    fn a_dollar_sign_that_stands_for_nothing_is_refused() {
        assert!(check("$port $host $$").is_ok());
        assert!(check("a $prot b").unwrap_err().contains("`$prot`"));
        assert!(check("5 $").is_err());
    }

    #[test]
    fn literal_bytes_stay_as_they_are() {
        let bytes: Vec<u8> = (0..=255).chain(*b"$port$$").collect();
        assert_eq!(PEER.fill_bytes(&literal(&bytes)), bytes);
    }
}
