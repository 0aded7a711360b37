//! `conform new`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use winhttp_conformance::scaffold;

use crate::{Exit, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The requirement to cover: `conform coverage --uncovered PAGE` names those of a page.
    requirement: String,
    /// Write it to this case file, behind the cases that are there; by default it is printed.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub(crate) fn new(root: &Path, arguments: &Arguments) -> Result<Exit, String> {
    let id = &arguments.requirement;
    let Some(path) = &arguments.to else {
        output::print(&scaffold::file(id)?);
        return Ok(Exit::AsExpected);
    };
    let says = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = match fs::read_to_string(path) {
        Ok(text) => scaffold::addition(id, &text).map_err(|error| says(&error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => scaffold::file(id)?,
        Err(error) => return Err(says(&error)),
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| says(&error))?;
    }
    // Appended, never written over: what another program has added meanwhile stays.
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| says(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| says(&error))?;
    let inside = fs::canonicalize(path)
        .is_ok_and(|path| fs::canonicalize(root).is_ok_and(|root| path.starts_with(root.join("cases"))));
    output::print(&format!("{}: fill in what is marked {}\n", path.display(), scaffold::MARK));
    if !inside {
        output::print("it is not below `cases`, so it is not loaded yet\n");
    }
    Ok(Exit::AsExpected)
}
