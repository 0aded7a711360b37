//! The matrix that a terminal shows: documentation page × back end, and how many promises are kept.

use winhttp_spec::requirements::Ledger;

use crate::pages::pages;
use crate::run::{NotRun, Run};
use crate::standing::{Tally, tallies};

/// Characters of a line; back ends that do not fit get a table of their own below.
const WIDTH: usize = 100;
/// Characters of a back end's three numbers, with the space before them.
const CELL: usize = 21;

/// Of each documentation page, how many requirements each back end keeps and breaks, and of how many its run
/// does not tell.
#[must_use]
pub fn table(runs: &[Run], not_run: &[NotRun], ledger: &Ledger) -> String {
    let rows = rows(runs, ledger);
    let title =
        rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max("documentation page".len());
    let ran = runs.iter().enumerate().map(|(at, run)| (run.header.backend.as_str(), Some(at)));
    let columns: Vec<_> = ran.chain(not_run.iter().map(|it| (it.backend.as_str(), None))).collect();
    let fitting = (WIDTH.saturating_sub(title + 6) / CELL).max(1);
    let tables: Vec<_> = columns.chunks(fitting).map(|columns| block(&rows, columns, title)).collect();
    let reasons: Vec<_> =
        not_run.iter().map(|it| format!("{}: not run: {}\n", it.backend, it.reason)).collect();
    format!("{}\n{}", tables.join("\n"), reasons.concat())
}

struct Row<'a> {
    name: &'a str,
    requirements: usize,
    /// How its requirements stand, a tally a run.
    tallies: Vec<Tally>,
}

fn rows<'a>(runs: &'a [Run], ledger: &'a Ledger) -> Vec<Row<'a>> {
    let of_runs: Vec<_> = runs.iter().map(tallies).collect();
    let mut rows: Vec<_> = pages(runs, ledger)
        .into_iter()
        .map(|page| {
            let tallies = of_runs.iter().map(|tallies| {
                let mut sum = Tally::default();
                for id in &page.requirements {
                    sum.add(tallies.get(id).copied().unwrap_or_default().standing());
                }
                sum
            });
            Row { name: page.name, requirements: page.requirements.len(), tallies: tallies.collect() }
        })
        .collect();
    let all = (0..runs.len()).map(|at| sum(rows.iter().map(|row| row.tallies[at]))).collect();
    let requirements = rows.iter().map(|row| row.requirements).sum();
    rows.push(Row { name: "all pages", requirements, tallies: all });
    rows
}

fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), |sum, tally| Tally {
        kept: sum.kept + tally.kept,
        broken: sum.broken + tally.broken,
        untold: sum.untold + tally.untold,
    })
}

fn block(rows: &[Row<'_>], columns: &[(&str, Option<usize>)], title: usize) -> String {
    let mut head = format!("{:title$}{:6}", "", "");
    let mut units = format!("{:title$}{:>6}", "documentation page", "of");
    for (backend, run) in columns {
        head += &format!("{:>CELL$}", clipped(backend));
        units +=
            &run.map_or_else(|| " ".repeat(CELL), |_| format!("{:>7}{:>7}{:>7}", "kept", "broken", "untold"));
    }
    let mut out = format!("{}\n{}\n", head.trim_end(), units.trim_end());
    for row in rows {
        let mut line = format!("{:title$}{:>6}", row.name, row.requirements);
        for (_, run) in columns {
            line += &match run {
                Some(at) => numbers(row.tallies[*at]),
                None => format!("{:>CELL$}", "not run"),
            };
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// A zero is a dot: the eye finds the numbers that say something.
fn numbers(Tally { kept, broken, untold }: Tally) -> String {
    let [kept, broken, untold] = [kept, broken, untold].map(|number| match number {
        0 => "·".to_owned(),
        number => number.to_string(),
    });
    format!("{kept:>7}{broken:>7}{untold:>7}")
}

fn clipped(name: &str) -> String {
    match name.char_indices().nth(CELL - 2) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
