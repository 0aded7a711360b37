//! A test can fail: for every rule by which the harness judges there is a fake that keeps it, and passes, and one that
//! breaks it, and is caught.

mod answers;
mod callbacks;
mod fake;
mod frames;
mod invariants;
mod memory;
mod outcomes;
mod peer;
mod setups;
mod threads;

use fake::{Does, ask};
use winhttp_reports::record::Verdict;

/// The honest fake passes; the liar fails, and what it lied about is named, and nothing else.
fn caught(case: &str, honest: Does, liar: Does, what: &str) {
    let truth = ask(case, honest);
    assert_eq!(truth.verdict, Verdict::Pass, "the honest fake: {truth:#?}");
    let lie = ask(case, liar);
    assert_eq!(lie.verdict, Verdict::Fail, "the liar: {lie:#?}");
    let named: Vec<&str> = lie.differences.iter().map(|difference| difference.what.as_str()).collect();
    assert_eq!(named, [what], "{lie:#?}");
    assert!(!lie.reason.is_empty());
}
