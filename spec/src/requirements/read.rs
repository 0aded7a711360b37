//! One file of the ledger: YAML to [`Page`] and [`Defect`]s.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::{Defect, Level, Page, Requirement, Testability};

/// Name and text of every file under `spec/requirements`.
pub(super) static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/ledger_files.rs"));

/// A file that is not a page of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    file: String,
    message: String,
}

/// Reads one file.
pub(super) fn page(file: &str, text: &str) -> Result<(Page, Vec<Defect>), Malformed> {
    let read: File = serde_yaml::from_str(text).map_err(|error| Malformed::new(file, error.to_string()))?;
    let name = read.page;
    let pending = read.pending.as_deref();
    let requirements =
        read.requirements.0.into_iter().map(|(slug, entry)| entry.into_requirement(&name, &slug, pending));
    let defects = read.defects.0.into_iter().map(|(slug, entry)| entry.into_defect(&name, &slug)).collect();
    let page = Page {
        requirements: requirements.collect(),
        name,
        title: read.title,
        url: read.url,
        source: read.source,
        commit: read.commit,
        pending: read.pending,
    };
    Ok((page, defects))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    page: String,
    title: String,
    url: String,
    source: String,
    commit: String,
    /// Why no case asks yet about what takes a peer on this page.
    pending: Option<String>,
    requirements: Entries<RequirementEntry>,
    #[serde(default)]
    defects: Entries<DefectEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementEntry {
    says: String,
    section: String,
    level: Level,
    test: Testability,
    why: Option<String>,
    #[serde(default)]
    conflicts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefectEntry {
    pages: Vec<String>,
    readings: Vec<String>,
    #[serde(default)]
    touches: Vec<String>,
}

impl RequirementEntry {
    fn into_requirement(self, page: &str, slug: &str, pending: Option<&str>) -> Requirement {
        Requirement {
            id: format!("{page}/{slug}"),
            page: page.to_owned(),
            says: self.says,
            section: self.section,
            level: self.level,
            test: self.test,
            // What takes no peer can be asked at once: that a page is pending is no excuse.
            pending: pending.filter(|_| self.why.is_none() && self.test.needs_peer()).map(str::to_owned),
            why: self.why,
            conflicts: self.conflicts,
        }
    }
}

impl DefectEntry {
    fn into_defect(self, page: &str, slug: &str) -> Defect {
        Defect {
            id: format!("{page}/{slug}"),
            pages: self.pages,
            readings: self.readings,
            touches: self.touches,
        }
    }
}

/// A mapping whose order is kept and whose keys are not repeated.
struct Entries<T>(Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a mapping from slugs to entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(String, T)> = Vec::new();
        while let Some(slug) = map.next_key::<String>()? {
            if entries.iter().any(|(taken, _)| *taken == slug) {
                return Err(A::Error::custom(format!("the slug {slug} is taken twice")));
            }
            entries.push((slug, map.next_value()?));
        }
        Ok(Entries(entries))
    }
}

impl Malformed {
    pub(super) fn new(file: &str, message: String) -> Self {
        Self { file: file.to_owned(), message }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "spec/requirements/{}: {}", self.file, self.message)
    }
}

impl std::error::Error for Malformed {}
