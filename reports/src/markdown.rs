//! Markdown for a pull request: what is new first, then the numbers; details folded away.

use crate::presence::{Inventory, named};
use crate::record::{CaseResult, Verdict};
use crate::run::{NotRun, Run};
use crate::words::{counted, grouped};

/// Unexpected cases listed of a run. A comment on GitHub ends at 65,536 characters.
const CASES: usize = 25;
/// Differences listed of a case.
const DIFFERENCES: usize = 4;
/// Characters shown of an expectation or an observation: a dumped buffer can be long.
const CHARACTERS: usize = 160;

/// The comment on one or more runs.
#[must_use]
pub fn render(runs: &[Run], not_run: &[NotRun]) -> String {
    let mut out = format!("### WinHTTP conformance: {}\n\n", headline(runs));
    for run in runs {
        out += &unexpected(run);
    }
    out += &numbers(runs, not_run);
    for run in runs {
        out += &lacking(run);
    }
    out
}

fn headline(runs: &[Run]) -> String {
    if runs.is_empty() {
        return "nothing was run".to_owned();
    }
    let failing: Vec<_> =
        runs.iter().filter(|run| !run.footer.gate).map(|run| run.header.backend.as_str()).collect();
    if failing.is_empty() {
        "the gate passes".to_owned()
    } else {
        format!("the gate fails for {}", failing.join(", "))
    }
}

fn unexpected(run: &Run) -> String {
    let cases: Vec<_> = run.results.iter().filter(|case| !case.gate).collect();
    let mut out = String::new();
    if !cases.is_empty() {
        out += &format!("**{}**: {}\n\n", text(&run.header.backend), counted(cases.len(), "unexpected case"));
        for case in cases.iter().take(CASES) {
            out += &unexpected_case(case);
        }
        if cases.len() > CASES {
            out += &format!("- … and {} more\n", grouped((cases.len() - CASES) as u64));
        }
        out.push('\n');
    }
    if !run.footer.stale.is_empty() {
        let entries = counted(run.footer.stale.len(), "stale baseline entry");
        let list: Vec<_> = run.footer.stale.iter().map(|entry| format!("- {}\n", code(entry))).collect();
        out += &format!("**{}**: {entries}\n\n{}\n", text(&run.header.backend), list.concat());
    }
    out
}

fn unexpected_case(case: &CaseResult) -> String {
    let expected = match &case.known {
        Some(known) => format!(" (the baseline says {}: {})", known.verdict.name(), text(&known.reason)),
        None => String::new(),
    };
    let reason = match case.reason.as_str() {
        "" => String::new(),
        reason => format!(": {}", text(reason)),
    };
    let head = format!("**{}** {}{expected}{reason}", case.verdict.name(), code(&case.id));
    if case.differences.is_empty() {
        return format!("- {head}\n");
    }
    let mut out = format!(
        "- {head}\n  <details><summary>{}</summary>\n\n",
        counted(case.differences.len(), "difference")
    );
    out += "  | what | expected | observed |\n  | --- | --- | --- |\n";
    for difference in case.differences.iter().take(DIFFERENCES) {
        let (expected, observed) = (code(&difference.expected), code(&difference.observed));
        out += &format!("  | {} | {expected} | {observed} |\n", text(&difference.what));
    }
    if case.differences.len() > DIFFERENCES {
        out += &format!("  | … and {} more | | |\n", case.differences.len() - DIFFERENCES);
    }
    out + "\n  </details>\n"
}

fn numbers(runs: &[Run], not_run: &[NotRun]) -> String {
    let mut out = String::from("| back end | gate |");
    for verdict in Verdict::ALL {
        out += &format!(" {} |", verdict.name());
    }
    out += " functions | options |\n| --- | --- |";
    out += &" ---: |".repeat(Verdict::ALL.len() + 2);
    out.push('\n');
    for run in runs {
        let gate = if run.footer.gate { "passes" } else { "**fails**" };
        let interrupted = if run.footer.interrupted { " (interrupted)" } else { "" };
        let filtered = if run.header.filters.is_empty() { "" } else { " (filtered)" };
        out += &format!("| {}{filtered}{interrupted} | {gate} |", text(&run.header.backend));
        for verdict in Verdict::ALL {
            out += &format!(" {} |", grouped(run.footer.counts.of(verdict)));
        }
        for list in [&run.header.functions, &run.header.options] {
            let inventory = Inventory::of(list, &run.header);
            out += &format!(" {}/{} |", inventory.present, inventory.all);
        }
        out.push('\n');
    }
    for NotRun { backend, reason } in not_run {
        out += &format!("| {} | not run: {} |", text(backend), text(reason));
        out += &" |".repeat(Verdict::ALL.len() + 2);
        out.push('\n');
    }
    out + "\n"
}

fn lacking(run: &Run) -> String {
    let lists = [("function", &run.header.functions), ("option", &run.header.options)];
    let mut out = String::new();
    for (what, list) in lists {
        let Inventory { lacking, excused, .. } = Inventory::of(list, &run.header);
        for (presences, why) in
            [(lacking, "missing"), (excused, "missing, newer than the Windows it claims to be")]
        {
            if !presences.is_empty() {
                let names: Vec<_> =
                    presences.iter().map(|presence| code(&named(presence, &run.header))).collect();
                let title = format!("{}: {} {why}", text(&run.header.backend), counted(names.len(), what));
                let list = names.join(", ");
                out += &format!("<details><summary>{title}</summary>\n\n{list}\n\n</details>\n");
            }
        }
    }
    out
}

/// Text that Markdown and HTML take as it stands, on one line.
pub(crate) fn text(raw: &str) -> String {
    let mut out = String::new();
    for char in one_line(raw).chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => {
                out.push('\\');
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out
}

/// A code span. In a table a bar would end the cell even there; and a span of backticks needs a longer fence.
pub(crate) fn code(raw: &str) -> String {
    let line = one_line(raw).replace('|', "\\|");
    if line.is_empty() {
        return String::new();
    }
    if line.contains('`') { format!("`` {line} ``") } else { format!("`{line}`") }
}

fn one_line(raw: &str) -> String {
    let line: String = raw.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    match line.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
