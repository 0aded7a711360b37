//! How the information of callbacks is read.

use winhttp_machine::{Payload, Shape};
use winhttp_spec::constants;
use winhttp_spec::statuses::{Information, STATUSES};
use winhttp_spec::structs::Width;

use crate::behind;
use crate::case::{Case, Matcher, Step, every};

/// What callbacks come with: by the documented type, for the length of most is not documented. Where no rule asks, only
/// texts are read so; of the rest, as much as there is.
pub(super) fn payloads(case: &Case, width: Width) -> Vec<Payload> {
    let named = |status: &u64| {
        case.callbacks
            .iter()
            .any(|rule| rule.with.is_some() && rule.kind.statuses().iter().any(|it| it.value == *status))
    };
    let listens =
        |step: &&Step| matches!(step, Step::Call(call) if call.function.name == "WinHttpSetStatusCallback");
    let texts = STATUSES.iter().filter(|it| it.information == [Information::Text]);
    let values = texts.filter_map(|it| constants::value(&it.constant())).filter(|value| !named(value));
    let listens = every(&case.steps).iter().any(listens);
    let unasked =
        values.filter(|_| listens).map(|value| Payload { status: value as u32, shape: Shape::Text });
    let asked = case.callbacks.iter().filter_map(|rule| {
        let shape = match rule.with.as_ref()?.holds.as_ref()? {
            // As many as there are.
            Matcher::Bytes(_) => return None,
            matcher => behind::shape(matcher, width)?,
        };
        Some(rule.kind.statuses().iter().map(move |status| Payload { status: status.value as u32, shape }))
    });
    asked.flatten().chain(unasked).collect()
}
