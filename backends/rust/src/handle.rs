//! HINTERNET values, the objects behind them, and the registry that joins the two.
//!
//! A handle is an opaque number that is never used twice, so a closed or invented one can always be told from a
//! live one. Page: hinternet-handles-in-winhttp.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasherDefault, Hasher},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    connection::Connection,
    error::{Error, Result},
    notification::{Notice, Notifier},
    option::Settings,
    pool,
    proxy::resolver::Resolver,
    request::Request,
    session::Session,
    websocket::WebSocket,
};

/// The value an application holds. Never zero, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Handle(NonZeroUsize);

impl Handle {
    /// The handle an application passed, or `None` for NULL.
    pub(crate) fn from_value(value: usize) -> Option<Handle> {
        NonZeroUsize::new(value).map(Handle)
    }

    /// The number to hand to the application.
    pub(crate) fn value(self) -> usize {
        self.0.get()
    }

    /// Odd, eight apart, and far from the small numbers that a program might invent.
    fn fresh() -> Handle {
        static NEXT: AtomicUsize = AtomicUsize::new(0x4854_0001);
        let value = NEXT.fetch_add(8, Ordering::Relaxed);
        // An odd number plus eights stays odd, so it is never zero; the fallback only satisfies the type.
        Handle(NonZeroUsize::new(value).unwrap_or(NonZeroUsize::MIN))
    }
}

/// What a handle stands for.
pub(crate) enum Node {
    Session(Session),
    Connect(Connection),
    Request(Request),
    WebSocket(WebSocket),
    Resolver(Resolver),
}

/// The type of a handle, as a set has it: the option table says with it where an option applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session = 2,
    Connect = 4,
    Request = 8,
    WebSocket = 16,
    Resolver = 32,
}

/// A live handle's object.
pub(crate) struct Object {
    pub(crate) handle: Handle,
    pub(crate) parent: Option<Arc<Object>>,
    pub(crate) node: Node,
    pub(crate) notifier: Notifier,
    settings: Mutex<Settings>,
    life: Mutex<Life>,
}

#[derive(Default)]
struct Life {
    closed: bool,
    /// Operations under way; the one that ends last delivers a closing notification that had to wait.
    operations: usize,
    children: BTreeSet<Handle>,
}

/// A lock whose holder panicked is still usable: the panic became an internal error of that one call.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Object {
    /// Creates a handle below `parent`, with the parent's callback, context value and settings, and tells the
    /// callback of it. Fails with `ERROR_INVALID_HANDLE` when the parent was closed meanwhile.
    pub(crate) fn create(parent: Option<Arc<Object>>, node: Node) -> Result<Arc<Object>> {
        let settings = parent.as_ref().map(|parent| parent.settings().clone()).unwrap_or_default();
        Object::create_with(parent, node, settings, |notifier| notifier)
    }

    /// As [`Object::create`], with settings and a notifier of the caller's choice.
    pub(crate) fn create_with(
        parent: Option<Arc<Object>>,
        node: Node,
        settings: Settings,
        adapt: impl FnOnce(Notifier) -> Notifier,
    ) -> Result<Arc<Object>> {
        let handle = Handle::fresh();
        let inherited = parent.as_ref().map(|parent| parent.notifier.inherited()).unwrap_or_default();
        let object = Arc::new(Object {
            handle,
            parent,
            node,
            notifier: adapt(inherited),
            settings: Mutex::new(settings),
            life: Mutex::default(),
        });
        if let Some(parent) = &object.parent {
            let mut life = lock(&parent.life);
            if life.closed {
                return Err(Error::INVALID_HANDLE);
            }
            life.children.insert(handle);
        }
        shard(handle).write().unwrap_or_else(PoisonError::into_inner).insert(handle, object.clone());
        object.notify(Notice::HandleCreated(handle));
        Ok(object)
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.node {
            Node::Session(_) => Kind::Session,
            Node::Connect(_) => Kind::Connect,
            Node::Request(_) => Kind::Request,
            Node::WebSocket(_) => Kind::WebSocket,
            Node::Resolver(_) => Kind::Resolver,
        }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }

    /// The session this handle descends from, or is.
    pub(crate) fn session(&self) -> &Session {
        match &self.root().node {
            Node::Session(session) => session,
            _ => unreachable!("every handle but a session has a parent"),
        }
    }

    /// The object of that session.
    pub(crate) fn root(&self) -> &Object {
        let mut object = self;
        while let Some(parent) = &object.parent {
            object = parent;
        }
        object
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.life).closed
    }

    /// Calls the status callback, if there is one that asked for this notice.
    pub(crate) fn notify(&self, notice: Notice<'_>) {
        self.notifier.notify(self.handle, notice);
    }

    /// Announces an operation that may notify: until it ends, the closing notification waits, because it must be
    /// the last one of a handle (page: WinHttpCloseHandle).
    pub(crate) fn begin(self: &Arc<Object>) -> Result<Running> {
        let mut life = lock(&self.life);
        if life.closed {
            return Err(Error::INVALID_HANDLE);
        }
        life.operations += 1;
        Ok(Running(self.clone()))
    }

    fn notify_closing(&self) {
        // WinHttpCloseHandle: the callback is made if the handle has a context value that is not NULL.
        if self.notifier.context() != 0 {
            self.notify(Notice::HandleClosing(self.handle));
        }
    }
}

/// A running operation; its end delivers a postponed closing notification, also when it panics.
pub(crate) struct Running(Arc<Object>);

impl Drop for Running {
    fn drop(&mut self) {
        let last = {
            let mut life = lock(&self.0.life);
            life.operations -= 1;
            life.closed && life.operations == 0
        };
        if last {
            self.0.notify_closing();
        }
    }
}

/// The object of a handle that an application passed: NULL, closed and invented handles are not valid.
pub(crate) fn find(handle: Option<Handle>) -> Result<Arc<Object>> {
    let handle = handle.ok_or(Error::INVALID_HANDLE)?;
    let shard = shard(handle).read().unwrap_or_else(PoisonError::into_inner);
    shard.get(&handle).cloned().ok_or(Error::INVALID_HANDLE)
}

/// As [`find`], and the handle must be of this kind.
pub(crate) fn find_kind(handle: Option<Handle>, kind: Kind) -> Result<Arc<Object>> {
    let object = find(handle)?;
    if object.kind() == kind { Ok(object) } else { Err(Error::INCORRECT_HANDLE_TYPE) }
}

/// Closes a handle and, children first, everything below it.
///
/// The page on handles says that children are invalid once a parent is closed; nothing says who destroys them.
/// Here the closing of the parent does: each gets its closing notification and is never valid again.
pub(crate) fn close(handle: Option<Handle>) -> Result<()> {
    let object = find(handle)?;
    let removed = shard(object.handle).write().unwrap_or_else(PoisonError::into_inner).remove(&object.handle);
    // Two threads may close the same handle at once; the second finds it gone.
    let object = removed.ok_or(Error::INVALID_HANDLE)?;
    let (children, idle) = {
        let mut life = lock(&object.life);
        life.closed = true;
        (std::mem::take(&mut life.children), life.operations == 0)
    };
    for child in children {
        // A child that another thread closed meanwhile is closed, which is all that is wanted.
        let _ = close(Some(child));
    }
    if let Some(parent) = &object.parent {
        lock(&parent.life).children.remove(&object.handle);
    }
    match &object.node {
        Node::Request(request) => request.cancel(&object.settings()),
        Node::WebSocket(socket) => socket.cancel(),
        Node::Session(_) => pool::forget(object.handle),
        Node::Connect(_) | Node::Resolver(_) => {}
    }
    if idle {
        object.notify_closing();
    }
    Ok(())
}

const SHARDS: usize = 16;

type Shard = RwLock<HashMap<Handle, Arc<Object>, BuildHasherDefault<Spread>>>;

static REGISTRY: [Shard; SHARDS] =
    [const { RwLock::new(HashMap::with_hasher(BuildHasherDefault::new())) }; SHARDS];

fn shard(handle: Handle) -> &'static Shard {
    &REGISTRY[(handle.value() >> 3) % SHARDS]
}

/// Handles are counted, not chosen by anyone: multiplying spreads them well enough, and costs next to nothing.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, value: usize) {
        self.0 = (self.0 ^ value as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
