//! JUnit XML: a test suite a back end, a test case a case.
//!
//! JUnit knows one question, whether a test did as expected, so the gate decides: what the gate lets through
//! without a pass is `skipped` and says why, what it does not is a `failure`, or an `error` where the subject
//! or the case itself broke down.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::record::{CaseResult, Verdict};
use crate::run::Run;
use crate::words::version;

/// The XML of one or more runs.
///
/// # Errors
/// The XML writer fails, which it does for no run that could be read.
pub fn render(runs: &[Run]) -> Result<String, String> {
    let mut report = Report::new("winhttp-conformance");
    report.add_test_suites(runs.iter().map(suite));
    report.to_string().map_err(|error| format!("writing JUnit XML: {error}"))
}

fn suite(run: &Run) -> TestSuite {
    let mut suite = TestSuite::new(run.header.backend.as_str());
    suite.set_time(Duration::from_millis(run.footer.millis));
    suite.add_property(Property::new("library", run.header.library.as_str()));
    suite.add_property(Property::new("system", run.header.system.as_str()));
    if let Some(windows) = run.header.windows {
        suite.add_property(Property::new("windows", version(windows)));
    }
    suite.add_test_cases(run.results.iter().map(test_case));
    suite.add_test_cases(run.footer.stale.iter().map(|entry| stale(entry)));
    suite
}

fn test_case(case: &CaseResult) -> TestCase {
    let mut test = TestCase::new(case.id.as_str(), status(case));
    test.set_classname(file(&case.id));
    test.set_time(Duration::from_micros(case.micros));
    if !case.noise.is_empty() {
        test.set_system_err(case.noise.as_str());
    }
    test
}

/// A stale baseline entry fails the gate, so it must not be missing here.
fn stale(entry: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type("stale");
    status.set_message("stale baseline entry: it matches no case, or a case that was skipped");
    let mut test = TestCase::new(entry, status);
    test.set_classname("baseline");
    test
}

/// The case file's part of an id: what stands before the name of the case.
fn file(id: &str) -> &str {
    let name_ends = id.find('[').unwrap_or(id.len());
    id[..name_ends].rsplit_once('/').map_or(id, |(file, _)| file)
}

fn status(case: &CaseResult) -> TestCaseStatus {
    let mut status = match (case.gate, case.verdict) {
        (true, Verdict::Pass) => return TestCaseStatus::success(),
        (true, _) => TestCaseStatus::skipped(),
        (false, Verdict::Crash | Verdict::Hang | Verdict::Broken) => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        (false, _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    status.set_type(case.verdict.name());
    status.set_message(message(case));
    let description = description(case);
    if !description.is_empty() {
        status.set_description(description);
    }
    status
}

fn message(case: &CaseResult) -> String {
    let verdict = case.verdict.name();
    match &case.known {
        Some(known) if case.gate => format!("known: {}", known.reason),
        Some(known) => {
            format!("{verdict}, where the baseline says {}: {}", known.verdict.name(), known.reason)
        }
        None if case.verdict == Verdict::Pass => "passes unexpectedly".to_owned(),
        None if case.reason.is_empty() => verdict.to_owned(),
        None => case.reason.clone(),
    }
}

fn description(case: &CaseResult) -> String {
    let mut lines = Vec::new();
    if let Some(source) = &case.source {
        lines.push(format!("{}:{}", source.file, source.line));
    }
    for difference in &case.differences {
        let step = difference.step.and_then(|step| case.steps.get(step as usize));
        lines.push(
            step.map_or_else(
                || difference.what.clone(),
                |step| format!("{}: {}", step.call, difference.what),
            ),
        );
        lines.push(format!("  expected {}", difference.expected));
        lines.push(format!("  observed {}", difference.observed));
    }
    lines.join("\n")
}
