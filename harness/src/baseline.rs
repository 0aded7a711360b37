//! What is known of a back end: which cases do not pass, and why.
//!
//! A listed case still runs. The gate fails on an unexpected pass, on another verdict than the listed one, on a listed
//! case that was skipped, and on a pattern that matches nothing, or not as many cases as it says: a baseline cannot go
//! stale. An implementation that is not the same twice, because two of its threads race, has other verdicts under
//! `sometimes`; its reason says so.

mod bless;

use std::path::Path;

use serde::Deserialize;
use winhttp_reports::record::{Known, Verdict};

pub use bless::{BlessError, bless};

/// A baseline.
#[derive(Debug, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// The form of a baseline file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The label of the back end; a reader's help.
    #[serde(rename = "backend")]
    _backend: String,
    #[serde(default)]
    known: Option<Vec<Written>>,
}

/// One entry as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    cases: OneOrMany,
    verdict: Verdict,
    #[serde(default)]
    sometimes: Vec<Verdict>,
    reason: String,
    #[serde(default)]
    link: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A pattern, ready to match.
#[derive(Debug)]
struct Entry {
    pattern: String,
    glob: Glob,
    /// How many cases a pattern with `*` lists: `pattern (12)`.
    count: Option<u32>,
    verdict: Verdict,
    /// What the same case comes to at other times.
    sometimes: Vec<Verdict>,
    reason: String,
    matched: u32,
    skipped: Vec<String>,
}

impl Baseline {
    /// Reads a baseline; a file that is not there is an empty one.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is malformed; the message has path, line and column.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads the text of a baseline.
    ///
    /// # Errors
    ///
    /// It is malformed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let mut entries = Vec::new();
        for written in file.known.unwrap_or_default() {
            if written.reason.trim().is_empty() {
                return Err(format!("an entry without a reason: {:?}", written.cases));
            }
            if written.verdict == Verdict::Pass || written.verdict == Verdict::Skipped {
                return Err(format!(
                    "an entry lists what is wrong, not `{}`: {:?}",
                    written.verdict.name(),
                    written.cases
                ));
            }
            let reason = match &written.link {
                Some(link) => format!("{} ({link})", written.reason.trim()),
                None => written.reason.trim().to_owned(),
            };
            let patterns = match written.cases {
                OneOrMany::One(pattern) => vec![pattern],
                OneOrMany::Many(patterns) => patterns,
            };
            for pattern in patterns {
                let entry = Entry::new(pattern, written.verdict, reason.clone())?;
                entries.push(Entry { sometimes: written.sometimes.clone(), ..entry });
            }
        }
        Ok(Self { entries })
    }

    /// Holds a case's verdict against the baseline: what is known, and whether the gate passes.
    pub fn check(&mut self, id: &str, verdict: Verdict) -> (Option<Known>, bool) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.glob.matches(id)) else {
            return (None, verdict.is_fine());
        };
        entry.matched += 1;
        if verdict == Verdict::Skipped {
            entry.skipped.push(id.to_owned());
        }
        let known =
            Known { verdict: entry.verdict, reason: entry.reason.clone(), pattern: entry.pattern.clone() };
        (Some(known), entry.allows(verdict))
    }

    /// Whether a case may have this verdict.
    #[must_use]
    pub fn allows(&self, id: &str, verdict: Verdict) -> bool {
        let entry = self.entries.iter().find(|entry| entry.glob.matches(id));
        entry.map_or(verdict.is_fine(), |entry| entry.allows(verdict))
    }

    /// What is stale after a complete run.
    #[must_use]
    pub fn stale(&self) -> Vec<String> {
        let entry = |entry: &Entry| match entry.count {
            _ if !entry.skipped.is_empty() => Some(format!("{}: listed, but skipped", entry.pattern)),
            None if entry.matched == 0 => Some(format!("{}: matches no case", entry.pattern)),
            Some(count) if entry.matched != count => {
                Some(format!("{}: matches {} cases, not {count}", entry.pattern, entry.matched))
            }
            _ => None,
        };
        self.entries.iter().filter_map(entry).collect()
    }
}

impl Entry {
    fn allows(&self, verdict: Verdict) -> bool {
        verdict == self.verdict || self.sometimes.contains(&verdict)
    }

    fn new(written: String, verdict: Verdict, reason: String) -> Result<Self, String> {
        let (pattern, count) = match written.rsplit_once(" (") {
            Some((pattern, count)) => {
                let digits = count.strip_suffix(')').and_then(|digits| digits.parse().ok());
                (
                    pattern.to_owned(),
                    Some(digits.ok_or_else(|| format!("`{written}`: the count is a number: `a/* (12)`"))?),
                )
            }
            None => (written.clone(), None),
        };
        if pattern.contains('*') != count.is_some() {
            return Err(format!(
                "`{written}`: a pattern with `*` says how many cases it lists, and only such a one: `matrix/codepage/* (12)`"
            ));
        }
        let glob = Glob(pattern.split('*').map(str::to_owned).collect());
        Ok(Self {
            pattern,
            glob,
            count,
            verdict,
            sometimes: Vec::new(),
            reason,
            matched: 0,
            skipped: Vec::new(),
        })
    }
}

/// A pattern in which `*` stands for anything, `/` included; everything else stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<String>);

impl Glob {
    /// A pattern.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self(pattern.split('*').map(str::to_owned).collect())
    }

    /// Whether the whole text fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = &self.0[..] else {
            return self.0.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}
