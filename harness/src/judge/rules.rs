//! A case's own rules about callbacks.

use winhttp_machine::Notification;
use winhttp_reports::record::{Difference, Lane, Moment};
use winhttp_spec::constants::CONSTANTS;

use super::Facts;
use crate::case::{CallbackRule, CallbackRuleKind, Case, Number};

/// Holds the callbacks against the case's rules.
pub(super) fn callbacks(case: &Case, facts: &Facts<'_>, differences: &mut Vec<Difference>) {
    for rule in &case.callbacks {
        let handle = match &rule.on {
            None => None,
            Some(on) => match facts.named(&on.path.join(".")) {
                Some(handle) => Some(handle),
                None => {
                    differences.push(Difference {
                        step: None,
                        what: "callbacks".into(),
                        expected: format!("{on} is a handle"),
                        observed: "no call has returned it".into(),
                    });
                    continue;
                }
            },
        };
        let seen: Vec<&Notification> = facts
            .observation
            .callbacks
            .iter()
            .filter(|callback| handle.is_none_or(|handle| handle == callback.handle))
            .collect();
        if let Some((expected, observed)) = violated(rule, &seen) {
            differences.push(Difference { step: None, what: "callbacks".into(), expected, observed });
        }
    }
}

fn violated(rule: &CallbackRule, seen: &[&Notification]) -> Option<(String, String)> {
    let count = |number: &Number| seen.iter().filter(|callback| is(callback, number)).count();
    let came = |count: usize| match count {
        0 => "none came".to_owned(),
        1 => "one came".to_owned(),
        many => format!("{many} came"),
    };
    let about = match &rule.kind {
        CallbackRuleKind::Once(status) if count(status) != 1 => {
            return Some((format!("{status} once"), came(count(status))));
        }
        CallbackRuleKind::Never(status) if count(status) != 0 => {
            return Some((format!("never {status}"), came(count(status))));
        }
        CallbackRuleKind::Some(status) if count(status) == 0 => {
            return Some((format!("{status}"), came(0)));
        }
        CallbackRuleKind::Last(status) if !seen.last().is_some_and(|callback| is(callback, status)) => {
            let last =
                seen.last().map_or_else(|| "none came".to_owned(), |callback| status_text(callback.status));
            return Some((format!("{status} last"), last));
        }
        CallbackRuleKind::Before(first, second) => {
            let of = |number| seen.iter().position(|callback| is(callback, number));
            return match (of(first), of(second)) {
                (Some(a), Some(b)) if a > b => {
                    Some((format!("{first} before {second}"), format!("{second} came first")))
                }
                (None, Some(_)) => {
                    Some((format!("{first} before {second}"), format!("{second} without {first}")))
                }
                _ => wrong_context(rule, seen, &[first, second]),
            };
        }
        CallbackRuleKind::Once(status)
        | CallbackRuleKind::Never(status)
        | CallbackRuleKind::Some(status)
        | CallbackRuleKind::Last(status) => status,
    };
    wrong_context(rule, seen, &[about])
}

/// The first of these callbacks that does not carry the rule's context.
fn wrong_context(
    rule: &CallbackRule,
    seen: &[&Notification],
    statuses: &[&Number],
) -> Option<(String, String)> {
    let context = rule.context.as_ref()?;
    seen.iter().filter(|callback| callback.context != context.value).find_map(|wrong| {
        let status = statuses.iter().find(|status| is(wrong, status))?;
        Some((format!("{status} with context {context}"), format!("context {:#x}", wrong.context)))
    })
}

fn is(callback: &Notification, number: &Number) -> bool {
    u64::from(callback.status) == number.value
}

/// The callbacks for the time line.
pub(super) fn moments(callbacks: &[Notification]) -> Vec<Moment> {
    callbacks
        .iter()
        .map(|callback| Moment {
            micros: callback.micros,
            lane: Lane::Callback,
            text: format!(
                "{} on {:#x}, context {:#x}, {} bytes, thread {}",
                status_text(callback.status),
                callback.handle,
                callback.context,
                callback.length,
                callback.thread
            ),
        })
        .collect()
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
