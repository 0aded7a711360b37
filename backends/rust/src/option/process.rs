//! The options that belong to the process, and are reached through the NULL handle.

use std::sync::Mutex;

use windows_sys::Win32::Networking::WinHttp::HTTP_VERSION_INFO;

/// What the process has set.
pub(super) struct Process {
    pub(super) http_version: HTTP_VERSION_INFO,
    pub(super) tracing: bool,
    /// `None` until `WINHTTP_OPTION_WORKER_THREAD_COUNT` is set, which works once.
    pub(super) worker_threads: Option<u32>,
}

pub(super) static PROCESS: Mutex<Process> = Mutex::new(Process {
    http_version: HTTP_VERSION_INFO { dwMajorVersion: 1, dwMinorVersion: 1 },
    tracing: false,
    worker_threads: None,
});
