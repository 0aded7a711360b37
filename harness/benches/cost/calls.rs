//! A call of a plan, against the same calls in a C program on the same library.

use std::time::Duration;

use winhttp_conformance::suite::Root;
use winhttp_host::agent_mode::rust_table;
use winhttp_host::in_process::InProcess;
use winhttp_host::wine::Wine;
use winhttp_host::{Answer, Backend, Subject};
use winhttp_machine::{Buffer, Call, Copy, Plan, Seen, Step, Word};
use winhttp_spec::constants;

use crate::Outcome;
use crate::c_program::CProgram;
use crate::clock::Clock;
use crate::figure::{Figure, Task, best_of};
use crate::table::Table;

/// How many calls a measurement makes.
const CALLS: usize = 2_000_000;
/// An agent's way is longer, so that fewer calls do.
const CALLS_OF_AGENTS: usize = 200_000;
/// A short case and a long one, in calls.
const LENGTHS: [usize; 2] = [4, 16];
const TIMES: usize = 7;
const DEADLINE: Duration = Duration::from_secs(60);

/// Prints the table.
pub(crate) fn report() -> Outcome<()> {
    let mut table =
        Table::new("a call of a plan: opens a session, sets and queries an option in turn", "call");
    let program = CProgram::for_linux()?;
    for length in LENGTHS {
        let figures = best_of(
            TIMES,
            &[
                &|| Ok(program.command(CALLS, length)),
                &|| Task::Calls { backend: None, calls_a_plan: length }.command(),
                &|| Task::Calls { backend: Some(Backend::Rust), calls_a_plan: length }.command(),
            ],
        )?;
        table.title(&format!("libwinhttp.so, {length} calls a plan"));
        table.against(&["C program", "in process", "Linux agent"], &figures);
    }
    match Wine::find(Root::default().path()) {
        Ok(wine) => {
            wine.ensure_server()?;
            let program = CProgram::for_wine(&wine)?;
            for length in LENGTHS {
                let agent = Task::Calls { backend: Some(Backend::Wine), calls_a_plan: length };
                let figures = best_of(TIMES, &[&|| Ok(program.command(CALLS, length)), &|| agent.command()])?;
                table.title(&format!("Wine's winhttp.dll, {length} calls a plan"));
                table.against(&["C program", "Wine agent"], &figures);
            }
        }
        Err(missing) => table.note(&format!("no Wine agent: {missing}")),
    }
    table.goal("in process within 3 times the C program");
    table.print();
    Ok(())
}

/// Makes the calls in plans of so many.
pub(crate) fn measure(backend: Option<&Backend>, calls_a_plan: usize) -> Outcome<Figure> {
    let mut subject: Box<dyn Subject> = match backend {
        Some(backend) => Box::new(backend.start(Root::default().path())?),
        None => {
            let (table, about) = rust_table();
            Box::new(InProcess::new(table, about))
        }
    };
    let plan = plan(calls_a_plan)?;
    let plans = if backend.is_some() { CALLS_OF_AGENTS } else { CALLS } / calls_a_plan;
    proven(&subject.ask(&plan, DEADLINE))?;
    let clock = Clock::start();
    for _ in 0..plans {
        proven(&subject.ask(&plan, DEADLINE))?;
    }
    drop(subject);
    Ok(clock.stop(plans * calls_a_plan))
}

/// Opens a session, sets and queries in turn, and closes the session; that is `calls` calls.
fn plan(calls: usize) -> Outcome<Plan> {
    let constant = |name| constants::value(name).ok_or_else(|| format!("the constants lack {name}"));
    let option = Word::Number(constant("WINHTTP_OPTION_CONNECT_TIMEOUT")?);
    let no_proxy = Word::Number(constant("WINHTTP_ACCESS_TYPE_NO_PROXY")?);
    let buffer =
        |bytes: &[u8]| Buffer { length: bytes.len() as u32, bytes: bytes.into(), ..Buffer::default() };
    let (session, value, length) = (Word::Kept(0), Word::Pointer(1, 0), Word::Pointer(2, 0));
    let call = |function: &str, arguments: Vec<Word>, copy: Vec<Copy>| {
        let function = function.to_owned();
        let call =
            Call { function, arguments, copy, last_error: Some(0), success: Some(true), ..Call::default() };
        Step::Call(call)
    };
    let null = Word::Number(0);
    let mut steps =
        vec![call("WinHttpOpen", vec![Word::Pointer(0, 0), no_proxy, null, null, null], Vec::new())];
    for _ in 0..calls.saturating_sub(2) / 2 {
        let bytes = Copy::Range(1, 0, 4);
        steps.push(call(
            "WinHttpSetOption",
            vec![session, option, value, Word::Number(4)],
            vec![bytes.clone()],
        ));
        let copy = vec![bytes, Copy::Range(2, 0, 4)];
        steps.push(call("WinHttpQueryOption", vec![session, option, value, length], copy));
    }
    let finally = vec![call("WinHttpCloseHandle", vec![session], Vec::new())];
    let buffers =
        vec![buffer(&[b'c', 0, 0, 0]), buffer(&30_000_u32.to_le_bytes()), buffer(&4_u32.to_le_bytes())];
    Ok(Plan { buffers, steps, finally, payloads: Vec::new() })
}

/// A call that fails is quick, and no measure of anything.
fn proven(answer: &Answer) -> Outcome<()> {
    match answer {
        Answer::Observed(observation)
            if observation.steps.iter().all(|seen| matches!(seen, Seen::Returned { value: 1.., .. })) =>
        {
            Ok(())
        }
        other => Err(format!("the calls do not succeed: {other:?}").into()),
    }
}
