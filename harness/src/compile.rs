//! From a case to a plan: names become words, arguments become memory, lengths are derived.
//!
//! Beside the plan stands what the judge needs: which plan step answers which step of the case, and where in the
//! observation the memory behind a parameter is.

mod give_back;
mod memory;
mod payloads;
mod steps;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use winhttp_machine::{Buffer, Plan, Shape, Step as PlanStep, Word};
use winhttp_origin::Script;
use winhttp_spec::options::{self, WinHttpOption};
use winhttp_spec::structs::{Struct, Width};

use crate::behind::Path;
use crate::case::{Argument, CallStep, Case, Scalar, SetupKind, Step, every};
use crate::fill::Peer;
use crate::setup;
use payloads::payloads;

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
    /// Which part of the case a step of the plan belongs to; none where the case has come to its end.
    pub(crate) fn running(&self, step: u32) -> Option<usize> {
        let within = (step as usize) < self.plan.steps.len();
        within.then(|| self.parts.iter().rposition(|part| part.at <= step)).flatten()
    }

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

/// A plan being made; each file of this folder adds to it what it is about.
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
    fn push(&mut self, step: PlanStep) -> u32 {
        self.plan.steps.push(step);
        self.plan.steps.len() as u32 - 1
    }

    fn buffer(&mut self, buffer: Buffer) -> u32 {
        self.plan.buffers.push(buffer);
        self.plan.buffers.len() as u32 - 1
    }
}
