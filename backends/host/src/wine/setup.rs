//! `conform setup wine`: everything that asking Wine needs, made once.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::stamp::{self, FORMAT, Stamp, replace};
use super::{Loader, Wine, prefix, stub};
use crate::BackendError;
use crate::toolchain::{BuildError, Lack, Toolchain};

/// A set-up that succeeded.
#[derive(Debug)]
pub struct Setup {
    /// Ready to be asked.
    pub wine: Wine,
    /// Whether the prefix was made just now; otherwise it was there.
    pub fresh_prefix: bool,
}

/// Why Wine could not be set up.
#[derive(Debug)]
pub enum SetupError {
    /// Programs have to be installed first.
    Install {
        /// Whether a 64-bit Wine is missing.
        wine: bool,
        /// What is missing to build the agent.
        lacks: Vec<Lack>,
    },
    /// The agent could not be built.
    Build(BuildError),
    /// The agent was built and does not start under Wine.
    Agent(BackendError),
    /// A step failed: what was being done, and the reason.
    Step(&'static str, io::Error),
}

/// Sets Wine up for the workspace at `root`: builds the agent for Windows, makes a prefix under `target/wine`, and
/// starts the agent once to see that it runs. What is there already is kept, so it is cheap to run again. Each step
/// and each line of cargo's is told to `progress`.
///
/// Needs no network, except where rustup or cargo have to fetch something.
///
/// # Errors
///
/// [`SetupError`]; its text names what to install.
pub fn setup(root: &Path, progress: &mut dyn FnMut(&str)) -> Result<Setup, SetupError> {
    let root = &fs::canonicalize(root).map_err(step("finding the workspace"))?;
    let (loader, toolchain) = match (Loader::find(), Toolchain::find(root, progress)) {
        (Some(loader), Ok(toolchain)) => (loader, toolchain),
        (loader, toolchain) => {
            return Err(SetupError::Install {
                wine: loader.is_none(),
                lacks: toolchain.err().unwrap_or_default(),
            });
        }
    };
    let version = loader.version().map_err(step("asking Wine for its version"))?;

    progress("building the agent for Windows");
    let built = toolchain.build(root, progress).map_err(SetupError::Build)?;

    let folder = stamp::folder(root);
    let prefix = stamp::prefix(root);
    let fresh_prefix = !prefix_is_of(root, &version);
    if fresh_prefix {
        progress(&format!("making a prefix for {version} in {}", prefix.display()));
        prefix::make(&loader, &prefix).map_err(step("making the Wine prefix"))?;
    }

    let agent = place_agent(&built.agent, &folder.join("bin")).map_err(step("copying the agent"))?;
    stub::place(&prefix, &folder.join("bin")).map_err(step("making the stub of bcryptprimitives.dll"))?;

    progress("starting the agent");
    let stamp = Stamp { format: FORMAT, version, loader, prefix, agent, built };
    Wine::new(stamp.clone()).start().map_err(SetupError::Agent)?;
    stamp.write(root).map_err(step("noting what was set up"))?;
    Ok(Setup { wine: Wine::new(stamp), fresh_prefix })
}

/// Whether the prefix that is there was made by this version of Wine and of this program.
fn prefix_is_of(root: &Path, version: &str) -> bool {
    Stamp::read(root).is_ok_and(|stamp| stamp.version == version && stamp.prefix.is_dir())
}

/// The agent runs from a folder of its own: beside cargo's winhttp.dll, Windows would load that one.
fn place_agent(built: &Path, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let agent = folder.join("winhttp-agent.exe");
    replace(&agent, &fs::read(built)?)?;
    Ok(agent)
}

fn step(what: &'static str) -> impl Fn(io::Error) -> SetupError {
    move |error| SetupError::Step(what, error)
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Install { wine, lacks } => {
                f.write_str("Wine cannot be set up before this is installed:")?;
                if *wine {
                    write!(f, "\n- {NO_WINE}")?;
                }
                lacks.iter().try_for_each(|lack| write!(f, "\n- {lack}"))
            }
            SetupError::Build(error) => error.fmt(f),
            SetupError::Agent(error) => write!(f, "the agent does not start under Wine: {error}"),
            SetupError::Step(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

const NO_WINE: &str = "there is no 64-bit Wine: not in $WINELOADER, /usr/lib/wine, /opt/wine-* or PATH.\n\
    \x20 Debian, Ubuntu:  apt-get install wine64\n\
    \x20 Fedora:          dnf install wine-core\n\
    \x20 Arch:            pacman -S wine";

impl std::error::Error for SetupError {}
