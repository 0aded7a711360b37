//! What the report writes out: what each implementation has, how it behaves, how the pages stand, what no
//! case covers, and what is wrong with the documentation.

use serde::Serialize;
use winhttp_spec::requirements::{Defect, Ledger};

use super::data::{Data, Page, Requirement};
use crate::presence::{Inventory, is_newer};
use crate::record::{Has, Presence, Verdict};
use crate::run::{NotRun, Run};
use crate::standing::{Standings, Tally};
use crate::words::{date, grouped, version};

/// The context of the template.
#[derive(Serialize)]
pub(super) struct Overview<'a> {
    columns: Vec<Column<'a>>,
    declared: Vec<Declared<'a>>,
    verdicts: Vec<&'static str>,
    inventories: Vec<Comparison<'a>>,
    pages: Vec<PageRow<'a>>,
    requirements: String,
    cases: String,
    uncovered: Uncovered<'a>,
    defects: usize,
    defects_of: Vec<DefectsOfPage<'a>>,
}

/// A back end that ran.
#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    library: &'a str,
    system: &'a str,
    windows: Option<String>,
    tool: &'a str,
    started: String,
    seconds: String,
    filters: &'a [String],
    interrupted: bool,
    has: Vec<Summary<'a>>,
    counts: Vec<Count>,
    total: String,
    known: String,
    unexpected: String,
    stale: &'a [String],
    gate: bool,
}

/// One that did not.
#[derive(Serialize)]
struct Declared<'a> {
    name: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Count {
    verdict: &'static str,
    count: String,
    any: bool,
}

/// One list of what a back end has.
#[derive(Serialize)]
struct Summary<'a> {
    what: &'static str,
    done: &'static str,
    present: usize,
    all: usize,
    /// Of the present ones, those newer than what the subject claims to be.
    newer: Vec<Item<'a>>,
    lacking: Vec<Item<'a>>,
    /// Lacking too, but newer than what the subject claims to be.
    excused: Vec<Item<'a>>,
    unknown: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    /// Given where it is newer than what the subject claims to be.
    since: Option<String>,
}

/// One list, name by name, over all back ends.
#[derive(Serialize)]
struct Comparison<'a> {
    what: &'static str,
    rows: Vec<Compared<'a>>,
}

#[derive(Serialize)]
struct Compared<'a> {
    name: &'a str,
    since: Option<String>,
    /// `yes`, `no`, `unknown` or, where the run did not ask, `unasked`.
    has: Vec<&'static str>,
}

#[derive(Serialize)]
struct PageRow<'a> {
    number: usize,
    name: &'a str,
    title: Option<&'a str>,
    url: Option<&'a str>,
    requirements: usize,
    uncovered: usize,
    cells: Vec<Tally>,
}

/// Requirements without a case in any of the runs.
#[derive(Serialize)]
struct Uncovered<'a> {
    count: String,
    /// A run was restricted to some cases, so that a requirement may have others.
    filtered: bool,
    /// That no case will ask.
    reasoned: Vec<Reasoned<'a>>,
    /// On pages that no case asks about yet.
    pending: Vec<&'a str>,
    /// The others, by what a case of them takes.
    needing: Vec<Needing<'a>>,
}

#[derive(Serialize)]
struct Needing<'a> {
    test: &'static str,
    ids: Vec<&'a str>,
}

#[derive(Serialize)]
struct Reasoned<'a> {
    id: &'a str,
    test: &'static str,
    why: &'a str,
}

/// The defects that a page's part of the ledger tells of.
#[derive(Serialize)]
struct DefectsOfPage<'a> {
    page: &'a str,
    defects: Vec<DefectRow<'a>>,
}

#[derive(Serialize)]
struct DefectRow<'a> {
    id: &'a str,
    pages: &'a [String],
    readings: &'a [String],
    touches: &'a [String],
}

impl<'a> Overview<'a> {
    pub(super) fn new(runs: &'a [Run], not_run: &'a [NotRun], ledger: &'a Ledger, data: &Data<'a>) -> Self {
        let standings = Standings::of(runs);
        Self {
            columns: runs.iter().map(column).collect(),
            declared: not_run.iter().map(|it| Declared { name: &it.backend, reason: &it.reason }).collect(),
            verdicts: Verdict::ALL.map(Verdict::name).to_vec(),
            inventories: vec![
                comparison("functions", runs.iter().map(|run| run.header.functions.as_slice()).collect()),
                comparison("options", runs.iter().map(|run| run.header.options.as_slice()).collect()),
            ],
            pages: (0..)
                .zip(&data.pages)
                .map(|(number, page)| page_row(number, page, data, &standings))
                .collect(),
            requirements: grouped(data.requirements.len() as u64),
            cases: grouped(data.cases.len() as u64),
            uncovered: uncovered(runs, &data.requirements),
            defects: ledger.defects().len(),
            defects_of: defects_by_page(ledger.defects()),
        }
    }
}

fn column(run: &Run) -> Column<'_> {
    let header = &run.header;
    let known = run.results.iter().filter(|case| case.gate && case.known.is_some()).count();
    let unexpected = run.results.iter().filter(|case| !case.gate).count();
    Column {
        name: &header.backend,
        library: &header.library,
        system: &header.system,
        windows: header.windows.map(version),
        tool: &header.tool,
        started: date(header.started),
        seconds: format!("{:.1}", run.footer.millis as f64 / 1000.0),
        filters: &header.filters,
        interrupted: run.footer.interrupted,
        has: vec![
            summary("functions", "exported", &header.functions, run),
            summary("options", "recognised", &header.options, run),
        ],
        counts: Verdict::ALL.into_iter().map(|verdict| count(run, verdict)).collect(),
        total: grouped(run.results.len() as u64),
        known: grouped(known as u64),
        unexpected: grouped(unexpected as u64),
        stale: &run.footer.stale,
        gate: run.footer.gate,
    }
}

fn count(run: &Run, verdict: Verdict) -> Count {
    let count = run.footer.counts.of(verdict);
    Count { verdict: verdict.name(), count: grouped(count), any: count > 0 }
}

fn summary<'a>(what: &'static str, done: &'static str, list: &'a [Presence], run: &'a Run) -> Summary<'a> {
    let inventory = Inventory::of(list, &run.header);
    let item = |presence: &'a Presence| Item {
        name: &presence.name,
        since: presence.since.filter(|_| is_newer(presence, &run.header)).map(version),
    };
    let newer = list.iter().filter(|presence| presence.has == Has::Yes && is_newer(presence, &run.header));
    Summary {
        what,
        done,
        present: inventory.present,
        all: inventory.all,
        newer: newer.map(item).collect(),
        lacking: inventory.lacking.into_iter().map(item).collect(),
        excused: inventory.excused.into_iter().map(item).collect(),
        unknown: inventory.unknown.into_iter().map(item).collect(),
    }
}

/// The names in the order of the first list that has them.
fn comparison<'a>(what: &'static str, lists: Vec<&'a [Presence]>) -> Comparison<'a> {
    let mut rows: Vec<Compared<'a>> = Vec::new();
    for (column, list) in lists.iter().enumerate() {
        for presence in *list {
            let at = rows.iter().position(|row| row.name == presence.name).unwrap_or_else(|| {
                rows.push(Compared {
                    name: &presence.name,
                    since: presence.since.map(version),
                    has: vec!["unasked"; lists.len()],
                });
                rows.len() - 1
            });
            rows[at].has[column] = match presence.has {
                Has::Yes => "yes",
                Has::No => "no",
                Has::Unknown => "unknown",
            };
        }
    }
    Comparison { what, rows }
}

fn page_row<'a>(number: usize, page: &Page<'a>, data: &Data<'a>, standings: &Standings<'_>) -> PageRow<'a> {
    let ids: Vec<_> =
        page.requirements.iter().map(|requirement| data.requirements[*requirement].id).collect();
    let summary = standings.summary(&ids);
    PageRow {
        number,
        name: page.name,
        title: page.title,
        url: page.url,
        requirements: ids.len(),
        uncovered: summary.uncovered,
        cells: summary.of_runs,
    }
}

fn uncovered<'a>(runs: &[Run], requirements: &[Requirement<'a>]) -> Uncovered<'a> {
    let those: Vec<_> = requirements.iter().filter(|it| it.cells.iter().all(Option::is_none)).collect();
    let reasoned = those.iter().filter_map(|it| it.why.map(|why| Reasoned { id: it.id, test: it.test, why }));
    let mut needing: Vec<_> =
        those.iter().filter(|it| it.why.is_none() && it.pending.is_none()).copied().collect();
    // What takes least comes first: it is missing for no reason at all.
    needing.sort_by_key(|it| (!["offline", "loopback", "websocket"].contains(&it.test), it.test));
    Uncovered {
        count: grouped(those.len() as u64),
        filtered: !runs.iter().all(Run::is_whole),
        reasoned: reasoned.collect(),
        pending: those.iter().filter(|it| it.pending.is_some()).map(|it| it.id).collect(),
        needing: needing
            .chunk_by(|a, b| a.test == b.test)
            .map(|those| Needing { test: those[0].test, ids: those.iter().map(|it| it.id).collect() })
            .collect(),
    }
}

fn defects_by_page(defects: &[Defect]) -> Vec<DefectsOfPage<'_>> {
    defects
        .chunk_by(|a, b| page_of(&a.id) == page_of(&b.id))
        .map(|defects| DefectsOfPage {
            page: page_of(&defects[0].id),
            defects: defects.iter().map(defect).collect(),
        })
        .collect()
}

fn page_of(id: &str) -> &str {
    id.split_once('/').map_or(id, |(page, _)| page)
}

fn defect(defect: &Defect) -> DefectRow<'_> {
    DefectRow { id: &defect.id, pages: &defect.pages, readings: &defect.readings, touches: &defect.touches }
}
