//! `conform lint`.

use winhttp_conformance::lint;
use winhttp_conformance::suite::Root;
use winhttp_spec::requirements::ledger;

use crate::{Exit, load, output};

/// Everything that can be found out without asking anybody.
pub(crate) fn lint(root: &Root) -> Result<Exit, String> {
    let cases = load(root)?;
    let found = lint::problems(root, &cases, ledger());
    for problem in &found {
        output::print(&format!("{problem}\n"));
    }
    output::print(&format!("{} cases, {} problems\n", cases.len(), found.len()));
    Ok(if found.is_empty() { Exit::AsExpected } else { Exit::NotAsked })
}
