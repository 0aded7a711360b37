//! Where runs are written: a part of the suite takes no whole run's place, and what is newest is told.

use std::path::{Path, PathBuf};

use winhttp_conformance::baseline::Baseline;
use winhttp_conformance::gate::Gate;
use winhttp_conformance::recorded;
use winhttp_conformance::recorder::Recorder;
use winhttp_conformance::suite::Root;
use winhttp_reports::record::{CaseResult, Header, SCHEMA, Verdict};
use winhttp_reports::run::Run;

/// An empty workspace.
fn workspace(name: &str) -> Root {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recording").join(name);
    // It is not there the first time.
    let _ = std::fs::remove_dir_all(&path);
    Root::new(path)
}

/// Records these cases with these verdicts.
fn record(
    root: &Root,
    filter: &str,
    started: u64,
    results: &[(&str, Verdict)],
    interrupted: bool,
) -> PathBuf {
    let filters = filter.split_whitespace().map(str::to_owned).collect();
    let header = Header { schema: SCHEMA, backend: "fake".into(), started, filters, ..Header::default() };
    let mut recorder = Recorder::create(root, &header).expect("a file");
    let mut gate = Gate::new(Baseline::default());
    for (id, verdict) in results {
        let mut result = CaseResult { id: (*id).into(), verdict: *verdict, ..CaseResult::default() };
        gate.check(&mut result);
        recorder.record(&result);
    }
    recorder.finish(&gate.footer(filter.is_empty(), interrupted)).expect("a file")
}

fn verdicts(run: &Run) -> Vec<(&str, Verdict)> {
    run.results.iter().map(|result| (result.id.as_str(), result.verdict)).collect()
}

const WHOLE: &[(&str, Verdict)] = &[("a", Verdict::Pass), ("b", Verdict::Fail), ("c", Verdict::Pass)];

#[test]
fn a_filtered_run_leaves_the_whole_one_as_it_was() {
    let root = workspace("filtered");
    let whole = record(&root, "", 1, WHOLE, false);
    let part = record(&root, "b", 2, &[("b", Verdict::Pass)], false);
    assert_eq!(whole, root.output().join("fake.jsonl"));
    assert_eq!(part, root.part().join("fake.jsonl"));
    let run = Run::read(whole).expect("a run");
    assert!(run.is_whole());
    assert_eq!(verdicts(&run), WHOLE);
    assert!(!Run::read(part).expect("a run").is_whole());
}

#[test]
fn so_does_an_interrupted_one() {
    let root = workspace("interrupted");
    let whole = record(&root, "", 1, WHOLE, false);
    record(&root, "", 2, &WHOLE[..1], true);
    assert_eq!(verdicts(&Run::read(whole).expect("a run")), WHOLE);
}

#[test]
fn what_was_asked_since_is_newer() {
    let root = workspace("since");
    record(&root, "", 5, WHOLE, false);
    record(&root, "b d", 6, &[("b", Verdict::Pass), ("d", Verdict::Crash)], false);
    let last = recorded::last(&root);
    assert_eq!(last.len(), 1);
    let expected = [("a", Verdict::Pass), ("b", Verdict::Pass), ("c", Verdict::Pass), ("d", Verdict::Crash)];
    assert_eq!(verdicts(&last[0]), expected);
}

#[test]
fn what_was_asked_before_is_not() {
    let root = workspace("before");
    record(&root, "b", 4, &[("b", Verdict::Pass)], false);
    assert_eq!(verdicts(&recorded::last(&root)[0]), [("b", Verdict::Pass)]);
    record(&root, "", 5, WHOLE, false);
    assert_eq!(verdicts(&recorded::last(&root)[0]), WHOLE);
}
