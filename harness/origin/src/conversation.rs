//! A connection from its first byte to its end.

use crate::case::Open;
use crate::frames::FramePhase;
use crate::http1::Incoming;
use crate::script::{Phase, Raw, Reply, Response, Script, Then, Until};
use crate::transcript::{Connection, End, Head};
use crate::turns::Turn;
use crate::wire::Wire;
use crate::{http1, websocket};
use std::convert::Infallible;

/// Does to the subject what its script says, until the connection ends; `open` counts the case's connections.
pub(crate) fn converse(mut wire: Wire, turn: &Turn, open: &Open) -> Connection {
    let Err(end) = talk(&mut wire, turn, open);
    wire.end(end)
}

fn talk(wire: &mut Wire, turn: &Turn, open: &Open) -> Result<Infallible, End> {
    match &turn.script {
        Script::Reset => return Err(End::Reset),
        Script::Deaf | Script::Unreachable => return Err(wire.ignore()),
        Script::Phases(phases) => {
            let mut request = None;
            play(wire, phases, &mut request, open)?;
            finish(wire, &mut request)?;
        }
        _ => {}
    }
    loop {
        let mut request = Incoming::read(wire)?;
        match turn.reply_to(&request.head) {
            Reply::Phases(phases) => {
                let mut request = Some(request);
                play(wire, &phases, &mut request, open)?;
                finish(wire, &mut request)?;
            }
            reply => {
                request.finish(wire)?;
                perform(wire, &request.head, &reply)?;
            }
        }
    }
}

fn perform(wire: &mut Wire, request: &Head, reply: &Reply) -> Result<(), End> {
    match reply {
        Reply::Response(response) => respond(wire, request, response),
        Reply::Raw(raw) => send_raw(wire, raw),
        Reply::Websocket => websocket::serve(wire, request, &[FramePhase::Echo]),
        Reply::Frames(phases) => websocket::serve(wire, request, phases),
        Reply::Close => Err(End::Closed),
        Reply::Reset => Err(End::Reset),
        // Phases begin before the body is read, and are played there.
        Reply::Silent | Reply::Phases(_) => Ok(()),
    }
}

fn respond(wire: &mut Wire, request: &Head, response: &Response) -> Result<(), End> {
    http1::respond(wire, response, &request.method)?;
    if http1::closes_after(response, request) { Err(End::Closed) } else { Ok(()) }
}

fn send_raw(wire: &mut Wire, raw: &Raw) -> Result<(), End> {
    wire.send(&raw.bytes.0)?;
    match raw.then {
        Then::KeepOpen => Ok(()),
        Then::Close => Err(End::Closed),
        Then::Reset => Err(End::Reset),
    }
}

/// Plays phases; `request` is the one whose head was read last.
fn play(wire: &mut Wire, phases: &[Phase], request: &mut Option<Incoming>, open: &Open) -> Result<(), End> {
    for phase in phases {
        match phase {
            Phase::Send(payload) => wire.send_repeated(&payload.bytes.0, payload.repeat)?,
            Phase::Response(response) => {
                let method = request.as_ref().map_or("GET", |request| &request.head.method);
                http1::respond(wire, response, method)?;
            }
            Phase::Upgrade => {
                if let Some(request) = request {
                    websocket::upgrade(wire, &request.head)?;
                }
            }
            Phase::Until(until) => wait(wire, *until, request, open)?,
            Phase::Stall => return Err(wire.ignore()),
            Phase::Close => return Err(End::Closed),
            Phase::Reset => return Err(End::Reset),
        }
    }
    Ok(())
}

fn wait(wire: &mut Wire, until: Until, request: &mut Option<Incoming>, open: &Open) -> Result<(), End> {
    match until {
        Until::Head => next(wire, request),
        Until::Body => finish(wire, request),
        Until::BodyBytes(count) => match request {
            Some(request) => request.read_body(wire, count),
            None => Ok(()),
        },
        Until::Request => {
            next(wire, request)?;
            finish(wire, request)
        }
        Until::Connections(count) => open.wait_for(count),
        Until::Closed => loop {
            next(wire, request)?;
        },
    }
}

/// Reads the next head, after what is left of the request before.
fn next(wire: &mut Wire, request: &mut Option<Incoming>) -> Result<(), End> {
    finish(wire, request)?;
    *request = Some(Incoming::read(wire)?);
    Ok(())
}

fn finish(wire: &mut Wire, request: &mut Option<Incoming>) -> Result<(), End> {
    request.as_mut().map_or(Ok(()), |request| request.finish(wire))
}
