//! What the recorded runs say last of each case.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use winhttp_reports::run::Run;

use crate::suite::Root;

/// The last run of each back end. Where a part of the suite was asked since, those results are in the whole run's place.
/// What cannot be read is left out.
#[must_use]
pub fn last(root: &Root) -> Vec<Run> {
    let mut last: BTreeMap<String, Run> =
        of(&root.output()).map(|run| (run.header.backend.clone(), run)).collect();
    for part in of(&root.part()) {
        match last.get_mut(&part.header.backend) {
            Some(whole) if whole.header.started > part.header.started => {}
            Some(whole) => replace(whole, part),
            None => drop(last.insert(part.header.backend.clone(), part)),
        }
    }
    last.into_values().collect()
}

fn of(folder: &Path) -> impl Iterator<Item = Run> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let runs =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
    runs.filter_map(|path| Run::read(path).ok())
}

fn replace(whole: &mut Run, part: Run) {
    let places: HashMap<String, usize> =
        whole.results.iter().enumerate().map(|(place, result)| (result.id.clone(), place)).collect();
    for result in part.results {
        match places.get(&result.id) {
            Some(place) => whole.results[*place] = result,
            None => whole.results.push(result),
        }
    }
}
