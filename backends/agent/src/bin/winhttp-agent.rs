//! `winhttp-agent --library PATH [--progress FILE]`: serves plans over a library. See the crate's page for the
//! protocol.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use winhttp_agent::progress::Progress;
use winhttp_agent::{About, load, serve};
use winhttp_machine::Machine;

const USAGE: &str = "usage: winhttp-agent --library PATH [--progress FILE]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("winhttp-agent: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let (library, progress) = arguments()?;
    let table = load(&library).map_err(|error| error.to_string())?;
    let progress = progress
        .map(|path| Progress::open(&path).map_err(|error| format!("{}: {error}", path.display())))
        .transpose()?;
    let about = About::this_process(library.to_string_lossy().into_owned());
    serve(about, &mut Machine::new(table), progress, io::stdin().lock(), io::stdout().lock())
        .map_err(|error| error.to_string())
}

fn arguments() -> Result<(OsString, Option<PathBuf>), String> {
    let (mut library, mut progress) = (None, None);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match argument.to_str() {
            Some("--library") => library = Some(value),
            Some("--progress") => progress = Some(PathBuf::from(value)),
            _ => return Err(USAGE.into()),
        }
    }
    Ok((library.ok_or(USAGE)?, progress))
}
