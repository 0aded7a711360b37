//! The suite as tests: this program is the test program of a project whose workspace is a folder of the test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use winhttp_conformance::suite::Root;
use winhttp_conformance::trials::{self, Trials};
use winhttp_host::Backend;

/// Set in the test program of that project: how its agent behaves, or `main` for [`trials::main`].
pub(crate) const VARIABLE: &str = "WINHTTP_CONFORMANCE_GATE";
/// Its workspace.
const ROOT: &str = "WINHTTP_CONFORMANCE_GATE_ROOT";

const CASES: &str = "covers: [WinHttpResetAutoProxy/success]
cases:
  keeps:
    steps: [{ WinHttpCloseHandle: { hInternet: 1 }, succeeds: true }]
  breaks:
    steps: [{ WinHttpCloseHandle: { hInternet: 1 }, fails: ERROR_INVALID_HANDLE }]
  lacks:
    steps: [{ WinHttpOpen: {}, succeeds: true }]
";

/// A run of that program.
struct Row {
    name: &'static str,
    arguments: &'static [&'static str],
    /// How the agent behaves.
    agent: &'static str,
    /// The entries of the baseline.
    known: &'static str,
    code: i32,
    /// What it prints.
    says: &'static [&'static str],
}

const KNOWN: &str = "  - { cases: file/breaks, verdict: fail, reason: it is lazy }\n";

const ROWS: &[Row] = &[
    Row {
        name: "a_list_starts_nobody",
        arguments: &["--list"],
        agent: "says-nothing",
        known: "",
        code: 0,
        says: &[
            "command/file/keeps: test",
            "command/file/lacks: test",
            "command/matrix/callback/exists: test",
        ],
    },
    Row {
        name: "a_filter_that_fits_nothing_starts_nobody",
        arguments: &["xyzzy"],
        agent: "says-nothing",
        known: "",
        code: 0,
        says: &["0 passed; 0 failed"],
    },
    Row {
        name: "one_case",
        arguments: &["--exact", "command/file/keeps"],
        agent: "behaves",
        known: "",
        code: 0,
        says: &["test command/file/keeps ... ok", "1 passed"],
    },
    Row {
        name: "a_failure_is_explained",
        arguments: &["command/file/"],
        agent: "behaves",
        known: "",
        code: 101,
        says: &[
            "fail: return value: expected fails with ERROR_INVALID_HANDLE, observed TRUE",
            "asked by cases/file.yaml:5",
            "covers WinHttpResetAutoProxy/success",
            "conform explain 'file/breaks'",
            "1 passed; 1 failed; 1 ignored",
        ],
    },
    Row {
        name: "a_known_failure_passes_with_its_reason",
        arguments: &["command/file/"],
        agent: "behaves",
        known: KNOWN,
        code: 0,
        says: &[
            "2 passed; 0 failed; 1 ignored",
            "known failures: 1",
            "1 it is lazy",
            "1 not exported: WinHttpOpen",
        ],
    },
    Row {
        name: "another_verdict_than_the_known_one_fails",
        arguments: &["command/file/breaks"],
        agent: "behaves",
        known: "  - { cases: file/breaks, verdict: crash, reason: it is fragile }\n",
        code: 101,
        says: &["fail, but the baseline lists `file/breaks` as crash: it is fragile"],
    },
    Row {
        name: "an_unexpected_pass_fails",
        arguments: &["command/file/keeps"],
        agent: "behaves",
        known: "  - { cases: file/keeps, verdict: fail, reason: it was lazy }\n",
        code: 101,
        says: &["pass, but the baseline lists `file/keeps` as fail: it was lazy"],
    },
    Row {
        name: "a_listed_case_that_is_skipped_fails",
        arguments: &["command/file/lacks"],
        agent: "behaves",
        known: "  - { cases: file/lacks, verdict: fail, reason: it is lazy }\n",
        code: 101,
        says: &["skipped, but the baseline lists `file/lacks` as fail: it is lazy"],
    },
    Row {
        name: "a_skip_is_told",
        arguments: &["command/file/", "--skip", "breaks"],
        agent: "behaves",
        known: "",
        code: 0,
        says: &["1 passed; 0 failed; 1 ignored", "skipped: 1"],
    },
    Row {
        name: "a_whole_run_finds_stale_entries",
        arguments: &[],
        agent: "behaves",
        known: "  - { cases: [file/breaks, file/gone, \"gone/* (2)\"], verdict: fail, reason: it is lazy }\n",
        code: 1,
        says: &[
            "stale in the baseline: file/gone: matches no case",
            "stale in the baseline: gone/*: matches 0 cases, not 2",
            "5 passed; 0 failed; ",
        ],
    },
    Row {
        name: "a_part_of_the_run_does_not",
        arguments: &["command/file/"],
        agent: "behaves",
        known: "  - { cases: [file/breaks, file/gone], verdict: fail, reason: it is lazy }\n",
        code: 0,
        says: &["2 passed"],
    },
    Row {
        name: "an_agent_that_does_not_start_is_told_once",
        arguments: &["command/file/"],
        agent: "says-nothing",
        known: "",
        code: 2,
        says: &["conformance: command:", "before it said hello; it printed: no licence"],
    },
    Row {
        name: "a_malformed_baseline_is_told",
        arguments: &["command/file/"],
        agent: "behaves",
        known: "  - { cases: file/breaks, verdict: fail }\n",
        code: 2,
        says: &["command.yaml: known[0]: missing field `reason` at line 3"],
    },
];

/// The rows, and what is none.
pub(crate) fn trials() -> Vec<Trial> {
    // `env` passes the agent's variable on.
    if !cfg!(unix) {
        return Vec::new();
    }
    let rows = ROWS.iter().map(|row| Trial::test(format!("gate::{}", row.name), || row.check()));
    let others = [
        Trial::test("gate::a_broken_case_file_is_shown", broken_case_file),
        Trial::test("gate::a_late_callback_fails_its_trial", late_callback),
        Trial::test("gate::a_very_late_callback_fails_the_run", very_late_callback),
        Trial::test("gate::an_end_after_the_last_call_is_a_crash", late_end),
        Trial::test("gate::a_back_end_that_there_is_not", no_back_end),
    ];
    rows.chain(others).collect()
}

/// The project's test program.
pub(crate) fn run(agent: &str) -> ExitCode {
    if agent == "main" {
        return trials::main();
    }
    let exe = std::env::current_exe().expect("this program").to_string_lossy().into_owned();
    let variable = format!("{}={agent}", crate::agent::VARIABLE);
    let backend = Backend::Command(vec!["env".into(), "-u".into(), VARIABLE.into(), variable, exe]);
    let root = Root::new(PathBuf::from(std::env::var_os(ROOT).expect("a folder")));
    Trials { root, ..Trials::new(backend) }.run(&Arguments::from_args())
}

impl Row {
    fn check(&self) -> Result<(), Failed> {
        let known = if self.known.is_empty() { " []\n" } else { "\n" };
        let baseline = format!("backend: command\nknown:{known}{}", self.known);
        let root = workspace(self.name, CASES, &baseline);
        check(&start(&root, self.agent, self.arguments), self.code, self.says)
    }
}

fn broken_case_file() -> Result<(), Failed> {
    let root = workspace("broken", &CASES.replace("keeps:", "keeps:\n    abuot: it"), "backend: command\n");
    let says = ["error: a case has no key `abuot`", "--> cases/file.yaml:4:5", "did you mean `about`?"];
    check(&start(&root, "behaves", &["--list"]), 2, &says)
}

const CLOSES: &str = "covers: [WinHttpResetAutoProxy/success]
cases:
  closes:
    steps: [{ WinHttpCloseHandle: { hInternet: 666 }, succeeds: true }]
  other:
    steps: [{ WinHttpCloseHandle: { hInternet: 1 }, succeeds: true }]
";
const LATE: &str = "invariant: callbacks: expected WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING is a handle's last callback, \
                    observed WINHTTP_CALLBACK_STATUS_RESOLVING_NAME came after it, when the case had ended";

/// Asks the cases of [`CLOSES`], one after the other.
fn closes(
    name: &str,
    baseline: &str,
    (agent, arguments): (&str, &[&str]),
    code: i32,
    says: &[&str],
) -> Result<(), Failed> {
    let root = workspace(name, CLOSES, baseline);
    let arguments = [&["--test-threads", "1"], arguments].concat();
    check(&start(&root, agent, &arguments), code, says)
}

const EMPTY: &str = "backend: command\n";
const RACES: &str = "backend: command\nknown:\n  - { cases: file/closes, verdict: fail, sometimes: [pass], reason: it races }\n";

fn late_callback() -> Result<(), Failed> {
    let fails = ["test command/file/closes ... FAILED", LATE, "1 passed; 1 failed"];
    closes("late", EMPTY, ("calls-back-late", &["command/file/"]), 101, &fails)?;
    // A process that asks nothing else: nextest's.
    let only = ["--exact", "command/file/closes"];
    closes("late", EMPTY, ("calls-back-late", &only), 101, &["FAILED", LATE])?;
    closes(
        "late-known",
        RACES,
        ("calls-back-late", &["command/file/"]),
        0,
        &["2 passed", "known failures: 1"],
    )
}

fn very_late_callback() -> Result<(), Failed> {
    let late = &*format!("late: file/closes: {LATE}");
    closes("very-late", EMPTY, ("calls-back-very-late", &["command/file/"]), 1, &["2 passed", late])?;
    let only = ["--exact", "command/file/closes"];
    closes("very-late", EMPTY, ("calls-back-very-late", &only), 1, &["1 passed", late])?;
    closes("very-late-known", RACES, ("calls-back-very-late", &["command/file/"]), 0, &["2 passed"])
}

fn late_end() -> Result<(), Failed> {
    let ends = "crash: invariant: process: expected it waits for the next question, observed it exited with 0, when the \
                case had ended";
    closes("late-end", EMPTY, ("dies-late", &["command/file/"]), 101, &[ends, "1 passed; 1 failed"])
}

fn no_back_end() -> Result<(), Failed> {
    let output = program().env(VARIABLE, "main").env(trials::VARIABLE, "rist").output()?;
    check(&output, 2, &["conformance: no back end `rist`; there are rust, wine, native"])
}

/// A workspace with these cases and this baseline.
pub(crate) fn workspace(name: &str, cases: &str, baseline: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gate").join(name);
    fs::create_dir_all(root.join("cases")).expect("a folder");
    fs::create_dir_all(root.join("reports/baselines")).expect("a folder");
    fs::write(root.join("cases/file.yaml"), cases).expect("a file");
    fs::write(root.join("reports/baselines/command.yaml"), baseline).expect("a file");
    root
}

fn start(root: &Path, agent: &str, arguments: &[&str]) -> Output {
    program().args(arguments).env(VARIABLE, agent).env(ROOT, root).output().expect("this program")
}

fn program() -> Command {
    Command::new(std::env::current_exe().expect("this program"))
}

pub(crate) fn check(output: &Output, code: i32, says: &[&str]) -> Result<(), Failed> {
    let text =
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for said in says {
        if !text.contains(said) {
            return Err(format!("it does not say {said:?}, but:\n{text}").into());
        }
    }
    if output.status.code() != Some(code) {
        return Err(format!("it ends with {}, not {code}:\n{text}", output.status).into());
    }
    Ok(())
}
