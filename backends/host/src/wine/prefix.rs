//! Making the prefix: the folder that is a Windows installation to the programs under Wine.
//!
//! It is made under another name and renamed when it is complete, so that an interrupted set-up leaves nothing
//! that looks like a prefix.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Loader, windows_path};
use crate::toolchain::bounded;

/// What Wine is not to load: the libraries that would offer to download Gecko and Mono, and the program that would
/// put menu entries into the user's desktop.
pub(super) const OVERRIDES: &str = "mscoree,mshtml=;winemenubuilder.exe=d";

/// What differs from a prefix as Wine makes it.
const SETTINGS: &str = include_str!("prefix.reg");

/// How long each step may take: a fresh prefix is 700 MB of files.
const LIMIT: Duration = Duration::from_secs(300);

/// Makes a prefix at `path`; one that is there already is replaced.
///
/// # Errors
///
/// The file system's, or the step that failed.
pub(super) fn make(loader: &Loader, path: &Path) -> io::Result<()> {
    remove(loader, path)?;
    let new = path.with_extension("new");
    remove(loader, &new)?;
    fs::create_dir_all(&new)?;
    run(loader.command(&new).args(["wineboot.exe", "--init"]))?;
    let settings = new.join("settings.reg");
    fs::write(&settings, SETTINGS)?;
    run(loader.command(&new).args(["regedit.exe", "/S"]).arg(windows_path(&settings)))?;
    end(loader, &new)?;
    fs::rename(&new, path)
}

fn remove(loader: &Loader, prefix: &Path) -> io::Result<()> {
    if !prefix.exists() {
        return Ok(());
    }
    end(loader, prefix)?;
    fs::remove_dir_all(prefix)
}

/// Ends all programs of a prefix, and waits until the server has written the registry.
fn end(loader: &Loader, prefix: &Path) -> io::Result<()> {
    // Fails where no server runs, which is as good.
    loader.server(prefix).arg("-k").status()?;
    run(loader.server(prefix).arg("-w"))
}

fn run(command: &mut Command) -> io::Result<()> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    match bounded::wait(&mut child, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(io::Error::other(format!("{command:?} ended with {status}"))),
        None => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("{command:?} did not end within {} s", LIMIT.as_secs()),
        )),
    }
}
