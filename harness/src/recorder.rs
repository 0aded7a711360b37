//! Writes a run down, a line a case, as it happens: what is recorded stays recorded.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use winhttp_reports::record::{CaseResult, Counts, Footer, Header, Line};

use crate::baseline::Baseline;

/// A run being written.
pub struct Recorder {
    path: PathBuf,
    /// Where the lines go until the footer is written, so that two runs at once do not write into each other and a run
    /// that is read is whole.
    partial: PathBuf,
    out: BufWriter<File>,
    baseline: Baseline,
    counts: Counts,
    gate: bool,
    began: Instant,
    error: Option<io::Error>,
}

impl Recorder {
    /// Starts the run that will stand at `path`, with its folder. Until then it stands beside, under the number of this
    /// process: there it stays if the process dies.
    ///
    /// # Errors
    ///
    /// The file cannot be made or written.
    pub fn create(path: &Path, header: &Header, baseline: Baseline) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let partial = path.with_extension(format!("jsonl.{}", std::process::id()));
        let out = BufWriter::new(File::create(&partial)?);
        let (path, counts, began) = (path.to_owned(), Counts::default(), Instant::now());
        let mut recorder = Self { path, partial, out, baseline, counts, gate: true, began, error: None };
        recorder.line(&Line::Header(header.clone()))?;
        recorder.out.flush()?;
        Ok(recorder)
    }

    /// Records a result; gives it back with what the baseline says of it. An error of writing is kept for
    /// [`Self::finish`], so that a full disk does not stop the questions.
    pub fn record(&mut self, mut result: CaseResult) -> CaseResult {
        (result.known, result.gate) = self.baseline.check(&result.id, result.verdict);
        self.counts.add(result.verdict);
        self.gate &= result.gate;
        let line = Line::Result(Box::new(result));
        if self.error.is_none()
            && let Err(error) = self.line(&line)
        {
            self.error = Some(error);
        }
        match line {
            Line::Result(result) => *result,
            // Made four lines above.
            Line::Header(_) | Line::Footer(_) => CaseResult::default(),
        }
    }

    /// Writes the footer. `complete`: every case of the suite was asked, so that what the baseline lists and no case
    /// matched is stale.
    ///
    /// # Errors
    ///
    /// The run could not be written whole; the message names the file.
    pub fn finish(mut self, complete: bool, interrupted: bool) -> io::Result<Footer> {
        let stale = if complete && !interrupted { self.baseline.stale() } else { Vec::new() };
        let gate = self.gate && stale.is_empty() && !interrupted;
        let millis = self.began.elapsed().as_millis() as u64;
        let footer = Footer { counts: self.counts, interrupted, stale, gate, millis };
        let written = match self.error.take() {
            Some(error) => Err(error),
            None => self
                .line(&Line::Footer(footer.clone()))
                .and_then(|()| self.out.flush())
                .and_then(|()| fs::rename(&self.partial, &self.path)),
        };
        written
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.partial.display())))?;
        Ok(footer)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}
