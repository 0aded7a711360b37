//! Where an agent is, and how it came there: a small file, shared by memory mapping, that outlives the process.
//!
//! One page of little-endian 32-bit numbers. The first six: the number of the running plan, the running step, a fault
//! code (0: none; on Windows the exception code), 0, and when the plan began (microseconds since 1970, low half first).
//! Then for each step nine, of the first [`STEPS`] steps of a plan: the plan's number, once the step has ended; what
//! became of it (1: a call returned, 2: the function is not exported, 3: done, 4: a wait for what came, 5: for what did
//! not); and of a call its last error, its value (low half first), when it began and ended, and how many callbacks had
//! come then. A store into mapped memory costs nothing, a killed process cannot fail to have made it, and under Wine it
//! works like anywhere else.
#![allow(unsafe_code)]

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use memmap2::MmapRaw;
use winhttp_machine::{Mark, Seen};

/// Size of the file in bytes.
pub const SIZE: u64 = 4096;

/// Of how many steps it is noted what became of them.
pub const STEPS: u32 = (SIZE as u32 / 4 - HEAD) / ENTRY;

/// How many numbers come before the steps.
const HEAD: u32 = 6;
/// How many numbers a step has.
const ENTRY: u32 = 9;

const RETURNED: u32 = 1;
const NOT_EXPORTED: u32 = 2;
const DONE: u32 = 3;
const CAME: u32 = 4;
const DID_NOT_COME: u32 = 5;

/// What the file says of where the agent is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the plan that was running.
    pub plan: u32,
    /// The step that was running.
    pub step: u32,
    /// Exception code, 0 for none.
    pub fault: u32,
    /// When the plan began, in microseconds since 1970.
    pub began_unix_us: u64,
}

/// The mapped file.
pub struct Progress {
    map: MmapRaw,
}

impl Progress {
    /// Opens (or makes) the file at `path`.
    ///
    /// # Errors
    ///
    /// What opening, sizing or mapping gives.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.set_len(SIZE)?;
        Ok(Self { map: MmapRaw::map_raw(&file)? })
    }

    /// What it says now.
    #[must_use]
    pub fn read(&self) -> Place {
        let load = |index| self.load(index);
        Place { plan: load(0), step: load(1), fault: load(2), began_unix_us: wide(load(4), load(5)) }
    }

    /// What became of the first `count` steps of a plan, as far as it is noted: [`Seen::NotReached`] of others.
    #[must_use]
    pub fn steps(&self, plan: u32, count: u32) -> Vec<Seen> {
        (0..count.min(STEPS)).map(|step| self.seen(plan, step)).collect()
    }

    fn seen(&self, plan: u32, step: u32) -> Seen {
        let first = HEAD + step * ENTRY;
        if self.word(first).load(Ordering::Acquire) != plan {
            return Seen::NotReached;
        }
        let load = |index| self.load(first + index);
        match load(1) {
            RETURNED => Seen::Returned {
                value: wide(load(3), load(4)),
                error: load(2),
                copies: Vec::new(),
                micros: (u64::from(load(5)), u64::from(load(6))),
                callbacks: (load(7), load(8)),
            },
            NOT_EXPORTED => Seen::NotExported,
            DONE => Seen::Done,
            CAME => Seen::Waited(true),
            DID_NOT_COME => Seen::Waited(false),
            _ => Seen::NotReached,
        }
    }

    /// A plan begins.
    pub fn plan(&self, number: u32) {
        self.store(1, 0);
        self.store(0, number);
    }

    /// A fault is about to end the process.
    pub fn fault(&self, code: u32) {
        self.store(2, code);
    }

    /// Forgets everything: for a new agent.
    pub fn clear(&self) {
        for index in 0..HEAD {
            self.store(index, 0);
        }
    }

    fn load(&self, index: u32) -> u32 {
        self.word(index).load(Ordering::Relaxed)
    }

    fn store(&self, index: u32, value: u32) {
        self.word(index).store(value, Ordering::Relaxed);
    }

    fn word(&self, index: u32) -> &AtomicU32 {
        assert!(u64::from(index) < SIZE / 4, "a number of the file");
        // SAFETY: the mapping is page-aligned, at least SIZE long and lives as long as self; both processes use it
        // through atomics only.
        unsafe { AtomicU32::from_ptr(self.map.as_mut_ptr().cast::<u32>().add(index as usize)) }
    }
}

impl Mark for Progress {
    fn began(&self, unix_us: u64) {
        self.store(4, unix_us as u32);
        self.store(5, (unix_us >> 32) as u32);
    }

    fn step(&self, step: u32) {
        self.store(1, step);
    }

    fn ended(&self, step: u32, seen: &Seen) {
        if step >= STEPS {
            return;
        }
        let first = HEAD + step * ENTRY;
        let kind = match seen {
            // It was left out.
            Seen::NotReached => return,
            Seen::NotExported => NOT_EXPORTED,
            Seen::Done => DONE,
            Seen::Waited(true) => CAME,
            Seen::Waited(false) => DID_NOT_COME,
            Seen::Returned { value, error, micros, callbacks, .. } => {
                let words = [*error, *value as u32, (*value >> 32) as u32];
                let times = [micros.0 as u32, micros.1 as u32, callbacks.0, callbacks.1];
                for (index, word) in (2..).zip(words.into_iter().chain(times)) {
                    self.store(first + index, word);
                }
                RETURNED
            }
        };
        self.store(first + 1, kind);
        // What stands there of an earlier plan does so under its number.
        self.word(first).store(self.load(0), Ordering::Release);
    }
}

fn wide(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}
