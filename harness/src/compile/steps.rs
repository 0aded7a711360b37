//! Steps become steps of the plan, set-ups calls.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_machine::{Buffer, Call, Copy, Join, Place, Put, Step as PlanStep, Wait, When, Word};
use winhttp_spec::functions::{Returns, Type};
use winhttp_spec::structs::Struct;

use super::{COPY_LIMIT, Compiler, Memory, Part, SENTINEL};
use crate::behind::{self, Path};
use crate::case::{Argument, CallStep, Content, Matcher, OutcomeKind, Scalar, Step};
use crate::setup;

impl Compiler {
    pub(super) fn steps(&mut self, steps: &[Step]) -> Result<(), String> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Setup(it) => setup::calls(it).into_iter().try_for_each(|call| self.call(call, true)),
            Step::Call(call) => self.call((**call).clone(), false),
            Step::Wait(wait) => {
                let handle = wait.on.as_ref().map(|on| self.reference(on)).transpose()?;
                let statuses = wait.statuses.iter().map(|status| status.value as u32).collect();
                let (times, timeout_ms) = (wait.times, wait.within_ms);
                self.part(PlanStep::Wait(Wait { statuses, handle, times, timeout_ms }), step);
                Ok(())
            }
            Step::When(when) => {
                let handle = when.on.as_ref().map(|on| self.reference(on)).transpose()?;
                let statuses = when.statuses.iter().map(|status| status.value as u32).collect();
                let at = self.part(PlanStep::When(When { statuses, handle, nth: when.nth, steps: 0 }), step);
                let outer = self.callback.replace(at);
                self.steps(&when.steps)?;
                self.callback = outer;
                self.block(at, when.name.as_ref());
                Ok(())
            }
            Step::Meanwhile(meanwhile) => {
                let at = self.part(PlanStep::Start(0), step);
                self.steps(&meanwhile.steps)?;
                self.block(at, meanwhile.name.as_ref());
                Ok(())
            }
            Step::Join(join) => {
                let of = join.of.path.join(".");
                let of = *self.blocks.get(&of).ok_or_else(|| format!("no steps are called ${of}"))?;
                self.part(PlanStep::Join(Join { step: of, timeout_ms: join.within_ms }), step);
                Ok(())
            }
            Step::Pass(millis) => {
                self.part(PlanStep::Pass(*millis), step);
                Ok(())
            }
        }
    }

    /// A step that is no call, as one of the plan's.
    fn part(&mut self, plan: PlanStep, step: &Step) -> u32 {
        let at = self.push(plan);
        let (memory, recorders) = (BTreeMap::new(), BTreeMap::new());
        self.parts.push(Part {
            at,
            setup: false,
            within: self.callback,
            step: step.clone(),
            memory,
            recorders,
        });
        at
    }

    /// The steps behind this one, to the last that there is, belong to it.
    fn block(&mut self, at: u32, name: Option<&String>) {
        let count = self.plan.steps.len() as u32 - at - 1;
        if let PlanStep::When(When { steps, .. }) | PlanStep::Start(steps) = &mut self.plan.steps[at as usize]
        {
            *steps = count;
        }
        self.blocks.extend(name.map(|name| (name.clone(), at)));
    }

    fn call(&mut self, call: CallStep, setup: bool) -> Result<(), String> {
        let mut words = vec![Word::Number(0); call.function.params.len()];
        let mut memory = BTreeMap::new();
        for (index, argument) in &call.arguments {
            words[*index] = match argument {
                Argument::Word(Scalar::Reference(reference))
                    if matches!(call.function.params[*index].ty, Type::StructPointer(_)) =>
                {
                    self.same_struct(reference).map_or_else(|| self.reference(reference), Ok)?
                }
                Argument::Word(scalar) => self.scalar(scalar)?,
                Argument::Data(data) => {
                    let mut held = self.memory(data)?;
                    let word = Word::Pointer(held.buffer, 0);
                    held.layout = match &data.content {
                        Content::Struct(definition, _) => Some(*definition),
                        _ => matched_struct(&call, *index),
                    };
                    if let Some(name) = &call.name {
                        let key = format!("{name}.{}", call.function.params[*index].name);
                        self.layouts.insert(key, (held.buffer, held.layout));
                    }
                    memory.insert(*index, held);
                    word
                }
            };
        }
        for (index, param) in call.function.params.iter().enumerate() {
            let Some((measured, unit)) = param.length_of else { continue };
            if call.arguments.iter().any(|(given, _)| *given == index) {
                continue;
            }
            let length = self.length(&call, measured, unit);
            words[index] = if param.ty == Type::DwordPointer {
                let before = length.to_le_bytes().to_vec();
                let buffer =
                    self.buffer(Buffer { length: 4, bytes: before.clone().into(), place: Place::Watched });
                memory.insert(index, Memory::new(buffer, before));
                Word::Pointer(buffer, 0)
            } else {
                Word::Number(u64::from(length))
            };
        }
        let mut recorders = BTreeMap::new();
        // Of a set-up nothing is judged: all that counts is the handle, where it does not come as the return value.
        let made = memory.values().next().filter(|_| setup && call.function.returns == Returns::Code);
        let made = made.map(|held: &Memory| held.buffer);
        let copy = match made {
            Some(buffer) => vec![Copy::Range(buffer, 0, self.width.pointer())],
            None if setup => Vec::new(),
            None => self.copies(&call, &mut memory, &mut recorders)?,
        };
        let at = self.push(PlanStep::Call(Call {
            function: call.function.name.to_owned(),
            arguments: words,
            last_error: (!setup)
                .then(|| call.last_error.as_ref().map_or(SENTINEL, |number| number.value as u32)),
            copy,
            success: success(call.function.returns),
            require: setup,
            unless_zero: None,
        }));
        if let Some(name) = &call.name {
            let word = made.map_or(Word::Kept(at), |buffer| Word::Load(buffer, 0));
            self.names.insert(name.clone(), word);
        }
        let (within, step) = (self.callback, Step::Call(Box::new(call)));
        self.parts.push(Part { at, setup, within, step, memory, recorders });
        Ok(())
    }

    /// What is copied back: all memory of the call, what lies behind the pointers that the expectations follow, and the
    /// addresses of the recording callbacks that they name, which only the machine knows.
    fn copies(
        &mut self,
        call: &CallStep,
        memory: &mut BTreeMap<usize, Memory>,
        recorders: &mut BTreeMap<u8, usize>,
    ) -> Result<Vec<Copy>, String> {
        for numeric in call.expect.gives.iter().flat_map(|(_, matcher)| matcher.numerics()) {
            // What it comes to is the judge's question; that it is something is to be known before.
            numeric.scalar().map(|scalar| self.scalar(scalar)).transpose()?;
        }
        let mut copies = Vec::new();
        for number in expected_recorders(call) {
            let length = self.width.pointer();
            let buffer = self.buffer(Buffer { length, ..Buffer::default() });
            self.push(PlanStep::Put(Put { buffer, offset: 0, word: Word::Callback(number) }));
            recorders.insert(number, copies.len());
            copies.push(Copy::Range(buffer, 0, length));
        }
        for (index, held) in memory {
            let length = self.plan.buffers[held.buffer as usize].length.min(COPY_LIMIT);
            held.copy = copies.len();
            copies.push(Copy::Range(held.buffer, 0, length));
            let matchers = call.expect.gives.iter().filter(|(given, _)| given == index);
            for (path, shape) in
                matchers.flat_map(|(_, matcher)| behind::pointers(matcher, &Path::start(), self.width))
            {
                if path.0[0] + self.width.pointer() <= length {
                    copies.push(Copy::Behind(held.buffer, path.0.clone(), shape));
                    held.behind.insert((path, shape), copies.len() - 1);
                }
            }
        }
        Ok(copies)
    }
}

fn matched_struct(call: &CallStep, index: usize) -> Option<&'static Struct> {
    call.expect.gives.iter().find_map(|(given, matcher)| match matcher {
        Matcher::Struct(definition, _) if *given == index => Some(*definition),
        _ => None,
    })
}

/// The recording callbacks that a call's expectations name.
fn expected_recorders(call: &CallStep) -> BTreeSet<u8> {
    let outcomes = call.expect.outcomes.iter().filter_map(|outcome| match &outcome.kind {
        OutcomeKind::Returns(Scalar::Recorder(number)) => Some(*number),
        _ => None,
    });
    let numerics = call.expect.gives.iter().flat_map(|(_, matcher)| matcher.numerics());
    let memory = numerics.filter_map(|numeric| match numeric.scalar()? {
        Scalar::Recorder(number) => Some(*number),
        _ => None,
    });
    outcomes.chain(memory).collect()
}

/// What a success looks like in the return register; `None` where that is no question of zero.
fn success(returns: Returns) -> Option<bool> {
    match returns {
        Returns::Bool | Returns::Handle => Some(true),
        Returns::Code => Some(false),
        Returns::Callback | Returns::Void => None,
    }
}
