//! Ends a child process that is not done in time.
//!
//! Arming and disarming cost a lock each; the watching thread sleeps until the deadline it has last seen, and only
//! then looks whether a later question has moved it.

use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A child with a deadline.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    child: Child,
    deadline: Option<Instant>,
    fired: bool,
    over: bool,
    idle: bool,
}

impl Watchdog {
    pub(crate) fn new(child: Child) -> Self {
        let state = State { child, deadline: None, fired: false, over: false, idle: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let watching = Arc::clone(&shared);
        std::thread::spawn(move || watch(&watching));
        Self { shared }
    }

    /// The child is ended unless [`Self::disarm`] comes within `limit`.
    pub(crate) fn arm(&self, limit: Duration) {
        let mut state = self.shared.lock();
        state.deadline = Some(Instant::now() + limit);
        if state.idle {
            self.shared.changed.notify_one();
        }
    }

    /// The answer is there; true if it came too late.
    pub(crate) fn disarm(&self) -> bool {
        let mut state = self.shared.lock();
        state.deadline = None;
        state.fired
    }

    /// Ends the child, waits for its end and tells how it ended.
    pub(crate) fn end(&self) -> std::io::Result<std::process::ExitStatus> {
        let mut state = self.shared.lock();
        kill(&mut state.child);
        state.child.wait()
    }

    /// Waits for the end of a child that has closed its output, for `limit` at most; then ends it.
    pub(crate) fn wait(&self, limit: Duration) -> std::io::Result<std::process::ExitStatus> {
        self.arm(limit);
        loop {
            // Polled because std has no wait with a deadline; the child is gone or about to go.
            if let Some(status) = self.shared.lock().child.try_wait()? {
                return Ok(status);
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // The child may be gone already: then there is nothing to end.
        let _ = self.end();
        self.shared.lock().over = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No critical section leaves the state half-changed when it panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn watch(shared: &Shared) {
    let mut state = shared.lock();
    while !state.over {
        let now = Instant::now();
        state = match state.deadline {
            None => {
                state.idle = true;
                let mut woken = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                woken.idle = false;
                woken
            }
            Some(deadline) if deadline <= now => {
                state.fired = true;
                state.deadline = None;
                kill(&mut state.child);
                state
            }
            Some(deadline) => {
                shared.changed.wait_timeout(state, deadline - now).unwrap_or_else(PoisonError::into_inner).0
            }
        };
    }
}

/// Ends the child and, on Unix, whatever it started: a grandchild could hold the pipe open for ever.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        // SAFETY: sends a signal to the process group that `process` made for this child. The child has not been
        // waited for when this is called with it alive; a group that is gone gives an error, which is fine.
        #[allow(unsafe_code)]
        unsafe {
            libc::kill(-(child.id() as i32), libc::SIGKILL);
        }
    }
    // An error means that it is gone.
    let _ = child.kill();
}
