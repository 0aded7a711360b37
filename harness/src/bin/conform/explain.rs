//! `conform list` and `conform explain`.

use winhttp_conformance::case::{Case, Step};
use winhttp_conformance::diagnostics::nearest;
use winhttp_conformance::filter::{self, Condition};
use winhttp_conformance::recorded;
use winhttp_conformance::suite::{self, Root};
use winhttp_reports::record::CaseResult;
use winhttp_reports::run::Run;
use winhttp_reports::text;
use winhttp_spec::requirements::{Defect, Requirement, ledger};

use crate::{Exit, load, output};

#[derive(clap::Args)]
pub(crate) struct ListArguments {
    /// Only these cases: parts of ids, or patterns with `*` for whole ids.
    filters: Vec<String>,
    /// Only cases of which this holds: key=value or key!=value, a value with `*` being a pattern. Several times: all
    /// hold. The keys: covers and page (what the case covers), function (called), option (set or queried), folder,
    /// origin (offline, loopback, websocket: what it takes to ask), async, isolated (true, false), and of the recorded
    /// runs verdict (pass, fail, …) and backend.
    #[arg(long = "where", value_name = "KEY=VALUE")]
    conditions: Vec<Condition>,
}

pub(crate) fn list(root: &Root, arguments: &ListArguments) -> Result<Exit, String> {
    let cases = suite::select(load(root)?, &arguments.filters);
    let runs = recorded::last(root);
    let met = cases.iter().filter(|case| filter::meets(case, &arguments.conditions, &runs));
    let text: String = met.map(|case| format!("{}\n", case.id)).collect();
    output::print(&text);
    Ok(Exit::AsExpected)
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The id of a case or of a requirement.
    id: String,
}

pub(crate) fn explain(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let cases = load(root)?;
    let id = &arguments.id;
    let recorded = Recorded(recorded::last(root));
    if let Some(requirement) = ledger().requirement(id) {
        output::print(&requirement_text(requirement));
        let covering: Vec<&Case> = cases.iter().filter(|case| case.covers.contains(id)).collect();
        output::print(&match covering.len() {
            0 => format!("\nno case covers it; `conform new {id}` begins one\n"),
            1 => "\none case covers it\n".to_owned(),
            many => format!("\n{many} cases cover it\n"),
        });
        for case in covering {
            output::print(&format!("  {}\n{}", case.id, recorded.in_short(&case.id)));
        }
        return Ok(Exit::AsExpected);
    }
    let Some(case) = cases.iter().find(|case| case.id == *id) else {
        let ids = ledger().all().map(|it| it.id.as_str()).chain(cases.iter().map(|case| case.id.as_str()));
        let advice = match nearest(id, ids) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`conform list {id}` finds cases by a part of their id"),
        };
        return Err(format!("`{id}` is neither a case nor a requirement; {advice}"));
    };
    output::print(&case_text(case));
    output::print(&recorded.explained(id));
    Ok(Exit::AsExpected)
}

fn requirement_text(requirement: &Requirement) -> String {
    let page = ledger().pages().iter().find(|page| page.name == requirement.page);
    let (title, url) = page.map_or(("", ""), |page| (&page.title, &page.url));
    let mut text = format!(
        "{}\n  {}\n  page: {title}, {}\n  {url}\n  level: {}, test: {}\n",
        requirement.id,
        requirement.says,
        requirement.section,
        requirement.level.name(),
        requirement.test.name()
    );
    if let Some(why) = &requirement.why {
        text.push_str(&format!("  why: {why}\n"));
    }
    if let Some(pending) = &requirement.pending {
        text.push_str(&format!("  pending: {pending}\n"));
    }
    for other in &requirement.conflicts {
        let says = ledger().requirement(other).map_or("", |it| it.says.as_str());
        text.push_str(&format!("  contradicts: {other}: {says}\n"));
    }
    for other in ledger().all().filter(|it| it.conflicts.contains(&requirement.id)) {
        if !requirement.conflicts.contains(&other.id) {
            text.push_str(&format!("  contradicted by: {}: {}\n", other.id, other.says));
        }
    }
    text.push_str(&defects_text(requirement));
    text
}

/// Where the documentation leaves open what the requirement means.
fn defects_text(requirement: &Requirement) -> String {
    let touching = ledger().defects().iter().filter(|defect| defect.touches.contains(&requirement.id));
    let one = |defect: &Defect| {
        let readings: String = defect.readings.iter().map(|it| format!("    - {it}\n")).collect();
        format!("  defect of the documentation: {}\n{readings}", defect.id)
    };
    touching.map(one).collect()
}

fn case_text(case: &Case) -> String {
    let mut text = format!("{}\n", case.id);
    if let Some(source) = &case.source {
        text.push_str(&format!("  written in {}:{}\n", source.file, source.line));
    }
    if let Some(about) = &case.about {
        text.push_str(&format!("  {about}\n"));
    }
    steps_text(&case.steps, "  ", &mut text);
    for rule in &case.callbacks {
        text.push_str(&format!("  callbacks: {rule}\n"));
    }
    for id in &case.covers {
        text.push_str("\ncovers ");
        text.push_str(&ledger().requirement(id).map_or_else(|| format!("{id}\n"), requirement_text));
    }
    text
}

fn steps_text(steps: &[Step], indent: &str, text: &mut String) {
    for step in steps {
        text.push_str(&format!("{indent}{step}\n"));
        if let Step::Call(call) = step {
            let expected = call.expect.text(call.function);
            if !expected.is_empty() {
                text.push_str(&format!("{indent}  expected: {expected}\n"));
            }
        }
        steps_text(step.inner(), &format!("{indent}  "), text);
    }
}

/// What is recorded last of each back end.
struct Recorded(Vec<Run>);

impl Recorded {
    /// The results of a case with the labels of their back ends.
    fn of(&self, id: &str) -> impl Iterator<Item = (&str, &CaseResult)> {
        let of = move |run: &Run| run.results.iter().position(|result| result.id == id);
        self.0.iter().filter_map(move |run| Some((&*run.header.backend, &run.results[of(run)?])))
    }

    /// The verdicts of a case in the last run of each back end, a line or two each.
    fn in_short(&self, id: &str) -> String {
        self.of(id).map(|(backend, result)| text::in_short(backend, result, output::colour())).collect()
    }

    /// What became of a case, step by step, in the last run of each back end.
    fn explained(&self, id: &str) -> String {
        let one = |(backend, result)| format!("\n{}", text::explained(backend, result, output::colour()));
        let texts: Vec<String> = self.of(id).map(one).collect();
        if texts.is_empty() {
            return format!("\nno run is recorded; `conform run '{id}'` makes one\n");
        }
        texts.concat()
    }
}
