//! Where an agent is: a small file, shared by memory mapping, that outlives the process.
//!
//! Sixteen bytes, four little-endian 32-bit numbers: the number of the running plan, the running step, a fault
//! code (0: none; on Windows the exception code), and 0. A store into mapped memory costs nothing, a killed
//! process cannot fail to have made it, and under Wine it works like anywhere else.
#![allow(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use memmap2::MmapRaw;
use winhttp_machine::Mark;

/// Size of the file in bytes.
pub const SIZE: u64 = 16;

/// The file's contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the plan that was running.
    pub plan: u32,
    /// The step that was running.
    pub step: u32,
    /// Exception code, 0 for none.
    pub fault: u32,
}

/// The mapped file; without a file, a private mapping that nobody reads.
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
        Self::map(&file)
    }

    /// A mapping of a file that is open already.
    ///
    /// # Errors
    ///
    /// What mapping gives.
    pub fn map(file: &File) -> io::Result<Self> {
        Ok(Self { map: MmapRaw::map_raw(file)? })
    }

    /// What it says now.
    #[must_use]
    pub fn read(&self) -> Place {
        let load = |index| self.word(index).load(Ordering::Relaxed);
        Place { plan: load(0), step: load(1), fault: load(2) }
    }

    /// A plan begins.
    pub fn plan(&self, number: u32) {
        self.word(1).store(0, Ordering::Relaxed);
        self.word(0).store(number, Ordering::Relaxed);
    }

    /// A fault is about to end the process.
    pub fn fault(&self, code: u32) {
        self.word(2).store(code, Ordering::Relaxed);
    }

    /// Forgets everything: for a new agent.
    pub fn clear(&self) {
        for index in 0..3 {
            self.word(index).store(0, Ordering::Relaxed);
        }
    }

    fn word(&self, index: usize) -> &AtomicU32 {
        // SAFETY: the mapping is page-aligned, at least SIZE long and lives as long as self; both processes use it
        // through atomics only.
        unsafe { AtomicU32::from_ptr(self.map.as_mut_ptr().cast::<u32>().add(index)) }
    }
}

impl Mark for Progress {
    fn step(&self, step: u32) {
        self.word(1).store(step, Ordering::Relaxed);
    }
}
