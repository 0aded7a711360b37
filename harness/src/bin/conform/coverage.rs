//! `conform coverage` and `conform lint`.

use std::collections::BTreeSet;

use winhttp_conformance::baseline::Baseline;
use winhttp_conformance::coverage::{Coverage, Standing};
use winhttp_conformance::suite::Root;
use winhttp_spec::requirements::ledger;

use crate::{Exit, load, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only pages whose name contains this.
    page: Option<String>,
    /// Name the requirements that no case covers.
    #[arg(long)]
    uncovered: bool,
}

pub(crate) fn coverage(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let cases = load(root)?;
    let coverage = Coverage::of(&cases);
    let wanted = |name: &str| arguments.page.as_ref().is_none_or(|part| name.contains(part.as_str()));
    let mut text =
        format!("{:44} {:>8} {:>8} {:>8} {:>10}\n", "page", "promises", "covered", "reason", "uncovered");
    let mut open = Vec::new();
    let mut totals = [0; 4];
    for page in ledger().pages().iter().filter(|page| wanted(&page.name)) {
        let count =
            |standing| page.requirements.iter().filter(|it| coverage.standing(it) == standing).count();
        let row = [
            page.requirements.len(),
            count(Standing::Covered),
            count(Standing::Reason),
            count(Standing::Uncovered),
        ];
        text.push_str(&line(&page.name, row));
        totals.iter_mut().zip(row).for_each(|(total, count)| *total += count);
        open.extend(page.requirements.iter().filter(|it| coverage.standing(it) == Standing::Uncovered));
    }
    text.push_str(&line("all", totals));
    if arguments.uncovered {
        for requirement in &open {
            text.push_str(&format!(
                "uncovered ({}): {}\n  {}\n",
                requirement.test.name(),
                requirement.id,
                requirement.says
            ));
        }
    }
    output::print(&text);
    Ok(if open.is_empty() { Exit::AsExpected } else { Exit::NotAsExpected })
}

fn line(name: &str, [all, covered, reason, uncovered]: [usize; 4]) -> String {
    format!("{name:44} {all:>8} {covered:>8} {reason:>8} {uncovered:>10}\n")
}

/// Everything that can be found out without asking anybody.
pub(crate) fn lint(root: &Root) -> Result<Exit, String> {
    let cases = load(root)?;
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    found.extend(
        cases
            .iter()
            .filter(|case| !seen.insert(&case.id))
            .map(|case| format!("two cases are called {}", case.id)),
    );
    let folder = root.baseline("");
    for entry in std::fs::read_dir(folder.parent().unwrap_or(root.path())).into_iter().flatten().flatten() {
        let path = entry.path();
        match Baseline::read(&path) {
            Err(message) => found.push(message),
            Ok(mut baseline) => {
                for case in &cases {
                    baseline.check(&case.id, winhttp_reports::record::Verdict::Fail);
                }
                found
                    .extend(baseline.stale().into_iter().map(|stale| format!("{}: {stale}", path.display())));
            }
        }
    }
    let coverage = Coverage::of(&cases);
    let uncovered =
        ledger().all().filter(|requirement| coverage.standing(requirement) == Standing::Uncovered);
    found.extend(uncovered.map(|requirement| format!("no case covers {}", requirement.id)));
    for problem in &found {
        output::print(&format!("{problem}\n"));
    }
    output::print(&format!("{} cases, {} problems\n", cases.len(), found.len()));
    Ok(if found.is_empty() { Exit::AsExpected } else { Exit::NotAsked })
}
