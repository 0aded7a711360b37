//! The program `conform`, in a workspace of the test's own, with an agent that misbehaves.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

use crate::agent;
use crate::gate::{check, workspace};

const CASES: &str = "covers: [WinHttpResetAutoProxy/success]
cases:
  keeps:
    steps: [{ WinHttpCloseHandle: { hInternet: 1 }, succeeds: true }]
  wavers:
    steps: [{ WinHttpCloseHandle: { hInternet: 666 }, succeeds: true }]
";

pub(crate) fn trials() -> Vec<Trial> {
    // `env` passes the agent's variable on.
    if !cfg!(unix) {
        return Vec::new();
    }
    vec![
        Trial::test("program::names_what_is_not_steady", names_what_is_not_steady),
        Trial::test("program::knows_what_is_not_steady", knows_what_is_not_steady),
        Trial::test("program::records_no_steadiness", records_no_steadiness),
        Trial::test("program::a_part_leaves_the_whole_run", a_part_leaves_the_whole_run),
        Trial::test("program::takes_the_root_before_the_command", takes_the_root_before_the_command),
        Trial::test("program::takes_no_options_of_a_command_before_it", takes_no_options_before_the_command),
    ]
}

fn names_what_is_not_steady() -> Result<(), Failed> {
    let root = workspace("unsteady", CASES, "backend: command\n");
    let output = steady(&root)?;
    let says = ["2 cases, 4 times: 1 not always the same, 0 more as", "file/wavers: 2 pass, 2 fail\n"];
    check(&output, 1, &says)
}

fn knows_what_is_not_steady() -> Result<(), Failed> {
    let known = "backend: command\nknown:\n  - { cases: file/wavers, verdict: fail, sometimes: [pass], reason: it races }\n";
    let root = workspace("known-unsteady", CASES, known);
    let output = steady(&root)?;
    check(
        &output,
        0,
        &["0 not always the same, 1 more as", "file/wavers: 2 pass, 2 fail (as the baseline says)"],
    )
}

fn steady(root: &Path) -> Result<Output, Failed> {
    let (variable, mind) = (agent::VARIABLE, root.join("mind"));
    let exe = std::env::current_exe()?;
    let backend = format!("command:env {variable}=changes-its-mind {}", exe.display());
    let arguments = ["steady", "--times", "4", "--load", "1", "--backend", &backend, "file/"];
    Ok(conform(root).args(arguments).env(agent::MIND, mind).output()?)
}

/// Twenty runs on a busy machine are not the run that a report is made of.
fn records_no_steadiness() -> Result<(), Failed> {
    let root = workspace("steady-unrecorded", CASES, "backend: command\n");
    steady(&root)?;
    if root.join("target/conform/part/command.jsonl").exists() {
        return Err("it is recorded".into());
    }
    Ok(())
}

fn a_part_leaves_the_whole_run() -> Result<(), Failed> {
    let known = "backend: command\nknown:\n  - cases: file/wavers\n    verdict: fail\n    reason: it does\n";
    let root = workspace("part", CASES, known);
    // It is not there the first time.
    let _ = fs::remove_dir_all(root.join("target"));
    let (variable, exe) = (agent::VARIABLE, std::env::current_exe()?);
    let backend = format!("command:env {variable}=behaves {}", exe.display());
    let bless = || conform(&root).args(["bless", "command"]).output();
    let run = |filters: &[&str]| conform(&root).args(["run", "--backend", &backend]).args(filters).output();
    let kept = || -> Result<_, Failed> {
        let read = |name| fs::read(root.join("target/conform").join(name));
        Ok((read("command.jsonl")?, read("report.html")?, read("junit.xml")?, read("summary.md")?))
    };
    check(&run(&["file/wavers"])?, 1, &["target/conform/part/report.html", "not every case was asked"])?;
    check(&bless()?, 2, &["no run of all cases is recorded of command: `conform run` without a filter"])?;
    check(&run(&[])?, 1, &["target/conform/report.html"])?;
    let whole = kept()?;
    check(&run(&["file/wavers"])?, 1, &["target/conform/part/report.html", "not every case was asked"])?;
    if kept()? != whole {
        return Err("the whole run is another".into());
    }
    // What is listed and passes is taken out, because every case was asked.
    check(&bless()?, 0, &["command.yaml is rewritten"])?;
    let explained = conform(&root).args(["explain", "file/wavers"]).output()?;
    check(&explained, 0, &["command: pass"])
}

fn takes_the_root_before_the_command() -> Result<(), Failed> {
    let root = workspace("root", CASES, "backend: command\n");
    check(&conform(&root).args(["list", "file/keeps"]).output()?, 0, &["file/keeps"])
}

fn takes_no_options_before_the_command() -> Result<(), Failed> {
    let root = workspace("options", CASES, "backend: command\n");
    let output = conform(&root).args(["--backend", "rust", "list"]).output()?;
    check(&output, 2, &["options of a command come after its name"])
}

fn conform(root: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_conform"));
    program.arg("--root").arg(root);
    program
}
