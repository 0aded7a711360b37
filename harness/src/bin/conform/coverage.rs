//! `conform coverage`.

use winhttp_conformance::coverage::{Coverage, Floor, Standing};
use winhttp_conformance::suite::Root;
use winhttp_spec::requirements::ledger;

use crate::{Exit, load, output};

const STANDINGS: [(Standing, &str); 4] = [
    (Standing::Covered, "covered"),
    (Standing::Uncovered, "uncovered"),
    (Standing::Untestable, "untestable"),
    (Standing::Later, "later"),
];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only pages whose name contains this.
    page: Option<String>,
    /// Name the requirements that no case covers.
    #[arg(long)]
    uncovered: bool,
    /// Write how much is covered now to reports/coverage.yaml: the floor below which it must not fall.
    #[arg(long)]
    bless: bool,
}

pub(crate) fn coverage(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let cases = load(root)?;
    let coverage = Coverage::of(&cases);
    let covered = coverage.pages(ledger());
    if arguments.bless {
        let path = root.coverage();
        let text = Floor::new(covered.clone()).to_string();
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let floor = root.floor()?;
    let wanted = |name: &str| arguments.page.as_ref().is_none_or(|part| name.contains(part.as_str()));
    let mut text = line("page", "promises", STANDINGS.map(|(_, name)| name.to_owned()));
    let mut open = Vec::new();
    let mut totals = [0; 4];
    let mut promises = 0;
    for page in ledger().pages().iter().filter(|page| wanted(&page.name)) {
        let standings: Vec<_> = page.requirements.iter().map(|it| (coverage.standing(it), it)).collect();
        let row = STANDINGS.map(|(one, _)| standings.iter().filter(|(standing, _)| *standing == one).count());
        text.push_str(&line(&page.name, page.requirements.len(), row.map(|count| count.to_string())));
        totals.iter_mut().zip(row).for_each(|(total, count)| *total += count);
        promises += page.requirements.len();
        let uncovered = standings.iter().filter(|(standing, _)| *standing == Standing::Uncovered);
        open.extend(uncovered.map(|(_, requirement)| *requirement));
    }
    text.push_str(&line("all", promises, totals.map(|count| count.to_string())));
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
    let fallen = floor.fallen(&covered);
    for page in &fallen {
        text.push_str(&format!("less is covered than before: {page}\n"));
    }
    if fallen.is_empty() && floor.is_low(&covered) {
        text.push_str("more is covered than before: `conform coverage --bless` keeps it so\n");
    }
    output::print(&text);
    Ok(if open.is_empty() && fallen.is_empty() { Exit::AsExpected } else { Exit::NotAsExpected })
}

fn line(name: &str, promises: impl std::fmt::Display, standings: [String; 4]) -> String {
    let columns: String = standings.iter().map(|column| format!(" {column:>10}")).collect();
    format!("{name:44} {promises:>8}{columns}\n")
}
