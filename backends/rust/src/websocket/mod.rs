//! A WebSocket handle. Sending, receiving and closing have a file each, and a lock each, so that one may wait while
//! the other works. Framing is RFC 6455.

mod close;
mod frame;
mod keepalive;
mod receive;
mod send;

use std::sync::{
    Arc, Condvar, Mutex, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use windows_sys::Win32::Networking::WinHttp as w;

pub(crate) use self::{
    close::{CloseReason, close, query_close_status, shutdown},
    keepalive::restart as restart_keepalive,
    receive::{Received, receive},
    send::{Outgoing, send},
};
use self::{receive::Receiver, send::Sender};
use crate::{
    clock::{self, Alarm},
    config::Config,
    error::{Error, Result},
    handle::{self, Handle, Kind, Node, Object, lock},
    option::{Settings, Value},
    request,
    wire::Socket,
};

/// A WebSocket handle's object.
pub(crate) struct WebSocket {
    sender: Mutex<Sender>,
    /// A send was accepted and has not ended.
    sending: Arc<AtomicBool>,
    receiver: Mutex<Receiver>,
    /// A receive was accepted and has not ended.
    receiving: Arc<AtomicBool>,
    closing: Mutex<Closing>,
    /// Tells whoever closes that the peer's close frame came, or the connection ended.
    closed: Condvar,
    /// When the next keep-alive packet is due; there once the handle is.
    keepalive: OnceLock<Alarm>,
    socket: Arc<Socket>,
}

/// How far the closing handshake has come.
#[derive(Default)]
struct Closing {
    /// The application called WinHttpWebSocketClose.
    started: bool,
    /// The application closed the send channel; the close frame may still be on its way.
    shut: bool,
    /// A close frame was sent.
    sent: bool,
    /// The peer's close frame: status and reason.
    received: Option<(u16, Vec<u8>)>,
    /// Nothing more comes from the connection, and why, if not for a close frame.
    ended: Option<Error>,
}

/// A send or a receive from the call on: in asynchronous mode its job may not have begun when the next call comes.
struct Pending(Arc<AtomicBool>);

impl Pending {
    fn begin(pending: &Arc<AtomicBool>) -> Result<Pending> {
        if pending.swap(true, Ordering::AcqRel) {
            return Err(Error::INVALID_OPERATION);
        }
        Ok(Pending(pending.clone()))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Turns the connection of an upgraded request into a WebSocket handle. Page: WinHttpWebSocketCompleteUpgrade.
///
/// That calling it with any status but 101 fails is documented, the error is not: it is
/// `ERROR_WINHTTP_INVALID_SERVER_RESPONSE` where there is a response, else the handle is in an incorrect state.
pub(crate) fn complete_upgrade(request: Option<Handle>, context: usize) -> Result<Arc<Object>> {
    let object = handle::find_kind(request, Kind::Request)?;
    let request = request::of(&object)?;
    let response = request.response().ok_or(Error::INCORRECT_HANDLE_STATE)?;
    if response.head.status != 101 {
        return Err(Error::INVALID_SERVER_RESPONSE);
    }
    let mut wire = request.upgrade()?;
    // Waiting for a message is not waiting for a response: it may take as long as it takes.
    wire.begin(clock::now(), None, None);
    let socket = WebSocket {
        sender: Mutex::new(Sender::new(
            wire.socket(),
            object.settings().timeout(w::WINHTTP_OPTION_SEND_TIMEOUT),
        )),
        sending: Arc::default(),
        socket: wire.socket(),
        receiver: Mutex::new(Receiver::new(wire)),
        receiving: Arc::default(),
        closing: Mutex::default(),
        closed: Condvar::new(),
        keepalive: OnceLock::new(),
    };
    // It inherits from connection and session, and takes a request's place below them (page:
    // hinternet-handles-in-winhttp); options of WebSockets are set on the request, so its settings come along.
    let mut settings: Settings = object.settings().clone();
    settings.put(
        w::WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL,
        Value::Dword(Config::load().web_socket_keepalive()),
    );
    let inherited = object.notifier.inherited();
    let object = Object::create_with(object.parent.clone(), Node::WebSocket(socket), settings, |_| {
        inherited.with_context(context)
    })?;
    keepalive::begin(&object);
    Ok(object)
}

/// The WebSocket of a handle, with its object.
fn find(handle: Option<Handle>) -> Result<Arc<Object>> {
    handle::find_kind(handle, Kind::WebSocket)
}

fn of(object: &Object) -> Result<&WebSocket> {
    match &object.node {
        Node::WebSocket(socket) => Ok(socket),
        _ => Err(Error::INCORRECT_HANDLE_TYPE),
    }
}

impl WebSocket {
    /// Ends the connection at once; whatever waits on it fails.
    pub(crate) fn cancel(&self) {
        if let Some(alarm) = self.keepalive.get() {
            alarm.stop();
        }
        self.socket.shutdown();
    }

    /// Notes that the peer's close frame came.
    fn close_received(&self, status: u16, reason: Vec<u8>) {
        lock(&self.closing).received = Some((status, reason));
        self.closed.notify_all();
    }

    /// Notes that nothing more can come.
    fn connection_ended(&self, error: Error) {
        lock(&self.closing).ended.get_or_insert(error);
        self.closed.notify_all();
    }

    fn is_closing(&self) -> bool {
        lock(&self.closing).started
    }
}
