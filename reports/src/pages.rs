//! The documentation pages with their requirements: the ledger's, and what runs cover beyond it.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_spec::requirements::{Ledger, Page};

use crate::run::Run;

/// A documentation page as the reports list it.
pub(crate) struct PageRow<'a> {
    pub(crate) name: &'a str,
    /// The ledger's page; `None` for a page that only runs of another version know.
    pub(crate) page: Option<&'a Page>,
    /// The ids of its requirements.
    pub(crate) requirements: Vec<&'a str>,
}

/// The ledger's pages in its order, then those that only the runs name: a run may be older than this ledger.
pub(crate) fn pages<'a>(runs: &'a [Run], ledger: &'a Ledger) -> Vec<PageRow<'a>> {
    let mut unknown = unknown(runs, ledger);
    let mut rows: Vec<_> = ledger
        .pages()
        .iter()
        .map(|page| {
            let mut requirements: Vec<&str> = page.requirements.iter().map(|it| it.id.as_str()).collect();
            requirements.extend(unknown.remove(page.name.as_str()).unwrap_or_default());
            PageRow { name: &page.name, page: Some(page), requirements }
        })
        .collect();
    rows.extend(unknown.into_iter().map(|(name, requirements)| PageRow {
        name,
        page: None,
        requirements: requirements.into_iter().collect(),
    }));
    rows
}

fn unknown<'a>(runs: &'a [Run], ledger: &Ledger) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut pages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for id in runs.iter().flat_map(|run| &run.results).flat_map(|case| &case.covers) {
        if ledger.requirement(id).is_none() {
            let page = id.split_once('/').map_or(id.as_str(), |(page, _)| page);
            pages.entry(page).or_default().insert(id);
        }
    }
    pages
}
