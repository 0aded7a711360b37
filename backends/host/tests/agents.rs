//! The agents that this package starts: this very program, with [`agent_mode`].

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use winhttp_host::process::Process;
use winhttp_host::{Answer, Backend, Subject, agent_mode};
use winhttp_machine::{Buffer, Call, Copy, Plan, Put, Seen, Step, Word};

const DEADLINE: Duration = Duration::from_secs(60);

type Test = fn() -> Result<(), Failed>;

const TESTS: &[(&str, Test)] = &[
    ("the_rust_back_end_answers", the_rust_back_end_answers),
    (
        "the_shared_library_answers_like_the_built_in_table",
        the_shared_library_answers_like_the_built_in_table,
    ),
    ("a_file_that_is_no_library_is_an_error", a_file_that_is_no_library_is_an_error),
    ("a_plan_that_cannot_be_is_refused_and_costs_nothing", a_plan_that_cannot_be_is_refused),
    ("a_renewed_process_has_answered_nothing_before", a_renewed_process),
    ("a_renewed_process_has_a_configuration_of_its_own", a_renewed_configuration),
    ("nothing_is_left_behind", nothing_is_left_behind),
];

fn main() -> ExitCode {
    if let Some(code) = agent_mode::serve_if_asked() {
        return code;
    }
    let trials = TESTS.iter().map(|&(name, test)| Trial::test(name, test)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn the_rust_back_end_answers() -> Result<(), Failed> {
    let mut process = start(&Backend::Rust)?;
    assert_eq!(process.about().windows, Some([10, 0, 26100]));
    let names = ["WinHttpOpen", "GetLastError", "WinHttpFly"].map(str::to_owned);
    assert_eq!(process.exports(&names)?, [true, true, false]);
    let (value, error) = returned(&mut process, &close_null());
    assert_eq!((value as u32, error), (0, 6), "closing NULL is ERROR_INVALID_HANDLE");
    Ok(())
}

fn the_shared_library_answers_like_the_built_in_table() -> Result<(), Failed> {
    // Cargo builds it for this test, beside the test itself.
    let file = format!("{}winhttp{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let path = std::env::current_exe()?.with_file_name(file);
    let mut process = start(&Backend::Library(path.clone()))?;
    assert_eq!(PathBuf::from(&process.about().library), path.canonicalize()?);
    let names = ["WinHttpOpen", "WinHttpFly"].map(str::to_owned);
    assert_eq!(process.exports(&names)?, [true, false]);
    let mut built_in = start(&Backend::Rust)?;
    assert_eq!(returned(&mut process, &close_null()), returned(&mut built_in, &close_null()));
    Ok(())
}

fn a_file_that_is_no_library_is_an_error() -> Result<(), Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = start(&Backend::Library(path)).err().ok_or("it was loaded")?.to_string();
    assert!(error.contains("exited with 2 before it said hello; it printed: agent: "), "{error}");
    assert!(error.contains("Cargo.toml could not be loaded: "), "{error}");
    Ok(())
}

fn a_plan_that_cannot_be_is_refused() -> Result<(), Failed> {
    let mut process = start(&Backend::Rust)?;
    let plan = plan(vec![Word::Pointer(3, 0)]);
    let Answer::NotAsked(reason) = process.ask(&plan, DEADLINE) else { return Err("it was asked".into()) };
    assert_eq!(reason, "the plan reaches for byte 0 and 0 on of buffer 3: not there");
    returned(&mut process, &close_null());
    Ok(())
}

fn a_renewed_process() -> Result<(), Failed> {
    let mut process = start(&Backend::Rust)?;
    let open = Plan { steps: vec![call("WinHttpOpen", vec![Word::Number(0); 5])], ..Plan::default() };
    let (session, _) = returned(&mut process, &open);
    process.renew();
    let (value, error) = returned(&mut process, &plan(vec![Word::Number(session)]));
    assert_eq!((value as u32, error), (0, 6), "a handle of the process before is none");
    Ok(())
}

/// A default proxy that one agent set for good is not there for the next.
fn a_renewed_configuration() -> Result<(), Failed> {
    let mut process = start(&Backend::Rust)?;
    let mut set = plan_for_info("WinHttpSetDefaultProxyConfiguration", 3);
    let name = Put { buffer: 0, offset: 8, word: Word::Pointer(1, 0) };
    set.buffers.push(Buffer { length: 4, bytes: b"p\0\0\0".to_vec().into(), ..Buffer::default() });
    set.steps.insert(0, Step::Put(name));
    assert_eq!(access_type(&mut process, &set), (1, 3));
    let get = plan_for_info("WinHttpGetDefaultProxyConfiguration", 0);
    assert_eq!(access_type(&mut process, &get), (1, 3), "the same agent keeps it");
    process.renew();
    assert_eq!(access_type(&mut process, &get), (1, 1), "there is no proxy");
    Ok(())
}

/// A call with a WINHTTP_PROXY_INFO that has this access type.
fn plan_for_info(function: &str, access_type: u8) -> Plan {
    let mut bytes = vec![0; 24];
    bytes[0] = access_type;
    let copy = vec![Copy::Range(0, 0, 4)];
    let arguments = vec![Word::Pointer(0, 0)];
    Plan {
        buffers: vec![Buffer { length: 24, bytes: bytes.into(), ..Buffer::default() }],
        steps: vec![Step::Call(Call { function: function.to_owned(), arguments, copy, ..Call::default() })],
        ..Plan::default()
    }
}

/// What the last call of a plan returned, and the access type that was in memory then.
fn access_type(process: &mut Process, plan: &Plan) -> (u32, u8) {
    match process.ask(plan, DEADLINE) {
        Answer::Observed(observation) => match observation.steps.last() {
            Some(Seen::Returned { value, copies, .. }) => {
                (*value as u32, copies[0].as_ref().expect("memory").0[0])
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The progress file goes with the process.
fn nothing_is_left_behind() -> Result<(), Failed> {
    let path = std::sync::Arc::new(std::sync::Mutex::new(PathBuf::new()));
    let seen = std::sync::Arc::clone(&path);
    let process = Process::start(Box::new(move |progress| {
        progress.clone_into(&mut seen.lock().expect("nobody panicked"));
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.env(agent_mode::VARIABLE, "rust");
        Ok(command)
    }))?;
    let path = path.lock().expect("nobody panicked").clone();
    assert!(path.is_file());
    drop(process);
    assert!(!path.exists());
    Ok(())
}

fn start(backend: &Backend) -> Result<Process, winhttp_host::BackendError> {
    backend.start(Path::new("/"))
}

fn close_null() -> Plan {
    plan(vec![Word::Number(0)])
}

fn plan(arguments: Vec<Word>) -> Plan {
    Plan { steps: vec![call("WinHttpCloseHandle", arguments)], ..Plan::default() }
}

fn call(function: &str, arguments: Vec<Word>) -> Step {
    Step::Call(Call { function: function.to_owned(), arguments, ..Call::default() })
}

fn returned(process: &mut Process, plan: &Plan) -> (u64, u32) {
    match process.ask(plan, DEADLINE) {
        Answer::Observed(observation) => match observation.steps[0] {
            Seen::Returned { value, error, .. } => (value, error),
            ref other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}
