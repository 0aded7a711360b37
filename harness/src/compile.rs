//! From a case to a plan: names become words, arguments become memory, lengths are derived.
//!
//! Beside the plan stands what the judge needs: which plan step answers which step of the case, and where in the
//! observation the memory behind a parameter is.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_machine::{
    Buffer, Call, Copy, Join, Payload, Place, Plan, Put, Shape, Step as PlanStep, Wait, When, Word,
};
use winhttp_origin::Script;
use winhttp_spec::constants;
use winhttp_spec::functions::{Returns, Type, Unit};
use winhttp_spec::options::{self, SetLength, WinHttpOption};
use winhttp_spec::statuses::{Information, STATUSES};
use winhttp_spec::structs::{FieldType, Struct, Width};

use crate::behind::{self, Path};
use crate::case::{
    Argument, CallStep, Case, Content, Data, FieldValue, Matcher, Members, OutcomeKind, Reference, Scalar,
    SetupKind, Step, every,
};
use crate::fill::Peer;
use crate::setup;

/// What the last error is before a call that is a question: no implementation sets it to this by chance.
pub const SENTINEL: u32 = 0x2BAD_CA5E;
/// A handle that no implementation has returned.
pub const FORGED: u64 = 0x7BAD_CAFE;
/// The most that is copied back of one piece of memory, in bytes.
const COPY_LIMIT: u32 = 4096;
/// The name of the handle that a callback is called with.
const CALLBACK: &str = "callback";

/// A case, ready to be asked.
#[derive(Debug)]
pub struct Compiled {
    /// What the machine is given.
    pub plan: Plan,
    /// What the peer is given.
    pub script: Option<Script>,
    /// The calls and waits in the order of the plan, set-ups taken apart.
    pub parts: Vec<Part>,
    /// Where a name's word comes from.
    pub names: BTreeMap<String, Word>,
    /// What the texts of the case are filled with.
    pub peer: Peer,
}

impl Compiled {
    /// What the case calls what is in a word.
    pub(crate) fn name_of(&self, word: Word) -> Option<String> {
        let name = self.names.iter().find(|(_, it)| **it == word)?.0;
        Some(format!("${name}"))
    }
}

/// One call or wait of the plan.
#[derive(Debug)]
pub struct Part {
    /// Its number in the plan.
    pub at: u32,
    /// It belongs to a set-up.
    pub setup: bool,
    /// The number of the step that it is executed for, if that is in a callback: it is reached if that came.
    pub within: Option<u32>,
    /// What it is; set-ups are calls.
    pub step: Step,
    /// For each parameter with memory: its buffer, and which copy of the observation shows it.
    pub memory: BTreeMap<usize, Memory>,
    /// For each recording callback that is expected somewhere: which copy shows its address.
    pub recorders: BTreeMap<u8, usize>,
}

/// The memory behind a parameter.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Which buffer.
    pub buffer: u32,
    /// What it held before, as far as that is known: pointers are left out.
    pub before: Vec<u8>,
    /// Index into the copies of the call.
    pub copy: usize,
    /// The struct that it is, if it is one.
    pub layout: Option<&'static Struct>,
    /// Copies of what lies behind pointers, by where the pointers are.
    pub behind: BTreeMap<(Path, Shape), usize>,
}

impl Memory {
    fn new(buffer: u32, before: Vec<u8>) -> Self {
        Self { buffer, before, copy: 0, layout: None, behind: BTreeMap::new() }
    }
}

/// What a case needs the subject to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Functions.
    pub functions: BTreeSet<&'static str>,
    /// Options.
    pub options: BTreeSet<&'static str>,
}

/// What a case needs.
#[must_use]
pub fn uses(case: &Case) -> Uses {
    let mut uses = Uses::default();
    for step in every(&case.steps) {
        match step {
            Step::Setup(it) => {
                uses.functions.extend(setup::functions(it.kind));
                if it.kind == SetupKind::WebSocket {
                    uses.options.insert("WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET");
                }
            }
            Step::Call(call) => {
                uses.functions.insert(call.function.name);
                uses.options.extend(option_of(call).map(|option| option.name));
            }
            Step::Wait(_) | Step::When(_) | Step::Meanwhile(_) | Step::Join(_) | Step::Pass(_) => {}
        }
    }
    uses.functions.remove("GlobalFree");
    uses
}

/// Compiles a case for a peer at `port`.
///
/// # Errors
///
/// Something that cannot be expressed, in words for the case's author.
pub fn compile(case: &Case, port: u16, width: Width) -> Result<Compiled, String> {
    let mut compiler = Compiler {
        peer: Peer::of(case, port),
        width,
        plan: Plan::default(),
        parts: Vec::new(),
        names: BTreeMap::new(),
        layouts: BTreeMap::new(),
        blocks: BTreeMap::new(),
        callback: None,
    };
    compiler.steps(&case.steps)?;
    compiler.give_back(case);
    compiler.plan.payloads = payloads(case, width);
    let websocket = |step: &&Step| matches!(step, Step::Setup(it) if it.kind == SetupKind::WebSocket);
    let script = match &case.origin {
        Some(script) => Some(script.clone().map_texts(&|bytes| compiler.peer.fill_bytes(bytes))),
        None if every(&case.steps).iter().any(websocket) => Some(Script::Websocket),
        // That no request comes can only be seen by a peer that is there.
        None => (case.requests.is_some() || case.frames.is_some()).then_some(Script::Ok),
    };
    let Compiler { plan, parts, names, peer, .. } = compiler;
    Ok(Compiled { plan, script, parts, names, peer })
}

/// The option that a call sets or queries.
pub(crate) fn option_of(call: &CallStep) -> Option<&'static WinHttpOption> {
    let index = call.function.params.iter().position(|param| param.name == "dwOption")?;
    let (_, Argument::Word(Scalar::Number(number))) =
        call.arguments.iter().find(|(given, _)| *given == index)?
    else {
        return None;
    };
    options::documented().find(|option| option.value == Some(number.value as u32))
}

struct Compiler {
    peer: Peer,
    width: Width,
    plan: Plan,
    parts: Vec<Part>,
    names: BTreeMap<String, Word>,
    /// For `$call.parameter.member`: the struct in the memory of a named call's parameter.
    layouts: BTreeMap<String, (u32, Option<&'static Struct>)>,
    /// Where steps with a name are that can be waited for.
    blocks: BTreeMap<String, u32>,
    /// The step that says what to do in the callback whose steps are being compiled.
    callback: Option<u32>,
}

impl Compiler {
    fn steps(&mut self, steps: &[Step]) -> Result<(), String> {
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

    fn push(&mut self, step: PlanStep) -> u32 {
        self.plan.steps.push(step);
        self.plan.steps.len() as u32 - 1
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

    fn buffer(&mut self, buffer: Buffer) -> u32 {
        self.plan.buffers.push(buffer);
        self.plan.buffers.len() as u32 - 1
    }

    fn memory(&mut self, data: &Data) -> Result<Memory, String> {
        let mut pointers = Vec::new();
        let bytes = match &data.content {
            Content::Space(_) => Vec::new(),
            Content::Dword(_, value) => (self.number(value)? as u32).to_le_bytes().to_vec(),
            Content::Pointer(_, value) => {
                let word = self.scalar(value)?;
                self.pointer_bytes(word, 0, &mut pointers)
            }
            Content::Text { text, terminated } => wide(&self.peer.fill(text), *terminated),
            Content::Bytes(bytes) => bytes.clone(),
            Content::Struct(definition, members) => self.members(definition, members, 0, &mut pointers)?,
            Content::Structs(definition, elements) => {
                let mut bytes = Vec::new();
                for members in elements {
                    bytes.extend(self.members(definition, members, bytes.len() as u32, &mut pointers)?);
                }
                bytes
            }
        };
        let own = match data.content {
            Content::Space(size) => size,
            _ => bytes.len() as u32,
        };
        let length = data.size.unwrap_or(own);
        let place = if data.edge { Place::Edge } else { Place::Watched };
        let before = bytes.iter().copied().take(length as usize).collect();
        let buffer = self.buffer(Buffer { length, bytes: bytes.into(), place });
        for (offset, word) in pointers {
            if offset + self.width.pointer() <= length {
                self.push(PlanStep::Put(Put { buffer, offset, word }));
            }
        }
        Ok(Memory::new(buffer, before))
    }

    /// The bytes of a struct that stands at `start` of its buffer.
    fn members(
        &mut self,
        definition: &Struct,
        members: &Members,
        start: u32,
        pointers: &mut Vec<(u32, Word)>,
    ) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; definition.size(self.width) as usize];
        for (member, value) in members {
            let (_, offset) = definition
                .member(&member.path, self.width)
                .ok_or_else(|| format!("{} has no member {}", definition.name, member.path))?;
            let at = offset as usize;
            let value = match value {
                FieldValue::Text(text) => {
                    let text = &self.peer.fill(text);
                    let narrow = || text.bytes().chain([0]).collect();
                    let bytes = if member.ty == FieldType::NarrowStr { narrow() } else { wide(text, true) };
                    let length = bytes.len() as u32;
                    let buffer = self.buffer(Buffer { length, bytes: bytes.into(), place: Place::Watched });
                    self.pointer_bytes(Word::Pointer(buffer, 0), start + offset, pointers)
                }
                FieldValue::Scalar(scalar)
                    if matches!(
                        member.ty,
                        FieldType::Pointer | FieldType::WideStr | FieldType::NarrowStr
                    ) =>
                {
                    let word = self.scalar(scalar)?;
                    self.pointer_bytes(word, start + offset, pointers)
                }
                FieldValue::Scalar(scalar) => self.number(scalar)?.to_le_bytes().to_vec(),
            };
            let size = member.ty.size(self.width) as usize;
            let given = value.len().min(size);
            bytes[at..at + given].copy_from_slice(&value[..given]);
        }
        Ok(bytes)
    }

    /// A pointer's bytes if they are known now; else zeros, and a note to put them in before the call.
    fn pointer_bytes(&self, word: Word, offset: u32, later: &mut Vec<(u32, Word)>) -> Vec<u8> {
        let size = self.width.pointer() as usize;
        match word {
            Word::Number(number) => number.to_le_bytes()[..size].to_vec(),
            symbolic => {
                later.push((offset, symbolic));
                vec![0; size]
            }
        }
    }

    fn scalar(&self, scalar: &Scalar) -> Result<Word, String> {
        Ok(match scalar {
            Scalar::Number(number) => Word::Number(number.value),
            Scalar::Forged => Word::Number(FORGED),
            Scalar::Recorder(number) => Word::Callback(*number),
            Scalar::Port => Word::Number(u64::from(self.peer.port)),
            Scalar::Reference(reference) => self.reference(reference)?,
        })
    }

    fn number(&self, scalar: &Scalar) -> Result<u64, String> {
        match self.scalar(scalar)? {
            Word::Number(number) => Ok(number),
            _ => Err(format!(
                "{scalar} is known only when the case runs, so it cannot be part of a smaller number"
            )),
        }
    }

    /// The address of a struct that an earlier call had: where a struct is expected, no word in it is meant.
    fn same_struct(&self, reference: &Reference) -> Option<Word> {
        let (buffer, layout) = self.layouts.get(&reference.path.join("."))?;
        layout.map(|_| Word::Pointer(*buffer, 0))
    }

    fn reference(&self, reference: &Reference) -> Result<Word, String> {
        let whole = reference.path.join(".");
        if whole == CALLBACK {
            return Ok(Word::Called);
        }
        if let Some(word) = self.names.get(&whole) {
            return Ok(*word);
        }
        let (place, member) = match &reference.path[..] {
            [call, parameter] => (format!("{call}.{parameter}"), None),
            [call, parameter, member] => (format!("{call}.{parameter}"), Some(member)),
            _ => return Err(format!("nothing is called ${whole}")),
        };
        let (buffer, layout) =
            self.layouts.get(&place).ok_or_else(|| format!("nothing is called ${whole}"))?;
        let offset = match member {
            None => 0,
            Some(member) => layout
                .and_then(|definition| definition.member(member, self.width))
                .map(|(_, offset)| offset)
                .ok_or_else(|| {
                    format!("${whole}: the memory of ${place} is not a struct with that member")
                })?,
        };
        Ok(Word::Load(*buffer, offset))
    }

    /// The length of what another parameter points to, in the unit that the function's page gives.
    fn length(&self, call: &CallStep, measured: &str, unit: Unit) -> u32 {
        let param = call.function.params.iter().position(|param| param.name == measured);
        let argument = call.arguments.iter().find(|(given, _)| Some(*given) == param);
        let Some((_, Argument::Data(data))) = argument else { return 0 };
        let (bytes, terminator) = match &data.content {
            Content::Text { text, terminated } => {
                let text = self.peer.fill(text);
                (text.encode_utf16().count() as u32 * 2 + u32::from(*terminated) * 2, u32::from(*terminated))
            }
            Content::Space(size) => (*size, 0),
            Content::Dword(..) => (4, 0),
            Content::Pointer(..) => (self.width.pointer(), 0),
            Content::Bytes(bytes) => (bytes.len() as u32, 0),
            Content::Struct(definition, _) => (definition.size(self.width), 0),
            Content::Structs(definition, elements) => {
                (definition.size(self.width) * elements.len() as u32, 0)
            }
        };
        let elements = match &data.content {
            Content::Structs(_, elements) => elements.len() as u32,
            _ => 1,
        };
        let bytes = data.size.unwrap_or(bytes);
        match unit {
            Unit::Bytes => bytes,
            Unit::Chars => (bytes / 2).saturating_sub(terminator),
            Unit::Elements => elements,
            Unit::ByOption => match (option_of(call).map(WinHttpOption::set_length), &data.content) {
                (Some(SetLength::CharsWithTerminator), _) => bytes / 2,
                (Some(SetLength::Unstated), Content::Text { .. }) => (bytes / 2).saturating_sub(terminator),
                _ => bytes,
            },
        }
    }

    /// Closes what the case obtained and does not close itself, the last first.
    fn give_back(&mut self, case: &Case) {
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

/// What callbacks come with: by the documented type, for the length of most is not documented. Where no rule asks, only
/// texts are read so; of the rest, as much as there is.
fn payloads(case: &Case, width: Width) -> Vec<Payload> {
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

/// What a success looks like in the return register; `None` where that is no question of zero.
fn success(returns: Returns) -> Option<bool> {
    match returns {
        Returns::Bool | Returns::Handle => Some(true),
        Returns::Code => Some(false),
        Returns::Callback | Returns::Void => None,
    }
}

fn wide(text: &str, terminated: bool) -> Vec<u8> {
    text.encode_utf16().chain(terminated.then_some(0)).flat_map(u16::to_le_bytes).collect()
}
