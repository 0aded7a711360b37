//! Whether everything that a plan refers to is there.

use crate::call::MAX_ARGUMENTS;
use crate::callback;
use crate::plan::{Call, Copy, Plan, Step, Word};

const POINTER: u32 = size_of::<usize>() as u32;

/// Looks at a plan before anything of it is called.
///
/// # Errors
///
/// The first reference to a buffer, byte or callback that does not exist, or a call with too many arguments.
pub(crate) fn check(plan: &Plan) -> Result<(), String> {
    for step in plan.steps.iter().chain(&plan.finally) {
        match step {
            Step::Call(call) => check_call(plan, call)?,
            Step::Put(put) => {
                inside(plan, put.buffer, put.offset, POINTER)?;
                check_word(plan, put.word)?;
            }
            Step::Wait(wait) => {
                if let Some(handle) = wait.handle {
                    check_word(plan, handle)?;
                }
            }
        }
    }
    Ok(())
}

fn check_call(plan: &Plan, call: &Call) -> Result<(), String> {
    if call.arguments.len() > MAX_ARGUMENTS {
        return Err(format!("{} has {} arguments", call.function, call.arguments.len()));
    }
    for word in &call.arguments {
        check_word(plan, *word)?;
    }
    if let Some(word) = call.unless_zero {
        check_word(plan, word)?;
    }
    for copy in &call.copy {
        match *copy {
            Copy::Range(buffer, offset, length) => inside(plan, buffer, offset, length)?,
            Copy::Text(buffer, offset) => inside(plan, buffer, offset, POINTER)?,
        }
    }
    Ok(())
}

#[inline]
fn check_word(plan: &Plan, word: Word) -> Result<(), String> {
    match word {
        Word::Pointer(buffer, offset) => inside(plan, buffer, offset, 0),
        Word::Load(buffer, offset) => inside(plan, buffer, offset, POINTER),
        Word::Callback(number) => check_callback(number),
        Word::Number(_) | Word::Kept(_) => Ok(()),
    }
}

fn check_callback(number: u8) -> Result<(), String> {
    match callback::address(number) {
        Some(_) => Ok(()),
        None => Err(format!("no callback number {number}")),
    }
}

fn inside(plan: &Plan, buffer: u32, offset: u32, length: u32) -> Result<(), String> {
    let end = u64::from(offset) + u64::from(length);
    match plan.buffers.get(buffer as usize) {
        Some(it) if end <= u64::from(it.length) => Ok(()),
        _ => Err(outside(buffer, offset, length)),
    }
}

/// Apart, so that the check itself stays small: every word of every call passes it.
#[cold]
fn outside(buffer: u32, offset: u32, length: u32) -> String {
    format!("the plan reaches for byte {offset} and {length} on of buffer {buffer}: not there")
}
