//! Writes a run down, a line a case, as it happens: what is recorded stays recorded.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use winhttp_reports::record::{CaseResult, Footer, Header, Line};

use crate::suite::Root;

/// A run being written.
pub struct Recorder {
    root: Root,
    label: String,
    /// Not all cases were to be asked.
    filtered: bool,
    /// Where the lines go until the footer is written, so that two runs at once do not write into each other and a run
    /// that is read is whole.
    partial: PathBuf,
    out: BufWriter<File>,
    error: Option<io::Error>,
}

impl Recorder {
    /// Starts a run. Until it has ended it stands under the number of this process: there it stays if the process dies.
    ///
    /// # Errors
    ///
    /// The file cannot be made or written.
    pub fn create(root: &Root, header: &Header) -> io::Result<Self> {
        let (root, label) = (root.clone(), header.backend.clone());
        fs::create_dir_all(root.output())?;
        let partial = root.output().join(format!("{label}.jsonl.{}", std::process::id()));
        let out = BufWriter::new(File::create(&partial)?);
        let filtered = !header.filters.is_empty();
        let mut recorder = Self { root, label, filtered, partial, out, error: None };
        recorder.line(&Line::Header(header.clone()))?;
        recorder.out.flush()?;
        Ok(recorder)
    }

    /// Records a result. An error of writing is kept for [`Self::finish`], so that a full disk does not stop the
    /// questions.
    pub fn record(&mut self, result: &CaseResult) {
        if self.error.is_none()
            && let Err(error) = self.line(&Line::Result(result))
        {
            self.error = Some(error);
        }
    }

    /// Writes the footer. Where the run stands now: a part of the suite takes no whole run's place.
    ///
    /// # Errors
    ///
    /// The run could not be written whole; the message names the file.
    pub fn finish(mut self, footer: &Footer) -> io::Result<PathBuf> {
        let part = self.filtered || footer.interrupted;
        let folder = if part { self.root.part() } else { self.root.output() };
        let path = folder.join(format!("{}.jsonl", self.label));
        let written = match self.error.take() {
            Some(error) => Err(error),
            None => self
                .line(&Line::Footer(footer.clone()))
                .and_then(|()| self.out.flush())
                .and_then(|()| fs::create_dir_all(folder))
                .and_then(|()| fs::rename(&self.partial, &path)),
        };
        written
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.partial.display())))?;
        Ok(path)
    }

    fn line(&mut self, line: &Line<&CaseResult>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}
