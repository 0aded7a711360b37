//! Bytes as cases write them, transcripts as records keep them.

use crate::subject::{armed, send};
use std::time::Duration;
use winhttp_origin::{Bytes, Script, Transcript};

#[test]
fn bytes_are_written_readably_and_read_back() {
    let all = Bytes((0..=255).collect());
    assert_eq!(Bytes::from_escaped(&all.to_string()).unwrap(), all);
    assert_eq!(Bytes(b"a\\b\r\n\t\0\xff'\"".to_vec()).to_string(), r#"a\\b\r\n\t\x00\xff'""#);
    assert_eq!(Bytes::from_escaped("ü").unwrap(), "ü".into());
}

#[test]
fn a_transcript_survives_json() {
    let mut origin = armed(Script::Close);
    let stream = send(&origin, "GET / HTTP/1.1\r\n\r\n");
    let transcript = origin.finish(Duration::ZERO);
    let json = serde_json::to_string(&transcript).unwrap();
    assert!(json.contains(r#""bytes":"GET / HTTP/1.1\\r\\n\\r\\n","length":18"#), "{json}");
    assert_eq!(serde_json::from_str::<Transcript>(&json).unwrap(), transcript);
    drop(stream);
}
