//! The C program to compare with, compiled when it is needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use winhttp_conformance::suite::Root;
use winhttp_host::wine::Wine;

use crate::Outcome;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/c_loop.c");
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// A compiled C program that takes a number of calls and prints a figure.
pub(crate) struct CProgram {
    program: PathBuf,
    /// For Wine: the loader and the prefix.
    wine: Option<(PathBuf, PathBuf)>,
}

impl CProgram {
    /// On this workspace's libwinhttp.so.
    pub(crate) fn for_linux() -> Outcome<Self> {
        let program = Path::new(FOLDER).join("c_loop");
        let root = Root::default();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        succeed(Command::new(cargo).current_dir(root.path()).args([
            "build",
            "--quiet",
            "--release",
            "-p",
            "winhttp-rust",
        ]))?;
        let library = Path::new(FOLDER).with_file_name("release");
        let mut search = std::ffi::OsString::from("-Wl,-rpath,");
        search.push(&library);
        succeed(
            Command::new("cc")
                .args(["-std=c11", "-O2", SOURCE, "-I"])
                .arg(root.path().join("backends/rust/include"))
                .arg("-L")
                .arg(&library)
                .args(["-lwinhttp", "-o"])
                .arg(&program)
                .arg(search),
        )?;
        Ok(Self { program, wine: None })
    }

    /// For Windows, to be run under Wine with Wine's own library.
    pub(crate) fn for_wine(wine: &Wine) -> Outcome<Self> {
        let program = Path::new(FOLDER).join("c_loop.exe");
        succeed(
            Command::new("x86_64-w64-mingw32-gcc")
                .args(["-O2", "-static", SOURCE, "-lwinhttp", "-lwinpthread", "-o"])
                .arg(&program),
        )?;
        Ok(Self { program, wine: Some((wine.loader().to_owned(), wine.prefix().to_owned())) })
    }

    /// The command that makes so many calls, so many of them on one session.
    pub(crate) fn command(&self, calls: usize, each: usize) -> Command {
        let mut command = match &self.wine {
            None => Command::new(&self.program),
            Some((loader, prefix)) => {
                let mut command = Command::new(loader);
                command
                    .env("WINEPREFIX", prefix)
                    .env("WINEDEBUG", "-all")
                    .env("HOME", prefix)
                    .arg(&self.program);
                command
            }
        };
        command.args([calls.to_string(), each.to_string()]);
        command
    }
}

fn succeed(command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
