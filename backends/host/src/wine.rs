//! Wine: where its agent is started, and how.
//!
//! [`setup`] prepares everything under `target/wine` and leaves a note of it there; [`Wine::find`] reads the
//! note and starts nothing. Wine runs the same agent executable as Windows does.
//!
//! What makes an agent cheap (its whole life is some 20–40 ms):
//!
//! - the 64-bit loader is started itself, not the `wine` script before it;
//! - a wineserver that stays for a minute ([`Wine::ensure_server`]) saves booting one for each agent;
//! - the prefix has no debugger, so that a crash ends the process at once.
//!
//! The user's `~/.wine` is never used: every command is given the prefix of this project.

mod loader;
mod prefix;
mod server;
mod setup;
mod stamp;
mod stub;

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

pub use setup::{Setup, SetupError, setup};

use loader::Loader;
use stamp::Stamp;

use crate::BackendError;
use crate::process::Process;

/// A Wine that is set up.
#[derive(Debug)]
pub struct Wine {
    stamp: Stamp,
    /// A library that takes the place of Wine's own winhttp.dll.
    native: Option<PathBuf>,
    /// When the server was last known to run.
    served: Mutex<Option<Instant>>,
}

/// Why Wine cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// [`setup`] has never been run to its end for this workspace.
    NeverSetUp,
    /// It was set up, and then this went away.
    Gone(PathBuf),
    /// It was set up by another version of this project.
    OtherVersion,
}

impl Wine {
    /// Finds what [`setup`] has prepared for the workspace at `root`. Starts no process.
    ///
    /// # Errors
    ///
    /// [`Missing`] says what is not there.
    pub fn find(root: &Path) -> Result<Wine, Missing> {
        let stamp = Stamp::read(root)?;
        if let Some(gone) = stamp.files().find(|path| !path.exists()) {
            return Err(Missing::Gone(gone.into()));
        }
        Ok(Wine::new(stamp))
    }

    fn new(stamp: Stamp) -> Wine {
        Wine { stamp, native: None, served: Mutex::new(None) }
    }

    /// Lets `library`, a winhttp.dll for Windows, take the place of Wine's own in every agent: the stand-in for a
    /// native implementation. Wine never falls back to its own then, a library that cannot be loaded is an error.
    #[must_use]
    pub fn with_native_dll(mut self, library: impl Into<PathBuf>) -> Wine {
        self.native = Some(library.into());
        self
    }

    /// What an agent is to be given as its `--library`: `winhttp.dll`, or the place of the library of
    /// [`Wine::with_native_dll`]. The full path is needed there: a bare name finds Wine's own file in system32.
    #[must_use]
    pub fn library(&self) -> String {
        self.native.as_deref().map_or_else(|| "winhttp.dll".into(), windows_path)
    }

    /// The agent, ready to be spawned with these arguments; the streams are the caller's to choose.
    ///
    /// Call [`Wine::ensure_server`] before spawning. Notice the end of the process by waiting for it, not by the
    /// end of its output: Wine's background processes can hold the pipe.
    #[must_use]
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut overrides = String::from(prefix::OVERRIDES);
        if self.native.is_some() {
            overrides.push_str(";winhttp=n");
        }
        let mut command = self.stamp.loader.command(&self.stamp.prefix);
        command.env("WINEDLLOVERRIDES", overrides).arg(&self.stamp.agent).args(arguments);
        command
    }

    /// Starts an agent, and another whenever one has died.
    ///
    /// # Errors
    ///
    /// The server or the agent does not start.
    pub fn start(self) -> Result<Process, BackendError> {
        Process::start(Box::new(move |progress| {
            self.ensure_server()?;
            let library = self.library();
            Ok(self.command(["--library", &library, "--progress", &windows_path(progress)]))
        }))
    }

    /// Wine's version as it names it: `wine-8.0`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.stamp.version
    }

    /// The 64-bit loader that is started.
    #[must_use]
    pub fn loader(&self) -> &Path {
        &self.stamp.loader.path
    }

    /// The project's own Wine prefix.
    #[must_use]
    pub fn prefix(&self) -> &Path {
        &self.stamp.prefix
    }

    /// The agent's executable.
    #[must_use]
    pub fn agent(&self) -> &Path {
        &self.stamp.agent
    }

    /// The Rust re-implementation as `winhttp.dll`, built together with the agent.
    #[must_use]
    pub fn rust_dll(&self) -> &Path {
        &self.stamp.built.library
    }

    /// A source file that is newer than the agent, if there is one: then [`setup`] should be run again. Starts no
    /// process: cargo has listed the sources beside what it built.
    #[must_use]
    pub fn stale(&self) -> Option<PathBuf> {
        let agent = &self.stamp.built.agent;
        let built = fs::metadata(agent).and_then(|file| file.modified()).ok()?;
        let rule = fs::read_to_string(agent.with_extension("d")).ok()?;
        stamp::sources(&rule).find(|source| {
            // A source that was removed is a change as well.
            fs::metadata(source).and_then(|file| file.modified()).map_or(true, |changed| changed > built)
        })
    }
}

/// How a program under Wine names an absolute path of this machine: `/a/b` is `Z:\a\b`.
#[must_use]
pub fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.to_string_lossy().replace('/', "\\"))
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::NeverSetUp => f.write_str("Wine is not set up here")?,
            Missing::Gone(path) => write!(f, "Wine was set up, but {} is gone", path.display())?,
            Missing::OtherVersion => f.write_str("Wine was set up by another version of this program")?,
        }
        f.write_str(": run `cargo run --release -- setup wine`")
    }
}

impl std::error::Error for Missing {}

#[cfg(test)]
mod tests;
