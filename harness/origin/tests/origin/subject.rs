//! A subject made of a plain socket.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;
use winhttp_origin::{Origin, Script, What};

/// An origin that has `script` armed.
pub(crate) fn armed(script: Script) -> Origin {
    let mut origin = Origin::start().unwrap();
    origin.arm(script).unwrap();
    origin
}

pub(crate) fn connect(origin: &Origin) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, origin.port())).unwrap();
    // Only so that a broken origin fails a test instead of stopping it.
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Connects and sends `bytes`.
pub(crate) fn send(origin: &Origin, bytes: &str) -> TcpStream {
    let mut stream = connect(origin);
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

/// Reads until `end` came.
pub(crate) fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "closed after {:?}", String::from_utf8_lossy(&bytes));
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Reads until the peer closes.
pub(crate) fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Events without their times, the plain ones by name.
pub(crate) fn names(connection: &winhttp_origin::Connection) -> Vec<String> {
    connection
        .events
        .iter()
        .map(|event| match &event.what {
            What::Accepted => "accepted".to_owned(),
            What::Request(request) => format!("{} {}", request.head.method, request.head.target),
            What::Sent(_) => "sent".to_owned(),
            What::Frame { opcode, .. } => format!("frame {opcode:?}"),
            What::Ended(end) => format!("{end:?}"),
        })
        .collect()
}
