//! What the subject calls: four recording callbacks, told apart by number.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bytes::Bytes;
use crate::observation::Notification;
use crate::table::Address;

/// How much of a payload is kept.
const PAYLOAD_LIMIT: usize = 256;

struct Recorder {
    began: Option<Instant>,
    seen: Vec<Notification>,
}

static RECORDER: Mutex<Recorder> = Mutex::new(Recorder { began: None, seen: Vec::new() });
static ARRIVED: Condvar = Condvar::new();
static STEP: AtomicU32 = AtomicU32::new(0);
static THREADS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static THREAD: u32 = THREADS.fetch_add(1, Ordering::Relaxed);
}

/// The address of recording callback `number`; `None` if there is no such number.
pub(crate) fn address(number: u8) -> Option<Address> {
    let function: extern "system" fn(usize, usize, u32, *const u8, u32) = match number {
        0 => record::<0>,
        1 => record::<1>,
        2 => record::<2>,
        3 => record::<3>,
        _ => return None,
    };
    Some(Address(function as *const ()))
}

/// Starts a recording; returns what came after the previous one was taken.
pub(crate) fn begin(now: Instant) -> Vec<Notification> {
    THREAD.with(|_| ());
    let mut recorder = lock();
    recorder.began = Some(now);
    STEP.store(0, Ordering::Relaxed);
    std::mem::take(&mut recorder.seen)
}

/// Notes which step is running.
pub(crate) fn at_step(step: u32) {
    STEP.store(step, Ordering::Relaxed);
}

/// Waits until a callback with this status (and handle) is recorded; false after `timeout`.
pub(crate) fn wait(status: u32, handle: Option<u64>, timeout: Duration) -> bool {
    let wanted = |seen: &Notification| seen.status == status && handle.is_none_or(|it| it == seen.handle);
    let (recorder, _) = ARRIVED
        .wait_timeout_while(lock(), timeout, |recorder| !recorder.seen.iter().any(wanted))
        .unwrap_or_else(PoisonError::into_inner);
    recorder.seen.iter().any(wanted)
}

/// Takes what was recorded.
pub(crate) fn take() -> Vec<Notification> {
    std::mem::take(&mut lock().seen)
}

fn lock() -> MutexGuard<'static, Recorder> {
    // A poisoned recorder holds whole notifications: nothing is left half-written by a panic.
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "system" fn record<const NUMBER: u8>(
    handle: usize,
    context: usize,
    status: u32,
    information: *const u8,
    length: u32,
) {
    let kept = if information.is_null() { 0 } else { PAYLOAD_LIMIT.min(length as usize) };
    let payload = if kept == 0 {
        Vec::new()
    } else {
        // SAFETY: the subject says that `length` bytes lie there. If it lies, the process faults, and that is
        // what the harness is there to see.
        unsafe { std::slice::from_raw_parts(information, kept) }.to_vec()
    };
    let thread = THREAD.with(|number| *number);
    let mut recorder = lock();
    let micros = recorder.began.map_or(0, |began| began.elapsed().as_micros() as u64);
    recorder.seen.push(Notification {
        callback: NUMBER,
        handle: handle as u64,
        context: context as u64,
        status,
        information: information as u64,
        length,
        payload: Bytes(payload),
        thread,
        step: STEP.load(Ordering::Relaxed),
        micros,
    });
    drop(recorder);
    ARRIVED.notify_all();
}
