//! Setting an option. Page: WinHttpSetOption.

use std::sync::Arc;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{Value, process::PROCESS, target};
use crate::{
    abi::callback::StatusCallback,
    error::{Error, Result},
    handle::{Kind, Node, Object, lock},
    operation,
    option::table::{self, Row, Shape, Values},
    proxy::ProxyInfo,
    request::Request,
    session::Session,
    url::Url,
    websocket,
};

/// The caller's buffer, read as the option's shape has it.
pub(crate) enum Input {
    Nothing,
    Dword(u32),
    Word(usize),
    Callback(Option<StatusCallback>),
    /// Without terminator.
    Text(Vec<u16>),
    Bytes(Vec<u8>),
    Proxy(ProxyInfo),
}

/// An option that may be set on a handle. The handle is `None` for NULL.
pub(crate) struct Settable {
    object: Option<Arc<Object>>,
    row: &'static Row,
}

/// All checks that come before a look at the buffer.
pub(crate) fn settable(handle: Option<crate::handle::Handle>, option: u32) -> Result<Settable> {
    let (object, row) = target(handle, option)?;
    if !row.settable() {
        return Err(Error::OPTION_NOT_SETTABLE);
    }
    match option {
        // Needs the registry value ShareCredsWithWinHttp, which is never there.
        w::WINHTTP_OPTION_GLOBAL_PROXY_CREDS | w::WINHTTP_OPTION_GLOBAL_SERVER_CREDS => {
            return Err(Error::INVALID_OPTION);
        }
        // The text speaks of the NULL handle for querying only.
        w::WINHTTP_OPTION_PROXY if object.is_none() => return Err(Error::INVALID_HANDLE),
        _ => {}
    }
    Ok(Settable { object, row })
}

impl Settable {
    /// How to read the buffer.
    pub(crate) fn shape(&self) -> Shape {
        self.row.shape
    }
}

/// Sets the option, if its value is one it takes.
pub(crate) fn set(target: Settable, input: Input) -> Result<()> {
    let Settable { object, row } = target;
    let value = match (row.shape, input) {
        (Shape::Dword, Input::Dword(value)) => Value::Dword(accepted(row.values, value)?),
        (Shape::Flag, Input::Dword(value)) => Value::Dword((value != 0).into()),
        (_, Input::Word(value)) => Value::Word(value),
        (_, Input::Text(text)) => Value::Text(text.into()),
        (_, Input::Bytes(bytes)) => Value::Bytes(bytes.into()),
        (_, Input::Proxy(proxy)) => Value::Proxy(Arc::new(proxy.checked()?)),
        (_, Input::Nothing) => Value::Dword(1),
        (_, Input::Callback(callback)) => {
            object.ok_or(Error::INVALID_HANDLE)?.notifier.replace_callback(callback);
            return Ok(());
        }
        (_, Input::Dword(_)) => return Err(Error::INTERNAL),
    };
    match object {
        None => set_on_process(row.id, &value),
        Some(_) if row.id == w::WINHTTP_OPTION_HTTP_VERSION => set_on_process(row.id, &value),
        Some(object) => {
            let value = adjusted(&object, row.id, value)?;
            if row.id == w::WINHTTP_OPTION_CONTEXT_VALUE {
                if let Value::Word(context) = value {
                    object.notifier.set_context(context);
                }
                return Ok(());
            }
            match &object.node {
                Node::Request(request) => act_on_connection(request, row.id, &value),
                Node::Session(session) if row.id == w::WINHTTP_OPTION_PASSPORT_SIGN_OUT => {
                    sign_out(session, &value);
                }
                _ => {}
            }
            object.settings().put(row.id, value);
            if row.id == w::WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL {
                websocket::restart_keepalive(&object);
            }
            Ok(())
        }
    }
}

fn accepted(values: Values, value: u32) -> Result<u32> {
    let fits = match values {
        Values::Any => true,
        Values::Bits(bits) => value & !bits == 0,
        Values::AtMost(most) => value <= most,
        Values::AtLeast(least) => value >= least,
    };
    if fits { Ok(value) } else { Err(Error::INVALID_PARAMETER) }
}

/// The conditions that an option's text adds to its table row, and the values it turns into others.
fn adjusted(object: &Object, option: u32, value: Value) -> Result<Value> {
    let number = if let Value::Dword(number) = value { number } else { 0 };
    match option {
        w::WINHTTP_OPTION_MAX_CONNS_PER_SERVER if number == 0 => return Ok(Value::Dword(2)),
        // Each value belongs to one kind of handle; a value of none at all is no value.
        w::WINHTTP_OPTION_ENABLE_FEATURE => {
            let own = match object.kind() {
                Kind::Session => w::WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION,
                _ => w::WINHTTP_ENABLE_SSL_REVOCATION,
            };
            match number {
                0 => return Err(Error::INVALID_PARAMETER),
                _ if number != own => return Err(Error::INCORRECT_HANDLE_TYPE),
                _ => {}
            }
        }
        w::WINHTTP_OPTION_CONFIGURE_PASSPORT_AUTH => {
            let both = w::WINHTTP_DISABLE_PASSPORT_KEYRING | w::WINHTTP_ENABLE_PASSPORT_KEYRING;
            if number & both == both {
                return Err(Error::INVALID_PARAMETER);
            }
        }
        // WinHttpOpen, WINHTTP_FLAG_SECURE_DEFAULTS: older versions are denied.
        w::WINHTTP_OPTION_SECURE_PROTOCOLS
            if object.session().secure_defaults && number & table::OLD_PROTOCOLS != 0 =>
        {
            return Err(Error::ACCESS_DENIED);
        }
        w::WINHTTP_OPTION_DISABLE_FEATURE
        | w::WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET
        | w::WINHTTP_OPTION_RESOLUTION_HOSTNAME => request_state(object, |request| !request.was_sent())?,
        w::WINHTTP_OPTION_EXPIRE_CONNECTION => request_state(object, |request| request.is_active())?,
        w::WINHTTP_OPTION_REQUEST_ANNOTATION => {
            let limit = w::WINHTTP_OPTION_REQUEST_ANNOTATION_MAX_LENGTH as usize;
            if matches!(&value, Value::Text(text) if text.len() > limit) {
                return Err(Error::INVALID_PARAMETER);
            }
        }
        _ => {}
    }
    Ok(value)
}

fn request_state(object: &Object, fits: impl FnOnce(&Request) -> bool) -> Result<()> {
    match &object.node {
        Node::Request(request) if !fits(request) => Err(Error::INCORRECT_HANDLE_STATE),
        _ => Ok(()),
    }
}

/// What an option does at once to the connection that a request has.
fn act_on_connection(request: &Request, option: u32, value: &Value) {
    match (option, value) {
        (w::WINHTTP_OPTION_CONNECTION_GUID, Value::Bytes(bytes)) => {
            if let Some(mark) = bytes.first_chunk() {
                request.mark_connection(*mark);
            }
        }
        (w::WINHTTP_OPTION_EXPIRE_CONNECTION, _) => request.expire_connection(),
        _ => {}
    }
}

/// Forgets the cookies of the URL. No error is documented for what is no URL; it has no cookies.
fn sign_out(session: &Session, value: &Value) {
    if let Value::Text(text) = value
        && let Ok(url) = Url::parse(&String::from_utf16_lossy(text))
    {
        lock(&session.cookies).forget(&url);
    }
}

fn set_on_process(option: u32, value: &Value) -> Result<()> {
    let mut process = lock(&PROCESS);
    match (option, value) {
        (w::WINHTTP_OPTION_HTTP_VERSION, Value::Bytes(bytes)) => {
            let dword = |at: usize| bytes[at..].first_chunk().map_or(0, |four| u32::from_ne_bytes(*four));
            let (major, minor) = (dword(0), dword(4));
            // There is no HTTP/1.x but 1.0 and 1.1, and this option knows no other protocol.
            if major != 1 || minor > 1 {
                return Err(Error::INVALID_PARAMETER);
            }
            process.http_version = w::HTTP_VERSION_INFO { dwMajorVersion: major, dwMinorVersion: minor };
        }
        (w::WINHTTP_OPTION_ENABLETRACING, Value::Dword(on)) => process.tracing = *on != 0,
        (w::WINHTTP_OPTION_WORKER_THREAD_COUNT, Value::Dword(count)) => {
            // It can only be set once, before any asynchronous operation, and no error is documented for later.
            if process.worker_threads.is_some() || operation::used() {
                return Err(Error::INCORRECT_HANDLE_STATE);
            }
            process.worker_threads = Some(*count);
        }
        _ => return Err(Error::INTERNAL),
    }
    Ok(())
}
