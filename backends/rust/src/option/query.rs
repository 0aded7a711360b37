//! Querying an option. Page: WinHttpQueryOption.

use std::{mem::offset_of, sync::Arc};

use windows_sys::Win32::Networking::{WinHttp as w, WinSock as s};

use super::{Value, process::PROCESS, target};
use crate::{
    error::{Error, Result},
    handle::{Handle, Kind, Node, Object, lock},
    last_error,
    option::table::{self, Initial, Row},
    proxy::ProxyInfo,
    request::Request,
};

/// What a query answers; its size is what the buffer must hold.
pub(crate) enum Answer {
    Dword(u32),
    Word(usize),
    /// Without terminator; it leaves the library with one.
    Text(Arc<[u16]>),
    Proxy(Arc<ProxyInfo>),
    Version(w::HTTP_VERSION_INFO),
    Connection(Box<w::WINHTTP_CONNECTION_INFO>),
    Times(Box<w::WINHTTP_REQUEST_TIMES>),
    Stats(Box<w::WINHTTP_REQUEST_STATS>),
    TcpInfo0(Box<s::TCP_INFO_v0>),
    TcpInfo1(Box<s::TCP_INFO_v1>),
}

/// Answers a query. `asked` is the caller's buffer as it came, empty for NULL: the options that retrieve *so many*
/// numbers, or ask about *this* feature, read it.
pub(crate) fn query(handle: Option<Handle>, option: u32, asked: &[u8]) -> Result<Answer> {
    let (object, row) = target(handle, option)?;
    if !row.queried() {
        return Err(Error::INVALID_OPTION);
    }
    match option {
        w::WINHTTP_OPTION_EXTENDED_ERROR => return Ok(Answer::Dword(last_error::extended_error())),
        w::WINHTTP_OPTION_HTTP_VERSION => return Ok(Answer::Version(lock(&PROCESS).http_version)),
        w::WINHTTP_OPTION_ENABLETRACING => return Ok(Answer::Dword(lock(&PROCESS).tracing.into())),
        // The text has the buffer carry an option flag; the answer, as from any BOOL option, takes its place.
        w::WINHTTP_OPTION_FEATURE_SUPPORTED => {
            return Ok(Answer::Dword(dword(asked, 0).is_some_and(|flag| table::find(flag).is_some()).into()));
        }
        w::WINHTTP_OPTION_PROXY if object.is_none() => {
            return Ok(Answer::Proxy(Arc::new(ProxyInfo::machine_default())));
        }
        _ => {}
    }
    // Only the options above act on the NULL handle.
    let object = object.ok_or(Error::INVALID_HANDLE)?;
    of_handle(&object, row, asked)
}

/// The DWORD at this offset of the caller's buffer, if the buffer reaches that far.
fn dword(asked: &[u8], offset: usize) -> Option<u32> {
    asked.get(offset..)?.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

fn of_handle(object: &Object, row: &Row, asked: &[u8]) -> Result<Answer> {
    match row.id {
        w::WINHTTP_OPTION_CALLBACK => {
            return Ok(Answer::Word(object.notifier.callback().map_or(0, |callback| callback.address())));
        }
        w::WINHTTP_OPTION_CONTEXT_VALUE => return Ok(Answer::Word(object.notifier.context())),
        w::WINHTTP_OPTION_HANDLE_TYPE => {
            return Ok(Answer::Dword(match object.kind() {
                Kind::Session => w::WINHTTP_HANDLE_TYPE_SESSION,
                Kind::Connect => w::WINHTTP_HANDLE_TYPE_CONNECT,
                Kind::Request => w::WINHTTP_HANDLE_TYPE_REQUEST,
                Kind::WebSocket => w::WINHTTP_HANDLE_TYPE_WEBSOCKET,
                Kind::Resolver => w::WINHTTP_HANDLE_TYPE_PROXY_RESOLVER,
            }));
        }
        // A session has no parent: the answer is NULL.
        w::WINHTTP_OPTION_PARENT_HANDLE => {
            return Ok(Answer::Word(object.parent.as_ref().map_or(0, |parent| parent.handle.value())));
        }
        w::WINHTTP_OPTION_PROXY => return Ok(Answer::Proxy(object.settings().proxy())),
        // No response of a proxy to CONNECT is ever retrievable here.
        w::WINHTTP_OPTION_IS_PROXY_CONNECT_RESPONSE => return Ok(Answer::Dword(0)),
        _ => {}
    }
    let stored = object.settings().get(row.id).cloned();
    if let Node::Request(request) = &object.node
        && row.initial == Initial::Computed
    {
        return of_request(request, row, stored, asked);
    }
    match (stored, row.initial) {
        (Some(Value::Dword(value)), _) => Ok(Answer::Dword(value)),
        (Some(Value::Text(text)), _) => Ok(Answer::Text(text)),
        (_, Initial::Dword(value)) => Ok(Answer::Dword(value)),
        (_, Initial::EmptyText) => Ok(Answer::Text(Arc::new([]))),
        (_, Initial::Computed) => Err(Error::INTERNAL),
    }
}

/// The options whose value follows from the request's state. Nothing that only a response can tell is known before
/// one was received: `ERROR_WINHTTP_INCORRECT_HANDLE_STATE`.
fn of_request(request: &Request, row: &Row, stored: Option<Value>, asked: &[u8]) -> Result<Answer> {
    match row.id {
        w::WINHTTP_OPTION_URL => {
            return Ok(Answer::Text(request.url().to_string().encode_utf16().collect()));
        }
        w::WINHTTP_OPTION_SECURITY_FLAGS => {
            let set = if let Some(Value::Dword(flags)) = stored { flags } else { 0 };
            let secure = if request.url().secure { w::SECURITY_FLAG_SECURE } else { 0 };
            return Ok(Answer::Dword(set | secure));
        }
        _ => {}
    }
    let facts = request.facts().ok_or(Error::INCORRECT_HANDLE_STATE)?;
    match row.id {
        w::WINHTTP_OPTION_CONNECTION_INFO => Ok(Answer::Connection(Box::new(facts.connection_info()))),
        w::WINHTTP_OPTION_CONNECTION_STATS_V0 => Ok(Answer::TcpInfo0(Box::new(facts.tcp_info_v0()))),
        w::WINHTTP_OPTION_CONNECTION_STATS_V1 => Ok(Answer::TcpInfo1(Box::new(facts.tcp_info_v1()))),
        // HTTP/1.1 is none of the advanced versions.
        w::WINHTTP_OPTION_HTTP_PROTOCOL_USED => Ok(Answer::Dword(0)),
        w::WINHTTP_OPTION_REQUEST_TIMES => {
            let count =
                numbers(asked, offset_of!(w::WINHTTP_REQUEST_TIMES, cTimes), w::WinHttpRequestTimeMax)?;
            Ok(Answer::Times(Box::new(facts.times(count))))
        }
        w::WINHTTP_OPTION_REQUEST_STATS => {
            let count =
                numbers(asked, offset_of!(w::WINHTTP_REQUEST_STATS, cStats), w::WinHttpRequestStatMax)?;
            Ok(Answer::Stats(Box::new(facts.stats(count))))
        }
        // TLS, HTTP/2, HTTP/3, Passport and SPNs: no such thing was part of this exchange.
        _ => Err(Error::INCORRECT_HANDLE_STATE),
    }
}

/// How many numbers the caller's structure asks for; its array has room for `most`. A buffer too short to say so
/// is refused for its length, later.
fn numbers(asked: &[u8], offset: usize, most: i32) -> Result<u32> {
    match dword(asked, offset).unwrap_or(0) {
        count if count <= most as u32 => Ok(count),
        _ => Err(Error::INVALID_PARAMETER),
    }
}
