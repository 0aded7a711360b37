//! What a failed trial shows.

use std::fmt::Write as _;

use winhttp_reports::record::CaseResult;

/// Everything that helps to understand the failure without running it again.
pub(super) fn text(result: &CaseResult) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = match &result.known {
        Some(known) => writeln!(
            out,
            "{}, but the baseline lists `{}` as {}: {}",
            result.verdict.name(),
            known.pattern,
            known.verdict.name(),
            known.reason
        ),
        None => writeln!(out, "{}: {}", result.verdict.name(), result.reason),
    };
    if let Some(source) = &result.source {
        let _ = writeln!(out, "  asked by {}:{}", source.file, source.line);
    }
    let _ = writeln!(out, "  covers {}", result.covers.join(", "));
    for step in &result.steps {
        let mark = if step.ok { ' ' } else { '!' };
        let _ = writeln!(out, "{mark} {}", step.call);
        if !step.ok {
            let _ = writeln!(out, "      expected {}\n      observed {}", step.expected, step.observed);
        }
    }
    for difference in &result.differences {
        let _ = writeln!(
            out,
            "  {}: expected {}, observed {}",
            difference.what, difference.expected, difference.observed
        );
    }
    if !result.noise.is_empty() {
        let _ = writeln!(out, "  standard error: {}", result.noise);
    }
    let _ = write!(out, "  more: conform explain '{}'", result.id);
    out
}
