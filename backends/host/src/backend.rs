//! Where the function table comes from.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use crate::agent_mode;
use crate::process::Process;
use crate::wine::Wine;

/// A back end, as a user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The re-implementation built into this program.
    Rust,
    /// Wine's winhttp.dll.
    Wine,
    /// System32's winhttp.dll.
    Native,
    /// A shared object with the ABI.
    Library(PathBuf),
    /// A program that speaks the agent protocol, with its arguments.
    Command(Vec<String>),
}

/// Why a back end cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendError(pub String);

impl BackendError {
    pub(crate) fn new(what: &str, error: &dyn fmt::Display) -> Self {
        Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for BackendError {}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(text: &str) -> Result<Self, BackendError> {
        match text.split_once(':') {
            None if text == "rust" => Ok(Self::Rust),
            None if text == "wine" => Ok(Self::Wine),
            None if text == "native" => Ok(Self::Native),
            Some(("library", path)) if !path.is_empty() => Ok(Self::Library(path.into())),
            Some(("command", line)) if !line.trim().is_empty() => {
                Ok(Self::Command(line.split_whitespace().map(str::to_owned).collect()))
            }
            _ => Err(BackendError(format!(
                "no back end `{text}`; there are rust, wine, native, library:PATH and command:PROGRAM ARGUMENTS"
            ))),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rust => formatter.write_str("rust"),
            Self::Wine => formatter.write_str("wine"),
            Self::Native => formatter.write_str("native"),
            Self::Library(path) => write!(formatter, "library:{}", path.display()),
            Self::Command(words) => write!(formatter, "command:{}", words.join(" ")),
        }
    }
}

impl Backend {
    /// Starts an agent of this back end. `root` is the workspace, where `conform setup` has put what it made.
    ///
    /// # Errors
    ///
    /// The back end is not on this machine, not set up, or does not start; the message says what to do.
    pub fn start(&self, root: &Path) -> Result<Process, BackendError> {
        match self {
            Self::Rust => Process::start(Box::new(|progress| agent_mode::command("rust".as_ref(), progress))),
            Self::Native => {
                let path = native_library().ok_or_else(|| {
                    BackendError("there is no winhttp.dll here, because this is not Windows".into())
                })?;
                library(path)
            }
            Self::Library(path) => {
                // A path is made absolute, so that it does not turn into a name that the system searches for.
                let path = path
                    .canonicalize()
                    .map_err(|error| BackendError::new(&path.to_string_lossy(), &error))?;
                library(path)
            }
            Self::Command(words) => {
                let words = words.clone();
                let launch = move |_: &Path| {
                    let mut command = Command::new(&words[0]);
                    command.args(&words[1..]);
                    Ok(command)
                };
                Process::start(Box::new(launch)).map(Process::anywhere)
            }
            Self::Wine => {
                let wine = Wine::find(root).map_err(|missing| BackendError(missing.to_string()))?;
                wine.start()
            }
        }
    }

    /// The label of this back end's runs and the name of its baseline; Wine's has its version, which the agent
    /// tells.
    #[must_use]
    pub fn label(&self, about: &winhttp_agent::About) -> String {
        match self {
            Self::Rust => "rust".to_owned(),
            Self::Wine => {
                about.wine.as_ref().map_or_else(|| "wine".to_owned(), |version| format!("wine-{version}"))
            }
            Self::Native => "native".to_owned(),
            Self::Library(_) => "library".to_owned(),
            Self::Command(_) => "command".to_owned(),
        }
    }
}

fn library(path: PathBuf) -> Result<Process, BackendError> {
    let mut subject = OsString::from("library:");
    subject.push(path);
    Process::start(Box::new(move |progress| agent_mode::command(&subject, progress)))
}

fn native_library() -> Option<PathBuf> {
    cfg!(windows)
        .then(|| std::env::var_os("SystemRoot").map(|root| Path::new(&root).join("System32\\winhttp.dll")))?
}
