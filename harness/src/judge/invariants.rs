//! What holds in every case, for free.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_machine::{Notification, Observation, Seen};
use winhttp_reports::record::Difference;
use winhttp_spec::constants;
use winhttp_spec::errors;
use winhttp_spec::functions::{Function, Returns, Type};

use super::memory::number;
use crate::case::{CallStep, Step};
use crate::compile::{Compiled, Memory, SENTINEL};

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

/// HANDLE_CLOSING comes at most once for a handle, nothing after it, and not while another callback of the handle is at
/// work.
pub(super) fn closing(compiled: &Compiled, observation: &Observation, differences: &mut Vec<Difference>) {
    let Some(closing) = constants::value("WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING") else { return };
    let mut differ = |expected: &str, observed: String| {
        let what = "invariant: callbacks".into();
        differences.push(Difference { step: None, what, expected: expected.into(), observed });
    };
    // Which callback closed a handle. Its value may be given away again, to a handle that is another.
    let mut closed: BTreeMap<u64, u32> = BTreeMap::new();
    for (number, callback) in observation.callbacks.iter().enumerate() {
        let number = number as u32;
        let again = |closed: u32| given_away(compiled, observation, callback.handle, closed, number);
        if closed.get(&callback.handle).is_some_and(|closed| !again(*closed)) {
            differ(LAST, format!("{} came after it", super::rules::status_text(callback.status)));
        }
        if u64::from(callback.status) != closing {
            continue;
        }
        let at_work = |(other, it): &(u32, &Notification)| {
            it.handle == callback.handle
                && it.until.is_some_and(|until| (*other + 1..until).contains(&number))
        };
        if let Some((_, other)) = (0..number).zip(&observation.callbacks).find(at_work) {
            let other = super::rules::status_text(other.status);
            differ(
                "WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING comes when no other callback of the handle is at work",
                format!("it came during {other}"),
            );
        }
        closed.insert(callback.handle, number);
    }
}

const LAST: &str = "WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING is a handle's last callback";

/// Whether this handle was given by a call that ended after the one callback and began before the other.
fn given_away(compiled: &Compiled, observation: &Observation, handle: u64, closed: u32, until: u32) -> bool {
    compiled.parts.iter().any(|part| {
        let Step::Call(call) = &part.step else { return false };
        let Seen::Returned { value, copies, callbacks: (from, to), .. } = super::seen(observation, part)
        else {
            return false;
        };
        // WinHttpCreateProxyResolver gives its handle through a pointer.
        let by_pointer = |(param, held): (&usize, &Memory)| {
            let bytes = copies.get(held.copy).and_then(Option::as_ref).map(|bytes| &bytes.0[..]);
            call.function.params[*param].ty == Type::PointerPointer
                && bytes.and_then(|bytes| number(bytes, 8)) == Some(handle)
        };
        let gives = match call.function.returns {
            Returns::Handle => *value == handle,
            _ => part.memory.iter().any(by_pointer),
        };
        gives && *to > closed && *from <= until
    })
}

/// Handles that were closed, as HANDLE_CLOSING told: no callback may come for them any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Closed(BTreeSet<u64>);

impl Closed {
    /// Those of an observation, without the values that were given to another handle after that.
    pub(crate) fn of(compiled: &Compiled, observation: &Observation) -> Self {
        let mut closed = Self::default();
        for (number, callback) in observation.callbacks.iter().enumerate() {
            closed.comes(callback);
            if given_away(compiled, observation, callback.handle, number as u32, u32::MAX) {
                closed.0.remove(&callback.handle);
            }
        }
        closed
    }

    /// A callback that comes when the plan has ended, and how it breaks the rule.
    pub(crate) fn late(&mut self, callback: &Notification) -> Option<Difference> {
        let broken = self.0.contains(&callback.handle).then(|| Difference {
            step: None,
            what: "invariant: callbacks".into(),
            expected: LAST.into(),
            observed: format!(
                "{} came after it, when the case had ended",
                super::rules::status_text(callback.status)
            ),
        });
        self.comes(callback);
        broken
    }

    fn comes(&mut self, callback: &Notification) {
        if Some(u64::from(callback.status)) == constants::value("WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING") {
            self.0.insert(callback.handle);
        } else if Some(u64::from(callback.status))
            == constants::value("WINHTTP_CALLBACK_STATUS_HANDLE_CREATED")
        {
            // The value is another handle's.
            self.0.remove(&callback.handle);
        }
    }
}
