//! Connections: kept when a response is at its end, for a further request to the same server, and limited in number.
//! Page: option-flags (`WINHTTP_OPTION_DISABLE_GLOBAL_POOLING`, `..._MAX_CONNS_PER_SERVER`, `..._CONNECTION_GUID`,
//! `..._MATCH_CONNECTION_GUID`, `..._FIRST_AVAILABLE_CONNECTION`).
//!
//! The pool is the process's: by default a connection that one session leaves serves another. One of a session that
//! disabled this ends with its session at the latest; any other, with the last session of the process, or when it has
//! not been used for a while. None of this is documented, nor what a maximum of connections that is set later has to
//! do with global pooling: it has nothing here.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Condvar, LazyLock, Mutex, PoisonError, Weak},
    time::Duration,
};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    clock::{self, Alarm, Moment},
    errand::Waiting,
    error::{Error, Result},
    handle::{Handle, Object, lock},
    option::Settings,
    wire::{Guid, Socket, Wire},
};

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// As the request's URL, or the proxy setting, names it.
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
    /// What the resolver is asked for, if the application had it be another name.
    pub(crate) name: Box<str>,
}

/// What is wanted of a connection.
pub(crate) struct Wanted {
    target: Target,
    session: Handle,
    /// One that another session leaves will do.
    shared: bool,
    /// How many connections to its servers a session may have, each.
    limit: usize,
    matching: Option<Matching>,
    /// Until when to wait where the limit is reached.
    due: Option<Moment>,
}

/// A `WINHTTP_MATCH_CONNECTION_GUID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Matching {
    mark: Guid,
    /// No connection without a mark will do, either.
    required: bool,
}

impl Wanted {
    /// What a request wants, from that moment on. The limit and the pooling are those that the session has now.
    pub(crate) fn by(object: &Object, target: Target, settings: &Settings, since: Moment) -> Wanted {
        let session = object.root();
        let own = session.settings();
        Wanted {
            target,
            session: session.handle,
            shared: own.dword(w::WINHTTP_OPTION_DISABLE_GLOBAL_POOLING) == 0,
            limit: own.dword(w::WINHTTP_OPTION_MAX_CONNS_PER_SERVER) as usize,
            matching: settings.bytes(w::WINHTTP_OPTION_MATCH_CONNECTION_GUID).and_then(Matching::parse),
            // Waiting for a connection is a part of getting one, and no other timeout would end it.
            due: settings.timeout(w::WINHTTP_OPTION_CONNECT_TIMEOUT).map(|timeout| since + timeout),
        }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    fn key(&self) -> (Handle, Target) {
        (self.session, self.target.clone())
    }

    /// Whether the idle connection will do, as far as can be seen without looking at its socket.
    fn fits(&self, idle: &Idle, room: bool, now: Moment) -> bool {
        let Some(place) = &idle.wire.place else { return false };
        let own = place.session == self.session;
        // One that comes from another session counts as a new one.
        let reachable = place.shared == self.shared && (own || (self.shared && room));
        reachable && place.target == self.target && now.since(idle.since) < LONGEST_REST
    }

    /// How well a connection's mark fits; `None` if it does not.
    fn rank(&self, mark: Option<Guid>) -> Option<u8> {
        match (self.matching, mark) {
            (None, _) => Some(0),
            (Some(matching), Some(mark)) => (matching.mark == mark).then_some(1),
            (Some(matching), None) => (!matching.required).then_some(0),
        }
    }
}

impl Matching {
    fn parse(bytes: &[u8]) -> Option<Matching> {
        let (mark, flags) = bytes.split_first_chunk()?;
        let flags = u64::from_ne_bytes(*flags.first_chunk()?);
        let required =
            flags & u64::from(w::WINHTTP_MATCH_CONNECTION_GUID_FLAG_REQUIRE_MARKED_CONNECTION) != 0;
        Some(Matching { mark: *mark, required })
    }
}

/// A place among a session's connections to a server, from before it is opened until it is closed.
#[derive(Debug)]
pub(crate) struct Place {
    session: Handle,
    target: Target,
    shared: bool,
    /// Of the connection that has it, among those that are open.
    number: Option<u64>,
}

impl Place {
    /// Gives the place to a connection that was opened for it.
    pub(crate) fn fill(&mut self, socket: &Arc<Socket>) {
        let mut pool = lock(&POOL);
        pool.numbers += 1;
        self.number = Some(pool.numbers);
        let open = Open {
            session: self.session,
            target: self.target.clone(),
            shared: self.shared,
            socket: Arc::downgrade(socket),
        };
        let number = pool.numbers;
        pool.open.insert(number, open);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut pool = lock(&POOL);
        pool.leave(&(self.session, self.target.clone()));
        if let Some(number) = self.number {
            pool.open.remove(&number);
        }
        pool.tell();
    }
}

/// An open connection, in use or idle, for whoever asks what there is.
struct Open {
    session: Handle,
    target: Target,
    shared: bool,
    socket: Weak<Socket>,
}

/// How many connections to a server a session can have its requests use, or has them use now, for each mark; `None`
/// is for those without one. Page: WinHttpQueryConnectionGroup.
pub(crate) fn census(session: &Object, host: &str, port: u16) -> BTreeMap<Option<Guid>, u32> {
    let shared = session.settings().dword(w::WINHTTP_OPTION_DISABLE_GLOBAL_POOLING) == 0;
    let mut counts = BTreeMap::new();
    for open in lock(&POOL).open.values() {
        let own = open.session == session.handle || (shared && open.shared);
        let there = *open.target.host == *host && open.target.port == port;
        if let Some(socket) = open.socket.upgrade().filter(|_| own && there) {
            *counts.entry(socket.mark()).or_default() += 1;
        }
    }
    counts
}

/// A connection of the pool, or the permission to open another one.
pub(crate) enum Found {
    Kept(Box<Wire>),
    Place(Place),
}

/// An idle connection is closed when it was not used for so long.
const LONGEST_REST: Duration = Duration::from_secs(30);
/// More idle connections are not kept; the oldest make room.
pub(crate) const MOST_IDLE: usize = 256;

struct Pool {
    /// The one that was kept last stands last.
    idle: Vec<Idle>,
    /// How many connections a session has to a server, idle ones included.
    places: BTreeMap<(Handle, Target), usize>,
    /// Those that are open.
    sessions: BTreeSet<Handle>,
    /// All connections, by a number that counts them.
    open: BTreeMap<u64, Open>,
    numbers: u64,
    /// Who connects, and would rather have a connection that becomes idle.
    connecting: Vec<Weak<Waiting>>,
    /// How many wait for a connection: where nobody does, nobody needs to be told, which costs more than it seems.
    waiting: usize,
}

struct Idle {
    wire: Wire,
    since: Moment,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    idle: Vec::new(),
    places: BTreeMap::new(),
    sessions: BTreeSet::new(),
    open: BTreeMap::new(),
    numbers: 0,
    connecting: Vec::new(),
    waiting: 0,
});
/// A connection became idle or was closed, or a request gave up waiting.
static CHANGED: Condvar = Condvar::new();

/// Finds a connection; if the limit is reached, waits until one is free. `is_over` says that nobody wants it any more.
pub(crate) fn find(wanted: &Wanted, is_over: impl Fn() -> bool) -> Result<Found> {
    let mut alarm = None;
    let mut pool = lock(&POOL);
    loop {
        if is_over() {
            return Err(Error::OPERATION_CANCELLED);
        }
        if let Some(wire) = pool.take(wanted) {
            drop(pool);
            // A peer that closed it meanwhile is noticed here, or when the request finds nothing received.
            if wire.is_quiet() {
                return Ok(Found::Kept(Box::new(wire)));
            }
            drop(wire);
        } else if pool.count(&wanted.key()) < wanted.limit {
            return Ok(Found::Place(pool.enter(wanted)));
        } else if let Some(unfit) = pool.evict(&wanted.key()) {
            drop(pool);
            drop(unfit);
        } else {
            match (wanted.due, &alarm) {
                (Some(due), _) if due <= clock::now() => return Err(Error::TIMEOUT),
                (Some(due), None) => {
                    // Setting it may wake, which takes the lock.
                    drop(pool);
                    alarm.insert(Alarm::new(wake)).set(due);
                }
                _ => {
                    pool.waiting += 1;
                    pool = CHANGED.wait(pool).unwrap_or_else(PoisonError::into_inner);
                    pool.waiting -= 1;
                    continue;
                }
            }
        }
        pool = lock(&POOL);
    }
}

/// A place for one more connection, whatever the pool has; waits for it as [`find`] does.
pub(crate) fn find_place(wanted: &Wanted, is_over: impl Fn() -> bool) -> Result<Place> {
    loop {
        match find(wanted, &is_over)? {
            Found::Place(place) => return Ok(place),
            Found::Kept(stale) => drop(stale),
        }
    }
}

/// A place for one more connection, if there is room.
pub(crate) fn place_at_once(wanted: &Wanted) -> Option<Place> {
    let mut pool = lock(&POOL);
    (pool.count(&wanted.key()) < wanted.limit).then(|| pool.enter(wanted))
}

/// An idle connection that will do, if there is one.
pub(crate) fn find_idle(wanted: &Wanted) -> Option<Wire> {
    loop {
        let wire = lock(&POOL).take(wanted)?;
        if wire.is_quiet() {
            return Some(wire);
        }
    }
}

/// Has whoever connects look for an idle connection whenever there is another one.
pub(crate) fn tell_of_idle(connecting: &Arc<Waiting>) {
    lock(&POOL).connecting.push(Arc::downgrade(connecting));
}

/// Keeps a connection whose response is at its end.
pub(crate) fn keep_served(mut wire: Wire) {
    wire.served += 1;
    keep(wire);
}

/// Keeps a connection for a request to come.
pub(crate) fn keep(wire: Wire) {
    let Some(session) = wire.place.as_ref().map(|place| place.session) else { return };
    if wire.is_expired() || !wire.ahead().is_empty() {
        return;
    }
    let mut pool = lock(&POOL);
    if !pool.sessions.contains(&session) {
        drop(pool);
        return;
    }
    pool.idle.push(Idle { wire, since: clock::now() });
    pool.tell();
    pool.connecting.retain(|connecting| connecting.strong_count() > 0);
    let connecting: Vec<Arc<Waiting>> = pool.connecting.iter().filter_map(Weak::upgrade).collect();
    drop(pool);
    connecting.iter().for_each(|connecting| connecting.look());
    close_worn_out();
}

/// Closes what nobody will use any more, now and when the next one has rested long enough.
fn close_worn_out() {
    static REST: LazyLock<Alarm> = LazyLock::new(|| Alarm::new(close_worn_out));
    let mut pool = lock(&POOL);
    let out = pool.worn_out();
    let next = pool.idle.first().map(|idle| idle.since + LONGEST_REST);
    drop(pool);
    drop(out);
    if let Some(next) = next {
        REST.set(next);
    }
}

/// A session was opened: its connections can be kept.
pub(crate) fn serve(session: Handle) {
    lock(&POOL).sessions.insert(session);
}

/// Closes the connections that a closed session kept for itself, and all if nobody is left who could use them.
pub(crate) fn forget(session: Handle) {
    let mut pool = lock(&POOL);
    pool.sessions.remove(&session);
    let last = pool.sessions.is_empty();
    let useless = |idle: &mut Idle| {
        let own = |place: &Place| place.session == session && !place.shared;
        last || idle.wire.place.as_ref().is_some_and(own)
    };
    let out: Vec<Idle> = pool.idle.extract_if(.., useless).collect();
    drop(pool);
    drop(out);
}

/// Has those who wait look again whether they still want to.
pub(crate) fn wake() {
    // Whoever looked before this has begun to wait by now.
    lock(&POOL).tell();
}

// What these hand out is to be dropped without the lock: a place takes it.
impl Pool {
    /// Has those who wait look again.
    fn tell(&self) {
        if self.waiting > 0 {
            CHANGED.notify_all();
        }
    }

    /// Takes the best connection, of several as good ones the one used last.
    fn take(&mut self, wanted: &Wanted) -> Option<Wire> {
        let (room, now) = (self.count(&wanted.key()) < wanted.limit, clock::now());
        let mut fitting = self.idle.iter().enumerate().rev().filter(|(_, idle)| wanted.fits(idle, room, now));
        let (at, _) = match wanted.matching {
            None => fitting.next()?,
            Some(_) => {
                let ranked = fitting.filter(|(_, idle)| wanted.rank(idle.wire.mark()).is_some());
                ranked.max_by_key(|(at, idle)| (wanted.rank(idle.wire.mark()), *at))?
            }
        };
        let mut wire = self.idle.remove(at).wire;
        if let Some(place) = &mut wire.place {
            self.leave(&(place.session, place.target.clone()));
            place.session = wanted.session;
            if let Some(open) = place.number.and_then(|number| self.open.get_mut(&number)) {
                open.session = wanted.session;
            }
            *self.places.entry(wanted.key()).or_default() += 1;
        }
        Some(wire)
    }

    fn count(&self, key: &(Handle, Target)) -> usize {
        self.places.get(key).copied().unwrap_or(0)
    }

    fn enter(&mut self, wanted: &Wanted) -> Place {
        *self.places.entry(wanted.key()).or_default() += 1;
        Place { session: wanted.session, target: wanted.target.clone(), shared: wanted.shared, number: None }
    }

    fn leave(&mut self, key: &(Handle, Target)) {
        if let Some(count) = self.places.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.places.remove(key);
            }
        }
    }

    /// Takes an idle connection out, so that another one may be opened.
    fn evict(&mut self, key: &(Handle, Target)) -> Option<Idle> {
        let own = |idle: &Idle| {
            idle.wire.place.as_ref().is_some_and(|place| (place.session, &place.target) == (key.0, &key.1))
        };
        let at = self.idle.iter().position(own)?;
        Some(self.idle.remove(at))
    }

    /// Takes out what nobody will use any more.
    fn worn_out(&mut self) -> Vec<Idle> {
        let old = self.idle.iter().take_while(|idle| idle.since.elapsed() >= LONGEST_REST).count();
        let count = old.max(self.idle.len().saturating_sub(MOST_IDLE));
        self.idle.drain(..count).collect()
    }
}
