//! Which promises are asked about, and the floor below which that must not fall.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_spec::requirements::{Ledger, Requirement, Testability};

use crate::case::Case;

/// Which requirements the cases cover.
pub struct Coverage<'a>(BTreeSet<&'a str>);

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A case covers it.
    Covered,
    /// None does, though one could.
    Uncovered,
    /// None can, and the ledger says why.
    Untestable,
    /// None can yet: it takes a kind of peer that is not there, or its page is pending.
    Later,
}

impl<'a> Coverage<'a> {
    /// The coverage of a suite.
    #[must_use]
    pub fn of(cases: &'a [Case]) -> Self {
        Self(cases.iter().flat_map(|case| case.covers.iter().map(String::as_str)).collect())
    }

    /// How a requirement stands.
    #[must_use]
    pub fn standing(&self, requirement: &Requirement) -> Standing {
        if self.0.contains(requirement.id.as_str()) {
            Standing::Covered
        } else if requirement.why.is_some() {
            Standing::Untestable
        } else if requirement.pending.is_some() || !within_reach(requirement.test) {
            Standing::Later
        } else {
            Standing::Uncovered
        }
    }

    /// How many requirements of each page are covered; pages without any are left out.
    #[must_use]
    pub fn pages(&self, ledger: &Ledger) -> BTreeMap<String, usize> {
        let covered = |page: &winhttp_spec::requirements::Page| {
            page.requirements.iter().filter(|it| self.standing(it) == Standing::Covered).count()
        };
        let pages = ledger.pages().iter().map(|page| (page.name.clone(), covered(page)));
        pages.filter(|(_, covered)| *covered > 0).collect()
    }
}

/// Whether the peer and the case language can put the question today. The others' reason is the kind of test that they
/// need, and the ledger names it.
fn within_reach(test: Testability) -> bool {
    matches!(test, Testability::Offline | Testability::Loopback | Testability::Websocket)
}

/// How many requirements of each page were covered when the floor was last written. What no case covers fails by
/// itself; the floor shows what was covered and has a reason not to be instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floor(BTreeMap<String, usize>);

impl Floor {
    /// The floor of these counts.
    #[must_use]
    pub fn new(pages: BTreeMap<String, usize>) -> Self {
        Self(pages)
    }

    /// Reads a floor's file.
    ///
    /// # Errors
    ///
    /// It is no mapping from pages to counts.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map(Self).map_err(|error| error.to_string())
    }

    /// The pages of which fewer are covered, in words.
    #[must_use]
    pub fn fallen(&self, pages: &BTreeMap<String, usize>) -> Vec<String> {
        let now = |page: &str| pages.get(page).copied().unwrap_or_default();
        let fallen = self.0.iter().filter(|(page, floor)| now(page) < **floor);
        fallen.map(|(page, floor)| format!("{page}: {} covered, {floor} before", now(page))).collect()
    }

    /// Whether more is covered than the file says.
    #[must_use]
    pub fn is_low(&self, pages: &BTreeMap<String, usize>) -> bool {
        pages.iter().any(|(page, now)| *now > self.0.get(page).copied().unwrap_or_default())
    }
}

impl std::fmt::Display for Floor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            out,
            "# How many requirements of each page cases cover: `conform coverage` fails where it is fewer."
        )?;
        writeln!(out, "# Written by `conform coverage --bless`.")?;
        self.0.iter().try_for_each(|(page, covered)| writeln!(out, "{page}: {covered}"))
    }
}
