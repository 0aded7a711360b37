//! The peer of all programs: it answers as fast as a thread a connection can, and looks at no more than it must.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

const SMALL: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";
const PIECE: usize = 256 * 1024;

/// Starts it; it lives as long as the process. A body is so many bytes. Returns its port.
pub(crate) fn start(body: u64) -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let piece: Arc<[u8]> = vec![b'x'; PIECE].into();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let piece = piece.clone();
            // A client that goes away in between has been measured, or says itself what failed.
            thread::spawn(move || serve(stream, body, &piece));
        }
    });
    Ok(port)
}

fn serve(mut stream: TcpStream, body: u64, piece: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; PIECE];
    let mut filled = 0;
    loop {
        let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
            match stream.read(&mut buffer[filled..])? {
                0 => return Ok(()),
                count => filled += count,
            }
            continue;
        };
        let head = end + 4;
        let sent = if buffer.starts_with(b"PUT ") { body } else { 0 };
        let here = (sent as usize).min(filled - head);
        let large = buffer.starts_with(b"GET /l");
        buffer.copy_within(head + here..filled, 0);
        filled -= head + here;
        discard(&mut stream, sent - here as u64, &mut buffer[filled..])?;
        if large {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {body}\r\n\r\n")?;
            give(&mut stream, body, piece)?;
        } else {
            stream.write_all(SMALL)?;
        }
    }
}

fn discard(stream: &mut TcpStream, mut left: u64, buffer: &mut [u8]) -> std::io::Result<()> {
    while left > 0 {
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match stream.read(&mut buffer[..room])? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => left -= count as u64,
        }
    }
    Ok(())
}

fn give(stream: &mut TcpStream, mut left: u64, piece: &[u8]) -> std::io::Result<()> {
    while left > 0 {
        let count = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        stream.write_all(&piece[..count])?;
        left -= count as u64;
    }
    Ok(())
}
