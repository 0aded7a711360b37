//! `conform`: asks implementations of the WinHTTP C API what the documentation promises.
//!
//! Exit codes: 0 all is as expected; 1 a subject is not as expected; 2 the question could not be put; 130 interrupted.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout)]

mod ask;
mod coverage;
mod diff;
mod explain;
mod fuzz;
mod lint;
mod new;
mod output;
mod repro;
mod setup;
mod steady;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use winhttp_conformance::suite::Root;
use winhttp_host::agent_mode;

/// Asks implementations of the WinHTTP C API what Microsoft's documentation promises.
#[derive(Parser)]
#[command(name = "conform", version, max_term_width = 100)]
struct Cli {
    /// The workspace with `cases` and `reports`; by default the one this program was built from.
    #[arg(long, global = true, value_name = "FOLDER")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
    /// What `run` takes, without the word.
    #[command(flatten)]
    ask: Option<ask::Arguments>,
}

#[derive(Subcommand)]
enum Command {
    /// Asks the cases and writes the reports (what happens without a command, too).
    Run(ask::Arguments),
    /// Lists the cases.
    List(explain::ListArguments),
    /// Tells a case or a requirement: page, promise, steps, verdicts of the last runs.
    Explain(explain::Arguments),
    /// Begins a case: prints a skeleton for a requirement, or adds it to a file.
    New(new::Arguments),
    /// Checks all case files and baselines without asking anybody.
    Lint,
    /// How much of each page the cases cover.
    Coverage(coverage::Arguments),
    /// What differs between two recorded runs.
    Diff(diff::Arguments),
    /// Brings a baseline up to date with the last complete run of its back end.
    Bless(diff::BlessArguments),
    /// Writes the reports again from recorded runs.
    Report(output::Arguments),
    /// Prints a case as a self-contained C program for Windows.
    Repro(repro::Arguments),
    /// Asks the same cases again and again on a busy machine; names those whose verdicts differ.
    Steady(steady::Arguments),
    /// Asks programs made by chance; what is found is shrunk to a case file.
    ///
    /// A program is a few calls: options are queried and set on handles of every kind, callbacks installed, handles
    /// closed; URLs are put together of their components, and taken apart and put together again. What it comes to is
    /// a finding if the subject ends or hangs, writes outside of a buffer, fails without a documented error, tells
    /// another length than is needed, takes or refuses what the option table does not, forgets what was set, or makes
    /// another URL of the same components.
    Fuzz(fuzz::Arguments),
    /// Prepares a back end: builds and installs what it needs under `target/`.
    Setup(setup::Arguments),
    /// Prints the JSON Schema of case files, for editors.
    Schema,
}

fn main() -> ExitCode {
    if let Some(code) = agent_mode::serve_if_asked() {
        return code;
    }
    let arguments = Cli::parse();
    let root = arguments.root.map_or_else(Root::default, Root::new);
    let result = match arguments.command {
        Some(_) if arguments.ask.is_some() => Err("options of a command come after its name".to_owned()),
        None => ask::run(&root, &arguments.ask.unwrap_or_default()),
        Some(Command::Run(arguments)) => ask::run(&root, &arguments),
        Some(Command::List(arguments)) => explain::list(&root, &arguments),
        Some(Command::Explain(arguments)) => explain::explain(&root, &arguments),
        Some(Command::New(arguments)) => new::new(root.path(), &arguments),
        Some(Command::Lint) => lint::lint(&root),
        Some(Command::Coverage(arguments)) => coverage::coverage(&root, &arguments),
        Some(Command::Diff(arguments)) => diff::diff(&arguments),
        Some(Command::Bless(arguments)) => diff::bless(&root, &arguments),
        Some(Command::Report(arguments)) => output::again(&root, &arguments),
        Some(Command::Repro(arguments)) => repro::repro(&root, &arguments),
        Some(Command::Fuzz(arguments)) => fuzz::fuzz(&root, &arguments),
        Some(Command::Steady(arguments)) => steady::steady(&root, &arguments),
        Some(Command::Setup(arguments)) => setup::setup(&root, &arguments),
        Some(Command::Schema) => {
            output::print(&winhttp_conformance::schema::text());
            Ok(Exit::AsExpected)
        }
    };
    match result {
        Ok(exit) => exit.into(),
        Err(message) => {
            eprintln!("conform: {message}");
            Exit::NotAsked.into()
        }
    }
}

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    AsExpected,
    NotAsExpected,
    NotAsked,
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::AsExpected => 0,
            Exit::NotAsExpected => 1,
            Exit::NotAsked => 2,
            Exit::Interrupted => 130,
        })
    }
}

/// The suite, or every error of every case file.
fn load(root: &Root) -> Result<Vec<winhttp_conformance::case::Case>, String> {
    winhttp_conformance::suite::load(root).map_err(|errors| {
        let count: usize = errors.iter().map(|file| file.diagnostics.len()).sum();
        let mut text: String = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        text.push_str(&format!("{count} errors in {} case files; nothing was asked", errors.len()));
        text
    })
}
