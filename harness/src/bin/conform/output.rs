//! What is printed and written of finished runs.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use winhttp_conformance::suite::Root;
use winhttp_reports::run::{NotRun, Run};
use winhttp_reports::{badge, html, junit, markdown, matrix, text};
use winhttp_spec::requirements::ledger;

use crate::Exit;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Recorded runs, one a back end.
    #[arg(required = true, value_name = "RUN.jsonl")]
    runs: Vec<PathBuf>,
    /// A back end that was not run, to be shown as such.
    #[arg(long, value_name = "BACKEND=REASON", value_parser = not_run)]
    not_run: Vec<NotRun>,
}

/// `conform report`.
pub(crate) fn again(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let runs = read(&arguments.runs)?;
    show(&runs, &arguments.not_run);
    write(root, &runs, &arguments.not_run)?;
    Ok(Exit::AsExpected)
}

fn not_run(text: &str) -> Result<NotRun, String> {
    let (backend, reason) = text.split_once('=').ok_or("write it like native=\"no Windows here\"")?;
    Ok(NotRun { backend: backend.to_owned(), reason: reason.to_owned() })
}

pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Run>, String> {
    paths.iter().map(|path| Run::read(path).map_err(|error| error.to_string())).collect()
}

/// The summary and the matrix, on standard output.
pub(crate) fn show(runs: &[Run], not_run: &[NotRun]) {
    let options = text::Options { colour: colour(), ..text::Options::default() };
    print(&matrix::table(runs, not_run, ledger()));
    print(&text::summary(runs, not_run, options));
}

/// Whether standard output shows colours, and is to.
pub(crate) fn colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    std::io::stdout().is_terminal() && !refused
}

/// All reports, and where they are.
pub(crate) fn write(root: &Root, runs: &[Run], not_run: &[NotRun]) -> Result<(), String> {
    let whole = runs.iter().all(Run::is_whole);
    let folder = if whole { root.output() } else { root.part() };
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let report = folder.join("report.html");
    save(&report, &html::render(runs, not_run, ledger())?)?;
    save(&folder.join("junit.xml"), &junit::render(runs)?)?;
    save(&folder.join("summary.md"), &markdown::render(runs, not_run))?;
    for run in runs {
        save(&folder.join(format!("{}.svg", run.header.backend)), &badge::render(run)?)?;
    }
    print(&format!("report: {}\n", report.display()));
    if !whole {
        print("not every case was asked: the last whole runs and their report stay as they were\n");
    }
    Ok(())
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Prints; a reader that has gone away is no error of ours.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
