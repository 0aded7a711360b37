//! A proxy resolver: a handle that looks for proxies asynchronously. Pages: WinHttpCreateProxyResolver,
//! WinHttpGetProxyForUrlEx, WinHttpGetProxyResult, WinHttpGetProxySettingsEx, WinHttpGetProxySettingsResultEx.

use std::sync::{Arc, Mutex};

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    auto::{Search, Way},
    settings::Settings,
};
use crate::{
    config::Config,
    error::{Error, Result},
    handle::{self, Handle, Kind, Node, Object, lock},
    notification::Notice,
    operation,
};

/// What a resolver last found.
#[derive(Default)]
pub(crate) struct Resolver(Mutex<Found>);

#[derive(Clone, Default)]
enum Found {
    #[default]
    Nothing,
    /// A search is under way.
    Busy,
    Way(Way),
    Settings(Box<Settings>),
}

/// Creates a resolver. A session that is not asynchronous is documented to be of the incorrect *type*.
pub(crate) fn create(session: Option<Handle>) -> Result<Arc<Object>> {
    let session = handle::find_kind(session, Kind::Session)?;
    if !session.session().asynchronous {
        return Err(Error::INCORRECT_HANDLE_TYPE);
    }
    Object::create(Some(session), Node::Resolver(Resolver::default()))
}

/// Starts a search for a URL's proxy.
pub(crate) fn search(object: &Arc<Object>, search: Search, context: usize) -> Result<()> {
    let find = move || search.run(&Config::load()).map(Found::Way);
    run(object, context, w::API_GET_PROXY_FOR_URL, Notice::ProxyForUrlComplete, find)
}

/// Starts reading the proxy settings.
pub(crate) fn read_settings(object: &Arc<Object>, context: usize) -> Result<()> {
    let read = || Ok(Found::Settings(Box::new(Settings::now(&Config::load()))));
    run(object, context, w::API_GET_PROXY_SETTINGS, Notice::ProxySettingsComplete, read)
}

/// Runs a job on another thread, and tells the callback with this context value. The pages have no error for a
/// resolver that is busy already; it is in an incorrect state.
fn run(
    object: &Arc<Object>,
    context: usize,
    function: u32,
    completed: Notice<'static>,
    job: impl FnOnce() -> Result<Found> + Send + 'static,
) -> Result<()> {
    let resolver = of(object)?;
    {
        let mut found = lock(&resolver.0);
        if matches!(*found, Found::Busy) {
            return Err(Error::INCORRECT_HANDLE_STATE);
        }
        *found = Found::Busy;
    }
    object.notifier.set_context(context);
    let finished = object.clone();
    let job = move || {
        let result = job();
        *lock(&of(&finished)?.0) = result.as_ref().map_or(Found::Nothing, Clone::clone);
        result.map(drop)
    };
    let failed = move |error| Notice::RequestError(function, error);
    operation::run(object, job, move |()| completed, failed).map(drop).inspect_err(|_| {
        // It did not even begin.
        *lock(&resolver.0) = Found::Nothing;
    })
}

/// The way that the last search found; `ERROR_WINHTTP_INCORRECT_HANDLE_STATE` if none has.
pub(crate) fn way(object: &Object) -> Result<Way> {
    match &*lock(&of(object)?.0) {
        Found::Way(way) => Ok(way.clone()),
        _ => Err(Error::INCORRECT_HANDLE_STATE),
    }
}

/// The settings that were read last; the page documents no error for none, which is that of [`way`] here.
pub(crate) fn settings(object: &Object) -> Result<Settings> {
    match &*lock(&of(object)?.0) {
        Found::Settings(settings) => Ok((**settings).clone()),
        _ => Err(Error::INCORRECT_HANDLE_STATE),
    }
}

fn of(object: &Object) -> Result<&Resolver> {
    match &object.node {
        Node::Resolver(resolver) => Ok(resolver),
        _ => Err(Error::INCORRECT_HANDLE_TYPE),
    }
}
