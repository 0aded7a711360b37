//! Whether everything that a plan refers to is there.

use crate::call::MAX_ARGUMENTS;
use crate::callback;
use crate::plan::{Call, Copy, Plan, Step, Wait, When, Word};

const POINTER: u32 = size_of::<usize>() as u32;

/// Looks at a plan before anything of it is called.
///
/// # Errors
///
/// The first reference to a buffer, byte or callback that does not exist, or a call with too many arguments.
pub(crate) fn check(plan: &Plan) -> Result<(), String> {
    for (number, step) in plan.steps.iter().chain(&plan.finally).enumerate() {
        match step {
            Step::Call(call) => check_call(plan, call)?,
            Step::Put(put) => {
                inside(plan, put.buffer, put.offset, POINTER)?;
                check_word(plan, put.word)?;
            }
            Step::Wait(Wait { handle, .. }) => handle.map_or(Ok(()), |handle| check_word(plan, handle))?,
            Step::When(When { handle, steps, .. }) => {
                handle.map_or(Ok(()), |handle| check_word(plan, handle))?;
                behind(plan, number, *steps)?;
            }
            Step::Start(steps) => behind(plan, number, *steps)?,
            Step::Join(join) => match plan.steps.get(join.step as usize) {
                Some(Step::When(_) | Step::Start(_)) => {}
                _ => return Err(format!("step {} has no steps behind it to wait for", join.step)),
            },
            Step::Pass(_) => {}
        }
    }
    Ok(())
}

/// Whether the steps that belong to a step are there.
fn behind(plan: &Plan, number: usize, steps: u32) -> Result<(), String> {
    if number + steps as usize >= plan.steps.len() {
        return Err(format!("step {number} has no {steps} steps behind it"));
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
        match copy {
            Copy::Range(buffer, offset, length) => inside(plan, *buffer, *offset, *length)?,
            Copy::Behind(buffer, offsets, _) => {
                let first = offsets.first().ok_or("the plan follows a pointer, but does not say which")?;
                inside(plan, *buffer, *first, POINTER)?;
            }
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
        Word::Number(_) | Word::Kept(_) | Word::Called => Ok(()),
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
