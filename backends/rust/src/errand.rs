//! Work that the system does not let anyone interrupt, as looking up a name: a worker does it, and whoever waits for
//! it can stop waiting. The worker then ends it for nobody.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::{
    clock::{Alarm, Moment},
    error::{Error, Result},
    handle::lock,
    worker,
};

/// Where one waits for one errand after the other, and whoever wants to can end the waiting.
#[derive(Default)]
pub(crate) struct Waiting {
    turn: Mutex<Turn>,
    ended: Condvar,
}

#[derive(Default)]
struct Turn {
    /// Counts the errands: one that was given up may end while the next is under way.
    errand: u64,
    end: Option<End>,
    /// What comes instead may be there.
    look: bool,
    cancelled: bool,
}

/// Why the waiting for an errand is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    Late,
}

impl Waiting {
    /// Ends the waiting, now and for what is still to come.
    pub(crate) fn cancel(&self) {
        lock(&self.turn).cancelled = true;
        self.ended.notify_all();
    }

    /// Has whoever waits look whether there is what will do instead.
    pub(crate) fn look(&self) {
        lock(&self.turn).look = true;
        self.ended.notify_all();
    }

    fn begin(&self) -> u64 {
        let mut turn = lock(&self.turn);
        turn.errand += 1;
        turn.end = None;
        turn.look = true;
        turn.errand
    }

    fn end(&self, errand: u64, end: End) {
        let mut turn = lock(&self.turn);
        if turn.errand == errand {
            turn.end.get_or_insert(end);
            self.ended.notify_all();
        }
    }

    fn wait<T>(&self, mut instead: impl FnMut() -> Option<T>) -> Result<Ended<T>> {
        let mut turn = lock(&self.turn);
        loop {
            if turn.cancelled {
                return Err(Error::OPERATION_CANCELLED);
            }
            if let Some(end) = turn.end {
                return Ok(Ended::Itself(end));
            }
            if std::mem::take(&mut turn.look) {
                // Looking takes other locks.
                drop(turn);
                if let Some(other) = instead() {
                    return Ok(Ended::Instead(other));
                }
                turn = lock(&self.turn);
            } else {
                turn = self.ended.wait(turn).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// What ended the waiting.
enum Ended<T> {
    Itself(End),
    Instead(T),
}

/// Has a worker do the work, and waits for what comes of it: until it is due (`ERROR_WINHTTP_TIMEOUT`), or until
/// [`Waiting::cancel`] (`ERROR_WINHTTP_OPERATION_CANCELLED`).
pub(crate) fn run<T: Send + 'static>(
    waiting: &Arc<Waiting>,
    due: Option<Moment>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    run_unless(waiting, due, work, || None)
}

/// As [`run`]; but what `instead` has will do as well. It is asked at first, and after each [`Waiting::look`].
pub(crate) fn run_unless<T: Send + 'static>(
    waiting: &Arc<Waiting>,
    due: Option<Moment>,
    work: impl FnOnce() -> T + Send + 'static,
    instead: impl FnMut() -> Option<T>,
) -> Result<T> {
    let result = Arc::new(Mutex::new(None));
    let errand = waiting.begin();
    let done = Done { result: result.clone(), waiting: waiting.clone(), errand };
    worker::spawn(Box::new(move || *lock(&done.result) = Some(work())))?;
    let alarm = {
        let waiting = waiting.clone();
        due.map(|due| (Alarm::new(move || waiting.end(errand, End::Late)), due))
    };
    if let Some((alarm, due)) = &alarm {
        alarm.set(*due);
    }
    match waiting.wait(instead)? {
        // Nothing there: the work panicked.
        Ended::Itself(End::Done) => lock(&result).take().ok_or(Error::INTERNAL),
        Ended::Itself(End::Late) => Err(Error::TIMEOUT),
        Ended::Instead(other) => Ok(other),
    }
}

/// Tells when the work has ended, however it did.
struct Done<T> {
    result: Arc<Mutex<Option<T>>>,
    waiting: Arc<Waiting>,
    errand: u64,
}

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        self.waiting.end(self.errand, End::Done);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, time::Duration};

    use super::*;
    use crate::clock;

    #[test]
    fn an_errand_brings_its_result() {
        assert_eq!(run(&Arc::default(), None, || 7), Ok(7));
    }

    #[test]
    fn one_errand_follows_the_other() {
        let waiting = Arc::default();
        assert_eq!([run(&waiting, None, || 7), run(&waiting, None, || 8)], [Ok(7), Ok(8)]);
    }

    #[test]
    fn an_errand_that_was_given_up_does_not_end_the_next() {
        let waiting = Arc::default();
        let ((end_first, first), (end_second, second)) = (channel::<()>(), channel::<()>());
        assert_eq!(run(&waiting, Some(clock::now()), move || first.recv()), Err(Error::TIMEOUT));
        let other = Arc::clone(&waiting);
        let next = std::thread::spawn(move || run(&other, None, move || second.recv()));
        end_first.send(()).unwrap();
        end_second.send(()).unwrap();
        assert_eq!(next.join().unwrap(), Ok(Ok(())));
    }

    #[test]
    fn something_else_may_do_instead() {
        let (_never, endless) = channel::<()>();
        let waiting = Arc::<Waiting>::default();
        let other = waiting.clone();
        let (tell, told) = channel();
        let mut there = [None, Some(Ok(()))].into_iter();
        let instead = move || {
            tell.send(()).unwrap();
            there.next().unwrap()
        };
        let caller = std::thread::spawn(move || run_unless(&other, None, move || endless.recv(), instead));
        told.recv().unwrap();
        waiting.look();
        told.recv().unwrap();
        assert_eq!(caller.join().unwrap(), Ok(Ok(())));
    }

    #[test]
    fn an_errand_can_be_called_off() {
        let (_never, endless) = channel::<()>();
        let waiting = Arc::<Waiting>::default();
        let other = waiting.clone();
        let caller = std::thread::spawn(move || run(&other, None, move || endless.recv()));
        waiting.cancel();
        assert_eq!(caller.join().unwrap(), Err(Error::OPERATION_CANCELLED));
    }

    #[test]
    fn an_errand_has_its_time() {
        let _alone = clock::alone();
        let (_never, endless) = channel::<()>();
        let due = clock::now() + Duration::from_secs(3600);
        let caller = std::thread::spawn(move || run(&Arc::default(), Some(due), move || endless.recv()));
        clock::pass(Duration::from_secs(3600));
        assert_eq!(caller.join().unwrap(), Err(Error::TIMEOUT));
    }

    #[test]
    fn an_errand_that_panics_is_an_internal_error() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let result = run(&Arc::default(), None, || -> u32 { panic!("a defect") });
        std::panic::set_hook(quiet);
        assert_eq!(result, Err(Error::INTERNAL));
    }
}
