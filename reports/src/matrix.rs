//! The matrix that a terminal shows: documentation page × back end, and how many promises are kept.

use winhttp_spec::requirements::Ledger;

use crate::pages::pages;
use crate::run::{NotRun, Run};
use crate::standing::{Standings, Tally};

/// Characters of a line; back ends that do not fit get a table of their own below.
const WIDTH: usize = 100;
/// Characters of a back end's three numbers.
const CELL: usize = 21;

/// Of each documentation page that a case asks about, and of the others together: how many requirements it has and how many of them no case covers; of the others,
/// how many each back end keeps and breaks, and of how many its run does not tell.
#[must_use]
pub fn table(runs: &[Run], not_run: &[NotRun], ledger: &Ledger) -> String {
    let rows = rows(runs, ledger);
    let title =
        rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max("documentation page".len());
    let ran = runs.iter().enumerate().map(|(at, run)| Column { name: &run.header.backend, run: Some(at) });
    let columns = ran.chain(not_run.iter().map(|it| Column { name: &it.backend, run: None })).collect();
    let tables: Vec<_> = fitting(columns, title).iter().map(|columns| block(&rows, columns, title)).collect();
    let reasons: Vec<_> =
        not_run.iter().map(|it| format!("{}: not run: {}\n", it.backend, it.reason)).collect();
    format!("{}\n{}", tables.join("\n"), reasons.concat())
}

struct Column<'a> {
    name: &'a str,
    /// Which of the runs; `None` for a back end that was not run.
    run: Option<usize>,
}

struct Row {
    name: String,
    requirements: usize,
    uncovered: usize,
    /// How its requirements stand, a tally a run.
    of_runs: Vec<Tally>,
}

impl Column<'_> {
    fn width(&self) -> usize {
        if self.run.is_some() { CELL } else { (self.name.chars().count() + 2).clamp("  not run".len(), CELL) }
    }
}

fn rows(runs: &[Run], ledger: &Ledger) -> Vec<Row> {
    let standings = Standings::of(runs);
    let row = |name: &str, ids: &[&str]| {
        let summary = standings.summary(ids);
        Row {
            name: name.to_owned(),
            requirements: ids.len(),
            uncovered: summary.uncovered,
            of_runs: summary.of_runs,
        }
    };
    let pages = pages(runs, ledger);
    let (asked, unasked): (Vec<_>, Vec<_>) = pages
        .iter()
        .partition(|page| standings.summary(&page.requirements).uncovered < page.requirements.len());
    let mut rows: Vec<_> = asked.iter().map(|page| row(page.name, &page.requirements)).collect();
    let rest: Vec<&str> = unasked.iter().flat_map(|page| page.requirements.clone()).collect();
    match &unasked[..] {
        [] => {}
        [page] => rows.push(row(page.name, &rest)),
        pages => rows.push(row(&format!("{} more pages", pages.len()), &rest)),
    }
    rows.push(row("all pages", &pages.iter().flat_map(|page| page.requirements.clone()).collect::<Vec<_>>()));
    rows
}

/// The columns in groups that fit a line, each group at least one.
fn fitting(columns: Vec<Column<'_>>, title: usize) -> Vec<Vec<Column<'_>>> {
    let room = WIDTH.saturating_sub(requirements(title, "", "", "").chars().count());
    let mut groups: Vec<Vec<Column<'_>>> = Vec::new();
    for column in columns {
        let fits =
            |group: &Vec<Column<'_>>| group.iter().map(Column::width).sum::<usize>() + column.width() <= room;
        match groups.last_mut().filter(|group| fits(group)) {
            Some(group) => group.push(column),
            None => groups.push(vec![column]),
        }
    }
    groups
}

fn block(rows: &[Row], columns: &[Column<'_>], title: usize) -> String {
    let mut head = requirements(title, "", "", "");
    let mut units = requirements(title, "documentation page", "of", "no case");
    for column in columns {
        let width = column.width();
        head += &format!("{:>width$}", clipped(column.name));
        units += &match column.run {
            Some(_) => three("kept", "broken", "untold"),
            None => " ".repeat(width),
        };
    }
    let mut out = format!("{}\n{}\n", head.trim_end(), units.trim_end());
    for row in rows {
        let mut line = requirements(title, &row.name, &row.requirements.to_string(), &count(row.uncovered));
        for column in columns {
            let width = column.width();
            line += &match column.run.map(|at| row.of_runs[at]) {
                Some(Tally { kept, broken, untold }) => three(&count(kept), &count(broken), &count(untold)),
                None => format!("{:>width$}", "not run"),
            };
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

fn requirements(title: usize, page: &str, all: &str, uncovered: &str) -> String {
    format!("{page:title$}{all:>6}{uncovered:>8}")
}

fn three(kept: &str, broken: &str, untold: &str) -> String {
    format!("{kept:>7}{broken:>7}{untold:>7}")
}

/// A zero is a dot: the eye finds the numbers that say something.
fn count(number: usize) -> String {
    if number == 0 { "·".to_owned() } else { number.to_string() }
}

fn clipped(name: &str) -> String {
    match name.char_indices().nth(CELL - 2) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
