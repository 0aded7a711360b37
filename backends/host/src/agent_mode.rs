//! A program that can be its own agent.
//!
//! The harness starts itself again with [`VARIABLE`] set: so the embedded back end and shared libraries get a
//! process of their own without a second program that would have to be found. A program that runs back ends
//! calls [`serve_if_asked`] first thing in `main`.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use winhttp_agent::progress::Progress;
use winhttp_agent::{About, load, serve};
use winhttp_machine::{Address, Machine, Table};

/// Set in an agent: `rust`, or `library:PATH`.
pub const VARIABLE: &str = "WINHTTP_CONFORMANCE_AGENT";
/// The progress file, see [`winhttp_agent::progress`].
const PROGRESS: &str = "WINHTTP_CONFORMANCE_PROGRESS";
/// The version of Windows that the embedded re-implementation claims to be: Windows 11, version 24H2, so that it
/// answers for every option the documentation knows.
const RUST_CLAIMS: [u32; 3] = [10, 0, 26100];

/// If this process was started as an agent: serves until the host hangs up, then says how to exit.
#[must_use]
pub fn serve_if_asked() -> Option<ExitCode> {
    let subject = std::env::var_os(VARIABLE)?;
    let progress = std::env::var_os(PROGRESS).map(PathBuf::from);
    Some(match run(&subject, progress.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("agent: {message}");
            ExitCode::from(2)
        }
    })
}

/// The command that starts this very program as an agent over `subject`.
///
/// # Errors
///
/// The path of the running program is not to be had.
pub(crate) fn command(subject: &OsStr, progress: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    // The re-implementation keeps in a file what Windows keeps in the registry; an agent has one of its own.
    let configuration = crate::process::configuration(progress);
    command.env(VARIABLE, subject).env(PROGRESS, progress).env("WINHTTP_CONFIG", configuration);
    Ok(command)
}

/// The function table of the embedded re-implementation, and what it says of itself.
#[must_use]
pub fn rust_table() -> (Table, About) {
    let find = |name: &str| {
        winhttp::table().iter().find(|entry| entry.name == name).map(|entry| Address(entry.address))
    };
    // SAFETY: every entry of the table is an `extern "system"` function over numbers and pointers.
    #[allow(unsafe_code)]
    let table = unsafe { Table::new(find) };
    let about =
        About { windows: Some(RUST_CLAIMS), ..About::this_process("the Rust re-implementation".into()) };
    (table, about)
}

fn run(subject: &OsStr, progress: Option<&Path>) -> Result<(), String> {
    let (table, about) = match library(subject) {
        Some(path) => {
            let table = load(&path).map_err(|error| error.to_string())?;
            (table, About::this_process(path.to_string_lossy().into_owned()))
        }
        None => rust_table(),
    };
    let progress = progress
        .map(|path| Progress::open(path).map_err(|error| format!("{}: {error}", path.display())))
        .transpose()?;
    serve(about, &mut Machine::new(table), progress, io::stdin().lock(), io::stdout().lock())
        .map_err(|error| error.to_string())
}

fn library(subject: &OsStr) -> Option<OsString> {
    // A path that is not Unicode cannot be told from the prefix byte by byte on every system; it is not needed.
    subject.to_str()?.strip_prefix("library:").map(OsString::from)
}
