//! The note that a set-up leaves: what it found and made, so that nothing has to be searched again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Loader, Missing};
use crate::toolchain::Built;

/// Changes whenever something that set-up prepares changes, so that an older set-up is done again.
pub(super) const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) format: u32,
    pub(super) version: String,
    pub(super) loader: Loader,
    pub(super) prefix: PathBuf,
    /// The copy of the agent that is started.
    pub(super) agent: PathBuf,
    /// What cargo made.
    pub(super) built: Built,
}

impl Stamp {
    pub(super) fn read(root: &Path) -> Result<Stamp, Missing> {
        let root = fs::canonicalize(root).map_err(|_| Missing::NeverSetUp)?;
        let text = fs::read_to_string(path(&root)).map_err(|_| Missing::NeverSetUp)?;
        let stamp: Stamp = serde_json::from_str(&text).map_err(|_| Missing::OtherVersion)?;
        if stamp.format != FORMAT {
            return Err(Missing::OtherVersion);
        }
        // A workspace that was copied or moved still names the old place.
        if stamp.prefix != prefix(&root) {
            return Err(Missing::NeverSetUp);
        }
        Ok(stamp)
    }

    pub(super) fn write(&self, root: &Path) -> io::Result<()> {
        replace(&path(root), serde_json::to_string_pretty(self)?.as_bytes())
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.loader.path, &self.loader.server, &self.prefix, &self.agent, &self.built.library]
            .into_iter()
            .map(PathBuf::as_path)
    }
}

/// Everything of Wine's is in here.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join("target").join("wine")
}

/// The project's own Wine prefix.
pub(super) fn prefix(root: &Path) -> PathBuf {
    folder(root).join("prefix")
}

fn path(root: &Path) -> PathBuf {
    folder(root).join("setup.json")
}

/// Writes a file in one step: a reader, or a program that runs from it, sees the old one or the new one.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, content)?;
    fs::rename(&new, path)
}

/// The sources that a `.d` file of cargo lists: `target: source source`, with `\ ` for a space.
pub(super) fn sources(rule: &str) -> impl Iterator<Item = PathBuf> {
    let listed = rule.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(_, listed)| listed);
    // No file name holds a NUL.
    let listed = listed.replace("\\ ", "\0");
    listed
        .split_whitespace()
        .map(|source| PathBuf::from(source.replace('\0', " ")))
        .collect::<Vec<_>>()
        .into_iter()
}
