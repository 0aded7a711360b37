//! All time of the engine: what time it is, and who is to be woken when.
//!
//! Time is the machine's, plus what a test had pass ([`pass`]): a time-out of a minute then fires at once, on the same
//! way as it does after a minute. Nobody polls. Whoever waits, for a socket or for another thread, sets an [`Alarm`]
//! whose ringing ends the waiting; one thread sleeps until the next of them is due, and for ever if there is none.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant, SystemTime},
};

use crate::handle::lock;

/// A moment, in nanoseconds since one that means nothing; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) fn nanoseconds(self) -> u64 {
        self.0
    }

    /// How long ago it was; zero for a moment to come.
    pub(crate) fn elapsed(self) -> Duration {
        now().since(self)
    }

    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(nanoseconds(duration)))
    }
}

/// What was had to pass beyond what passed by itself, in nanoseconds.
static PASSED: AtomicU64 = AtomicU64::new(0);

pub(crate) fn now() -> Moment {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    Moment(1 + nanoseconds(START.elapsed()) + PASSED.load(SeqCst))
}

/// The time of day, as cookies and dates need it.
pub(crate) fn time_of_day() -> SystemTime {
    SystemTime::now() + Duration::from_nanos(PASSED.load(SeqCst))
}

/// Has time pass. What is due by then rings before this returns, in the order in which it is due; what that sets
/// off goes on by itself, at the new time.
pub(crate) fn pass(duration: Duration) {
    PASSED.fetch_add(nanoseconds(duration), SeqCst);
    ring_due();
    // The sleeper would sleep longer than is left.
    drop(lock(&ALARMS));
    EARLIER.notify_all();
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Rings at a moment, if it was set to one, on a thread that the ringing must not keep for long. Setting it again
/// costs two stores; it is there to be kept.
pub(crate) struct Alarm {
    bell: Arc<Bell>,
    number: u64,
}

struct Bell {
    /// In nanoseconds; 0 is never.
    due: AtomicU64,
    ring: Box<dyn Fn() + Send + Sync>,
}

struct Alarms {
    bells: BTreeMap<u64, Arc<Bell>>,
    numbers: u64,
    /// The thread that rings at the real time was started.
    kept: bool,
}

static ALARMS: Mutex<Alarms> = Mutex::new(Alarms { bells: BTreeMap::new(), numbers: 0, kept: false });
/// An alarm was set to an earlier moment than that at which the thread will look again.
static EARLIER: Condvar = Condvar::new();
/// That moment.
static LOOKS: AtomicU64 = AtomicU64::new(NEVER);
const NEVER: u64 = u64::MAX;

impl Alarm {
    pub(crate) fn new(ring: impl Fn() + Send + Sync + 'static) -> Alarm {
        let bell = Arc::new(Bell { due: AtomicU64::new(0), ring: Box::new(ring) });
        let mut alarms = lock(&ALARMS);
        alarms.numbers += 1;
        let number = alarms.numbers;
        alarms.bells.insert(number, bell.clone());
        Alarm { bell, number }
    }

    /// Has it ring at that moment, instead of any before; at once, if that has passed.
    pub(crate) fn set(&self, due: Moment) {
        if !self.try_set(due) {
            (self.bell.ring)();
        }
    }

    /// As [`Alarm::set`]; but where the moment has passed it does not ring, and `false` says so.
    fn try_set(&self, due: Moment) -> bool {
        self.bell.due.store(due.0, SeqCst);
        // Each side stores before it looks: either `pass` and the thread see this alarm, or this sees their time.
        if due <= now() {
            return !self.bell.take(due.0);
        }
        if due.0 < LOOKS.load(SeqCst) {
            look_earlier(due.0);
        }
        true
    }

    /// Has it not ring. It may be about to, all the same.
    pub(crate) fn stop(&self) {
        self.bell.due.store(0, SeqCst);
    }

    /// Sets it, until what is returned is dropped; `None` if the moment has passed.
    pub(crate) fn during(&self, due: Option<Moment>) -> Option<During<'_>> {
        match due {
            Some(due) => self.try_set(due).then_some(During(Some(self))),
            None => Some(During(None)),
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // The bell is dropped without the lock: what it holds may have an alarm of its own.
        let bell = lock(&ALARMS).bells.remove(&self.number);
        drop(bell);
    }
}

/// See [`Alarm::during`].
pub(crate) struct During<'a>(Option<&'a Alarm>);

impl Drop for During<'_> {
    fn drop(&mut self) {
        if let Some(alarm) = self.0 {
            alarm.stop();
        }
    }
}

impl Bell {
    /// Whether it is still set to that moment; it is set to none from now on.
    fn take(&self, due: u64) -> bool {
        self.due.compare_exchange(due, 0, SeqCst, SeqCst).is_ok()
    }
}

/// Rings what is due, and returns whether there was anything. Nothing is locked meanwhile: ringing takes locks.
fn ring_due() -> bool {
    let now = now().0;
    let mut due: Vec<(u64, Arc<Bell>)> = {
        let alarms = lock(&ALARMS);
        let set = alarms.bells.values().map(|bell| (bell.due.load(SeqCst), bell));
        set.filter(|(due, _)| (1..=now).contains(due)).map(|(due, bell)| (due, bell.clone())).collect()
    };
    due.sort_by_key(|(due, _)| *due);
    for (due, bell) in &due {
        if bell.take(*due) {
            (bell.ring)();
        }
    }
    !due.is_empty()
}

fn look_earlier(due: u64) {
    let mut alarms = lock(&ALARMS);
    if !std::mem::replace(&mut alarms.kept, true) {
        crate::abi::pin_module();
        // Without the thread, alarms ring when a further one is set and time has passed: that is late, not wrong.
        let started = std::thread::Builder::new().name("winhttp-clock".to_owned()).spawn(keep);
        alarms.kept = started.is_ok();
    }
    LOOKS.fetch_min(due, SeqCst);
    drop(alarms);
    EARLIER.notify_all();
}

/// Rings at the real time, for as long as the process lives.
fn keep() {
    loop {
        if ring_due() {
            continue;
        }
        let alarms = lock(&ALARMS);
        // From here on, whoever sets an alarm comes for the lock.
        LOOKS.store(NEVER, SeqCst);
        let set = alarms.bells.values().map(|bell| bell.due.load(SeqCst));
        let next = set.filter(|due| *due != 0).min().unwrap_or(NEVER);
        LOOKS.store(next, SeqCst);
        sleep(alarms, next);
    }
}

fn sleep(alarms: MutexGuard<'_, Alarms>, until: u64) {
    if until == NEVER {
        drop(EARLIER.wait(alarms).unwrap_or_else(PoisonError::into_inner));
    } else {
        let left = Moment(until).since(now());
        drop(EARLIER.wait_timeout(alarms, left).unwrap_or_else(PoisonError::into_inner));
    }
}

/// For tests that have time pass: it passes for all of them.
#[cfg(test)]
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    lock(&TURN)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// An alarm that sends its name.
    fn alarm(name: u8) -> (Alarm, Receiver<u8>) {
        let (sender, receiver) = channel();
        (Alarm::new(move || sender.send(name).unwrap()), receiver)
    }

    #[test]
    fn an_alarm_rings_when_time_has_passed_and_once() {
        let _alone = alone();
        let (alarm, rung) = alarm(1);
        alarm.set(now() + 10 * HOUR);
        pass(9 * HOUR);
        assert!(rung.try_recv().is_err(), "it is not due yet");
        pass(HOUR);
        assert_eq!(rung.try_recv(), Ok(1), "it rings before passing returns");
        pass(HOUR);
        assert!(rung.try_recv().is_err(), "it rang already");
    }

    #[test]
    fn an_alarm_rings_by_itself() {
        let _alone = alone();
        let (alarm, rung) = alarm(1);
        alarm.set(now() + Duration::from_millis(1));
        assert_eq!(rung.recv(), Ok(1));
        // Earlier than what the thread sleeps for.
        let (far, _) = self::alarm(2);
        far.set(now() + HOUR);
        alarm.set(now() + Duration::from_millis(1));
        assert_eq!(rung.recv(), Ok(1));
    }

    #[test]
    fn alarms_ring_in_the_order_in_which_they_are_due() {
        let _alone = alone();
        let (sender, rung) = channel();
        let alarms = [3, 1, 2].map(|name| {
            let sender = sender.clone();
            let alarm = Alarm::new(move || sender.send(name).unwrap());
            alarm.set(now() + 50 * HOUR * name);
            alarm
        });
        pass(150 * HOUR);
        assert_eq!(rung.try_iter().collect::<Vec<u32>>(), [1, 2, 3]);
        drop(alarms);
    }

    #[test]
    fn an_alarm_that_was_stopped_or_is_gone_does_not_ring() {
        let _alone = alone();
        let ((alarm, rung), (gone, neither)) = (alarm(1), alarm(2));
        gone.set(now() + HOUR);
        drop(gone);
        drop(alarm.during(Some(now() + HOUR)));
        pass(HOUR);
        assert!(rung.try_recv().is_err() && neither.try_recv().is_err());
    }

    #[test]
    fn an_alarm_for_a_moment_that_has_passed_rings_at_once() {
        let _alone = alone();
        let (alarm, rung) = alarm(1);
        alarm.set(now());
        assert_eq!(rung.try_recv(), Ok(1));
    }

    #[test]
    fn the_time_of_day_passes_too() {
        let _alone = alone();
        let before = time_of_day();
        pass(HOUR);
        assert!(time_of_day().duration_since(before).unwrap() >= HOUR);
    }
}
