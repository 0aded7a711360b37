//! What only a real Wine can show. Where Wine is not set up the tests are listed as ignored, with the reason.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use winhttp_host::wine::{Missing, Wine};
use winhttp_host::{Answer, Left, Subject};
use winhttp_machine::Plan;

/// Far more than any of these questions takes.
const DEADLINE: Duration = Duration::from_secs(60);

type Test = fn(Wine) -> Result<(), Failed>;

const TESTS: &[(&str, Test)] = &[
    ("the_agent_speaks_for_wines_own_library", the_agent_speaks_for_wines_own_library),
    ("another_library_takes_the_place_of_wines", another_library_takes_the_place_of_wines),
    ("a_library_that_is_not_there_is_an_error", a_library_that_is_not_there_is_an_error),
    ("a_crash_costs_one_answer", a_crash_costs_one_answer),
    ("a_second_server_is_not_started", a_second_server_is_not_started),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = wine().err();
    if let Some(missing) = &missing {
        eprintln!("skipped: {missing}");
    }
    let trials = TESTS.iter().map(|&(name, test)| {
        Trial::test(name, move || test(wine().map_err(|missing| missing.to_string())?))
            .with_ignored_flag(missing.is_some())
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn wine() -> Result<Wine, Missing> {
    Wine::find(&root())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn the_agent_speaks_for_wines_own_library(wine: Wine) -> Result<(), Failed> {
    let version = wine.version().to_owned();
    let mut agent = wine.start()?;
    let told = agent.about().wine.as_ref().map(|version| format!("wine-{version}"));
    expect(told.as_deref() == Some(&*version), format!("{told:?} is not {version}"))?;
    expect(exports(&mut agent)? == [true, false], "not Wine's winhttp.dll")
}

fn another_library_takes_the_place_of_wines(wine: Wine) -> Result<(), Failed> {
    let library = stand_in()?;
    let exported = wine.with_native_dll(&library).start().and_then(|mut agent| exports(&mut agent));
    fs::remove_file(&library)?;
    expect(exported? == [false, true], "not the library that was given")
}

fn a_library_that_is_not_there_is_an_error(wine: Wine) -> Result<(), Failed> {
    let started = wine.with_native_dll("/nowhere/winhttp.dll").start();
    expect(started.is_err(), "Wine's own library was loaded instead")
}

fn a_crash_costs_one_answer(wine: Wine) -> Result<(), Failed> {
    let bad_pointer = plan(r#"{"steps":[{"call":{"function":"WinHttpOpen","arguments":[16,0,0,0,0]}}]}"#)?;
    let harmless = plan(r#"{"steps":[{"call":{"function":"WinHttpCloseHandle","arguments":[0]}}]}"#)?;
    let mut agent = wine.start()?;
    let crashed = agent.ask(&bad_pointer, DEADLINE);
    expect(
        matches!(crashed, Answer::Crashed { left: Some(Left { step: 0, .. }), .. }),
        format!("{crashed:?}"),
    )?;
    let answered = agent.ask(&harmless, DEADLINE);
    expect(matches!(answered, Answer::Observed(_)), format!("{answered:?}"))?;
    let noise = agent.noise();
    expect(noise.is_empty(), noise)
}

fn a_second_server_is_not_started(wine: Wine) -> Result<(), Failed> {
    wine.ensure_server()?;
    self::wine().map_err(|missing| missing.to_string())?.ensure_server()?;
    Ok(())
}

/// Whether an agent's library exports a function of winhttp.dll, and the one of [`stand_in`].
fn exports(agent: &mut impl Subject) -> Result<Vec<bool>, winhttp_host::BackendError> {
    agent.exports(&["WinHttpOpen".into(), "ThisIsTheStandIn".into()])
}

/// A winhttp.dll that exports one function, which Wine's has not.
fn stand_in() -> Result<PathBuf, Failed> {
    let path = std::env::temp_dir().join(format!("winhttp-stand-in-{}.dll", std::process::id()));
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc")
        .args(["-shared", "-x", "c", "-", "-o"])
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = compiler.stdin.take() {
        std::io::Write::write_all(
            &mut input,
            b"__declspec(dllexport) int ThisIsTheStandIn(void) { return 1; }\n",
        )?;
    }
    expect(compiler.wait()?.success(), "the stand-in was not compiled")?;
    Ok(path)
}

fn plan(json: &str) -> Result<Plan, Failed> {
    Ok(serde_json::from_str(json)?)
}

fn expect(condition: bool, otherwise: impl std::fmt::Display) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(otherwise.to_string().into()) }
}
