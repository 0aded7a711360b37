//! Keep-alive packets.

use std::{ptr::null, sync::mpsc::channel};

use crate::{
    LONG, alone,
    api::*,
    pass,
    peer::{Client, Peer},
};

const INTERVAL: u32 = 30_000;
const SHORTEST: u32 = WINHTTP_WEB_SOCKET_MIN_KEEPALIVE_VALUE;

/// A WebSocket, and the peer that serves it.
fn web_socket(serve: impl FnOnce(&mut Client) + Send + 'static) -> (Handle, Family, Peer) {
    let peer = Peer::web_socket(serve);
    let family = Family::to(0, peer.port, "/");
    // No frame is sent too slowly.
    assert_eq!(set_dword(family.request, WINHTTP_OPTION_SEND_TIMEOUT, 0), 0);
    let option = WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET;
    assert_eq!(outcome(call!(WinHttpSetOption(family.request, option, null(), 0))), 0);
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    (call!(WinHttpWebSocketCompleteUpgrade(family.request, 0)), family, peer)
}

fn send_text(socket: Handle) {
    let kind = WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE;
    assert_eq!(call!(WinHttpWebSocketSend(socket, kind, b"a".as_ptr().cast(), 1)), 0);
}

/// First bytes of the next frames, which are masked and carry this many bytes.
fn frames<const COUNT: usize>(client: &mut Client, lengths: [usize; COUNT]) -> [u8; COUNT] {
    lengths.map(|length| {
        let frame = client.exactly(6 + length);
        assert_eq!(usize::from(frame[1]), 0x80 | length);
        frame[0]
    })
}

const PONG: u8 = 0x8A;
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

#[test]
fn a_pong_is_sent_at_each_interval() {
    let _alone = alone();
    let (socket, _family, _peer) = web_socket(|client| {
        assert_eq!(frames(client, [1, 0, 1, 0]), [TEXT, PONG, TEXT, PONG]);
    });
    for _ in 0..2 {
        pass(INTERVAL - 10_000);
        send_text(socket);
        pass(10_000);
    }
    assert_eq!(close(socket), 0);
}

#[test]
fn the_interval_that_is_set_counts_from_there() {
    let _alone = alone();
    let (socket, _family, _peer) = web_socket(|client| {
        assert_eq!(frames(client, [1, 0, 1]), [TEXT, PONG, TEXT]);
    });
    pass(10_000);
    assert_eq!(set_dword(socket, WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL, SHORTEST), 0);
    pass(SHORTEST - 10_000);
    send_text(socket);
    pass(10_000);
    send_text(socket);
    assert_eq!(close(socket), 0);
}

#[test]
fn nothing_is_sent_behind_a_close_frame() {
    let _alone = alone();
    let (socket, _family, _peer) = web_socket(|client| {
        assert_eq!(frames(client, [2]), [CLOSE]);
        assert_eq!(client.rest(), b"");
    });
    assert_eq!(call!(WinHttpWebSocketShutdown(socket, 1000, null(), 0)), 0);
    pass(LONG);
    assert_eq!(close(socket), 0);
}

#[test]
fn a_frame_that_is_being_sent_stays_whole() {
    let _alone = alone();
    let payload = vec![0_u8; 1 << 24];
    let length = payload.len();
    let ((begun, has_begun), (passed, has_passed)) = (channel(), channel());
    let (socket, _family, _peer) = web_socket(move |client| {
        let head = client.exactly(14);
        begun.send(()).unwrap();
        has_passed.recv().unwrap();
        let masked = client.exactly(length);
        assert!(masked.chunks_exact(4).all(|part| *part == head[10..]), "nothing but the mask");
        assert_eq!(frames(client, [0]), [PONG]);
    });
    let address = socket as usize;
    let sending = std::thread::spawn(move || {
        let kind = WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE;
        call!(WinHttpWebSocketSend(address as Handle, kind, payload.as_ptr().cast(), length as u32))
    });
    has_begun.recv().unwrap();
    pass(INTERVAL);
    passed.send(()).unwrap();
    assert_eq!(sending.join().unwrap(), 0);
    pass(INTERVAL);
    assert_eq!(close(socket), 0);
}
