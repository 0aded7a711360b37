//! A connection from its first byte to its end.

use crate::script::{Raw, Reply, Response, Script, Then};
use crate::transcript::{Connection, End, Head};
use crate::turns::Turn;
use crate::wire::Wire;
use crate::{http1, websocket};
use std::convert::Infallible;

/// Does to the subject what its script says, until the connection ends.
pub(crate) fn converse(mut wire: Wire, turn: &Turn) -> Connection {
    let Err(end) = talk(&mut wire, turn);
    wire.end(end)
}

fn talk(wire: &mut Wire, turn: &Turn) -> Result<Infallible, End> {
    match &turn.script {
        Script::Reset => return Err(End::Reset),
        Script::Deaf => return Err(wire.ignore()),
        _ => {}
    }
    loop {
        let request = http1::read_request(wire)?;
        perform(wire, &request, &turn.reply_to(&request))?;
    }
}

fn perform(wire: &mut Wire, request: &Head, reply: &Reply) -> Result<(), End> {
    match reply {
        Reply::Response(response) => respond(wire, request, response),
        Reply::Raw(raw) => send_raw(wire, raw),
        Reply::Websocket => websocket::serve(wire, request),
        Reply::Silent => Ok(()),
        Reply::Close => Err(End::Closed),
        Reply::Reset => Err(End::Reset),
    }
}

fn respond(wire: &mut Wire, request: &Head, response: &Response) -> Result<(), End> {
    wire.send(&http1::layout(response, request))?;
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
