//! Threads for asynchronous operations, and for what cannot be interrupted. Both block, so there is a thread for each
//! that is under way; threads wait a while for the next one before they end.

use std::{
    sync::{Condvar, Mutex},
    thread,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    handle::lock,
};

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    jobs: Vec<Job>,
    idle: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { jobs: Vec::new(), idle: 0 });
static WORK: Condvar = Condvar::new();

/// In real time: no program can tell how long a thread rests.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a job on a thread of its own.
pub(crate) fn spawn(job: Job) -> Result<()> {
    crate::abi::pin_module();
    let mut pool = lock(&POOL);
    if pool.idle > pool.jobs.len() {
        pool.jobs.push(job);
        WORK.notify_one();
        return Ok(());
    }
    drop(pool);
    let started = thread::Builder::new().name("winhttp".to_owned()).spawn(|| work(job));
    started.map(drop).map_err(|_| Error::NOT_ENOUGH_MEMORY)
}

fn work(first: Job) {
    let mut job = first;
    loop {
        // A panic ends one operation, not the thread that the next one may be promised.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        match next() {
            Some(next) => job = next,
            None => return,
        }
    }
}

fn next() -> Option<Job> {
    let mut pool = lock(&POOL);
    pool.idle += 1;
    while pool.jobs.is_empty() {
        let Ok((woken, timeout)) = WORK.wait_timeout(pool, PATIENCE) else { return None };
        pool = woken;
        if timeout.timed_out() {
            break;
        }
    }
    pool.idle -= 1;
    pool.jobs.pop()
}
