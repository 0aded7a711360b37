//! What holds in every case, for free.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use winhttp_machine::{Observation, Seen};
use winhttp_reports::record::Difference;
use winhttp_spec::constants;
use winhttp_spec::errors;
use winhttp_spec::functions::{Function, Returns};

use crate::case::{CallStep, Step};
use crate::compile::{Compiled, SENTINEL};

/// A function that reports failure through the last error sets it.
pub(super) fn last_error(
    call: &CallStep,
    value: u64,
    error: u32,
    report: &mut impl FnMut(String, String, String),
) {
    let by_last_error = matches!(call.function.returns, Returns::Bool | Returns::Handle | Returns::Callback);
    if !by_last_error || call.last_error.is_some() || super::succeeded(call.function, value) {
        return;
    }
    let observed = match error {
        SENTINEL => "not set",
        0 => "set to ERROR_SUCCESS",
        _ => return,
    };
    report("invariant: last error".into(), "set when the call fails".into(), observed.into());
}

/// Whether the documentation knows this code at all, for this function or for WinHTTP.
pub(crate) fn is_documented(function: &Function, code: u32) -> bool {
    errors::name(code).is_some()
        || function
            .errors
            .iter()
            .any(|name| constants::value(name).is_some_and(|value| value == u64::from(code)))
}

/// Nothing is written outside of the memory that a call is given.
pub(super) fn overruns(compiled: &Compiled, observation: &Observation, differences: &mut Vec<Difference>) {
    for overrun in &observation.overruns {
        let part = compiled.parts.iter().position(|part| part.at == overrun.step);
        let held = part.and_then(|index| {
            let part = &compiled.parts[index];
            let (param, _) = part.memory.iter().find(|(_, held)| held.buffer == overrun.buffer)?;
            match &part.step {
                Step::Call(call) => Some(call.function.params[*param].name),
                _ => None,
            }
        });
        let length = compiled.plan.buffers.get(overrun.buffer as usize).map_or(0, |buffer| buffer.length);
        differences.push(Difference {
            step: part.map(|index| index as u32),
            what: format!("invariant: {}", held.unwrap_or("memory of an earlier call")),
            expected: format!("nothing is written outside of its {length} bytes"),
            observed: format!("{} bytes changed from offset {} on", overrun.length, overrun.offset),
        });
    }
}

/// HANDLE_CLOSING comes at most once for a handle, and nothing after it.
pub(super) fn closing(compiled: &Compiled, observation: &Observation, differences: &mut Vec<Difference>) {
    let Some(closing) = constants::value("WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING") else { return };
    // The step in which each handle was closed. Its value may be given away again, to a handle that is another.
    let mut closed: BTreeMap<u64, u32> = BTreeMap::new();
    for callback in &observation.callbacks {
        let again = |from: u32| returned(compiled, observation, callback.handle, from..=callback.step);
        if closed.get(&callback.handle).is_some_and(|from| !again(*from)) {
            differences.push(Difference {
                step: None,
                what: "invariant: callbacks".into(),
                expected: "WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING is a handle's last callback".into(),
                observed: format!("{} came after it", super::rules::status_text(callback.status)),
            });
        }
        if u64::from(callback.status) == closing {
            closed.insert(callback.handle, callback.step);
        }
    }
}

/// Whether one of these steps has returned this handle.
fn returned(compiled: &Compiled, observation: &Observation, handle: u64, steps: RangeInclusive<u32>) -> bool {
    compiled.parts.iter().filter(|part| steps.contains(&part.at)).any(|part| {
        let gives = matches!(&part.step, Step::Call(call) if call.function.returns == Returns::Handle);
        gives && matches!(super::seen(observation, part), Seen::Returned { value, .. } if *value == handle)
    })
}
