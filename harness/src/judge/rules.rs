//! A case's own rules about callbacks.

use std::ops::Range;

use winhttp_machine::{Notification, Seen};
use winhttp_reports::record::Difference;
use winhttp_spec::constants::CONSTANTS;

use super::Facts;
use super::memory::Spot;
use crate::case::{Among, At, CallbackRule, CallbackRuleKind, CallbackThread, Case, Number, Reference, With};
use crate::display::any_of;

/// Holds the callbacks against the case's rules.
pub(super) fn callbacks(case: &Case, facts: &Facts<'_>, differences: &mut Vec<Difference>) {
    for rule in &case.callbacks {
        let broken = match facts.among(&rule.among) {
            Ok(seen) => facts.broken(rule, &seen),
            Err(unknown) => {
                Some((format!("{unknown} is there to be looked at"), "no call has returned it".into()))
            }
        };
        if let Some((expected, observed)) = broken {
            // Two rules with the same words are told apart by where they look.
            let expected = format!("{expected}{}", rule.among);
            differences.push(Difference { step: None, what: "callbacks".into(), expected, observed });
        }
    }
}

impl Facts<'_> {
    /// The callbacks that a rule looks at, or the name that stands for nothing.
    fn among<'b>(&self, among: &'b Among) -> Result<Vec<&Notification>, &'b Reference> {
        let Among { on, recorder, thread, during, after } = among;
        let handle = on.as_ref().map(|on| self.named(&on.path.join(".")).ok_or(on)).transpose()?;
        let span =
            |call: &'b Option<Reference>| call.as_ref().map(|call| self.span(call).ok_or(call)).transpose();
        let (during, after) = (span(during)?, span(after)?);
        let looked_at = |(at, callback): &(usize, &Notification)| {
            let at = *at as u32;
            handle.is_none_or(|handle| handle == callback.handle)
                && recorder.is_none_or(|recorder| recorder == callback.callback)
                && thread.is_none_or(|thread| (thread == CallbackThread::Caller) == (callback.thread == 0))
                && during.as_ref().is_none_or(|during| during.contains(&at))
                && after.as_ref().is_none_or(|after| at >= after.end)
        };
        let callbacks = self.observation.callbacks.iter().enumerate();
        Ok(callbacks.filter(looked_at).map(|(_, callback)| callback).collect())
    }

    /// The numbers of the callbacks that came between the begin and the end of a call.
    fn span(&self, call: &Reference) -> Option<Range<u32>> {
        match self.call_named(&call.path.join("."))? {
            Seen::Returned { callbacks: (from, to), .. } => Some(*from..*to),
            _ => None,
        }
    }

    /// What a rule expects and what came instead.
    fn broken(&self, rule: &CallbackRule, seen: &[&Notification]) -> Option<(String, String)> {
        let statuses = rule.kind.statuses();
        let count = seen.iter().filter(|callback| is_one_of(callback, statuses)).count();
        let came = match count {
            0 => "none came".to_owned(),
            1 => "one came".to_owned(),
            many => format!("{many} came"),
        };
        let names = any_of(statuses);
        let broken = match &rule.kind {
            CallbackRuleKind::Once(_) => (count != 1).then(|| (format!("{names} once"), came)),
            CallbackRuleKind::AtMostOnce(_) => (count > 1).then(|| (format!("{names} at most once"), came)),
            CallbackRuleKind::Never(_) => (count != 0).then(|| (format!("never {names}"), came)),
            CallbackRuleKind::Some(_, None) => (count == 0).then_some((names, came)),
            CallbackRuleKind::Some(_, Some(times)) => {
                (count != *times as usize).then(|| (format!("{times} times {names}"), came))
            }
            CallbackRuleKind::Last(_) => match seen.last() {
                Some(last) if is_one_of(last, statuses) => None,
                Some(last) => Some((format!("{names} last"), status_text(last.status))),
                None => Some((format!("{names} last"), came)),
            },
            CallbackRuleKind::Before(_) => {
                statuses.windows(2).find_map(|pair| out_of_order(&pair[0], &pair[1], seen))
            }
        };
        let mut named = seen.iter().filter(|callback| is_one_of(callback, statuses));
        broken.or_else(|| named.find_map(|callback| self.carries(rule, callback)))
    }

    /// What a callback that the rule names had to carry, and what it did.
    fn carries(&self, rule: &CallbackRule, callback: &Notification) -> Option<(String, String)> {
        let status = status_text(callback.status);
        if let Some(context) = rule.context.as_ref().filter(|context| context.value != callback.context) {
            return Some((
                format!("{status} with context {context}"),
                format!("context {:#x}", callback.context),
            ));
        }
        let (expected, observed) = self.comes_with(rule.with.as_ref()?, callback)?;
        Some((format!("{status} with {expected}"), observed))
    }

    fn comes_with(&self, with: &With, callback: &Notification) -> Option<(String, String)> {
        let mut found = None;
        let mut differ = |what: String, expected: String, observed: String| {
            found.get_or_insert((format!("{what} {expected}"), observed));
        };
        if let Some(length) = &with.length {
            let observed = Some(u64::from(callback.length));
            self.numeric(length, observed, None, "dwStatusInformationLength".to_owned(), &mut differ);
        }
        if let Some(at) = &with.at
            && let Some(observed) = self.elsewhere(at, callback)
        {
            let expected = match at {
                At::Null => "NULL".to_owned(),
                At::Memory(memory) => format!("the address of {memory}"),
            };
            differ(INFORMATION.to_owned(), expected, observed);
        }
        match &with.holds {
            Some(matcher) if callback.information == 0 => {
                differ(INFORMATION.to_owned(), format!("to {matcher}"), "NULL".to_owned());
            }
            Some(matcher) => {
                let spot = Spot::of_callback(matcher, &callback.payload.0);
                self.memory(matcher, &spot, INFORMATION, None, &mut differ);
            }
            None => {}
        }
        found
    }

    /// What the information points to, if not to where it must.
    fn elsewhere(&self, at: &At, callback: &Notification) -> Option<String> {
        let expected = match at {
            At::Null => return (callback.information != 0).then(|| format!("{:#x}", callback.information)),
            At::Memory(memory) => self.memory_named(memory).map(|(_, held)| held.buffer),
        };
        let fits = expected.is_some() && callback.at == expected.map(|buffer| (buffer, 0));
        (!fits).then(|| match callback.information {
            0 => "NULL".to_owned(),
            other => format!("{other:#x}"),
        })
    }
}

const INFORMATION: &str = "lpvStatusInformation";

/// How the first of the one status and those of the other are out of order.
fn out_of_order(first: &Number, second: &Number, seen: &[&Notification]) -> Option<(String, String)> {
    let of = |number: &Number| seen.iter().position(|callback| is(callback, number));
    match (of(first), of(second)) {
        (Some(a), Some(b)) if a > b => {
            Some((format!("{first} before {second}"), format!("{second} came first")))
        }
        (None, Some(_)) => Some((format!("{first} before {second}"), format!("{second} without {first}"))),
        _ => None,
    }
}

fn is_one_of(callback: &Notification, numbers: &[Number]) -> bool {
    numbers.iter().any(|number| is(callback, number))
}

fn is(callback: &Notification, number: &Number) -> bool {
    u64::from(callback.status) == number.value
}

/// The name of a callback status.
pub(super) fn status_text(status: u32) -> String {
    CONSTANTS
        .iter()
        .find(|constant| {
            // The flags are what WINHTTP_CALLBACK_STATUS_SECURE_FAILURE points to, no statuses.
            constant.name.strip_prefix("WINHTTP_CALLBACK_STATUS_").is_some_and(|it| !it.starts_with("FLAG_"))
                && constant.value == u64::from(status)
        })
        .map_or_else(|| format!("status {status:#x}"), |constant| constant.name.to_owned())
}
