//! Threads for asynchronous operations, and for what cannot be interrupted. Both block, so there is a thread for each
//! that is under way; threads wait a while for the next one before they end.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, Weak},
    thread,
    time::Duration,
};

use crate::{
    clock::{self, Alarm},
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

/// Runs a job on a thread that does nothing else.
pub(crate) fn spawn(job: Job) -> Result<()> {
    offer(job).map_or(Ok(()), |job| start(move || Some(job)))
}

/// As [`spawn`]; but where a worker asks for it, which is in a callback, the worker itself does it next: that saves the
/// way to another thread. If the callback takes long, another thread does it all the same.
pub(crate) fn spawn_next(job: Job) -> Result<()> {
    let left = match OWN.with_borrow(Option::clone) {
        Some(own) => own.leave(job),
        None => Some(job),
    };
    left.map_or(Ok(()), spawn)
}

/// Gives the job to an idle worker; returns it if there is none.
fn offer(job: Job) -> Option<Job> {
    let mut pool = lock(&POOL);
    if pool.idle <= pool.jobs.len() {
        return Some(job);
    }
    pool.jobs.push(job);
    WORK.notify_one();
    None
}

/// Starts a worker, which finds out itself what to do first.
fn start(first: impl FnOnce() -> Option<Job> + Send + 'static) -> Result<()> {
    crate::abi::pin_module();
    let work = || {
        if let Some(job) = first() {
            work(job);
        }
    };
    let started = thread::Builder::new().name("winhttp".to_owned()).spawn(work);
    started.map(drop).map_err(|_| Error::NOT_ENOUGH_MEMORY)
}

fn work(first: Job) {
    let own = Own::new();
    OWN.set(Some(own.clone()));
    let mut job = first;
    loop {
        // A panic ends one operation, not the thread that the next one may be promised.
        let _ = catch_unwind(AssertUnwindSafe(job));
        match own.take().or_else(next) {
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

thread_local! {
    /// Of a worker.
    static OWN: RefCell<Option<Arc<Own>>> = const { RefCell::new(None) };
}

/// What a worker does next, unless it takes too long to come to it.
struct Own {
    next: Mutex<Option<Job>>,
    alarm: Alarm,
}

/// So long a callback may take before what it asked for is another worker's.
const BLOCKED: Duration = Duration::from_millis(5);

impl Own {
    fn new() -> Arc<Own> {
        Arc::new_cyclic(|own: &Weak<Own>| {
            let own = own.clone();
            let alarm = Alarm::new(move || {
                if let Some(own) = own.upgrade() {
                    own.give_away();
                }
            });
            Own { next: Mutex::default(), alarm }
        })
    }

    /// Leaves a job for when the present one is done; returns it if there is one already.
    fn leave(&self, job: Job) -> Option<Job> {
        let mut next = lock(&self.next);
        if next.is_some() {
            return Some(job);
        }
        *next = Some(job);
        drop(next);
        self.alarm.set(clock::now() + BLOCKED);
        None
    }

    fn take(&self) -> Option<Job> {
        let job = lock(&self.next).take();
        if job.is_some() {
            self.alarm.stop();
        }
        job
    }

    fn give_away(self: Arc<Own>) {
        if let Some(job) = self.take().and_then(offer) {
            *lock(&self.next) = Some(job);
            // If no thread can be started, it stays where it is until the callback returns.
            let _ = start(move || self.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_worker_keeps_one_job_for_itself() {
        let own = Own::new();
        assert!(own.leave(Box::new(|| ())).is_none());
        assert!(own.leave(Box::new(|| ())).is_some(), "a second one is somebody else's");
    }

    #[test]
    fn what_a_blocked_worker_asks_for_is_done_by_another() {
        let (tell, told) = channel();
        let (end, ended) = channel();
        spawn(Box::new(move || {
            for name in [1, 2] {
                let tell = tell.clone();
                spawn_next(Box::new(move || tell.send(name).unwrap())).unwrap();
            }
            end.send(told.iter().take(2).sum::<i32>()).unwrap();
        }))
        .unwrap();
        assert_eq!(ended.recv(), Ok(3), "both were done before the worker was");
    }

    #[test]
    fn a_job_that_panics_harms_no_other() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let (tell, told) = channel();
        spawn(Box::new(move || {
            spawn_next(Box::new(move || tell.send(()).unwrap())).unwrap();
            panic!("a defect");
        }))
        .unwrap();
        assert_eq!(told.recv(), Ok(()));
        std::panic::set_hook(quiet);
    }
}
