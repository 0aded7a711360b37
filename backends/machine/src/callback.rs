//! What the subject calls: four recording callbacks, told apart by number.
//!
//! Each plan gets a set of addresses of its own, taken in turn: a callback that comes late, from an operation of an
//! earlier plan, is known by its address, even where the subject has given the handle's value away again.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bytes::Bytes;
use crate::follow;
use crate::observation::Notification;
use crate::plan::{Payload, Shape};
use crate::table::Address;

/// How much of a payload is kept.
const PAYLOAD_LIMIT: u32 = 256;

/// How many sets there are; more than the plans that a late callback outlives.
const SETS: usize = 16;

type Callback = extern "system" fn(usize, usize, u32, *const u8, u32);

struct Recorder {
    began: Option<Instant>,
    /// How that plan wants payloads to be read.
    payloads: Vec<Payload>,
    seen: Vec<Notification>,
    /// From earlier plans.
    late: Vec<Notification>,
    /// Who wants to do something in a callback of the running plan.
    reactor: Option<Arc<dyn React>>,
}

/// Does something in callbacks.
pub(crate) trait React: Send + Sync {
    /// A callback has come: what is to be done in it. Called with the recorder locked, so that no callback is lost
    /// between its coming and the end of the plan.
    fn due(&self, handle: u64, status: u32) -> Vec<u32>;

    /// Does it, on the callback's thread; `number` is the callback's.
    fn react(&self, due: &[u32], handle: u64, number: usize);
}

static RECORDER: Mutex<Recorder> = Mutex::new(Recorder {
    began: None,
    payloads: Vec::new(),
    seen: Vec::new(),
    late: Vec::new(),
    reactor: None,
});
/// Which set is the running plan's; written with the recorder locked.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// How many callbacks of the running plan have come.
static COUNT: AtomicU32 = AtomicU32::new(0);
static ARRIVED: Condvar = Condvar::new();
static STEP: AtomicU32 = AtomicU32::new(0);
static THREADS: AtomicU32 = AtomicU32::new(1);

/// The thread that executes the running plan.
static CALLER: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static THREAD: u32 = THREADS.fetch_add(1, Ordering::Relaxed);
}

/// The address of recording callback `number` of the running plan; `None` if there is no such number.
pub(crate) fn address(number: u8) -> Option<Address> {
    let callbacks = CALLBACKS[RUNNING.load(Ordering::Relaxed)];
    callbacks.get(usize::from(number)).map(|callback| Address(*callback as *const ()))
}

static CALLBACKS: [[Callback; 4]; SETS] = [
    set::<0>(),
    set::<1>(),
    set::<2>(),
    set::<3>(),
    set::<4>(),
    set::<5>(),
    set::<6>(),
    set::<7>(),
    set::<8>(),
    set::<9>(),
    set::<10>(),
    set::<11>(),
    set::<12>(),
    set::<13>(),
    set::<14>(),
    set::<15>(),
];

const fn set<const SET: usize>() -> [Callback; 4] {
    [record::<SET, 0>, record::<SET, 1>, record::<SET, 2>, record::<SET, 3>]
}

/// Starts a recording; returns what came after the previous one was taken.
pub(crate) fn begin(
    now: Instant,
    payloads: &[Payload],
    reactor: Option<Arc<dyn React>>,
) -> Vec<Notification> {
    CALLER.store(THREAD.with(|number| *number), Ordering::Relaxed);
    let mut recorder = lock();
    recorder.began = Some(now);
    RUNNING.store((RUNNING.load(Ordering::Relaxed) + 1) % SETS, Ordering::Relaxed);
    recorder.reactor = reactor;
    recorder.payloads.clear();
    recorder.payloads.extend_from_slice(payloads);
    COUNT.store(0, Ordering::Relaxed);
    STEP.store(0, Ordering::Relaxed);
    let mut late = std::mem::take(&mut recorder.late);
    late.extend(recorder.seen.drain(..).map(|notification| Notification { ago: 1, ..notification }));
    late
}

/// Notes which step is running.
pub(crate) fn at_step(step: u32) {
    STEP.store(step, Ordering::Relaxed);
}

/// How many callbacks have come.
pub(crate) fn count() -> u32 {
    COUNT.load(Ordering::Acquire)
}

/// Waits until that many callbacks with one of these statuses (and this handle) are recorded; false after `timeout`.
pub(crate) fn wait(statuses: &[u32], handle: Option<u64>, times: u32, timeout: Duration) -> bool {
    let wanted =
        |seen: &&Notification| statuses.contains(&seen.status) && handle.is_none_or(|it| it == seen.handle);
    let enough = |recorder: &Recorder| {
        recorder.seen.iter().filter(wanted).take(times as usize).count() == times as usize
    };
    let (recorder, _) = ARRIVED
        .wait_timeout_while(lock(), timeout, |recorder| !enough(recorder))
        .unwrap_or_else(PoisonError::into_inner);
    enough(&recorder)
}

/// Takes what was recorded.
pub(crate) fn take() -> Vec<Notification> {
    let mut recorder = lock();
    recorder.reactor = None;
    std::mem::take(&mut recorder.seen)
}

fn lock() -> MutexGuard<'static, Recorder> {
    // A poisoned recorder holds whole notifications: nothing is left half-written by a panic.
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "system" fn record<const SET: usize, const NUMBER: u8>(
    handle: usize,
    context: usize,
    status: u32,
    information: *const u8,
    length: u32,
) {
    let thread = match THREAD.with(|number| *number) {
        caller if caller == CALLER.load(Ordering::Relaxed) => 0,
        other => other,
    };
    let mut recorder = lock();
    let ours = RUNNING.load(Ordering::Relaxed) == SET;
    let shape = recorder.payloads.iter().find(|payload| payload.status == status && ours);
    let payload = payload(information, length, shape.map(|payload| payload.shape));
    let micros = recorder.began.map_or(0, |began| began.elapsed().as_micros() as u64);
    let notification = Notification {
        callback: NUMBER,
        handle: handle as u64,
        context: context as u64,
        status,
        information: information as u64,
        length,
        at: None,
        payload,
        thread,
        step: STEP.load(Ordering::Relaxed),
        micros,
        until: None,
        ago: 0,
    };
    if !ours {
        // The next plan is told of it.
        let ago = (RUNNING.load(Ordering::Relaxed) + SETS - SET) % SETS + 1;
        recorder.late.push(Notification { ago: ago as u32, ..notification });
        return;
    }
    let at = recorder.seen.len();
    recorder.seen.push(notification);
    COUNT.store(at as u32 + 1, Ordering::Release);
    let reactor = recorder.reactor.clone();
    let due = reactor.as_ref().map(|reactor| reactor.due(handle as u64, status)).unwrap_or_default();
    drop(recorder);
    ARRIVED.notify_all();
    if let Some(reactor) = reactor.filter(|_| !due.is_empty()) {
        reactor.react(&due, handle as u64, at);
    }
}

/// Notes that the callback with this number, in which something was done, is about to return.
pub(crate) fn returns(number: usize) {
    let mut recorder = lock();
    let until = recorder.seen.len() as u32;
    if let Some(notification) = recorder.seen.get_mut(number) {
        notification.until = Some(until);
    }
}

/// What lies behind the information of a callback.
fn payload(information: *const u8, length: u32, shape: Option<Shape>) -> Bytes {
    // The subject says that so many bytes lie there, by the status or by the length.
    let shape = shape.unwrap_or(Shape::Bytes(length.min(PAYLOAD_LIMIT)));
    follow::behind(information, shape).unwrap_or_default()
}
