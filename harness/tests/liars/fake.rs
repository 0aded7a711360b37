//! A function table whose functions do what a test says.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use winhttp_agent::About;
use winhttp_conformance::case::Case;
use winhttp_conformance::load::load_text;
use winhttp_conformance::presence::Inventory;
use winhttp_conformance::run::Worker;
use winhttp_host::Subject;
use winhttp_host::in_process::InProcess;
use winhttp_machine::{Address, Table};
use winhttp_reports::record::CaseResult;

/// What the fake does in every call: gets the call, gives the return register.
pub(crate) type Does = fn(&Call) -> u64;

/// A call that the machine makes.
pub(crate) struct Call {
    /// The function.
    pub(crate) name: &'static str,
    /// Its arguments.
    pub(crate) words: Vec<usize>,
}

thread_local! {
    static LAST_ERROR: Cell<u32> = const { Cell::new(0) };
    static KEPT: Cell<usize> = const { Cell::new(0) };
}

/// One for all threads: a case may have several.
static DOES: Mutex<Does> = Mutex::new(|_| 1);

/// The machine's recording callbacks are the process's: one case at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Asks a case (the text below its name) of a fake.
pub(crate) fn ask(case: &str, does: Does) -> CaseResult {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    *DOES.lock().unwrap_or_else(PoisonError::into_inner) = does;
    let start = || Ok(Box::new(InProcess::new(table(), About::default())) as Box<dyn Subject + Send>);
    Worker::start(&start).expect("a peer and a fake").ask(&load(case), &Inventory::default())
}

/// The case with this text below its name.
pub(crate) fn load(case: &str) -> Case {
    let indented = case.trim().replace('\n', "\n    ");
    let text = format!("covers: [WinHttpResetAutoProxy/success]\ncases:\n  it:\n    {indented}\n");
    load_text("liars", "liars.yaml", &text).unwrap_or_else(|errors| panic!("{errors}")).remove(0)
}

fn table() -> Table {
    // SAFETY: every entry takes and returns machine words.
    unsafe { Table::new(find) }
}

macro_rules! entries {
    ($($name:ident($($word:ident)*);)*) => {
        fn find(name: &str) -> Option<Address> {
            Some(match name {
                $(stringify!($name) => {
                    extern "system" fn entry($($word: usize),*) -> u64 {
                        let does = *DOES.lock().unwrap_or_else(PoisonError::into_inner);
                        does(&Call { name: stringify!($name), words: vec![$($word),*] })
                    }
                    Address(entry as *const ())
                })*
                "GetLastError" => Address(last_error as *const ()),
                "SetLastError" => Address(set_last_error as *const ()),
                _ => return None,
            })
        }
    };
}

entries! {
    WinHttpCreateProxyResolver(session resolver);
    WinHttpOpen(agent access proxy bypass flags);
    WinHttpConnect(session server port reserved);
    WinHttpCloseHandle(handle);
    WinHttpQueryOption(handle option buffer length);
    WinHttpSetOption(handle option buffer length);
    WinHttpSetStatusCallback(handle callback flags reserved);
    WinHttpWebSocketClose(handle status reason length);
}

extern "system" fn last_error() -> u32 {
    LAST_ERROR.get()
}

extern "system" fn set_last_error(code: u32) {
    LAST_ERROR.set(code);
}

impl Call {
    /// Fails like a function that returns FALSE or NULL.
    pub(crate) fn fail(&self, code: u32) -> u64 {
        LAST_ERROR.set(code);
        0
    }

    /// Writes into the memory that an argument points to, or beside it.
    pub(crate) fn put(&self, argument: usize, offset: isize, bytes: &[u8]) {
        put(self.words[argument], offset, bytes);
    }

    /// The number in the memory that an argument points to.
    pub(crate) fn got(&self, argument: usize) -> u64 {
        let at = std::ptr::with_exposed_provenance::<u64>(self.words[argument]);
        // SAFETY: the tests that look give eight bytes.
        unsafe { at.read_unaligned() }
    }

    /// Remembers an argument for a later call.
    pub(crate) fn keep(&self, argument: usize) {
        KEPT.set(self.words[argument]);
    }

    /// The argument that was remembered last.
    pub(crate) fn kept(&self) -> usize {
        KEPT.get()
    }

    /// Writes to where the argument points that was remembered last, or beside it.
    pub(crate) fn put_kept(&self, offset: isize, bytes: &[u8]) {
        put(KEPT.get(), offset, bytes);
    }

    /// Calls the callback that an argument is, with these handles, contexts and statuses.
    pub(crate) fn notify(&self, argument: usize, notifications: &[(usize, usize, u32)]) {
        for (handle, context, status) in notifications {
            notify(self.words[argument], *handle, *context, *status, 0, 0);
        }
    }

    /// Calls the callback that an argument is, on another thread.
    pub(crate) fn notify_elsewhere(&self, argument: usize, handle: usize, status: u32) {
        let callback = self.words[argument];
        let ended = std::thread::spawn(move || notify(callback, handle, 0, status, 0, 0)).join();
        ended.expect("a callback does not panic");
    }

    /// Calls the callback that an argument is, with this information and length.
    pub(crate) fn notify_with(&self, argument: usize, status: u32, information: usize, length: u32) {
        notify(self.words[argument], 7, 0, status, information, length);
    }

    /// Calls the callback that was remembered last.
    pub(crate) fn notify_kept(&self, handle: usize, status: u32) {
        notify(KEPT.get(), handle, 0, status, 0, 0);
    }
}

fn notify(callback: usize, handle: usize, context: usize, status: u32, information: usize, length: u32) {
    type Callback = unsafe extern "system" fn(usize, usize, u32, *const u8, u32);
    if callback == 0 {
        return;
    }
    // SAFETY: cases pass one of the machine's recorders, which has this type.
    let callback: Callback = unsafe { std::mem::transmute(callback) };
    let information = std::ptr::with_exposed_provenance(information);
    // SAFETY: the tests give no information, or the address of as much as the status and the length say.
    unsafe { callback(handle, context, status, information, length) };
}

fn put(pointer: usize, offset: isize, bytes: &[u8]) {
    let at = std::ptr::with_exposed_provenance_mut::<u8>(pointer).wrapping_offset(offset);
    // SAFETY: the machine's buffers have strips of 64 bytes on both sides, and no test writes further.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) };
}

/// Returns this and touches nothing.
pub(crate) fn returns<const VALUE: u64>(_: &Call) -> u64 {
    VALUE
}

/// Returns FALSE or NULL with this error.
pub(crate) fn fails<const CODE: u32>(call: &Call) -> u64 {
    call.fail(CODE)
}
