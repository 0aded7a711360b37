//! A whole run on one back end: inventory, cases, baseline, record.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

use winhttp_host::{Backend, BackendError, Subject};
use winhttp_reports::record::{CaseResult, Footer, Header, SCHEMA};

use crate::baseline::Baseline;
use crate::case::Case;
use crate::gate::Gate;
use crate::recorder::Recorder;
use crate::run::{Worker, run};
use crate::suite::Root;

/// What to run, and how.
pub struct Campaign<'a> {
    /// Whom to ask.
    pub backend: &'a Backend,
    /// The workspace.
    pub root: &'a Root,
    /// What to ask.
    pub cases: &'a [Case],
    /// The filters that chose the cases; empty for all of them.
    pub filters: &'a [String],
    /// How many agents at once.
    pub jobs: usize,
    /// The baseline to hold the run against; `None` for the back end's own.
    pub baseline: Option<PathBuf>,
    /// Slow cases are asked, too, of a subject without a clock of its own.
    pub slow: bool,
    /// Whether the run is written down.
    pub recorded: bool,
    /// Set to end the run early.
    pub stop: &'a AtomicBool,
}

/// A run that has ended.
pub struct Ended {
    /// Where it is recorded, if it is.
    pub path: Option<PathBuf>,
    /// How it ended.
    pub footer: Footer,
}

/// Why a run could not be made.
#[derive(Debug)]
pub enum CampaignError {
    /// The back end cannot be asked.
    Backend(BackendError),
    /// The baseline cannot be read.
    Baseline(String),
    /// The run cannot be written.
    Record(io::Error),
}

impl std::fmt::Display for CampaignError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Backend(error) => error.fmt(out),
            Self::Baseline(message) => out.write_str(message),
            Self::Record(error) => write!(out, "the run could not be recorded: {error}"),
        }
    }
}

impl std::error::Error for CampaignError {}

impl Campaign<'_> {
    /// Runs; `each` is shown every result.
    ///
    /// # Errors
    ///
    /// See [`CampaignError`].
    pub fn run(&self, mut each: impl FnMut(&CaseResult)) -> Result<Ended, CampaignError> {
        let start = || self.start();
        let mut worker = Worker::start(&start).map_err(CampaignError::Backend)?;
        let mut inventory = worker.inventory().map_err(CampaignError::Backend)?;
        inventory.slow |= self.slow;
        let about = worker.about().clone();
        drop(worker);
        let label = self.backend.label(&about);
        let header = Header {
            schema: SCHEMA,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            backend: label.clone(),
            library: about.library.clone(),
            system: about
                .wine
                .as_ref()
                .map_or_else(|| about.system.clone(), |version| format!("Wine {version}")),
            windows: about.windows,
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            filters: self.filters.to_vec(),
            functions: inventory.functions(),
            options: inventory.options(),
        };
        let baseline = self.baseline.clone().unwrap_or_else(|| self.root.baseline(&label));
        let baseline = Baseline::read(&baseline).map_err(CampaignError::Baseline)?;
        let mut recorder = self
            .recorded
            .then(|| Recorder::create(self.root, &header))
            .transpose()
            .map_err(CampaignError::Record)?;
        let mut gate = Gate::new(baseline);
        let case = |index: usize| Cow::Borrowed(&self.cases[index]);
        let asked = run(&start, self.jobs, &inventory, self.cases.len(), &case, self.stop, |mut result| {
            gate.check(&mut result);
            if let Some(recorder) = &mut recorder {
                recorder.record(&result);
            }
            each(&result);
        })
        .map_err(CampaignError::Backend)?;
        let footer = gate.footer(self.filters.is_empty(), asked < self.cases.len());
        let path =
            recorder.map(|recorder| recorder.finish(&footer)).transpose().map_err(CampaignError::Record)?;
        Ok(Ended { path, footer })
    }

    fn start(&self) -> Result<Box<dyn Subject + Send>, BackendError> {
        Ok(Box::new(self.backend.start(self.root.path())?))
    }
}
