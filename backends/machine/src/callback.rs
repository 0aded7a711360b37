//! What the subject calls: four recording callbacks, told apart by number.
//!
//! Each plan gets a set of addresses of its own, taken in turn: a callback that comes late, from an operation of an
//! earlier plan, is known by its address, even where the subject has given the handle's value away again.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bytes::Bytes;
use crate::follow::text;
use crate::observation::Notification;
use crate::plan::{Payload, Shape};
use crate::table::Address;

/// How much of a payload is kept.
const PAYLOAD_LIMIT: usize = 256;

/// How many sets there are; more than the plans that a late callback outlives.
const SETS: usize = 16;

type Callback = extern "system" fn(usize, usize, u32, *const u8, u32);

struct Recorder {
    began: Option<Instant>,
    /// Which set is the running plan's.
    set: usize,
    /// How that plan wants payloads to be read.
    payloads: Vec<Payload>,
    seen: Vec<Notification>,
    /// From earlier plans.
    late: Vec<Notification>,
}

static RECORDER: Mutex<Recorder> =
    Mutex::new(Recorder { began: None, set: 0, payloads: Vec::new(), seen: Vec::new(), late: Vec::new() });
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
    let callbacks = CALLBACKS[lock().set];
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
pub(crate) fn begin(now: Instant, payloads: &[Payload]) -> Vec<Notification> {
    CALLER.store(THREAD.with(|number| *number), Ordering::Relaxed);
    let mut recorder = lock();
    recorder.began = Some(now);
    recorder.set = (recorder.set + 1) % SETS;
    recorder.payloads.clear();
    recorder.payloads.extend_from_slice(payloads);
    COUNT.store(0, Ordering::Relaxed);
    STEP.store(0, Ordering::Relaxed);
    let mut late = std::mem::take(&mut recorder.late);
    late.append(&mut recorder.seen);
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
    std::mem::take(&mut lock().seen)
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
    let shape = recorder.payloads.iter().find(|payload| payload.status == status && recorder.set == SET);
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
    };
    if recorder.set == SET {
        recorder.seen.push(notification);
        COUNT.store(recorder.seen.len() as u32, Ordering::Release);
    } else {
        recorder.late.push(notification);
    }
    drop(recorder);
    ARRIVED.notify_all();
}

/// What lies behind the information of a callback.
fn payload(information: *const u8, length: u32, shape: Option<Shape>) -> Bytes {
    let kept = match shape {
        _ if information.is_null() => return Bytes::default(),
        Some(Shape::Text) => return text(information.cast()),
        Some(Shape::Bytes(length)) => length as usize,
        None => PAYLOAD_LIMIT.min(length as usize),
    };
    // SAFETY: the subject says that so many bytes lie there, by the length or by the status. If it lies, the process
    // faults, and that is what the harness is there to see.
    Bytes::from(unsafe { std::slice::from_raw_parts(information, kept) })
}
