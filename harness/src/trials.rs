//! Every case as a test: `cargo test` and nextest ask an implementation what `conform run` asks it.
//!
//! A project that implements WinHTTP tests itself with one file, `tests/conformance.rs`, and a `[[test]]` section with
//! `name = "conformance"` and `harness = false` in its `Cargo.toml`:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     winhttp_conformance::trials::main_with("library:target/debug/libmywinhttp.so")
//! }
//! ```
//!
//! A trial is called `<back end>/<case id>`. It passes if the case does, or if it fails just as the baseline says; the
//! reasons are told at the end. What the subject lacks is ignored, which is known only while it runs: listing starts
//! nobody. A callback after its handle's last one fails the trial of the case if it has come by the time that the next
//! question would be put; what comes later than that fails the run, which names it at its end. That is no trial: a
//! process that asks a single case, as nextest starts them, tells it of that case. [`Trials`] takes a baseline of the
//! project's own.

mod asker;
mod shown;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use winhttp_host::{Backend, agent_mode};

use crate::case::Case;
use crate::diagnostics::FileErrors;
use crate::run::default_jobs;
use crate::suite::{self, Root};
use asker::Asker;

/// Names the back end of [`main`]: `rust` (if it is not set), `wine`, `native`, `library:PATH`, `command:…`.
pub const VARIABLE: &str = "WINHTTP_BACKEND";

/// The exit code of a program that could not ask.
const NOT_ASKED: u8 = 2;

/// Asks the back end that [`VARIABLE`] names; the whole `main` of a test with `harness = false`.
#[must_use]
pub fn main() -> ExitCode {
    match std::env::var(VARIABLE) {
        Ok(backend) => main_with(&backend),
        Err(std::env::VarError::NotPresent) => main_with("rust"),
        Err(error) => not_asked(&format!("{VARIABLE}: {error}")),
    }
}

/// Asks this back end, named as for `conform run --backend`.
#[must_use]
pub fn main_with(backend: &str) -> ExitCode {
    // The test program is its own agent.
    if let Some(code) = agent_mode::serve_if_asked() {
        return code;
    }
    match backend.parse() {
        Ok(backend) => Trials::new(backend).run(&Arguments::from_args()),
        Err(error) => not_asked(&error.to_string()),
    }
}

/// The suite as tests of one back end.
#[derive(Clone, Debug)]
pub struct Trials {
    /// Whom to ask.
    pub backend: Backend,
    /// Where the cases and baselines are.
    pub root: Root,
    /// The baseline; `None` for the one that the workspace keeps for the back end.
    pub baseline: Option<PathBuf>,
}

impl Trials {
    /// This workspace's cases and baselines.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self { backend, root: Root::default(), baseline: None }
    }

    /// Lists or runs what the arguments want. A program that calls this has called
    /// [`agent_mode::serve_if_asked`] first thing.
    #[must_use]
    pub fn run(&self, arguments: &Arguments) -> ExitCode {
        let cases = match self.cases(arguments) {
            Ok(cases) => cases,
            Err(files) => {
                let shown: Vec<String> = files.iter().map(ToString::to_string).collect();
                return not_asked(&shown.join("\n"));
            }
        };
        let wanted: Vec<&Case> = cases.iter().filter(|case| self.is_wanted(case, arguments)).collect();
        if arguments.list || wanted.is_empty() {
            let trials = cases.iter().map(|case| Trial::test(self.name(case), || Ok(()))).collect();
            return libtest_mimic::run(arguments, trials).exit_code();
        }
        let whole = arguments.filter.is_none() && arguments.skip.is_empty();
        let asker = match Asker::start(self, &wanted) {
            Ok(asker) => Arc::new(asker),
            Err(message) => return not_asked(&format!("{}: {message}", self.backend)),
        };
        let trials = cases.into_iter().map(|case| {
            let asker = Arc::clone(&asker);
            Trial::ignorable_test(self.name(&case), move || asker.ask(&case))
        });
        let threads = arguments.test_threads.unwrap_or_else(default_jobs);
        let arguments = Arguments { test_threads: Some(threads), ..arguments.clone() };
        let conclusion = libtest_mimic::run(&arguments, trials.collect());
        let failed = asker.tell(whole);
        if failed { ExitCode::FAILURE } else { conclusion.exit_code() }
    }

    /// All cases, or the only one that is named: nextest starts a process a case.
    fn cases(&self, arguments: &Arguments) -> Result<Vec<Case>, Vec<FileErrors>> {
        let only = arguments.filter.as_ref().filter(|_| arguments.exact);
        if let Some(id) = only.and_then(|name| name.strip_prefix(&self.prefix()))
            && let Some(case) = suite::find(&self.root, id)?
        {
            return Ok(vec![case]);
        }
        suite::load(&self.root)
    }

    fn prefix(&self) -> String {
        let backend = self.backend.to_string();
        format!("{}/", backend.split(':').next().unwrap_or_default())
    }

    fn name(&self, case: &Case) -> String {
        format!("{}{}", self.prefix(), case.id)
    }

    fn is_wanted(&self, case: &Case, arguments: &Arguments) -> bool {
        let trial = Trial::test(self.name(case), || Ok(()));
        !arguments.is_filtered_out(&trial) && !arguments.is_ignored(&trial)
    }
}

fn not_asked(message: &str) -> ExitCode {
    eprintln!("conformance: {message}");
    ExitCode::from(NOT_ASKED)
}
