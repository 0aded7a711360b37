//! The laws of the design that no dependency and no lint keeps by itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rstest::rstest;
use winhttp_conformance::baseline::Baseline;
use winhttp_conformance::case::{Case, Step, every};
use winhttp_conformance::compile::compile;
use winhttp_conformance::coverage::Coverage;
use winhttp_conformance::suite::{self, Root};
use winhttp_spec::requirements::ledger;
use winhttp_spec::structs::Width;

static ROOT: LazyLock<Root> = LazyLock::new(Root::default);

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    suite::load(&ROOT)
        .unwrap_or_else(|files| panic!("{}", files.iter().map(ToString::to_string).collect::<String>()))
});

fn read(path: &str) -> String {
    fs::read_to_string(ROOT.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of the packages that a manifest depends on, outside of tests.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in text.lines() {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.contains("dependencies]") && !section.contains("dev-dependencies");
        } else if let (true, Some((name, _))) = (inside, line.split_once('=')) {
            names.insert(name.trim().split('.').next().unwrap_or_default().to_owned());
        }
    }
    assert!(!names.is_empty(), "{manifest} has dependencies");
    names
}

/// 1. The machine knows no WinHTTP, no case and no expectation; 2. no back end sees one; 3. reports judge nothing and
/// read no case.
#[rstest]
#[case::machine("backends/machine/Cargo.toml", &[])]
#[case::agent("backends/agent/Cargo.toml", &["winhttp-machine"])]
#[case::host("backends/host/Cargo.toml", &["winhttp-agent", "winhttp-machine", "winhttp-rust"])]
#[case::the_subject("backends/rust/Cargo.toml", &[])]
#[case::origin("harness/origin/Cargo.toml", &[])]
// Of the specification it needs the ledger, to show what no case asks.
#[case::reports("reports/Cargo.toml", &["winhttp-spec"])]
#[case::spec("spec/Cargo.toml", &[])]
fn a_part_depends_on_what_it_may_know(#[case] manifest: &str, #[case] parts: &[&str]) {
    let dependencies = dependencies(manifest);
    let ours = dependencies.iter().filter(|name| name.starts_with("winhttp-"));
    let more: Vec<_> = ours.filter(|name| !parts.contains(&name.as_str())).collect();
    assert!(more.is_empty(), "{manifest} depends on {more:?}");
    // The specification reads its own requirements.
    let yaml = ["serde_yaml", "saphyr-parser"].into_iter().filter(|_| manifest != "spec/Cargo.toml");
    for name in yaml {
        assert!(!dependencies.contains(name), "{manifest} depends on {name}");
    }
}

/// 4. `unsafe` is in the machine, the loaders and the ABI layer; elsewhere only where a line says why.
#[test]
fn unsafe_code_is_where_it_may_be() {
    const LAYERS: &[&str] = &[
        "backends/machine/src/",
        "backends/machine/tests/",
        "backends/agent/src/",
        "backends/agent/tests/serve.rs",
        "backends/rust/src/abi/",
        "backends/rust/src/last_error.rs",
        "backends/rust/tests/",
        // A function table of an implementation; a signal to a process group.
        "backends/host/src/agent_mode.rs",
        "backends/host/src/watchdog.rs",
        // Fakes: function tables that lie, subjects that fall over.
        "harness/tests/fuzz/lies.rs",
        "harness/tests/liars/fake.rs",
        "harness/tests/misbehaviours/agent.rs",
        // Calls the library without a machine, to compare.
        "harness/benches/",
    ];
    let mut elsewhere = Vec::new();
    for path in sources() {
        let text = read(&path);
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let mut unsafes = code.filter(|line| {
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            words.contains(&"unsafe") && !line.contains('"')
        });
        if unsafes.next().is_some() && !LAYERS.iter().any(|layer| path.starts_with(layer)) {
            elsewhere.push(path);
        }
    }
    assert!(elsewhere.is_empty(), "unsafe code in {elsewhere:#?}");
}

/// 4. Every block has its reason: clippy's lint is on for every package, and no file turns it off.
#[test]
fn unsafe_blocks_say_why() {
    let workspace = read("Cargo.toml");
    assert!(workspace.contains("undocumented_unsafe_blocks = \"deny\""));
    assert!(workspace.contains("unsafe_code = \"deny\""));
    for path in sources() {
        let allowed = read(&path).lines().any(|line| {
            line.trim_start().starts_with("#")
                && line.contains("allow(")
                && line.contains("undocumented_unsafe_blocks")
        });
        assert!(!allowed, "{path} turns the lint off");
    }
    let manifests = files(ROOT.path()).into_iter().filter(|path| path.ends_with("Cargo.toml"));
    for manifest in manifests.filter(|path| path != "Cargo.toml") {
        assert!(
            read(&manifest).contains("[lints]\nworkspace = true"),
            "{manifest} takes the workspace's lints"
        );
    }
}

#[rstest]
#[case("spec/src/lib.rs")]
#[case("harness/src/lib.rs")]
#[case("harness/origin/src/lib.rs")]
#[case("reports/src/lib.rs")]
fn unsafe_code_is_forbidden_where_none_is_needed(#[case] path: &str) {
    assert!(read(path).contains("#![forbid(unsafe_code)]"), "{path}");
}

/// 5. Every case covers a requirement that exists and asserts something, under an id of its own.
#[test]
fn every_case_covers_a_requirement() {
    for case in &*CASES {
        assert!(!case.covers.is_empty(), "{} covers nothing", case.id);
        for id in &case.covers {
            assert!(ledger().requirement(id).is_some(), "{} covers {id}, which there is not", case.id);
        }
        for outcome in outcomes(case) {
            assert!(
                ledger().requirement(outcome).is_some(),
                "{}: because {outcome}, which there is not",
                case.id
            );
        }
    }
}

fn outcomes(case: &Case) -> impl Iterator<Item = &String> {
    every(&case.steps)
        .into_iter()
        .filter_map(|step| match step {
            Step::Call(call) => {
                Some(call.expect.outcomes.iter().filter_map(|outcome| outcome.because.as_ref()))
            }
            _ => None,
        })
        .flatten()
}

#[test]
fn every_case_asserts_something() {
    let asserts = |case: &Case| {
        let step = |step: &Step| match step {
            Step::Setup(_) | Step::Meanwhile(_) | Step::Join(_) | Step::Pass(_) => false,
            Step::Wait(_) => true,
            Step::When(when) => !when.optional,
            Step::Call(call) => {
                let expect = &call.expect;
                expect.open
                    || !(expect.outcomes.is_empty() && expect.gives.is_empty() && expect.unchanged.is_empty())
            }
        };
        case.presence.is_some()
            || case.requests.is_some()
            || case.frames.is_some()
            || !case.callbacks.is_empty()
            || every(&case.steps).into_iter().any(step)
    };
    for case in &*CASES {
        assert!(asserts(case), "{} asserts nothing", case.id);
    }
}

#[test]
fn every_id_is_one_cases() {
    let mut seen = BTreeSet::new();
    for case in &*CASES {
        assert!(seen.insert(&case.id), "{} is there twice", case.id);
        assert!(
            !case.id.contains(char::is_whitespace),
            "{:?} has blanks: shells and filters part it",
            case.id
        );
    }
}

#[test]
fn every_case_compiles() {
    for case in CASES.iter().filter(|case| case.presence.is_none()) {
        compile(case, 1, Width::W64).unwrap_or_else(|reason| panic!("{}: {reason}", case.id));
    }
}

/// A case that is looked up alone, as nextest has it done, is the one of the suite.
#[test]
fn a_case_is_found_by_its_id() {
    for case in CASES.iter().step_by(97) {
        let found = suite::find(&ROOT, &case.id).expect("its file can be read");
        assert_eq!(found.map(|found| format!("{found:?}")), Some(format!("{case:?}")));
    }
    assert!(suite::find(&ROOT, "nowhere/nothing/at-all").expect("no file, no error").is_none());
}

/// 5. What was covered once is covered still: reports/coverage.yaml has how much that was.
#[test]
fn coverage_does_not_fall() {
    let floor = ROOT.floor().unwrap_or_else(|error| panic!("{error}"));
    let fallen = floor.fallen(&Coverage::of(&CASES).pages(ledger()));
    assert!(fallen.is_empty(), "{fallen:#?}\nif that is meant: conform coverage --bless");
}

/// 6. Every baseline can be read, and so has a reason an entry; that of native Windows is empty until a real run.
#[test]
fn every_baseline_is_one() {
    for path in files(&ROOT.path().join("reports/baselines")) {
        let path = Path::new("reports/baselines").join(path);
        let mut baseline = Baseline::read(&ROOT.path().join(&path)).unwrap_or_else(|error| panic!("{error}"));
        for case in &*CASES {
            baseline.check(&case.id, winhttp_reports::record::Verdict::Fail);
        }
        assert!(baseline.stale().is_empty(), "{}: {:#?}", path.display(), baseline.stale());
        if path.ends_with("native.yaml") {
            assert!(
                CASES.iter().all(|case| baseline.check(&case.id, winhttp_reports::record::Verdict::Pass).1)
            );
        }
    }
}

/// 9. Nothing in the tests or the harness sleeps to wait for something, or listens on a port of its choice.
#[test]
fn nothing_sleeps_or_takes_a_fixed_port() {
    const SLEEPS: &[&str] = &[
        // No event tells of a child's end.
        "backends/host/src/watchdog.rs",
        "backends/host/src/toolchain/bounded.rs",
        // Real time is let pass where the subject has no clock of its own, in cases that are asked for.
        "backends/machine/src/thread.rs",
    ];
    for path in sources().into_iter().filter(|path| path != "harness/tests/laws.rs") {
        let text = read(&path);
        assert!(!text.contains("thread::sleep") || SLEEPS.contains(&path.as_str()), "{path} sleeps");
        for bind in text
            .match_indices("TcpListener::bind(")
            .map(|(at, _)| &text[at..text[at..].find('\n').map_or(text.len(), |end| at + end)])
        {
            assert!(bind.contains(":0\"") || bind.contains(", 0)"), "{path}: {bind}");
        }
    }
}

/// The Rust files of the workspace, below its root.
fn sources() -> Vec<String> {
    let mut found = files(ROOT.path());
    found.retain(|path| path.ends_with(".rs"));
    assert!(found.len() > 100, "the workspace has sources");
    found
}

/// The files below a folder, without what is built or hidden.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    collect(folder, Path::new(""), &mut found);
    found
}

fn collect(folder: &Path, below: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let path: PathBuf = below.join(&name);
        let hidden = name.to_string_lossy().starts_with('.') || name == "target";
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !hidden => collect(&entry.path(), &path, found),
            Ok(kind) if kind.is_file() => found.push(path.to_string_lossy().replace('\\', "/")),
            _ => {}
        }
    }
}
