//! What the steps of a plan share: memory, results, what was seen.

use crate::buffer::Memory;
use crate::bytes::Bytes;
use crate::callback;
use crate::follow;
use crate::observation::{Overrun, Seen};
use crate::plan::{Copy, Put, Word};

/// The state of a running plan.
pub(crate) struct State {
    pub(crate) memory: Vec<Memory>,
    pub(crate) steps: Vec<Seen>,
    pub(crate) overruns: Vec<Overrun>,
}

impl State {
    /// The value of a word; `called` is the handle of the callback that it is used in.
    #[inline]
    pub(crate) fn word(&self, word: Word, called: usize) -> usize {
        match word {
            Word::Number(number) => number as usize,
            Word::Kept(step) => match self.steps.get(step as usize) {
                Some(Seen::Returned { value, .. }) => *value as usize,
                _ => 0,
            },
            Word::Pointer(buffer, offset) => self.memory[buffer as usize].address(offset),
            Word::Load(buffer, offset) => self.load(buffer, offset),
            Word::Callback(number) => callback::address(number).map_or(0, |address| address.0 as usize),
            Word::Called => called,
        }
    }

    pub(crate) fn put(&mut self, put: &Put, called: usize) {
        let word = self.word(put.word, called);
        let at = put.offset as usize;
        self.memory[put.buffer as usize].contents_mut()[at..at + size_of::<usize>()]
            .copy_from_slice(&word.to_ne_bytes());
    }

    pub(crate) fn copy(&self, copy: &Copy, succeeded: bool) -> Option<Bytes> {
        match copy {
            Copy::Range(buffer, offset, length) => {
                let (from, to) = (*offset as usize, *offset as usize + *length as usize);
                Some(Bytes::from(&self.memory[*buffer as usize].contents()[from..to]))
            }
            Copy::Behind(buffer, offsets, shape) => {
                let (first, more) = offsets.split_first().filter(|_| succeeded)?;
                let first = self.load(*buffer, *first) as *const u8;
                let last = more.iter().fold(first, |pointer, offset| follow::pointer(pointer, *offset));
                follow::behind(last, *shape)
            }
        }
    }

    /// Looks for writes outside of the buffers after a step.
    pub(crate) fn watch(&mut self, step: u32) {
        for (buffer, memory) in self.memory.iter_mut().enumerate() {
            self.overruns.extend(memory.overrun(buffer as u32, step));
        }
    }

    /// The buffer that a pointer leads into, and at which byte.
    pub(crate) fn place(&self, pointer: usize) -> Option<(u32, u32)> {
        self.memory.iter().enumerate().find_map(|(number, memory)| {
            let offset = pointer.checked_sub(memory.address(0))?;
            // An empty buffer has a place, too.
            (offset < memory.length().max(1)).then_some((number as u32, offset as u32))
        })
    }

    fn load(&self, buffer: u32, offset: u32) -> usize {
        let at = offset as usize;
        let bytes = &self.memory[buffer as usize].contents()[at..at + size_of::<usize>()];
        bytes.try_into().map_or(0, usize::from_ne_bytes)
    }
}
