//! The fuzzer finds every kind of lie within a few hundred programs, shrinks it to a call or two, and writes a case
//! file that fails in the same way; and it finds nothing where there is nothing.
#![allow(unsafe_code, missing_docs, clippy::unwrap_used)]

mod endings;
mod lies;
mod written;

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use rstest::rstest;
use winhttp_conformance::fuzz::{Ended, Fuzz};
use winhttp_conformance::load::load_text;
use winhttp_conformance::presence::Inventory;
use winhttp_conformance::run::{Start, Worker};
use winhttp_reports::record::Verdict;

const SEED: u64 = 1;

/// The callbacks of a process are recorded for one machine at a time.
static ONE: Mutex<()> = Mutex::new(());

fn fuzz(start: &Start<'_>, programs: u64) -> Ended {
    let stop = AtomicBool::new(false);
    let fuzz = Fuzz { start, seed: SEED, jobs: 1, programs: Some(programs), time: None, stop: &stop };
    fuzz.run(|_| {}).unwrap()
}

/// The finding of that kind, its file read back and put by the ordinary way.
fn find(start: &Start<'_>, programs: u64, function: &str, kind: &str, verdict: Verdict) {
    let ended = fuzz(start, programs);
    let all: Vec<_> = ended.findings.iter().map(|it| format!("{}: {}", it.signature, it.reason)).collect();
    let finding = ended
        .findings
        .iter()
        .find(|finding| finding.signature.function == function && finding.signature.kind == kind)
        .unwrap_or_else(|| panic!("{function}: {kind} is not among {all:#?}"));
    assert!(finding.calls <= 2, "{} calls left:\n{}", finding.calls, finding.text);
    assert!(finding.reproduced, "{}", finding.text);
    let cases = load_text("fuzz/found", "fuzz/found.yaml", &finding.text).unwrap();
    let mut worker = Worker::start(start).unwrap();
    for case in &cases {
        let result = worker.ask(case, &Inventory::default());
        assert_eq!(result.verdict, verdict, "{}\n{}", result.reason, finding.text);
    }
}

#[rstest]
#[case::overrun(lies::writes_one_byte_more(), "WinHttpQueryOption", "invariant: lpBuffer")]
#[case::no_code(lies::fails_without_a_code(), "WinHttpQueryOption", "invariant: last error")]
#[case::too_little(lies::asks_for_too_little(), "WinHttpQueryOption", "short buffer: lpdwBufferLength")]
#[case::nonsense(lies::fails_with_nonsense(), "WinHttpSetOption", "documented outcome")]
#[case::forgets(lies::forgets(), "WinHttpQueryOption", "a query gives what was set")]
#[case::scribbles(lies::scribbles(), "WinHttpSetOption", "the buffer is only read")]
#[case::anything(lies::takes_anything(), "WinHttpSetOption", "no handle")]
#[case::url_apart(
    lies::takes_less_of_the_path(),
    "WinHttpCrackUrl",
    "components of a URL: lpUrlComponents.dwUrlPathLength"
)]
#[case::url_together(lies::makes_another_url(), "WinHttpCreateUrl", "URL of components: pwszUrl")]
#[case::url_there_and_back(lies::makes_another_url(), "WinHttpCreateUrl", "a URL there and back: pwszUrl")]
#[case::url_that_needs_more(
    lies::needs_less_than_it_does(),
    "WinHttpCreateUrl",
    "no room for the URL: pdwUrlLength"
)]
#[case::url_overrun(lies::writes_behind_the_url(), "WinHttpCreateUrl", "invariant: pwszUrl")]
#[case::after_the_last(lies::closes_twice(), "callbacks", "invariant: callbacks")]
fn a_lie_is_found(#[case] lie: lies::Lie, #[case] function: &str, #[case] kind: &str) {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    find(&move || Ok(lies::subject(lie)), 300, function, kind, Verdict::Fail);
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let ended = fuzz(&|| Ok(lies::subject(lies::honest())), 500);
    assert_eq!((ended.programs, ended.not_asked), (500, 0), "{}", ended.why_not);
    assert!(ended.findings.is_empty(), "{:#?}", ended.findings);
}

#[test]
fn the_same_seed_finds_the_same() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let found = || {
        let ended = fuzz(&|| Ok(lies::subject(lies::takes_anything())), 100);
        ended.findings.into_iter().map(|finding| (finding.program, finding.text)).collect::<Vec<_>>()
    };
    let first = found();
    assert!(!first.is_empty());
    assert_eq!(first, found());
}
