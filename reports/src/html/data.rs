//! What the script of the report reads: every requirement and every case, as small as can be, for there are
//! ten thousand of them. What is empty is left out; requirements are numbers.

use std::collections::HashMap;

use serde::Serialize;
use winhttp_spec::requirements::Ledger;

use crate::pages::pages;
use crate::record::{CaseResult, Clock, Difference, Known, Moment, Source, StepResult, Verdict};
use crate::run::{NotRun, Run};
use crate::standing::{Standings, Tally};

/// The data of a report.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    backends: Vec<Backend<'a>>,
    verdicts: Vec<&'static str>,
    pub(super) pages: Vec<Page<'a>>,
    pub(super) requirements: Vec<Requirement<'a>>,
    pub(super) cases: Vec<Case<'a>>,
}

/// A column: those that ran come first, in the order of the runs.
#[derive(Serialize)]
struct Backend<'a> {
    name: &'a str,
    /// Why it was not run.
    #[serde(rename = "notRun", skip_serializing_if = "Option::is_none")]
    not_run: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Page<'a> {
    pub(super) name: &'a str,
    pub(super) title: Option<&'a str>,
    pub(super) url: Option<&'a str>,
    pub(super) requirements: Vec<usize>,
}

#[derive(Serialize)]
pub(super) struct Requirement<'a> {
    pub(super) id: &'a str,
    /// What it says; `None` where this version's ledger does not have it.
    pub(super) says: Option<&'a str>,
    section: &'a str,
    level: &'static str,
    pub(super) test: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'a str>,
    /// Why not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    conflicts: &'a [String],
    /// The defects of the documentation that touch it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    defects: Vec<&'a str>,
    /// A tally a run; `None` where the run has no case of it.
    pub(super) cells: Vec<Option<Tally>>,
}

#[derive(Serialize)]
pub(super) struct Case<'a> {
    id: &'a str,
    covers: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
    /// What all those were asked that have no steps of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Asked<'a>>,
    /// A result a run; `None` where it was not asked of that back end.
    on: Vec<Option<OnBackend<'a>>>,
}

/// A step without what came of it.
#[derive(PartialEq, Serialize)]
struct Asked<'a> {
    call: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    expected: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    setup: bool,
}

#[derive(Serialize)]
struct OnBackend<'a> {
    verdict: Verdict,
    micros: u64,
    #[serde(skip_serializing_if = "is_false")]
    unexpected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a Known>,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    #[serde(skip_serializing_if = "<[Difference]>::is_empty")]
    differences: &'a [Difference],
    #[serde(skip_serializing_if = "<[StepResult]>::is_empty")]
    steps: &'a [StepResult],
    /// What came of each of the case's steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    observed: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[Moment]>::is_empty")]
    timeline: &'a [Moment],
    /// There is a time line, which is left out.
    #[serde(skip_serializing_if = "is_false")]
    happened: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<Clock>,
    #[serde(skip_serializing_if = "str::is_empty")]
    noise: &'a str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(unexpected: &bool) -> bool {
    !unexpected
}

impl<'a> Data<'a> {
    pub(super) fn new(runs: &'a [Run], not_run: &'a [NotRun], ledger: &'a Ledger) -> Self {
        let ran = runs.iter().map(|run| Backend { name: &run.header.backend, not_run: None });
        let not_run = not_run.iter().map(|it| Backend { name: &it.backend, not_run: Some(&it.reason) });
        let (pages, requirements) = ledger_of(runs, ledger);
        let numbers = requirements.iter().enumerate().map(|(number, it)| (it.id, number)).collect();
        Self {
            backends: ran.chain(not_run).collect(),
            verdicts: Verdict::ALL.map(Verdict::name).to_vec(),
            pages,
            cases: cases(runs, &numbers),
            requirements,
        }
    }
}

fn ledger_of<'a>(runs: &'a [Run], ledger: &'a Ledger) -> (Vec<Page<'a>>, Vec<Requirement<'a>>) {
    let standings = Standings::of(runs);
    let mut defects: HashMap<&str, Vec<&str>> = HashMap::new();
    for defect in ledger.defects() {
        defect.touches.iter().for_each(|id| defects.entry(id).or_default().push(&defect.id));
    }
    let mut requirements = Vec::new();
    let pages = pages(runs, ledger).into_iter().map(|row| {
        let first = requirements.len();
        requirements.extend(row.requirements.iter().map(|id| {
            let known = ledger.requirement(id);
            Requirement {
                id,
                says: known.map(|it| it.says.as_str()),
                section: known.map_or("", |it| &it.section),
                level: known.map_or("", |it| it.level.name()),
                test: known.map_or("", |it| it.test.name()),
                why: known.and_then(|it| it.why.as_deref()),
                pending: known.and_then(|it| it.pending.as_deref()),
                conflicts: known.map_or(&[], |it| &it.conflicts),
                defects: defects.get(id).cloned().unwrap_or_default(),
                cells: standings.requirement(id),
            }
        }));
        Page {
            name: row.name,
            title: row.page.map(|page| page.title.as_str()),
            url: row.page.map(|page| page.url.as_str()),
            requirements: (first..requirements.len()).collect(),
        }
    });
    (pages.collect(), requirements)
}

/// The cases of all runs, each once, in the order in which they are first met.
fn cases<'a>(runs: &'a [Run], numbers: &HashMap<&str, usize>) -> Vec<Case<'a>> {
    let mut cases: Vec<Case<'a>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (column, run) in runs.iter().enumerate() {
        for result in &run.results {
            let place = *places.entry(&result.id).or_insert_with(|| {
                cases.push(Case {
                    id: &result.id,
                    covers: result.covers.iter().filter_map(|id| numbers.get(id.as_str()).copied()).collect(),
                    source: result.source.as_ref(),
                    steps: asked(result),
                    on: runs.iter().map(|_| None).collect(),
                });
                cases.len() - 1
            });
            if cases[place].steps.is_empty() {
                cases[place].steps = asked(result);
            }
            let shared = cases[place].steps == asked(result);
            cases[place].on[column] = Some(on_backend(result, shared));
        }
    }
    cases.iter_mut().for_each(leave_out);
    cases
}

/// What passes everywhere is many times as much as what does not, and nobody looks for its time line here; beside a
/// failure it shows how it should have been.
fn leave_out(case: &mut Case<'_>) {
    let fine = |on: &OnBackend<'_>| on.verdict.is_fine();
    if case.on.iter().flatten().all(fine) {
        for on in case.on.iter_mut().flatten() {
            on.happened = !on.timeline.is_empty();
            on.timeline = &[];
        }
    }
}

fn asked(case: &CaseResult) -> Vec<Asked<'_>> {
    let steps = case.steps.iter();
    steps.map(|step| Asked { call: &step.call, expected: &step.expected, setup: step.setup }).collect()
}

fn on_backend(case: &CaseResult, shared: bool) -> OnBackend<'_> {
    let observed = || case.steps.iter().map(|step| step.observed.as_str()).collect();
    OnBackend {
        verdict: case.verdict,
        micros: case.micros,
        unexpected: !case.gate,
        known: case.known.as_ref(),
        reason: &case.reason,
        differences: &case.differences,
        steps: if shared { &[] } else { &case.steps },
        observed: if shared { observed() } else { Vec::new() },
        happened: false,
        timeline: &case.timeline,
        clock: case.clock,
        noise: &case.noise,
    }
}
