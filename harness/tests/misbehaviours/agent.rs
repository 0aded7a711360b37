//! An agent whose subject, or which itself, misbehaves when a call is given the number [`BAD`].
// Standard output is the protocol.
#![allow(unsafe_code, clippy::print_stdout)]

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use winhttp_agent::progress::Progress;
use winhttp_agent::{About, Ask, Hello, PROTOCOL, Reply, serve};
use winhttp_machine::{Address, Machine, Mark, Notification, Observation, Step, Table, Word};

/// Names the misbehaviour in the agent's process.
pub(crate) const VARIABLE: &str = "WINHTTP_CONFORMANCE_MISBEHAVIOUR";
/// The progress file.
pub(crate) const PROGRESS: &str = "WINHTTP_CONFORMANCE_MISBEHAVIOUR_PROGRESS";
/// The file by which one that changes its mind knows what it answered before.
pub(crate) const MIND: &str = "WINHTTP_CONFORMANCE_MISBEHAVIOUR_MIND";
/// The argument that sets it off.
pub(crate) const BAD: u64 = 666;

/// Serves with that misbehaviour.
pub(crate) fn run(misbehaviour: &str) -> ExitCode {
    let progress =
        std::env::var_os(PROGRESS).map(|path| Progress::open(Path::new(&path)).expect("a progress file"));
    match misbehaviour {
        "speaks-another-version" => hello(PROTOCOL + 1),
        "says-something-else" => println!("Good morning"),
        "says-nothing" => eprintln!("no licence"),
        "answers-another-number" => answer(|number| observation(number + 1)),
        "answers-another-question" => answer(|_| Reply::Exports(Vec::new())),
        "calls-back-late" => late(Some(1)),
        "calls-back-very-late" => late(Some(2)),
        "dies-late" => late(None),
        "refuses" => answer(|number| Reply::Refused { number, reason: "not today".into() }),
        _ => {
            let (input, output) = (io::stdin().lock(), io::stdout());
            serve(About::default(), &mut Machine::new(table()), progress, input, output).expect("a host");
        }
    }
    ExitCode::SUCCESS
}

fn observation(number: u32) -> Reply {
    Reply::Observation { number, observation: Observation::default() }
}

fn hello(protocol: u32) {
    say(&Hello { protocol, about: About::default() });
}

/// Answers like an agent should, but a bad question like this.
fn answer(wrong: impl Fn(u32) -> Reply) {
    hello(PROTOCOL);
    let mut machine = Machine::new(table());
    for line in io::stdin().lock().lines() {
        let line = line.expect("a host");
        match serde_json::from_str(&line).expect("a question") {
            Ask::Exports(names) => say(&Reply::Exports(machine.exports(&names))),
            Ask::Plan { number, plan } if plan.steps.iter().any(is_bad) => say(&wrong(number)),
            Ask::Plan { number, plan } => {
                let observation = machine.run(&plan, &(Arc::new(()) as Arc<dyn Mark>)).expect("a plan");
                say(&Reply::Observation { number, observation });
            }
        }
    }
}

/// Tells in an answer after that to a bad question, so many questions on, that a callback has come after
/// HANDLE_CLOSING; or ends instead of the first.
fn late(after: Option<u32>) {
    hello(PROTOCOL);
    let mut machine = Machine::new(table());
    let mark: Arc<dyn Mark> = Arc::new(());
    let mut since = None;
    for line in io::stdin().lock().lines() {
        let line = line.expect("a host");
        let (number, plan) = match serde_json::from_str(&line).expect("a question") {
            Ask::Exports(names) => {
                say(&Reply::Exports(machine.exports(&names)));
                continue;
            }
            Ask::Plan { number, plan } => (number, plan),
        };
        let mut observation = machine.run(&plan, &mark).expect("a plan");
        since = since.map(|since| since + 1);
        if plan.steps.iter().any(is_bad) {
            since = Some(0);
            observation.callbacks.push(callback(0x800, 0));
        } else if since.is_some() && after.is_none() {
            return;
        } else if since.is_some() && since == after {
            observation.late.push(callback(1, after.unwrap_or_default()));
        }
        say(&Reply::Observation { number, observation });
    }
}

fn callback(status: u32, ago: u32) -> Notification {
    Notification { handle: BAD, status, thread: 1, ago, ..Notification::default() }
}

fn is_bad(step: &Step) -> bool {
    matches!(step, Step::Call(call) if call.arguments.contains(&Word::Number(BAD)))
}

fn say(message: &impl serde::Serialize) {
    println!("{}", serde_json::to_string(message).expect("a message"));
}

fn table() -> Table {
    let find = |name: &str| {
        Some(match name {
            "WinHttpCloseHandle" => Address(close_handle as *const ()),
            // Whoever behaves has no such function.
            "WinHttpQueryOption" if misbehaviour().is_empty() => Address(query_option as *const ()),
            "GetLastError" | "SetLastError" => Address(last_error as *const ()),
            _ => return None,
        })
    };
    // SAFETY: every entry takes and returns machine words.
    unsafe { Table::new(find) }
}

fn misbehaviour() -> String {
    std::env::var(VARIABLE).unwrap_or_default()
}

/// Always ERROR_INVALID_HANDLE: there is no other way to fail here.
extern "system" fn last_error(_: u32) -> u32 {
    6
}

extern "system" fn close_handle(handle: usize) -> i32 {
    if handle as u64 == BAD {
        let how = misbehaviour();
        if how == "changes-its-mind" {
            return i32::from(another_answer());
        }
        misbehave(&how);
    }
    // What no case of these tests calls a handle is none.
    i32::from(matches!(handle, 1 | 666))
}

/// Yes the first time, no the second, and so on.
fn another_answer() -> bool {
    let mind = std::env::var_os(MIND).expect("a file");
    let said_no = std::fs::remove_file(&mind).is_err();
    if said_no {
        std::fs::write(&mind, "").expect("a file");
    }
    said_no
}

/// Writes four bytes more than it was told it may.
extern "system" fn query_option(_: usize, _: u32, buffer: *mut u8, length: *mut u32) -> i32 {
    // SAFETY: `length` is the machine's, and what lies beyond the buffer is what the test is about.
    unsafe { buffer.write_bytes(0, *length as usize + 4) };
    1
}

fn misbehave(how: &str) {
    match how {
        // SAFETY: no one's memory: it faults.
        "crashes" => unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(0) },
        "aborts" => {
            eprintln!("last words");
            std::process::abort();
        }
        "exits" => std::process::exit(0),
        "hangs" => hang(),
        "is-killed" => {
            let number = std::process::id().to_string();
            Command::new("kill").args(["-KILL", &number]).status().expect("a shell's kill");
            hang();
        }
        "prints-rubbish" => println!("fixme:winhttp:stub"),
        "prints-half-a-line" => {
            print!("fixme:");
            io::stdout().flush().expect("a host");
        }
        "closes-its-output" => {
            close_output();
            hang();
        }
        "prints-to-standard-error" => eprintln!("{}\nfixme:winhttp:stub", "x".repeat(1 << 20)),
        _ => {}
    }
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

#[cfg(unix)]
fn close_output() {
    use std::os::fd::FromRawFd;
    // SAFETY: nobody in this process writes to it any more.
    drop(unsafe { std::os::fd::OwnedFd::from_raw_fd(1) });
}

#[cfg(not(unix))]
fn close_output() {}
