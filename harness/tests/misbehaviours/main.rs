//! One bad case harms nobody: whatever a subject or its agent does, it costs one verdict, the count of cases stays, and
//! the others pass.
//!
//! The agents are this program itself, see [`agent`].

mod agent;
mod gate;
mod program;

use std::borrow::Cow;
use std::process::{Command, ExitCode};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use agent::BAD;
use libtest_mimic::{Arguments, Failed, Trial};
use winhttp_conformance::case::Case;
use winhttp_conformance::load::load_text;
use winhttp_conformance::presence::Inventory;
use winhttp_conformance::run::{Worker, run};
use winhttp_host::process::Process;
use winhttp_host::{BackendError, Subject};
use winhttp_reports::record::{CaseResult, Verdict};

/// What the agent does, what the verdict is, and what its reason tells.
struct Row(&'static str, Verdict, &'static str);

const ROWS: &[Row] = &[
    Row("exits", Verdict::Crash, "exited with 0 in step 2, WinHttpCloseHandle(hInternet: 666)"),
    Row("hangs", Verdict::Hang, "no answer in time in step 2, WinHttpCloseHandle(hInternet: 666)"),
    Row(
        "prints-rubbish",
        Verdict::Crash,
        "wrote to standard output, where only answers go: \"fixme:winhttp:stub\"",
    ),
    Row("prints-half-a-line", Verdict::Crash, "wrote to standard output, where only answers go: \"fixme:{"),
    Row("answers-another-number", Verdict::Crash, "answered another question than it was asked"),
    Row("answers-another-question", Verdict::Crash, "answered another question than it was asked"),
    Row("refuses", Verdict::Broken, "not today"),
    Row("behaves", Verdict::Pass, ""),
];

/// Where processes end by signals.
const UNIX_ROWS: &[Row] = &[
    Row("crashes", Verdict::Crash, "was ended by SIGSEGV in step 2, WinHttpCloseHandle(hInternet: 666)"),
    Row("aborts", Verdict::Crash, "was ended by SIGABRT in step 2, WinHttpCloseHandle(hInternet: 666)"),
    Row("is-killed", Verdict::Crash, "was ended by SIGKILL in step 2, WinHttpCloseHandle(hInternet: 666)"),
    Row(
        "closes-its-output",
        Verdict::Crash,
        "closed its standard output and lived on in step 2, WinHttpCloseHandle",
    ),
];

/// Agents that no question can be put to, and what is said of them.
const NO_AGENTS: &[(&str, &str)] = &[
    ("speaks-another-version", "the agent speaks version 4 of the protocol, this program version 3"),
    ("says-something-else", "the agent did not say hello, but: Good morning"),
    ("says-nothing", "the agent exited with 0 before it said hello; it printed: no licence"),
];

fn main() -> ExitCode {
    if let Ok(misbehaviour) = std::env::var(agent::VARIABLE) {
        return agent::run(&misbehaviour);
    }
    if let Ok(how) = std::env::var(gate::VARIABLE) {
        return gate::run(&how);
    }
    let unix = if cfg!(unix) { UNIX_ROWS } else { &[] };
    let rows =
        ROWS.iter().chain(unix).map(|row| Trial::test(format!("costs_one_verdict::{}", row.0), || one(row)));
    let edge = |name, edge, verdict, reason| {
        Trial::test(format!("costs_one_verdict::writes-past-a-buffer{name}"), move || {
            past(edge, verdict, reason)
        })
    };
    let past = [
        edge("", false, Verdict::Fail, "lpBuffer: expected nothing is written outside of its 8 bytes"),
        edge("-before-a-page", true, Verdict::Crash, "was ended by SIGSEGV in step 2, WinHttpQueryOption("),
    ];
    let none = NO_AGENTS
        .iter()
        .map(|(how, said)| Trial::test(format!("is_no_agent::{how}"), move || is_no_agent(how, said)));
    let noise = Trial::test("standard_error_is_kept_and_no_crash", noise);
    let past = past.into_iter().take(if cfg!(unix) { 2 } else { 1 });
    let trials =
        rows.chain(past).chain(none).chain([noise]).chain(gate::trials()).chain(program::trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn one(row: &'static Row) -> Result<(), Failed> {
    let Row(how, verdict, reason) = row;
    costs_one(how, "- WinHttpCloseHandle: { hInternet: 666 }\n  succeeds: true", *verdict, reason)
}

fn past(edge: bool, verdict: Verdict, reason: &str) -> Result<(), Failed> {
    let call = format!(
        "- WinHttpQueryOption: {{ hInternet: 1, dwOption: 1, lpBuffer: {{ space: 8, edge: {edge} }} }}\n  open: true"
    );
    costs_one("", &call, verdict, reason)
}

/// Runs twelve cases with two workers; the sixth is the bad one.
fn costs_one(how: &str, bad: &str, verdict: Verdict, reason: &str) -> Result<(), Failed> {
    let cases = cases(bad);
    let mut results: Vec<CaseResult> = Vec::new();
    let start = || Ok(Box::new(start(how)?) as Box<dyn Subject + Send>);
    let case = |index: usize| Cow::Borrowed(&cases[index]);
    run(&start, 2, &Inventory::default(), cases.len(), &case, &AtomicBool::new(false), |result| {
        results.push(result);
    })?;
    let asked: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let told: Vec<&str> = results.iter().map(|result| result.id.as_str()).collect();
    assert_eq!(told, asked, "every case has its verdict, in order");
    for result in &results {
        let expected = if result.id.ends_with("bad") { verdict } else { Verdict::Pass };
        assert_eq!(result.verdict, expected, "{result:#?}");
    }
    let bad = &results[5];
    if how == "aborts" {
        assert_eq!(bad.noise, "last words", "what a dying subject prints belongs to the case that killed it");
    }
    if UNIX_ROWS.iter().any(|row| row.0 == how) {
        let observed: Vec<&str> = bad.steps.iter().map(|step| step.observed.as_str()).collect();
        assert_eq!(observed, ["TRUE", "did not return"]);
    }
    assert!(bad.reason.contains(reason), "{:?} tells {reason:?}", bad.reason);
    Ok(())
}

/// Eleven good cases, and in the middle one whose second call is the bad one.
fn cases(bad: &str) -> Vec<Case> {
    let good = "- WinHttpCloseHandle: { hInternet: 1 }\n  succeeds: true";
    let names = (1..=5).map(|n| format!("good-{n}")).chain(["bad".into()]);
    let names = names.chain((6..=11).map(|n| format!("good-{n}")));
    let mut text = "covers: [WinHttpResetAutoProxy/success]\ncases:\n".to_owned();
    for name in names {
        let (deadline, calls) =
            if name == "bad" { (500, format!("{good}\n{bad}")) } else { (60_000, good.into()) };
        let calls = calls.replace('\n', "\n    ");
        text.push_str(&format!("  {name}:\n    deadline: {deadline}\n    steps:\n    {calls}\n"));
    }
    load_text("misbehaviours", "misbehaviours.yaml", &text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn start(how: &str) -> Result<Process, BackendError> {
    let how = how.to_owned();
    Process::start(Box::new(move |progress| {
        let mut command = Command::new(std::env::current_exe()?);
        command.env(agent::VARIABLE, &how).env(agent::PROGRESS, progress);
        Ok(command)
    }))
}

fn is_no_agent(how: &str, said: &str) -> Result<(), Failed> {
    let error = start(how).err().ok_or("it was taken for an agent")?.to_string();
    if error.starts_with(said) { Ok(()) } else { Err(error.into()) }
}

fn noise() -> Result<(), Failed> {
    let start = || Ok(Box::new(start("prints-to-standard-error")?) as Box<dyn Subject + Send>);
    let mut worker = Worker::start(&start)?;
    let cases = cases(&format!("- WinHttpCloseHandle: {{ hInternet: {BAD} }}\n  succeeds: true"));
    let first = worker.ask(&cases[5], &Inventory::default());
    assert_eq!(first.verdict, Verdict::Pass);
    let mut kept = first.noise;
    // The pipe is read by a thread of its own: what was printed in one case may stand with a later one.
    let began = Instant::now();
    while !kept.ends_with("fixme:winhttp:stub") {
        let result = worker.ask(&cases[0], &Inventory::default());
        assert_eq!(result.verdict, Verdict::Pass);
        kept.push_str(&result.noise);
        assert!(began.elapsed() < Duration::from_secs(60), "the noise is lost: {}", kept.len());
    }
    assert!(kept.len() < 1 << 20, "a megabyte of noise is shortened");
    Ok(())
}
