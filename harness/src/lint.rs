//! What is wrong with cases, ledger and baselines, as far as it shows without asking anybody.
//!
//! Mistakes within one case file are [`crate::load`]'s: here is what takes the whole suite, and what is well-formed
//! and still no question.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_reports::record::Verdict;
use winhttp_spec::functions::Direction;
use winhttp_spec::requirements::Ledger;
use winhttp_spec::structs::Width;

use crate::baseline::Baseline;
use crate::case::{
    Argument, CallStep, CallbackRule, CallbackRuleKind, Case, Content, Number, OutcomeKind, Scalar, Step,
    every,
};
use crate::compile::compile;
use crate::coverage::{Coverage, Standing};
use crate::suite::Root;

/// Everything, in words.
#[must_use]
pub fn problems(root: &Root, cases: &[Case], ledger: &Ledger) -> Vec<String> {
    let mut found = twice_called(cases);
    found.extend(same_questions(cases));
    found.extend(cases.iter().flat_map(cannot_fail));
    found.extend(baselines(root, cases));
    found.extend(uncovered(cases, ledger));
    found.extend(idle_pending(cases, ledger));
    found
}

/// Ids that are not one case's.
#[must_use]
pub fn twice_called(cases: &[Case]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let again = cases.iter().filter(|case| !seen.insert(&case.id));
    again.map(|case| format!("two cases are called {}", case.id)).collect()
}

/// Cases of files that make no calls, with the expectations they have, that other cases do not make too. What is
/// generated asks for every cell of a table, and may meet an example that is written.
#[must_use]
pub fn same_questions(cases: &[Case]) -> Vec<String> {
    // A case with axes is one: rows that it shares with another are no harm.
    let mut written: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for case in cases.iter().filter(|case| case.source.is_some()) {
        let name = case.id.split('[').next().unwrap_or(&case.id);
        if written.last().is_none_or(|(last, _)| *last != name) {
            written.push((name, BTreeSet::new()));
        }
        if let Some((_, questions)) = written.last_mut() {
            questions.extend(question(case));
        }
    }
    let mut asked: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (_, questions)) in written.iter().enumerate() {
        questions.iter().for_each(|question| asked.entry(question).or_default().push(at));
    }
    let mut found = Vec::new();
    // From the end, so that of two cases that are the same the second is told of, and not the first as well.
    for (at, (name, questions)) in written.iter().enumerate().rev() {
        let others = |question: &String| asked[question.as_str()].iter().find(|other| **other != at).copied();
        let Some(other) = questions.iter().next().and_then(others) else { continue };
        if questions.iter().all(|question| others(question).is_some()) {
            found.push(format!("{name} asks what {} asks", written[other].0));
            for question in questions {
                if let Some(askers) = asked.get_mut(question.as_str()) {
                    askers.retain(|asker| *asker != at);
                }
            }
        }
    }
    found.reverse();
    found
}

/// A case without its names: the plan, and what is held against the answer.
fn question(case: &Case) -> Option<String> {
    if case.presence.is_some() {
        return None;
    }
    let compiled = compile(case, 1, Width::W64).ok()?;
    let expected: Vec<_> = every(&case.steps)
        .into_iter()
        .map(|step| match step {
            Step::Call(call) => format!("{:?}", call.expect),
            Step::Wait(wait) => wait.comes.to_string(),
            Step::When(when) => when.optional.to_string(),
            Step::Setup(_) | Step::Meanwhile(_) | Step::Join(_) | Step::Pass(_) => String::new(),
        })
        .collect();
    let Case { isolated, callbacks, requests, frames, deadline_ms, .. } = case;
    Some(format!(
        "{:?}{:?}{expected:?}{isolated}{callbacks:?}{requests:?}{frames:?}{deadline_ms:?}",
        compiled.plan, compiled.script
    ))
}

/// What a case asserts although no implementation could break it.
#[must_use]
pub fn cannot_fail(case: &Case) -> Vec<String> {
    let mut found = Vec::new();
    let mut report = |text: String| found.push(format!("{}: {text}", case.id));
    let steps = every(&case.steps);
    for step in &steps {
        if let Step::Call(call) = step {
            idle_expectations(call, &mut report);
        }
    }
    let listens = steps.iter().any(|step| matches!(step, Step::Call(call) if registers(call)));
    let waits_for_none = |step: &Step| matches!(step, Step::Wait(wait) if !wait.comes);
    let holds_without = |rule: &CallbackRule| {
        matches!(rule.kind, CallbackRuleKind::Never(_) | CallbackRuleKind::AtMostOnce(_))
    };
    if !listens && (case.callbacks.iter().any(holds_without) || steps.iter().any(|step| waits_for_none(step)))
    {
        report("a callback must not come, and none is registered".to_owned());
    }
    for rule in &case.callbacks {
        if let CallbackRuleKind::Before(statuses) = &rule.kind
            && !must_come(case, statuses)
        {
            let statuses: Vec<_> = statuses.iter().map(|it| it.text.as_str()).collect();
            report(format!("`before` holds where none of {} comes: say what comes", statuses.join(", ")));
        }
    }
    found
}

fn idle_expectations(call: &CallStep, report: &mut impl FnMut(String)) {
    let name = call.function.name;
    let expect = &call.expect;
    let allows = |kind: &OutcomeKind| expect.outcomes.iter().any(|outcome| outcome.kind == *kind);
    let memory = !(expect.gives.is_empty() && expect.unchanged.is_empty());
    if allows(&OutcomeKind::Succeeds) && allows(&OutcomeKind::Fails(Vec::new())) && !memory {
        report(format!("{name} may succeed and may fail with any code: that is `open`"));
    }
    for (index, _) in &expect.gives {
        let param = &call.function.params[*index];
        if param.direction == Direction::In {
            report(format!("{name} only reads its {}: say `unchanged`", param.name));
        }
    }
}

/// Whether a recording callback is passed.
fn registers(call: &CallStep) -> bool {
    call.arguments.iter().any(|(_, argument)| match argument {
        Argument::Word(scalar) => matches!(scalar, Scalar::Recorder(_)),
        Argument::Data(data) => {
            matches!(data.content, Content::Pointer(_, Scalar::Recorder(_)) | Content::Struct(..))
        }
    })
}

/// Whether the case fails where none of these callbacks comes.
fn must_come(case: &Case, among: &[Number]) -> bool {
    let named = |statuses: &[Number]| statuses.iter().all(|it| among.iter().any(|one| one.value == it.value));
    let waited = |step: &Step| match step {
        Step::Wait(wait) => wait.comes && named(&wait.statuses),
        Step::When(when) => !when.optional && named(&when.statuses),
        _ => false,
    };
    let ruled = case.callbacks.iter().any(|rule| match &rule.kind {
        CallbackRuleKind::Once(it) | CallbackRuleKind::Some(it, _) | CallbackRuleKind::Last(it) => named(it),
        CallbackRuleKind::AtMostOnce(_) | CallbackRuleKind::Never(_) | CallbackRuleKind::Before(_) => false,
    });
    ruled || every(&case.steps).into_iter().any(waited)
}

/// Baselines that cannot be read, and their entries that match no case.
fn baselines(root: &Root, cases: &[Case]) -> Vec<String> {
    let folder = root.path().join("reports/baselines");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match Baseline::read(&path) {
            Err(message) => found.push(message),
            Ok(baseline) => {
                found.extend(
                    dead_entries(baseline, cases).iter().map(|it| format!("{}: {it}", path.display())),
                );
            }
        }
    }
    found
}

/// Entries of a baseline that match no case, or not as many as they say.
#[must_use]
pub fn dead_entries(mut baseline: Baseline, cases: &[Case]) -> Vec<String> {
    for case in cases {
        baseline.check(&case.id, Verdict::Fail);
    }
    baseline.stale()
}

/// Requirements that a case could cover and none does.
#[must_use]
pub fn uncovered(cases: &[Case], ledger: &Ledger) -> Vec<String> {
    let coverage = Coverage::of(cases);
    let open = ledger.all().filter(|requirement| coverage.standing(requirement) == Standing::Uncovered);
    open.map(|requirement| format!("no case covers {}", requirement.id)).collect()
}

/// Pages that are said to be pending, though there is nothing left that this excuses.
#[must_use]
pub fn idle_pending(cases: &[Case], ledger: &Ledger) -> Vec<String> {
    let coverage = Coverage::of(cases);
    let idle = ledger.pages().iter().filter(|page| page.pending.is_some()).filter(|page| {
        let excused = |it: &&winhttp_spec::requirements::Requirement| {
            it.pending.is_some() && coverage.standing(it) == Standing::Later
        };
        !page.requirements.iter().any(|it| excused(&it))
    });
    idle.map(|page| format!("{}: `pending` excuses nothing any more", page.name)).collect()
}
