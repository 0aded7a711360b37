//! A case as a C program that needs nothing of this project: to show a difference on Windows, or in a bug report.
//!
//! The program is the plan, call by call, with what is expected beside what it prints.

use std::fmt::Write as _;
use std::ops::Range;

use winhttp_machine::{Plan, Shape, Step as PlanStep, When, Word};
use winhttp_origin::Script;

use crate::case::{Case, Step};
use crate::compile::{Compiled, compile};
use crate::display::quoted;
use winhttp_spec::structs::Width;

const HEAD: &str = include_str!("repro/head.c");

/// The program.
///
/// # Errors
///
/// The case cannot be compiled, or is answered from the inventory and makes no calls.
pub fn program(case: &Case) -> Result<String, String> {
    if case.steps.is_empty() {
        return Err(format!(
            "{} makes no calls: it is answered by asking what the implementation has",
            case.id
        ));
    }
    // The port is known when the program runs; this number marks its place.
    let compiled = compile(case, PORT_MARK, Width::W64)?;
    let mut out = format!("/* {}\n", case.id);
    for id in &case.covers {
        let says =
            winhttp_spec::requirements::ledger().requirement(id).map_or("", |requirement| &requirement.says);
        line(&mut out, format_args!(" * {id}: {}", says.replace("*/", "* /")));
    }
    if compiled.script.is_some() {
        let server = match compiled.script {
            Some(Script::Unreachable) => "a port that neither accepts nor refuses a connection",
            _ => "a server",
        };
        line(
            &mut out,
            format_args!(
                " * Needs {server} on {}; its port, of five digits, is the program's argument.",
                compiled.peer.host
            ),
        );
    }
    out.push_str(HEAD);
    buffers(&mut out, &compiled.plan);
    let Plan { steps, finally, .. } = &compiled.plan;
    let (mut functions, mut body) = (String::new(), String::new());
    statements(&compiled, 0..steps.len(), &mut body, &mut functions);
    for (at, _) in steps.iter().enumerate().filter(|(_, step)| matches!(step, PlanStep::Start(_))) {
        line(&mut body, format_args!("    WaitForSingleObject(done[{at}], INFINITE);"));
    }
    for (at, step) in finally.iter().enumerate() {
        statement(&mut body, &compiled, steps.len() + at, step);
    }
    out.push_str(&functions);
    out.push_str("int main(int argc, char **argv)\n{\n    const ULONG_PTR called = 0;\n    (void)called;\n");
    out.push_str("    port = argc > 1 ? strtoul(argv[1], NULL, 10) : 80;\n    load();\n");
    for (number, buffer) in compiled.plan.buffers.iter().enumerate() {
        for offset in port_marks(&buffer.bytes.0) {
            line(&mut out, format_args!("    write_port(b{number} + {offset}, port);"));
        }
    }
    out.push_str(&body);
    if !case.callbacks.is_empty() {
        out.push_str("\n    /* What the callbacks must have been; they are printed above as they come.\n");
        for rule in &case.callbacks {
            line(&mut out, format_args!("     * {}", rule.to_string().replace("*/", "* /")));
        }
        out.push_str("     */\n");
    }
    out.push_str("    return 0;\n}\n");
    Ok(out)
}

/// No port of a case is this by itself: it is the peer's, to be filled in.
const PORT_MARK: u16 = 0xF0F0;

/// Where the port stands in a text.
fn port_marks(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mark: Vec<u8> = PORT_MARK.to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&mark)).collect();
    found.into_iter()
}

fn buffers(out: &mut String, plan: &Plan) {
    for (number, buffer) in plan.buffers.iter().enumerate() {
        let bytes: Vec<String> = buffer.bytes.0.iter().map(|byte| format!("0x{byte:02x}")).collect();
        // C has no empty arrays.
        let (size, bytes) =
            (buffer.length.max(1), if bytes.is_empty() { "0".to_owned() } else { bytes.join(", ") });
        line(out, format_args!("static unsigned char b{number}[{size}] = {{ {bytes} }};"));
    }
    let steps = plan.steps.len() + plan.finally.len();
    line(out, format_args!("static ULONG_PTR r[{}];", steps.max(1)));
    line(out, format_args!("static HANDLE done[{}];\n", steps.max(1)));
}

/// The statements of some steps; those behind a `when` or a `meanwhile` are functions of their own.
fn statements(compiled: &Compiled, steps: Range<usize>, out: &mut String, functions: &mut String) {
    let mut at = steps.start;
    while at < steps.end {
        let step = &compiled.plan.steps[at];
        statement(out, compiled, at, step);
        let inside = match step {
            PlanStep::When(When { steps, .. }) | PlanStep::Start(steps) => *steps as usize,
            _ => 0,
        };
        if inside > 0 {
            let mut body = String::new();
            statements(compiled, at + 1..at + 1 + inside, &mut body, functions);
            line(functions, format_args!("static DWORD WINAPI block_{at}(void *callback)\n{{"));
            functions.push_str("    const ULONG_PTR called = (ULONG_PTR)callback;\n    (void)called;\n");
            functions.push_str(&body);
            functions.push_str("    return 0;\n}\n\n");
        }
        at += 1 + inside;
    }
}

fn statement(out: &mut String, compiled: &Compiled, at: usize, step: &PlanStep) {
    match step {
        PlanStep::Put(put) => {
            line(out, format_args!("    put(b{}, {}, {});", put.buffer, put.offset, word(put.word)));
        }
        PlanStep::Wait(wait) => {
            let statuses: Vec<String> = wait.statuses.iter().map(|status| format!("{status:#x}")).collect();
            let handle = wait.handle.map_or_else(|| "0".to_owned(), word);
            line(
                out,
                format_args!(
                    "    wait_for({}, (DWORD[]){{ {} }}, {handle}, {}, {});",
                    statuses.len(),
                    statuses.join(", "),
                    wait.times,
                    wait.timeout_ms
                ),
            );
        }
        PlanStep::When(When { statuses, handle, nth, .. }) => {
            let handle = handle.map_or_else(|| "0".to_owned(), word);
            let list: Vec<String> = statuses.iter().map(|status| format!("{status:#x}")).collect();
            let (count, list) = (list.len(), list.join(", "));
            line(
                out,
                format_args!(
                    "\n    /* In a callback, on its thread: */\n    arm({count}, (DWORD[]){{ {list} }}, {handle}, {nth}, block_{at}, &done[{at}]);"
                ),
            );
        }
        PlanStep::Start(_) => {
            line(out, format_args!("\n    done[{at}] = CreateThread(NULL, 0, block_{at}, NULL, 0, NULL);"));
        }
        PlanStep::Join(join) => {
            line(out, format_args!("    join(done[{}], {});", join.step, join.timeout_ms));
        }
        PlanStep::Pass(millis) => line(out, format_args!("    Sleep({millis});")),
        PlanStep::Call(call) => {
            let part = compiled.parts.iter().find(|part| part.at as usize == at);
            if let Some(part) = part {
                line(out, format_args!("\n    /* {} */", part.step));
            }
            let guard = call.unless_zero.map(|guard| format!("if ({}) ", word(guard))).unwrap_or_default();
            let arguments: Vec<String> = call.arguments.iter().map(|it| word(*it)).collect();
            let before = call.last_error.unwrap_or_default();
            let list = if arguments.is_empty() { "0".to_owned() } else { arguments.join(", ") };
            line(
                out,
                format_args!(
                    "    {guard}r[{at}] = call(\"{}\", {before:#x}, {}, (ULONG_PTR[]){{ {list} }});",
                    call.function,
                    arguments.len()
                ),
            );
            let Some(part) = part.filter(|part| !part.setup) else { return };
            let Step::Call(asked) = &part.step else { return };
            line(
                out,
                format_args!(
                    "    printf(\"  expected: %s\\n\", {});",
                    quoted(&asked.expect.text(asked.function))
                ),
            );
            let succeeded = match call.success {
                Some(true) => format!("r[{at}]"),
                Some(false) => format!("!r[{at}]"),
                None => "1".to_owned(),
            };
            for (index, held) in &part.memory {
                let length = compiled.plan.buffers[held.buffer as usize].length;
                let name = asked.function.params[*index].name;
                line(out, format_args!("    dump(\"{name}\", b{}, {length});", held.buffer));
                for (path, shape) in held.behind.keys() {
                    let offsets: Vec<String> = path.0.iter().map(ToString::to_string).collect();
                    let length = match shape {
                        Shape::Text => "WIDE_TEXT".to_owned(),
                        Shape::NarrowText => "NARROW_TEXT".to_owned(),
                        Shape::Bytes(length) => length.to_string(),
                    };
                    line(
                        out,
                        format_args!(
                            "    if ({succeeded}) dump_behind(\"{name}\", b{}, {}, (int[]){{ {} }}, {length});",
                            held.buffer,
                            offsets.len(),
                            offsets.join(", ")
                        ),
                    );
                }
            }
        }
    }
}

fn word(word: Word) -> String {
    match word {
        Word::Number(number) if number == u64::from(PORT_MARK) => "port".to_owned(),
        Word::Number(number) => format!("{number:#x}"),
        Word::Kept(step) => format!("r[{step}]"),
        Word::Pointer(buffer, 0) => format!("(ULONG_PTR)b{buffer}"),
        Word::Pointer(buffer, offset) => format!("(ULONG_PTR)(b{buffer} + {offset})"),
        Word::Load(buffer, offset) => format!("get(b{buffer}, {offset})"),
        Word::Callback(_) => "(ULONG_PTR)recorder".to_owned(),
        Word::Called => "called".to_owned(),
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}
