//! What gives handles back, whatever became of the steps.

use std::collections::BTreeSet;

use winhttp_machine::{Call, Step as PlanStep, Word};
use winhttp_spec::functions::Returns;

use super::{CALLBACK, Compiler};
use crate::case::{Argument, Case, Reference, Scalar, Step};

impl Compiler {
    /// Closes what the case obtained and does not close itself, the last first.
    pub(super) fn give_back(&mut self, case: &Case) {
        let mut closed = BTreeSet::new();
        closed_by(&case.steps, None, &mut closed);
        let handles = self.parts.iter().filter_map(|part| {
            let Step::Call(call) = &part.step else { return None };
            let handle = match (call.function.returns, &call.name) {
                (Returns::Handle, _) => Word::Kept(part.at),
                (_, Some(name)) if part.setup => *self.names.get(name)?,
                _ => return None,
            };
            let ours = call.name.as_ref().is_none_or(|name| !closed.contains(name));
            ours.then_some(handle)
        });
        self.plan.finally = handles
            .map(|handle| {
                PlanStep::Call(Call {
                    function: "WinHttpCloseHandle".to_owned(),
                    arguments: vec![handle],
                    unless_zero: Some(handle),
                    ..Call::default()
                })
            })
            .collect();
        self.plan.finally.reverse();
    }
}

/// The names of the handles that steps close; `called` is that of the callback's that they are in.
fn closed_by(steps: &[Step], called: Option<&Reference>, closed: &mut BTreeSet<String>) {
    for step in steps {
        match step {
            Step::Call(call) if call.function.name == "WinHttpCloseHandle" => {
                if let Some((_, Argument::Word(Scalar::Reference(reference)))) = call.arguments.first() {
                    let named = if reference.path == [CALLBACK] { called } else { Some(reference) };
                    closed.extend(named.map(|reference| reference.path.join(".")));
                }
            }
            Step::When(when) => closed_by(&when.steps, when.on.as_ref(), closed),
            other => closed_by(other.inner(), called, closed),
        }
    }
}
