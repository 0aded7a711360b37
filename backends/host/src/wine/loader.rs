//! Finding Wine's 64-bit loader and its server.
//!
//! Distributions put scripts before both (`wine` picks 32 or 64 bit and prints a notice; Debian's `wineserver`
//! ends the server at once after the last program), so only executables count here.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::toolchain::on_path;

/// The two programs of a Wine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Loader {
    /// Starts a Windows program.
    pub(super) path: PathBuf,
    /// Serves all programs of a prefix.
    pub(super) server: PathBuf,
}

/// Folders where packages keep the programs themselves: Debian and Ubuntu, WineHQ's packages.
const FOLDERS: &[&str] = &[
    "/usr/lib/wine",
    "/usr/lib/x86_64-linux-gnu/wine",
    "/opt/wine-stable/bin",
    "/opt/wine-devel/bin",
    "/opt/wine-staging/bin",
];

/// Variables that would make a run depend on whose terminal it was started from: other prefixes and libraries,
/// a screen to show a dialogue on, a proxy.
const INHERITED: &[&str] = &[
    "ALL_PROXY",
    "DISPLAY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "WAYLAND_DISPLAY",
    "WINEARCH",
    "WINEDLLPATH",
    "WINEPATH",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

impl Loader {
    /// Finds a Wine: the one that `$WINELOADER` names, or an installed one.
    pub(super) fn find() -> Option<Loader> {
        Loader::among(env::var_os("WINELOADER").map(PathBuf::from).into_iter().chain(installed()))
    }

    fn among(paths: impl Iterator<Item = PathBuf>) -> Option<Loader> {
        paths.filter(|path| is_program(path)).find_map(|path| {
            let server = server_of(&path)?;
            Some(Loader { path, server })
        })
    }

    /// Wine's version: the first word that it says of itself, `wine-8.0`.
    ///
    /// # Errors
    ///
    /// The loader cannot be started.
    pub(super) fn version(&self) -> io::Result<String> {
        let said = Command::new(&self.path).arg("--version").output()?;
        Ok(first_word(&String::from_utf8_lossy(&said.stdout)).unwrap_or("wine").into())
    }

    /// The loader in the given prefix, to which a program and its arguments are to be added.
    pub(super) fn command(&self, prefix: &Path) -> Command {
        self.in_prefix(&self.path, prefix)
    }

    /// The server of the given prefix, quiet.
    pub(super) fn server(&self, prefix: &Path) -> Command {
        let mut command = self.in_prefix(&self.server, prefix);
        // The server and what it starts live longer than we do: they must not hold our streams.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn in_prefix(&self, program: &Path, prefix: &Path) -> Command {
        let mut command = Command::new(program);
        for name in INHERITED {
            command.env_remove(name);
        }
        command
            .env("WINEPREFIX", prefix)
            .env("WINELOADER", &self.path)
            .env("WINESERVER", &self.server)
            .env("WINEDEBUG", "-all")
            .env("WINEDLLOVERRIDES", super::prefix::OVERRIDES)
            // A new prefix links its user's folders to those in the home directory: not to the real one.
            .env("HOME", prefix);
        command
    }
}

fn installed() -> impl Iterator<Item = PathBuf> {
    let folders =
        FOLDERS.iter().flat_map(|folder| ["wine64", "wine"].map(|name| Path::new(folder).join(name)));
    let linked = ["wine64", "wine"].into_iter().filter_map(|name| on_path(name)?.canonicalize().ok());
    folders.chain(linked)
}

fn server_of(loader: &Path) -> Option<PathBuf> {
    let folder = loader.parent()?;
    let beside = ["wineserver64", "wineserver"].map(|name| folder.join(name));
    env::var_os("WINESERVER").map(PathBuf::from).into_iter().chain(beside).find(|path| is_program(path))
}

/// Whether a file is a 64-bit ELF executable, not a script.
fn is_program(path: &Path) -> bool {
    let mut head = [0; 5];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok_and(|()| head == *b"\x7fELF\x02")
}

fn first_word(said: &str) -> Option<&str> {
    said.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::*;

    const ELF64: &[u8] = b"\x7fELF\x02\x01\x01";
    const ELF32: &[u8] = b"\x7fELF\x01\x01\x01";
    const SCRIPT: &[u8] = b"#!/bin/sh -e\n";

    #[rstest]
    #[case::debian(&[("wine64", ELF64), ("wineserver", SCRIPT), ("wineserver64", ELF64)], Some(("wine64", "wineserver64")))]
    #[case::upstream(&[("wine", ELF64), ("wineserver", ELF64)], Some(("wine", "wineserver")))]
    #[case::only_32_bit(&[("wine", ELF32), ("wineserver", ELF64)], None)]
    #[case::only_the_script(&[("wine", SCRIPT), ("wineserver64", ELF64)], None)]
    #[case::no_server(&[("wine64", ELF64), ("wineserver", SCRIPT)], None)]
    #[case::nothing(&[], None)]
    fn programs_are_told_from_scripts(#[case] files: &[(&str, &[u8])], #[case] found: Option<(&str, &str)>) {
        let names: Vec<_> = files.iter().map(|(name, bytes)| format!("{name}{}", bytes[4])).collect();
        let folder = env::temp_dir().join(format!("winhttp-wine-{}-{}", std::process::id(), names.join("-")));
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        let loader = Loader::among(["wine64", "wine"].map(|name| folder.join(name)).into_iter());
        fs::remove_dir_all(&folder).unwrap();
        let expected = found.map(|(path, server)| (folder.join(path), folder.join(server)));
        assert_eq!(loader.map(|loader| (loader.path, loader.server)), expected);
    }

    #[rstest]
    #[case("wine-8.0 (Debian 8.0~repack-4)\n", Some("wine-8.0"))]
    #[case("wine-10.2\n", Some("wine-10.2"))]
    #[case("", None)]
    fn the_version_is_the_first_word(#[case] said: &str, #[case] version: Option<&str>) {
        assert_eq!(first_word(said), version);
    }
}
