//! The program `conform`, in a workspace of the test's own, with an agent that misbehaves.

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
