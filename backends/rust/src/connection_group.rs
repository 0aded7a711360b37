//! What connections there are. Page: WinHttpQueryConnectionGroup.

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    error::{Error, Result},
    handle::{self, Handle, Node},
    pool,
    wire::Guid,
};

/// Documented; the metadata lacks it.
const INSECURE: u64 = 1;

/// The connections to one host.
pub(crate) struct Groups {
    pub(crate) host: Box<str>,
    /// Each mark with the number of its connections, which is not 0. Those without a mark are a group as well, under
    /// a GUID of zeros: the page has all connections returned where none is asked for.
    pub(crate) groups: Vec<(Guid, u32)>,
}

/// The connections to the host of a request or a connection handle, of all marks or of one; `None` if there are none.
///
/// For a connection handle HTTPS is assumed, unless the flag says otherwise. The page names neither an error for
/// arguments nor one for another kind of handle.
pub(crate) fn query(handle: Option<Handle>, mark: Option<Guid>, flags: u64) -> Result<Option<Groups>> {
    let object = handle::find(handle)?;
    let (host, port, secure) = match &object.node {
        Node::Connect(server) => (server.host.clone(), server.port, flags & INSECURE == 0),
        Node::Request(request) => {
            let url = request.url();
            (url.host.clone(), url.port, url.secure)
        }
        Node::Session(_) | Node::WebSocket(_) | Node::Resolver(_) => {
            return Err(Error::INCORRECT_HANDLE_TYPE);
        }
    };
    if flags & !INSECURE != 0 {
        return Err(Error::INVALID_PARAMETER);
    }
    if secure {
        // There is no TLS here yet, and so no such connection.
        return Ok(None);
    }
    let port = if port == 0 { w::INTERNET_DEFAULT_HTTP_PORT } else { port };
    let census = pool::census(object.root(), &host.resolvable().to_ascii_lowercase(), port);
    let wanted = |own: &Option<Guid>| mark.is_none() || *own == mark;
    let groups: Vec<(Guid, u32)> = census
        .into_iter()
        .filter(|(own, _)| wanted(own))
        .map(|(own, count)| (own.unwrap_or_default(), count))
        .collect();
    Ok((!groups.is_empty()).then(|| Groups { host: host.as_str().into(), groups }))
}
