//! A connection handle: the server that its requests go to first. Page: WinHttpConnect.

use std::sync::Arc;

use crate::{
    error::{Error, Result},
    handle::{self, Handle, Kind, Node, Object},
    url::Host,
};

/// The target server of a connection handle.
pub(crate) struct Connection {
    pub(crate) host: Host,
    /// 0 is `INTERNET_DEFAULT_PORT`: 80, or 443 for a secure request.
    pub(crate) port: u16,
}

/// Creates a connection handle; nothing goes over the network.
///
/// A missing server name and a reserved argument that is not 0 are `ERROR_INVALID_PARAMETER`: the page requires
/// both without naming an error.
pub(crate) fn connect(
    session: Option<Handle>,
    server: Option<&[u16]>,
    port: u16,
    reserved: u32,
) -> Result<Arc<Object>> {
    let session = handle::find_kind(session, Kind::Session)?;
    let server = server.filter(|_| reserved == 0).ok_or(Error::INVALID_PARAMETER)?;
    let host = Host::parse(server)?;
    Object::create(Some(session), Node::Connect(Connection { host, port }))
}
