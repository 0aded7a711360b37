//! `conform list` and `conform explain`.

use winhttp_conformance::case::{Case, Step};
use winhttp_conformance::suite::{self, Root};
use winhttp_reports::run::Run;
use winhttp_spec::requirements::{Requirement, ledger};

use crate::{Exit, load, output};

#[derive(clap::Args)]
pub(crate) struct ListArguments {
    /// Only these cases: parts of ids, or patterns with `*` for whole ids.
    filters: Vec<String>,
    /// Only cases that cover this requirement.
    #[arg(long, value_name = "REQUIREMENT")]
    covers: Option<String>,
}

pub(crate) fn list(root: &Root, arguments: &ListArguments) -> Result<Exit, String> {
    let cases = suite::select(load(root)?, &arguments.filters);
    let covers = |case: &&Case| arguments.covers.as_ref().is_none_or(|id| case.covers.contains(id));
    let text: String = cases.iter().filter(covers).map(|case| format!("{}\n", case.id)).collect();
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
    let verdicts = verdicts(root);
    if let Some(requirement) = ledger().requirement(id) {
        output::print(&requirement_text(requirement));
        let covering: Vec<&Case> = cases.iter().filter(|case| case.covers.contains(id)).collect();
        output::print(&format!("\n{} cases cover it\n", covering.len()));
        for case in covering {
            output::print(&format!("  {}{}\n", case.id, verdicts.of(&case.id)));
        }
        return Ok(Exit::AsExpected);
    }
    let Some(case) = cases.iter().find(|case| case.id == *id) else {
        return Err(format!(
            "`{id}` is neither a case nor a requirement; `conform list {id}` finds cases by a part of their id"
        ));
    };
    output::print(&case_text(case));
    output::print(&format!("\nlast runs:{}\n", verdicts.of(id)));
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
    for other in &requirement.conflicts {
        text.push_str(&format!("  contradicts: {other}\n"));
    }
    text
}

fn case_text(case: &Case) -> String {
    let mut text = format!("{}\n", case.id);
    if let Some(source) = &case.source {
        text.push_str(&format!("  written in {}:{}\n", source.file, source.line));
    }
    if let Some(about) = &case.about {
        text.push_str(&format!("  {about}\n"));
    }
    for step in &case.steps {
        text.push_str(&format!("  {step}\n"));
        if let Step::Call(call) = step {
            let expected = call.expect.text(call.function);
            if !expected.is_empty() {
                text.push_str(&format!("    expected: {expected}\n"));
            }
        }
    }
    for id in &case.covers {
        text.push_str("\ncovers ");
        text.push_str(&ledger().requirement(id).map_or_else(|| format!("{id}\n"), requirement_text));
    }
    text
}

/// The last runs that are recorded; those that are not whole are left out.
struct Verdicts(Vec<Run>);

fn verdicts(root: &Root) -> Verdicts {
    let entries = std::fs::read_dir(root.output()).into_iter().flatten().flatten();
    let runs =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
    Verdicts(runs.filter_map(|path| Run::read(path).ok()).collect())
}

impl Verdicts {
    fn of(&self, id: &str) -> String {
        let of = |run: &Run| {
            let result = run.results.iter().find(|result| result.id == id)?;
            let reason =
                if result.reason.is_empty() { String::new() } else { format!(": {}", result.reason) };
            Some(format!("  [{} {}{reason}]", run.header.backend, result.verdict.name()))
        };
        self.0.iter().filter_map(of).collect()
    }
}
