//! Reads a recorded run back, and refuses what is not a whole run.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::record::{CaseResult, Counts, Footer, Header, Line, SCHEMA};

/// A finished run of one back end.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Who was asked, and what it has.
    pub header: Header,
    /// Every case that was asked, in the order in which they were recorded.
    pub results: Vec<CaseResult>,
    /// The counts and the gate.
    pub footer: Footer,
}

/// A back end that a report declares and that was not asked, so that it has a column and nothing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// The back end's label.
    pub backend: String,
    /// Why it was not asked: `this is not Windows`.
    pub reason: String,
}

impl Run {
    /// Whether every case was asked.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.header.filters.is_empty() && !self.footer.interrupted
    }

    /// Reads the JSON lines of a run.
    ///
    /// # Errors
    /// The file cannot be read, or is no whole run: see [`Problem`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let refuse = |problem| ReadError { path: path.to_owned(), problem };
        let file = File::open(path).map_err(|error| refuse(Problem::Unreadable(error)))?;
        Self::parse(BufReader::new(file)).map_err(refuse)
    }

    /// Reads the JSON lines of a run that is not in a file.
    ///
    /// # Errors
    /// It is no whole run: see [`Problem`].
    pub fn parse(mut lines: impl BufRead) -> Result<Self, Problem> {
        let mut reader = Reader::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line).map_err(Problem::Unreadable)? == 0 {
                return reader.finish();
            }
            reader.line(&line)?;
        }
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    number: usize,
    header: Option<Header>,
    results: Vec<CaseResult>,
    ids: HashSet<String>,
    counts: Counts,
    footer: Option<Footer>,
}

impl Reader {
    fn line(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.number += 1;
        if self.number == 1 {
            check_schema(bytes)?;
        }
        let line: Line = match serde_json::from_slice(bytes) {
            Ok(line) => line,
            // A last line without its end was being written when the harness died.
            Err(_) if !bytes.ends_with(b"\n") => return Err(self.incomplete()),
            Err(error) => return Err(Problem::Rubbish { line: self.number, error: error.to_string() }),
        };
        if self.footer.is_some() {
            return Err(Problem::AfterFooter { line: self.number });
        }
        match line {
            Line::Header(_) if self.header.is_some() => Err(Problem::SecondHeader { line: self.number }),
            Line::Header(header) => {
                self.header = Some(header);
                Ok(())
            }
            _ if self.header.is_none() => Err(Problem::NoHeader),
            Line::Result(result) => self.result(*result),
            Line::Footer(footer) => {
                self.footer = Some(footer);
                Ok(())
            }
        }
    }

    fn result(&mut self, result: CaseResult) -> Result<(), Problem> {
        if !self.ids.insert(result.id.clone()) {
            return Err(Problem::SecondResult { line: self.number, id: result.id });
        }
        self.counts.add(result.verdict);
        self.results.push(result);
        Ok(())
    }

    fn finish(self) -> Result<Run, Problem> {
        let incomplete = self.incomplete();
        let header = self.header.ok_or(Problem::NoHeader)?;
        let footer = self.footer.ok_or(incomplete)?;
        if footer.counts != self.counts {
            return Err(Problem::Miscounted {
                footer: Box::new(footer.counts),
                results: Box::new(self.counts),
            });
        }
        Ok(Run { header, results: self.results, footer })
    }

    fn incomplete(&self) -> Problem {
        Problem::Incomplete { cases: self.results.len() }
    }
}

/// A header of another version may not even have the same fields, so its version is looked at first.
fn check_schema(bytes: &[u8]) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct First {
        header: Version,
    }
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    match serde_json::from_slice::<First>(bytes) {
        Ok(First { header: Version { schema } }) if schema != SCHEMA => Err(Problem::OtherSchema { schema }),
        _ => Ok(()),
    }
}

/// A file that is not taken for a run, and why.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub problem: Problem,
}

/// Why something is not a whole run.
#[derive(Debug)]
pub enum Problem {
    /// The file cannot be opened or read.
    Unreadable(io::Error),
    /// It does not begin with a header.
    NoHeader,
    /// Another version of the schema than [`SCHEMA`].
    OtherSchema {
        /// The version found.
        schema: u32,
    },
    /// A line that is not a line of a run.
    Rubbish {
        /// Its number, from 1.
        line: usize,
        /// What the parser says of it.
        error: String,
    },
    /// A header that is not the first line: two runs in one file.
    SecondHeader {
        /// Its number, from 1.
        line: usize,
    },
    /// The same case twice.
    SecondResult {
        /// The number of the second, from 1.
        line: usize,
        /// The case.
        id: String,
    },
    /// A line after the footer.
    AfterFooter {
        /// Its number, from 1.
        line: usize,
    },
    /// No footer: the run did not come to its end.
    Incomplete {
        /// How many cases had been recorded.
        cases: usize,
    },
    /// The footer counts otherwise than the results do.
    Miscounted {
        /// What the footer says.
        footer: Box<Counts>,
        /// What the results add up to.
        results: Box<Counts>,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::NoHeader => {
                write!(f, "does not begin with the header of a run; is it the file that `conform run` wrote?")
            }
            Self::OtherSchema { schema } => write!(
                f,
                "is recorded in schema {schema}, this tool reads schema {SCHEMA}; record the run again, or read it with the tool that wrote it"
            ),
            Self::Rubbish { line, error } => write!(f, "line {line} is not a line of a run: {error}"),
            Self::SecondHeader { line } => write!(f, "line {line} is a second header; a file holds one run"),
            Self::SecondResult { line, id } => write!(f, "line {line} is a second result of case {id}"),
            Self::AfterFooter { line } => write!(f, "line {line} stands after the footer"),
            Self::Incomplete { cases } => write!(
                f,
                "the run is incomplete: it has no footer, {cases} {} recorded before it broke off; run it again",
                if *cases == 1 { "case was" } else { "cases were" }
            ),
            Self::Miscounted { footer, results } => write!(
                f,
                "the footer disagrees with the results, lines were lost or added: {}; run it again",
                crate::record::Verdict::ALL
                    .into_iter()
                    .filter(|verdict| footer.of(*verdict) != results.of(*verdict))
                    .map(|verdict| format!(
                        "{} {} counted, {} found",
                        footer.of(verdict),
                        verdict.name(),
                        results.of(verdict)
                    ))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        }
    }
}
