//! Ends a child process that is not done in time.
//!
//! Arming and disarming cost a lock each; the watching thread sleeps until the deadline it has last seen, and only
//! then looks whether a later question has moved it. It is woken only for a deadline that is earlier.

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
    /// When the watching thread will look next; `None` while it sleeps until it is woken.
    looks: Option<Instant>,
}

impl Watchdog {
    pub(crate) fn new(child: Child) -> Self {
        let state = State { child, deadline: None, fired: false, over: false, looks: None };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let watching = Arc::clone(&shared);
        std::thread::spawn(move || watch(&watching));
        Self { shared }
    }

    /// The child is ended unless [`Self::disarm`] comes within `limit`.
    pub(crate) fn arm(&self, limit: Duration) {
        let mut state = self.shared.lock();
        let deadline = Instant::now() + limit;
        state.deadline = Some(deadline);
        if state.looks.is_none_or(|looks| deadline < looks) {
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
            // std has no wait with a deadline. The child has closed its output: it is gone, or about to go.
            if let Some(status) = self.shared.lock().child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(1));
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
        state.looks = state.deadline;
        state = match state.deadline {
            None => shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(deadline) => {
                match deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                    Some(left) => {
                        shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                    }
                    None => {
                        state.fired = true;
                        state.deadline = None;
                        kill(&mut state.child);
                        state
                    }
                }
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
