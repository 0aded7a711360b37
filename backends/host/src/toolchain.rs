//! Building this workspace's agent and library for 64-bit Windows, on a machine that is not Windows.
//!
//! Two ways, the first that works is taken:
//!
//! 1. **rustup**: the active toolchain with the target's standard library, fetched when it is absent.
//! 2. **The system's own Rust** (Debian's `rustc-web`, for example): with a packaged standard library for the
//!    target, or else with the packaged *source* of one, which cargo then compiles (`-Zbuild-std`, an unstable
//!    option that `RUSTC_BOOTSTRAP=1` allows).
//!
//! Both need mingw-w64's gcc as the linker. What is missing is reported as [`Lack`], with the commands that
//! install it.
//!
//! Everything goes into `target/windows`, a target folder of its own: a `cargo run` that is waiting for this
//! build holds the lock of the ordinary one.

pub(crate) mod bounded;
mod lack;
mod search;

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

pub use lack::Lack;

/// The target of everything that is built for Windows here.
pub const TARGET: &str = "x86_64-pc-windows-gnu";

/// The linker of [`TARGET`], and the C compiler of the stub that an old Wine needs.
pub(crate) const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// A pair of cargo and rustc that can build for [`TARGET`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
    std: Std,
}

/// Where the target's standard library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Std {
    /// It is there, compiled.
    Installed,
    /// Its source is there.
    Source,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// `winhttp-agent.exe`.
    pub agent: PathBuf,
    /// The re-implementation as `winhttp.dll`.
    pub library: PathBuf,
}

/// Why a build failed.
#[derive(Debug)]
pub enum BuildError {
    /// cargo could not be started or listened to.
    Io(PathBuf, io::Error),
    /// cargo said no; the last lines of what it said.
    Cargo(String),
}

impl Toolchain {
    /// Finds a toolchain for the workspace at `root`; asks rustup to fetch the target if need be, which is told
    /// to `progress`.
    ///
    /// # Errors
    ///
    /// Everything that is missing, not the first of it.
    pub fn find(root: &Path, progress: &mut dyn FnMut(&str)) -> Result<Toolchain, Vec<Lack>> {
        let linker = on_path(LINKER).ok_or(Lack::Linker);
        let toolchain =
            search::rustup(root, progress).or_else(|said| search::system().ok_or(Lack::Std(said)));
        match (linker, toolchain) {
            (Ok(_), Ok(toolchain)) => Ok(toolchain),
            (linker, toolchain) => Err([linker.err(), toolchain.err()].into_iter().flatten().collect()),
        }
    }

    /// Builds the agent and the library of the workspace at `root`; cargo's lines go to `progress`. Costs a
    /// fraction of a second where nothing has changed.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn build(&self, root: &Path, progress: &mut dyn FnMut(&str)) -> Result<Built, BuildError> {
        let target = root.join("target").join("windows");
        let mut command = self.command(root);
        command.env("CARGO_TARGET_DIR", &target).args(["build", "--release", "--target", TARGET]);
        command.args(["--package", "winhttp-agent", "--package", "winhttp-rust"]);
        run_cargo(command, progress)?;
        let out = target.join(TARGET).join("release");
        Ok(Built { agent: out.join("winhttp-agent.exe"), library: out.join("winhttp.dll") })
    }

    /// cargo, freed of what an outer cargo or a CI has put into the environment.
    fn command(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(root).env("RUSTC", &self.rustc).env("PATH", self.path());
        for name in INHERITED {
            command.env_remove(name);
        }
        if self.std == Std::Source {
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        command
    }

    /// `PATH` with this toolchain first, ahead of rustup's proxies.
    fn path(&self) -> OsString {
        let own = self.cargo.parent().map(Path::to_path_buf);
        let others = env::var_os("PATH").unwrap_or_default();
        // Only a folder with a colon in its name cannot be joined; then the names are given in full anyway.
        env::join_paths(own.into_iter().chain(env::split_paths(&others))).unwrap_or(others)
    }
}

/// Variables that belong to another build: to the cargo or nextest that runs us, or to a CI's ordinary target.
const INHERITED: &[&str] = &[
    "CARGO",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "LD_LIBRARY_PATH",
    "MAKEFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

fn run_cargo(mut command: Command, progress: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
    let cargo = PathBuf::from(command.get_program());
    let failed = |error| BuildError::Io(cargo.clone(), error);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let mut said = Vec::new();
    for line in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
        let line = String::from_utf8_lossy(&line.map_err(failed)?).trim_end().to_owned();
        if !line.is_empty() {
            progress(line.trim_start());
        }
        said.push(line);
    }
    match child.wait().map_err(failed)? {
        status if status.success() => Ok(()),
        _ => Err(BuildError::Cargo(said[said.len().saturating_sub(LAST_LINES)..].join("\n"))),
    }
}

/// How many of cargo's lines an error repeats.
const LAST_LINES: usize = 60;

/// A program on `PATH`.
pub(crate) fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let name = Path::new(name.as_ref());
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Io(cargo, error) => write!(f, "{}: {error}", cargo.display()),
            BuildError::Cargo(said) => write!(f, "cargo could not build for {TARGET}:\n{said}"),
        }
    }
}

impl std::error::Error for BuildError {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Std::Installed, false)]
    #[case(Std::Source, true)]
    fn only_a_std_from_source_needs_unstable_options(#[case] std: Std, #[case] unstable: bool) {
        let toolchain = Toolchain { cargo: "/opt/rust/cargo".into(), rustc: "/opt/rust/rustc".into(), std };
        let command = toolchain.command(Path::new("/"));
        let bootstrap = command.get_envs().any(|(name, value)| name == "RUSTC_BOOTSTRAP" && value.is_some());
        assert_eq!(bootstrap, unstable);
        assert_eq!(command.get_args().any(|arg| arg == "-Zbuild-std=std,panic_abort"), unstable);
        assert!(command.get_envs().any(|(name, value)| name == "RUSTFLAGS" && value.is_none()));
        assert!(toolchain.path().to_string_lossy().starts_with("/opt/rust"));
    }

    #[cfg(unix)]
    #[test]
    fn cargo_that_fails_is_quoted() {
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo '  Compiling x' >&2; echo 'error: no' >&2; exit 101"]);
        let error = run_cargo(command, &mut |line| lines.push(line.to_owned())).unwrap_err();
        assert_eq!(lines, ["Compiling x", "error: no"]);
        assert!(error.to_string().ends_with("  Compiling x\nerror: no"), "{error}");
    }
}
