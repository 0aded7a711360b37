//! The WebSocket protocol (RFC 6455), frame by frame: what the subject sends is written down as it
//! comes, also where it breaks the protocol.

use crate::http1;
use crate::script::Response;
use crate::transcript::{End, Head, Opcode, What};
use crate::wire::Wire;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader, FrameSocket};

/// The longest payload of one frame.
const LONGEST_FRAME: usize = 64 * 1024 * 1024;

/// Answers the handshake in `request`, then serves frames until the connection ends.
pub(crate) fn serve(wire: &mut Wire, request: &Head) -> Result<(), End> {
    if upgrade(wire, request)? { echo(wire) } else { Ok(()) }
}

/// Answers the handshake in `request`; false if it is none.
pub(crate) fn upgrade(wire: &mut Wire, request: &Head) -> Result<bool, End> {
    let Some(key) = request.header("Sec-WebSocket-Key") else {
        refuse(wire, request)?;
        return Ok(false);
    };
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    wire.send(head.as_bytes())?;
    Ok(true)
}

fn refuse(wire: &mut Wire, request: &Head) -> Result<(), End> {
    let response = Response::text(400, "no Sec-WebSocket-Key");
    http1::respond(wire, &response, &request.method)
}

fn echo(wire: &mut Wire) -> Result<(), End> {
    let early = wire.take(usize::MAX);
    let mut frames = FrameSocket::from_partially_read(wire, early);
    loop {
        let frame = frames.read(Some(LONGEST_FRAME)).map_err(frame_error)?.ok_or(End::ClosedBySubject)?;
        let header = frame.header().clone();
        let payload = unmasked(frame);
        let wire = frames.get_mut();
        log_frame(wire, &header, &payload);
        match header.opcode {
            OpCode::Data(_) => send(wire, header, payload)?,
            OpCode::Control(Control::Ping) => send(wire, of_kind(Control::Pong), payload)?,
            OpCode::Control(Control::Close) => {
                send(wire, of_kind(Control::Close), payload)?;
                return Err(End::Closed);
            }
            OpCode::Control(_) => {}
        }
    }
}

fn unmasked(frame: Frame) -> Vec<u8> {
    let mask = frame.header().mask.unwrap_or_default();
    frame.payload().iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
}

fn of_kind(control: Control) -> FrameHeader {
    FrameHeader { opcode: OpCode::Control(control), ..FrameHeader::default() }
}

fn send(wire: &mut Wire, header: FrameHeader, payload: Vec<u8>) -> Result<(), End> {
    // A server's frames are never masked.
    let frame = Frame::from_payload(FrameHeader { mask: None, ..header }, payload.into());
    let mut bytes = Vec::with_capacity(frame.len());
    frame.format(&mut bytes).map_err(frame_error)?;
    wire.send(&bytes)
}

fn log_frame(wire: &mut Wire, header: &FrameHeader, payload: &[u8]) {
    let opcode = match header.opcode {
        OpCode::Data(Data::Continue) => Opcode::Continuation,
        OpCode::Data(Data::Text) => Opcode::Text,
        OpCode::Data(_) => Opcode::Binary,
        OpCode::Control(Control::Close) => Opcode::Close,
        OpCode::Control(Control::Ping) => Opcode::Ping,
        OpCode::Control(_) => Opcode::Pong,
    };
    let payload = wire.log.excerpt(payload);
    wire.log.push(What::Frame { opcode, fin: header.is_final, masked: header.mask.is_some(), payload });
}

fn frame_error(error: tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Io(error) => error.into(),
        other => End::Error(format!("what came is not a WebSocket frame: {other}")),
    }
}
