//! Guarded memory.
#![allow(unsafe_code)]

use crate::observation::Overrun;
use crate::plan::{Buffer, Place};

/// What uninitialised bytes of a buffer hold.
pub const FILL: u8 = 0xCD;
/// What the strips around a watched buffer hold.
const CANARY: u8 = 0xFD;
/// Width of a strip in bytes; keeps the buffer aligned for any type.
const STRIP: usize = 64;
const INTACT: [u8; STRIP] = [CANARY; STRIP];

/// One buffer of a running plan.
pub(crate) enum Memory {
    /// Strip, buffer, strip. Boxed words so that the buffer is aligned.
    Watched { words: Box<[u64]>, length: usize },
    /// The buffer ends where an inaccessible page begins.
    Edge(page::Pages),
}

impl Memory {
    /// Allocates and fills; `None` when there is no memory for it.
    pub(crate) fn new(buffer: &Buffer) -> Option<Self> {
        let length = buffer.length as usize;
        let mut memory = match buffer.place {
            Place::Watched => {
                let words = (length + 2 * STRIP).div_ceil(8);
                Self::Watched {
                    words: vec![u64::from_ne_bytes([CANARY; 8]); words].into_boxed_slice(),
                    length,
                }
            }
            Place::Edge => Self::Edge(page::Pages::new(length)?),
        };
        let contents = memory.contents_mut();
        let given = buffer.bytes.0.len().min(length);
        contents[..given].copy_from_slice(&buffer.bytes.0[..given]);
        contents[given..].fill(FILL);
        Some(memory)
    }

    /// The address of byte `offset`.
    pub(crate) fn address(&self, offset: u32) -> usize {
        self.base() + offset as usize
    }

    /// The bytes of the declared length.
    pub(crate) fn contents(&self) -> &[u8] {
        // SAFETY: `base` is valid for `length` bytes as long as self; the subject may write them only during
        // calls that the same thread makes, or from threads whose writes the plan has waited for.
        unsafe { std::slice::from_raw_parts(self.base() as *const u8, self.length()) }
    }

    /// The same, to be written before a call.
    pub(crate) fn contents_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; `&mut self` keeps the machine's other views away.
        unsafe { std::slice::from_raw_parts_mut(self.base() as *mut u8, self.length()) }
    }

    /// Whether something was written outside; the strips are restored so that it is reported once.
    pub(crate) fn overrun(&mut self, buffer: u32, step: u32) -> Option<Overrun> {
        let Self::Watched { words, length } = self else { return None };
        let start = words.as_mut_ptr().cast::<u8>();
        // SAFETY: `new` made room for a strip, `length` bytes and a strip. What lies between the strips, and a subject
        // may be writing to just now, is not touched.
        let (before, after) = unsafe {
            (&mut *start.cast::<[u8; STRIP]>(), &mut *start.add(STRIP + *length).cast::<[u8; STRIP]>())
        };
        // This is asked of every buffer after every step.
        if *before == INTACT && *after == INTACT {
            return None;
        }
        let (offset, count) = changed(after)
            .map(|(first, count)| ((*length + first) as i64, count))
            .or_else(|| changed(before).map(|(first, count)| (first as i64 - STRIP as i64, count)))?;
        (*before, *after) = (INTACT, INTACT);
        Some(Overrun { buffer, step, offset, length: count as u32 })
    }

    fn base(&self) -> usize {
        match self {
            Self::Watched { words, .. } => words.as_ptr() as usize + STRIP,
            Self::Edge(pages) => pages.base(),
        }
    }

    /// The declared length.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Watched { length, .. } => *length,
            Self::Edge(pages) => pages.length(),
        }
    }
}

/// The first byte of a strip that was changed, and how many from there to the last.
#[cold]
fn changed(strip: &[u8; STRIP]) -> Option<(usize, usize)> {
    let first = strip.iter().position(|byte| *byte != CANARY)?;
    let last = strip.iter().rposition(|byte| *byte != CANARY)?;
    Some((first, last - first + 1))
}

#[cfg(unix)]
mod page {
    //! Pages from mmap.

    pub(crate) struct Pages {
        start: *mut libc::c_void,
        mapped: usize,
        usable: usize,
        length: usize,
    }

    // SAFETY: the mapping belongs to this value alone.
    unsafe impl Send for Pages {}

    impl Pages {
        pub(crate) fn new(length: usize) -> Option<Self> {
            // SAFETY: asks for a number.
            let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
            let usable = length.div_ceil(page).max(1) * page;
            let mapped = usable + page;
            let (access, kind) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            // SAFETY: a fresh anonymous mapping touches no existing memory.
            let start = unsafe { libc::mmap(std::ptr::null_mut(), mapped, access, kind, -1, 0) };
            if start == libc::MAP_FAILED {
                return None;
            }
            let pages = Self { start, mapped, usable, length };
            // SAFETY: the last page of the mapping just made.
            let closed = unsafe { libc::mprotect(start.byte_add(usable), page, libc::PROT_NONE) };
            (closed == 0).then_some(pages)
        }

        pub(crate) fn base(&self) -> usize {
            self.start as usize + self.usable - self.length
        }

        pub(crate) fn length(&self) -> usize {
            self.length
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: unmaps exactly what `new` mapped.
            unsafe { libc::munmap(self.start, self.mapped) };
        }
    }
}

#[cfg(windows)]
mod page {
    //! Pages from VirtualAlloc.

    use windows_sys::Win32::System::Memory::{
        MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
        VirtualProtect,
    };

    /// The page size of every Windows architecture this builds for.
    const PAGE: usize = 4096;

    pub(crate) struct Pages {
        start: *mut core::ffi::c_void,
        usable: usize,
        length: usize,
    }

    // SAFETY: the allocation belongs to this value alone.
    unsafe impl Send for Pages {}

    impl Pages {
        pub(crate) fn new(length: usize) -> Option<Self> {
            let usable = length.div_ceil(PAGE).max(1) * PAGE;
            // SAFETY: a fresh allocation touches no existing memory.
            let start = unsafe {
                VirtualAlloc(std::ptr::null(), usable + PAGE, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE)
            };
            if start.is_null() {
                return None;
            }
            let pages = Self { start, usable, length };
            let mut before = 0;
            // SAFETY: the last page of the allocation just made.
            let closed = unsafe { VirtualProtect(start.byte_add(usable), PAGE, PAGE_NOACCESS, &mut before) };
            (closed != 0).then_some(pages)
        }

        pub(crate) fn base(&self) -> usize {
            self.start as usize + self.usable - self.length
        }

        pub(crate) fn length(&self) -> usize {
            self.length
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: frees exactly what `new` allocated.
            unsafe { VirtualFree(self.start, 0, MEM_RELEASE) };
        }
    }
}
