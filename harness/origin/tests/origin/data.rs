//! Scripts as cases write them, transcripts as records keep them.

use crate::subject::{armed, send};
use rstest::rstest;
use serde_yaml::with::singleton_map_recursive;
use std::time::Duration;
use winhttp_origin::{Bytes, Raw, Reply, Response, Route, Script, Then, Transcript};

fn read(yaml: &str) -> Result<Script, serde_yaml::Error> {
    singleton_map_recursive::deserialize(serde_yaml::Deserializer::from_str(yaml))
}

#[rstest]
#[case("ok", Script::Ok)]
#[case("websocket", Script::Websocket)]
#[case("websocket-refuse", Script::WebsocketRefuse)]
#[case("silent", Script::Silent)]
#[case("deaf", Script::Deaf)]
#[case("reset", Script::Reset)]
#[case("close", Script::Close)]
#[case(r"raw: { bytes: 'HTTP/1.1 200\r\n', then: close }", raw(b"HTTP/1.1 200\r\n", Then::Close))]
#[case("raw: { bytes: { hex: '0d 0AfF' } }", raw(b"\r\n\xff", Then::KeepOpen))]
fn scripts_are_read_from_yaml(#[case] yaml: &str, #[case] script: Script) {
    assert_eq!(read(yaml).unwrap(), script);
}

fn raw(bytes: &[u8], then: Then) -> Script {
    Script::Raw(Raw { bytes: bytes.into(), then })
}

#[test]
fn a_route_table_is_read_from_yaml() {
    let yaml = "
routes:
  - { method: GET, target: /a, reply: { response: { status: 302, headers: [[Location, /b]] } } }
  - { target: /b, reply: close }
";
    let response = Response {
        status: 302,
        reason: None,
        headers: vec![("Location".into(), "/b".into())],
        body: "".into(),
    };
    let routes = vec![
        Route { method: Some("GET".into()), target: "/a".into(), reply: Reply::Response(response) },
        Route { method: None, target: "/b".into(), reply: Reply::Close },
    ];
    assert_eq!(read(yaml).unwrap(), Script::Routes(routes));
}

#[rstest]
#[case("nothing", "nothing")]
#[case("raw: { bytes: x, than: close }", "than")]
#[case("raw: { bytes: { hex: abc } }", "3 hexadecimal digits are not whole bytes")]
#[case("raw: { bytes: { hex: zz } }", "'z' is not a hexadecimal digit")]
#[case(r"raw: { bytes: 'a\qb' }", r"unknown escape \q")]
#[case(r"raw: { bytes: '\x1' }", "two hexadecimal digits")]
#[case(r"raw: { bytes: 'a\' }", "write \\\\ for a backslash")]
fn a_wrong_script_says_what_is_wrong(#[case] yaml: &str, #[case] expected: &str) {
    let error = read(yaml).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

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
