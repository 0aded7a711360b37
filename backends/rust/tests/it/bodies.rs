//! What options do to bodies and to what is said about them.

use std::ptr::null;

use rstest::rstest;

use crate::{api::*, peer::Peer};

/// "decompressed by the client", under gzip.
const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x49\x4d\xce\xcf\x2d\x28\x4a\x2d\x2e\x4e\x4d\x51\
    \x48\xaa\x54\x28\xc9\x48\x55\x48\xce\xc9\x4c\xcd\x2b\x01\x00\x02\x08\xa2\x98\x1a\x00\x00\x00";
const TEXT: &[u8] = b"decompressed by the client";

/// Answers with a body in that coding, chunked, two bytes a chunk.
fn compressed(coding: &'static str, body: &'static [u8]) -> Peer {
    Peer::new(move |client| {
        let head = client.head();
        assert!(head.contains("\r\nAccept-Encoding: gzip\r\n"), "{head}");
        assert_eq!(head.matches("Accept-Encoding").count(), 1, "{head}");
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut response = head.into_bytes();
        for piece in body.chunks(2) {
            response.extend([format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat());
        }
        response.extend(b"0\r\n\r\n");
        // All at once: a client that does not like the beginning may not wait for the end.
        client.write(&response);
    })
}

fn family(peer: &Peer) -> Family {
    let family = Family::to(0, peer.port, "/");
    set_dword(family.request, WINHTTP_OPTION_DECOMPRESSION, WINHTTP_DECOMPRESSION_FLAG_GZIP);
    let headers = wide("Accept-Encoding: identity\r\naccept-encoding: br");
    let sent = call!(WinHttpSendRequest(family.request, headers.as_ptr(), u32::MAX, null(), 0, 0, 0));
    assert_eq!((outcome(sent), receive(family.request)), (0, 0));
    family
}

fn read_all(request: Handle, piece: usize) -> Result<Vec<u8>, u32> {
    let mut body = Vec::new();
    loop {
        let read = read(request, piece)?;
        if read.is_empty() {
            return Ok(body);
        }
        body.extend(read);
    }
}

#[rstest]
#[case::whole(100)]
#[case::in_pieces(3)]
fn a_compressed_body_is_read_decompressed(#[case] piece: usize) {
    let peer = compressed("gzip", GZIP);
    assert_eq!(read_all(family(&peer).request, piece), Ok(TEXT.to_vec()));
}

#[test]
fn a_compressed_body_in_one_piece_is_read_in_one_piece() {
    let peer = Peer::new(|client| {
        client.head();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", GZIP.len());
        client.write(&[head.as_bytes(), GZIP].concat());
    });
    let family = family(&peer);
    assert_eq!(read(family.request, 100), Ok(TEXT.to_vec()));
    assert_eq!(read(family.request, 100), Ok(Vec::new()));
}

#[test]
fn a_compressed_body_is_announced_decompressed() {
    let peer = compressed("gzip", GZIP);
    let family = family(&peer);
    let mut body = Vec::new();
    loop {
        let mut available = 0;
        assert_eq!(outcome(call!(WinHttpQueryDataAvailable(family.request, &mut available))), 0);
        if available == 0 {
            break;
        }
        body.extend(read(family.request, available as usize).unwrap());
    }
    assert_eq!(body, TEXT);
}

#[rstest]
#[case::coding_that_was_not_asked_for("deflate")]
#[case::unknown_coding("br")]
#[case::two_codings("gzip, gzip")]
fn any_other_body_is_left_alone(#[case] coding: &'static str) {
    let peer = compressed(coding, GZIP);
    assert_eq!(read_all(family(&peer).request, 100), Ok(GZIP.to_vec()));
}

#[rstest]
#[case::cut(&GZIP[..30])]
#[case::no_gzip(b"something else")]
fn a_body_that_is_not_what_it_says_is_an_invalid_response(#[case] body: &'static [u8]) {
    let peer = compressed("gzip", body);
    let family = family(&peer);
    assert_eq!(read_all(family.request, 100), Err(ERROR_WINHTTP_INVALID_SERVER_RESPONSE));
}

#[test]
fn a_query_is_spelled_in_the_code_page_of_the_session() {
    let peer = Peer::new(|client| {
        let head = client.head();
        assert!(head.starts_with("GET /%C3%A9?%E9 HTTP/1.1\r\n"), "{head}");
        client.write(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let session = open();
    set_dword(session, WINHTTP_OPTION_CODEPAGE, 1252);
    let get = request(connect(session, "127.0.0.1", peer.port), "GET", "/é?é");
    assert_eq!((send(get), receive(get)), (0, 0));
    close(session);
}
