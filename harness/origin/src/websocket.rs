//! The WebSocket protocol (RFC 6455), frame by frame: what the subject sends is written down as it
//! comes, also where it breaks the protocol.

use crate::digest::Digest;
use crate::frames::{CloseFrame, FramePhase, RawFrame};
use crate::http1;
use crate::script::{Payload, Response};
use crate::transcript::{End, Head, Opcode, What};
use crate::wire::Wire;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader, FrameSocket};

/// The longest payload of one frame.
const LONGEST_FRAME: usize = 64 * 1024 * 1024;
/// What masks a frame that the peer must not mask.
const MASK: [u8; 4] = [0x5a, 0xa5, 0x3c, 0xc3];

/// Answers the handshake in `request`, then does what `phases` say until the connection ends.
pub(crate) fn serve(wire: &mut Wire, request: &Head, phases: &[FramePhase]) -> Result<(), End> {
    if upgrade(wire, request)? { play(wire, phases) } else { Ok(()) }
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

fn play(wire: &mut Wire, phases: &[FramePhase]) -> Result<(), End> {
    let early = wire.take(usize::MAX);
    let mut socket = Socket { frames: FrameSocket::from_partially_read(wire, early), closing: false };
    for phase in phases {
        socket.play(phase)?;
    }
    loop {
        let (header, payload) = socket.read()?;
        if matches!(header.opcode, OpCode::Control(_)) {
            socket.answer(header, payload)?;
        }
    }
}

fn refuse(wire: &mut Wire, request: &Head) -> Result<(), End> {
    let response = Response::text(400, "no Sec-WebSocket-Key");
    http1::respond(wire, &response, &request.method)
}

/// A connection after the handshake.
struct Socket<'a> {
    frames: FrameSocket<&'a mut Wire>,
    /// The peer has sent a Close.
    closing: bool,
}

impl Socket<'_> {
    fn play(&mut self, phase: &FramePhase) -> Result<(), End> {
        match phase {
            FramePhase::Text(payload) => self.send_message(OpCode::Data(Data::Text), payload),
            FramePhase::Binary(payload) => self.send_message(OpCode::Data(Data::Binary), payload),
            FramePhase::Ping(payload) => self.send_message(OpCode::Control(Control::Ping), payload),
            FramePhase::Pong(payload) => self.send_message(OpCode::Control(Control::Pong), payload),
            FramePhase::Close(CloseFrame { status, reason }) => {
                let mut bytes = status.map(|status| status.to_be_bytes().to_vec()).unwrap_or_default();
                bytes.extend(whole(reason));
                self.send(of_kind(Control::Close), bytes)
            }
            FramePhase::Frame(frame) => self.send(header(frame), whole(&frame.payload)),
            FramePhase::Raw(payload) => self.frames.get_mut().send_repeated(&payload.bytes.0, payload.repeat),
            FramePhase::Until(opcodes) => {
                while !opcodes.contains(&opcode_of(&self.read()?.0)) {}
                Ok(())
            }
            FramePhase::Echo => loop {
                let (header, payload) = self.read()?;
                self.answer(header, payload)?;
            },
            FramePhase::Stall => Err(self.frames.get_mut().ignore()),
            FramePhase::Cut => Err(End::Closed),
            FramePhase::Reset => Err(End::Reset),
        }
    }

    /// Waits for a frame.
    fn read(&mut self) -> Result<(FrameHeader, Vec<u8>), End> {
        let frame =
            self.frames.read(Some(LONGEST_FRAME)).map_err(frame_error)?.ok_or(End::ClosedBySubject)?;
        let header = frame.header().clone();
        let payload = unmasked(frame);
        log_frame(self.frames.get_mut(), &header, &payload);
        Ok((header, payload))
    }

    /// Sends data back, and what the protocol asks for.
    fn answer(&mut self, header: FrameHeader, payload: Vec<u8>) -> Result<(), End> {
        match header.opcode {
            // A server's frames are never masked.
            OpCode::Data(_) => self.send(FrameHeader { mask: None, ..header }, payload),
            OpCode::Control(Control::Ping) => self.send(of_kind(Control::Pong), payload),
            OpCode::Control(Control::Close) => {
                if !self.closing {
                    self.send(of_kind(Control::Close), payload)?;
                }
                Err(End::Closed)
            }
            OpCode::Control(_) => Ok(()),
        }
    }

    fn send_message(&mut self, opcode: OpCode, payload: &Payload) -> Result<(), End> {
        self.send(FrameHeader { opcode, ..FrameHeader::default() }, whole(payload))
    }

    fn send(&mut self, header: FrameHeader, payload: Vec<u8>) -> Result<(), End> {
        self.closing |= header.opcode == OpCode::Control(Control::Close);
        let frame = Frame::from_payload(header, payload.into());
        let mut bytes = Vec::with_capacity(frame.len());
        frame.format(&mut bytes).map_err(frame_error)?;
        self.frames.get_mut().send(&bytes)
    }
}

fn whole(payload: &Payload) -> Vec<u8> {
    payload.bytes.0.repeat(usize::try_from(payload.repeat).unwrap_or(usize::MAX))
}

fn header(frame: &RawFrame) -> FrameHeader {
    FrameHeader {
        is_final: frame.is_final,
        rsv1: frame.reserved & 4 != 0,
        rsv2: frame.reserved & 2 != 0,
        rsv3: frame.reserved & 1 != 0,
        opcode: OpCode::from(frame.opcode & 15),
        mask: frame.masked.then_some(MASK),
    }
}

fn unmasked(frame: Frame) -> Vec<u8> {
    let mask = frame.header().mask.unwrap_or_default();
    frame.payload().iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
}

fn of_kind(control: Control) -> FrameHeader {
    FrameHeader { opcode: OpCode::Control(control), ..FrameHeader::default() }
}

fn log_frame(wire: &mut Wire, header: &FrameHeader, payload: &[u8]) {
    let opcode = opcode_of(header);
    let digest = Digest::of_repeated(payload, 1);
    let payload = wire.log.excerpt(payload);
    wire.log.push(What::Frame {
        opcode,
        fin: header.is_final,
        masked: header.mask.is_some(),
        payload,
        digest,
    });
}

fn opcode_of(header: &FrameHeader) -> Opcode {
    match header.opcode {
        OpCode::Data(Data::Continue) => Opcode::Continuation,
        OpCode::Data(Data::Text) => Opcode::Text,
        OpCode::Data(_) => Opcode::Binary,
        OpCode::Control(Control::Close) => Opcode::Close,
        OpCode::Control(Control::Ping) => Opcode::Ping,
        OpCode::Control(_) => Opcode::Pong,
    }
}

fn frame_error(error: tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Io(error) => error.into(),
        other => End::Error(format!("what came is not a WebSocket frame: {other}")),
    }
}
