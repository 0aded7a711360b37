//! WebSockets over a socket: upgrade, messages, fragments, the closing handshake.

use std::ptr::{null, null_mut};

use rstest::rstest;

use crate::{
    api::*,
    peer::{Client, Peer},
    proxies::configured,
};

/// The frame that comes next, unmasked: first byte and payload.
fn frame(client: &mut Client) -> (u8, Vec<u8>) {
    let head = client.exactly(2);
    assert_eq!(head[1] & 0x80, 0x80, "clients mask");
    let mask = client.exactly(4);
    let payload = client.exactly((head[1] & 0x7F) as usize);
    (head[0], payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect())
}

fn upgrade(family: &Family) -> Handle {
    let option = WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET;
    assert_eq!(outcome(call!(WinHttpSetOption(family.request, option, null(), 0))), 0);
    assert_eq!((send(family.request), receive(family.request), status(family.request)), (0, 0, 101));
    let socket = call!(WinHttpWebSocketCompleteUpgrade(family.request, 0));
    assert!(!socket.is_null(), "{}", last_error());
    // The WebSocket lives on without its request.
    assert_eq!(close(family.request), 0);
    socket
}

fn receive_message(socket: Handle, room: usize) -> Result<(Vec<u8>, i32), u32> {
    let (mut buffer, mut count, mut kind) = (vec![0_u8; room], 0, -1);
    let pointer = buffer.as_mut_ptr().cast();
    match call!(WinHttpWebSocketReceive(socket, pointer, room as u32, &mut count, &mut kind)) {
        0 => {
            buffer.truncate(count as usize);
            Ok((buffer, kind))
        }
        error => Err(error),
    }
}

fn send_message(socket: Handle, kind: i32, bytes: &[u8]) -> u32 {
    call!(WinHttpWebSocketSend(socket, kind, bytes.as_ptr().cast(), bytes.len() as u32))
}

fn close_status(socket: Handle, room: u32) -> (u32, u16, Vec<u8>, u32) {
    let (mut status, mut reason, mut consumed) = (0, [0_u8; 123], 0);
    let place = if room == 0 { null_mut() } else { reason.as_mut_ptr().cast() };
    let code = call!(WinHttpWebSocketQueryCloseStatus(socket, &mut status, place, room, &mut consumed));
    (code, status, reason[..consumed as usize].to_vec(), consumed)
}

#[test]
fn messages_go_both_ways_and_the_handshake_closes() {
    let peer = Peer::web_socket(|client| {
        assert_eq!(frame(client), (0x81, b"hello".to_vec()));
        client.write(b"\x89\x01p");
        client.write(b"\x82\x03abc");
        assert_eq!(frame(client), (0x8A, b"p".to_vec()), "the pong");
        assert_eq!(frame(client), (0x88, b"\x03\xe8bye".to_vec()));
        client.write(b"\x82\x01x\x88\x05\x03\xe9end");
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    assert_eq!(query_dword(socket, WINHTTP_OPTION_HANDLE_TYPE), Ok(WINHTTP_HANDLE_TYPE_WEBSOCKET));
    assert_eq!(query_word(socket, WINHTTP_OPTION_PARENT_HANDLE), Ok(family.connection as usize));
    assert_eq!(send_message(socket, WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE, b"hello"), 0);
    let binary = WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE;
    assert_eq!(receive_message(socket, 10), Ok((b"abc".to_vec(), binary)));
    assert_eq!(close_status(socket, 123).0, ERROR_INVALID_OPERATION, "no close frame yet");
    assert_eq!(call!(WinHttpWebSocketClose(socket, 1000, b"bye".as_ptr().cast(), 3)), 0);
    assert_eq!(close_status(socket, 123), (0, 1001, b"end".to_vec(), 3));
    assert_eq!(close_status(socket, 0).3, 3, "the size to allocate");
    assert_eq!(close_status(socket, 2).0, ERROR_INSUFFICIENT_BUFFER);
    assert_eq!(send_message(socket, binary, b"x"), ERROR_INVALID_OPERATION);
    assert_eq!(receive_message(socket, 1), Err(ERROR_INVALID_OPERATION));
    assert_eq!(call!(WinHttpWebSocketClose(socket, 1000, null(), 0)), ERROR_INVALID_OPERATION);
    assert_eq!(close(socket), 0);
}

#[test]
fn a_message_larger_than_the_buffer_comes_in_fragments() {
    let peer = Peer::web_socket(|client| {
        client.write(b"\x01\x04abcd\x80\x02ef");
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    let fragment = WINHTTP_WEB_SOCKET_UTF8_FRAGMENT_BUFFER_TYPE;
    assert_eq!(receive_message(socket, 3), Ok((b"abc".to_vec(), fragment)));
    assert_eq!(receive_message(socket, 3), Ok((b"d".to_vec(), fragment)));
    assert_eq!(receive_message(socket, 3), Ok((b"ef".to_vec(), WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE)));
    close(socket);
}

#[test]
fn a_message_is_sent_in_fragments_of_one_type() {
    let peer = Peer::web_socket(|client| {
        assert_eq!(frame(client), (0x02, b"a".to_vec()));
        assert_eq!(frame(client), (0x80, b"b".to_vec()));
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    assert_eq!(send_message(socket, WINHTTP_WEB_SOCKET_BINARY_FRAGMENT_BUFFER_TYPE, b"a"), 0);
    let other = send_message(socket, WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE, b"b");
    assert_eq!(other, ERROR_INVALID_PARAMETER);
    assert_eq!(send_message(socket, WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE, b"b"), 0);
    close(socket);
}

#[test]
fn shutdown_closes_the_send_channel_only() {
    let peer = Peer::web_socket(|client| {
        assert_eq!(frame(client), (0x88, b"\x03\xe8".to_vec()));
        client.write(b"\x82\x01x\x88\x00");
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    assert_eq!(call!(WinHttpWebSocketShutdown(socket, 1000, null(), 0)), 0);
    let binary = WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE;
    assert_eq!(send_message(socket, binary, b"x"), ERROR_INVALID_OPERATION);
    assert_eq!(receive_message(socket, 9), Ok((b"x".to_vec(), binary)));
    assert_eq!(receive_message(socket, 9), Ok((Vec::new(), WINHTTP_WEB_SOCKET_CLOSE_BUFFER_TYPE)));
    assert_eq!(close_status(socket, 123), (0, WINHTTP_WEB_SOCKET_EMPTY_CLOSE_STATUS as u16, Vec::new(), 0));
    close(socket);
}

#[test]
fn close_ends_a_receive_that_waits_on_another_thread() {
    let peer = Peer::web_socket(|client| {
        assert_eq!(frame(client).0, 0x88);
        client.write(b"\x88\x00");
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family) as usize;
    let waiting = std::thread::spawn(move || receive_message(socket as Handle, 1));
    // The receive may not have begun yet; then it finds the channel closed, which is as good.
    assert_eq!(call!(WinHttpWebSocketClose(socket as Handle, 1000, null(), 0)), 0);
    let error = waiting.join().unwrap().unwrap_err();
    assert!([ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_INVALID_OPERATION].contains(&error), "{error}");
    close(socket as Handle);
}

#[test]
fn a_peer_that_never_answers_the_close_times_out() {
    let peer = Peer::web_socket(|client| {
        frame(client);
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    assert_eq!(set_dword(socket, WINHTTP_OPTION_WEB_SOCKET_CLOSE_TIMEOUT, 50), 0);
    assert_eq!(call!(WinHttpWebSocketClose(socket, 1000, null(), 0)), ERROR_WINHTTP_TIMEOUT);
    close(socket);
}

#[rstest]
#[case::masked(b"\x82\x81abcdx")]
#[case::reserved_bit(b"\xc2\x01x")]
#[case::no_beginning(b"\x80\x01x")]
#[case::bad_text(b"\x81\x01\xff")]
fn a_frame_that_breaks_the_protocol_is_an_invalid_response(#[case] frame: &'static [u8]) {
    let peer = Peer::web_socket(|client| {
        client.write(frame);
        client.until_closed();
    });
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    assert_eq!(receive_message(socket, 9), Err(ERROR_WINHTTP_INVALID_SERVER_RESPONSE));
    close(socket);
}

#[test]
fn arguments_are_checked() {
    let peer = Peer::web_socket(Client::until_closed);
    let family = Family::to(0, peer.port, "/");
    let socket = upgrade(&family);
    let wrong = ERROR_INVALID_PARAMETER;
    assert_eq!(send_message(socket, WINHTTP_WEB_SOCKET_CLOSE_BUFFER_TYPE, b""), wrong);
    assert_eq!(call!(WinHttpWebSocketSend(socket, 0, null(), 1)), wrong);
    assert_eq!(call!(WinHttpWebSocketClose(socket, 1000, null(), 1)), wrong);
    assert_eq!(call!(WinHttpWebSocketClose(socket, 1000, [b'x'; 124].as_ptr().cast(), 124)), wrong);
    assert_eq!(
        call!(WinHttpWebSocketClose(family.connection, 1000, null(), 0)),
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
    );
    assert_eq!(call!(WinHttpWebSocketClose(null(), 1000, null(), 0)), ERROR_INVALID_HANDLE);
    let keepalive = |value| set_dword(socket, WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL, value);
    assert_eq!((keepalive(14_999), keepalive(15_000)), (wrong, 0));
    assert_eq!(query_dword(socket, WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL), Ok(15_000));
    close(socket);
}

#[test]
fn the_keep_alive_begins_as_it_is_configured() {
    configured(
        "websockets::the_keep_alive_begins_as_it_is_configured",
        "web-socket-keepalive-interval = 45000",
        &[],
        || {
            let peer = Peer::web_socket(|client| client.until_closed());
            let family = Family::to(0, peer.port, "/");
            let socket = upgrade(&family);
            assert_eq!(query_dword(socket, WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL), Ok(45_000));
            close(socket);
        },
    );
}

#[test]
fn only_a_101_can_be_completed() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    let option = WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET;
    assert_eq!(outcome(call!(WinHttpSetOption(family.request, option, null(), 0))), 0);
    assert!(call!(WinHttpWebSocketCompleteUpgrade(family.request, 0)).is_null());
    assert_eq!(last_error(), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_eq!((send(family.request), receive(family.request), status(family.request)), (0, 0, 200));
    assert!(call!(WinHttpWebSocketCompleteUpgrade(family.request, 0)).is_null());
    assert_eq!(last_error(), ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
}
