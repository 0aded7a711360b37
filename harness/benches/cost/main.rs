//! What asking costs: `cargo bench -p winhttp-conformance [-- calls|no-op|suite]`.
//!
//! - `calls`: a call of a plan, against the same calls in a C program on the same library;
//! - `no-op`: 100,000 cases that do next to nothing, through the whole pipeline;
//! - `suite`: every case.
//!
//! Figures are ratios within one run, because a machine is never the same twice. Each is measured in a process of its
//! own, several times; the best is shown, of the wall's time and of the processor's time apart. On a machine that is
//! busy with something else the processor's time is the one to read.
#![allow(clippy::print_stdout)]

mod c_program;
mod calls;
mod clock;
mod figure;
mod no_op;
mod pipeline;
mod suite;
mod table;

use std::process::ExitCode;

use figure::Task;
use winhttp_host::agent_mode;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    if let Some(code) = agent_mode::serve_if_asked() {
        return code;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cost: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    // Cargo says `--bench`, which is nothing new.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some(task) = Task::of_this_process(&arguments) {
        println!("{}", task?.measure()?);
        return Ok(());
    }
    let wanted = |section: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == section);
    if let Some(unknown) = arguments.iter().find(|it| !["calls", "no-op", "suite"].contains(&it.as_str())) {
        return Err(format!("there is no {unknown}; there are calls, no-op and suite").into());
    }
    if wanted("calls") {
        calls::report()?;
    }
    if wanted("no-op") {
        no_op::report()?;
    }
    if wanted("suite") {
        suite::report()?;
    }
    Ok(())
}
