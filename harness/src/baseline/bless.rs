//! Brings a baseline up to date with a finished run, and keeps what people wrote in it.
//!
//! The text is edited, not written anew: comments and order stay. A pattern that no longer holds is taken out, and an
//! entry that has none left with it; what is new comes last, under the reason that the user gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use winhttp_reports::record::{CaseResult, Footer, Verdict};

use super::Entry;

/// Why a baseline is not rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlessError {
    /// The run was stopped, or filtered: what it did not ask would be lost.
    Partial(String),
    /// There are new entries and no reason for them.
    NoReason(usize),
    /// The result would not be a baseline.
    Malformed(String),
}

impl std::fmt::Display for BlessError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Partial(why) => write!(out, "{why}: a baseline is rewritten only after a complete run"),
            Self::NoReason(count) => {
                write!(out, "{count} cases are new in the baseline: give their reason with --reason \"…\"")
            }
            Self::Malformed(why) => write!(out, "the baseline could not be rewritten: {why}"),
        }
    }
}

impl std::error::Error for BlessError {}

/// The new text of a baseline.
///
/// # Errors
///
/// See [`BlessError`].
pub fn bless(
    text: &str,
    label: &str,
    filters: &[String],
    footer: &Footer,
    results: &[CaseResult],
    reason: Option<&str>,
) -> Result<String, BlessError> {
    if footer.interrupted {
        return Err(BlessError::Partial("the run was interrupted".into()));
    }
    if !filters.is_empty() {
        return Err(BlessError::Partial(format!("the run was restricted to {}", filters.join(", "))));
    }
    let bad: Vec<&CaseResult> = results.iter().filter(|result| !result.verdict.is_fine()).collect();
    let mut covered = vec![false; bad.len()];
    let (mut kept, found) = keep(text, &bad, &mut covered)?;
    if found != listed(text)? {
        let why = "only entries of the form that blessing writes, a line a pattern, can be edited";
        return Err(BlessError::Malformed(why.into()));
    }
    let new: Vec<&CaseResult> =
        bad.iter().zip(covered).filter(|(_, covered)| !covered).map(|(bad, _)| *bad).collect();
    if kept.trim().is_empty() {
        kept = format!("backend: {label}\nknown:\n");
    }
    if !new.is_empty() {
        begin_list(&mut kept);
        let reason =
            reason.filter(|reason| !reason.trim().is_empty()).ok_or(BlessError::NoReason(new.len()))?;
        append(&mut kept, &new, reason);
    }
    super::Baseline::parse(&kept).map_err(BlessError::Malformed)?;
    Ok(kept)
}

/// How many patterns a baseline lists; an empty text is one that lists none.
fn listed(text: &str) -> Result<usize, BlessError> {
    if text.trim().is_empty() {
        return Ok(0);
    }
    Ok(super::Baseline::parse(text).map_err(BlessError::Malformed)?.entries.len())
}

/// The text without the patterns that no longer hold, and how many patterns there were.
fn keep(text: &str, bad: &[&CaseResult], covered: &mut [bool]) -> Result<(String, usize), BlessError> {
    let (mut kept, mut found) = (String::new(), 0);
    for block in blocks(text) {
        let Some(verdict) = block.verdict() else {
            kept.push_str(&block.lines.concat());
            continue;
        };
        let mut any = false;
        let mut lines = Vec::new();
        let mut in_cases = false;
        for line in &block.lines {
            in_cases = starts_cases(line).unwrap_or(in_cases);
            let Some(pattern) = pattern(line).filter(|_| in_cases) else {
                lines.push(line.clone());
                continue;
            };
            found += 1;
            let entry = Entry::new(pattern, verdict, "kept".into()).map_err(BlessError::Malformed)?;
            // One run says nothing against an entry with several verdicts.
            let sometimes = block.sometimes();
            let matches: Vec<usize> = (0..bad.len())
                .filter(|at| !covered[*at] && (sometimes || bad[*at].verdict == verdict))
                .filter(|at| entry.glob.matches(&bad[*at].id))
                .collect();
            if matches.is_empty() && !sometimes {
                continue;
            }
            any = true;
            for at in &matches {
                covered[*at] = true;
            }
            lines.push(match entry.count {
                Some(count) if !sometimes => {
                    line.replacen(&format!("({count})"), &format!("({})", matches.len()), 1)
                }
                _ => line.clone(),
            });
        }
        if any {
            kept.push_str(&lines.concat());
        }
    }
    Ok((kept, found))
}

/// A run of lines: an entry, or what stands before, between and after entries.
#[derive(Default)]
struct Block {
    lines: Vec<String>,
}

impl Block {
    fn sometimes(&self) -> bool {
        self.lines.iter().any(|line| line.starts_with("    sometimes:"))
    }

    fn verdict(&self) -> Option<Verdict> {
        let line = self
            .lines
            .iter()
            .find_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("verdict:"))?;
        Verdict::ALL.into_iter().find(|verdict| verdict.name() == line.trim())
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    for line in text.split_inclusive('\n') {
        // An entry begins at a dash in the list's own column, its comments before it.
        let begins = line.starts_with("  - ");
        let current = blocks.len() - 1;
        if begins {
            blocks.push(Block::default());
            // Comments right above an entry belong to it.
            let above = blocks[current].lines.iter().rposition(|line| !line.trim_start().starts_with('#'));
            let moved = blocks[current].lines.split_off(above.map_or(0, |at| at + 1));
            blocks[current + 1].lines = moved;
        } else if line.starts_with('#') {
            // A comment at the margin belongs to no entry.
            blocks.push(Block::default());
        }
        let last = blocks.len() - 1;
        blocks[last].lines.push(line.to_owned());
    }
    blocks
}

/// Whether a line begins an entry's cases, or another of its keys; `None` if it begins neither. A reason may go on for
/// lines that look like a list.
fn starts_cases(line: &str) -> Option<bool> {
    let key = line.strip_prefix("  - ").or_else(|| line.strip_prefix("    "))?;
    let (word, _) = key.split_once(':')?;
    ["cases", "verdict", "sometimes", "reason", "link"].contains(&word).then_some(word == "cases")
}

/// The pattern on a line of an entry's list of cases, or of its only one.
fn pattern(line: &str) -> Option<String> {
    let trimmed = line.trim();
    let written = match trimmed.strip_prefix("- cases:").or_else(|| trimmed.strip_prefix("cases:")) {
        Some(only) if only.trim().is_empty() => return None,
        Some(only) => only.trim(),
        None if line.starts_with("      - ") => trimmed.strip_prefix("- ")?,
        None => return None,
    };
    // As YAML: there may be quotes, and a comment behind it.
    serde_yaml::from_str(written).ok()
}

/// There is a list to append to, where there was an empty one or none.
fn begin_list(kept: &mut String) {
    if let Some(at) = kept.find("\nknown: []") {
        kept.replace_range(at..at + "\nknown: []".len(), "\nknown:");
    } else if !kept.lines().any(|line| line.trim_end() == "known:") {
        kept.push_str("known:\n");
    }
}

fn append(kept: &mut String, new: &[&CaseResult], reason: &str) {
    let mut by_verdict: BTreeMap<Verdict, Vec<&str>> = BTreeMap::new();
    for result in new {
        by_verdict.entry(result.verdict).or_default().push(&result.id);
    }
    for (verdict, ids) in by_verdict {
        kept.push_str("  - cases:\n");
        for id in ids {
            // Writing to a string cannot fail.
            let _ = writeln!(kept, "      - {}", crate::display::quoted(id));
        }
        let _ =
            writeln!(kept, "    verdict: {}\n    reason: {}", verdict.name(), crate::display::quoted(reason));
    }
}
