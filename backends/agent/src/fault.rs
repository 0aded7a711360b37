//! On Windows: a fault ends the process at once, without a dialogue or a debugger, and its code is kept.
//!
//! Elsewhere the signal that killed a process is known to its parent, and nothing needs to be done.

#[cfg(not(windows))]
pub(crate) fn install(_: Option<std::sync::Arc<crate::progress::Progress>>) {}

#[cfg(windows)]
pub(crate) use windows::install;

#[cfg(windows)]
#[allow(unsafe_code)]
mod windows {
    use std::sync::{Arc, OnceLock};

    use windows_sys::Win32::System::Diagnostics::Debug::{
        EXCEPTION_POINTERS, SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
        SetUnhandledExceptionFilter,
    };
    use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

    use crate::progress::Progress;

    static PROGRESS: OnceLock<Arc<Progress>> = OnceLock::new();

    pub(crate) fn install(progress: Option<Arc<Progress>>) {
        if let Some(progress) = progress {
            // A second `serve` in one process keeps the first's file: there is none in an agent.
            let _ = PROGRESS.set(progress);
        }
        // SAFETY: both only set process-wide modes; `last_words` is a function of the type they want.
        unsafe {
            SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
            SetUnhandledExceptionFilter(Some(last_words));
        }
    }

    unsafe extern "system" fn last_words(fault: *const EXCEPTION_POINTERS) -> i32 {
        // SAFETY: the system passes a valid record for the duration of the call.
        let code = unsafe { (*(*fault).ExceptionRecord).ExceptionCode } as u32;
        if let Some(progress) = PROGRESS.get() {
            progress.fault(code);
        }
        // SAFETY: ends this very process.
        unsafe { TerminateProcess(GetCurrentProcess(), 3) };
        0
    }
}
