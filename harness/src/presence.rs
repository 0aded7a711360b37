//! What an implementation has, asked before how it behaves: one missing option must not read as fifty wrong
//! behaviours.
//!
//! A function is there if it is exported. An option is there if some handle answers for it otherwise than for a number
//! that is no option at all; each is queried with no buffer and set with none, which no promise says changes anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use winhttp_agent::About;
use winhttp_host::{Answer, BackendError, Subject};
use winhttp_machine::{PASS_TIME, Seen};
use winhttp_origin::Origin;
use winhttp_reports::record::{Has, Presence};
use winhttp_spec::functions::FUNCTIONS;
use winhttp_spec::options::{self, OPTIONS, WinHttpOption};
use winhttp_spec::structs::Width;
use winhttp_spec::windows::Windows;

use crate::case::{Case, Scalar, SetupKind, Step};
use crate::compile::{compile, uses};
use crate::make;

/// A number that no version of winhttp.h gives a name.
const NO_OPTION: u32 = 0x0F00_BA12;
/// How long one option's questions may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Set to 1, slow cases are asked of everybody.
pub const SLOW: &str = "WINHTTP_SLOW";

/// What a subject has, as far as it was asked.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    functions: BTreeMap<&'static str, Has>,
    options: BTreeMap<&'static str, Has>,
    windows: Option<Windows>,
    /// How it answers for a number that is no option; `None` before the first question.
    nonsense: Option<Answers>,
    /// Whether the subject has a clock of its own.
    clock: bool,
    /// Slow cases are asked of a subject without one, too.
    pub slow: bool,
}

/// How every kind of handle answers for one option: return value and error, to query and to set. `None` if the subject
/// did not live to tell.
type Answers = Option<Vec<(u32, u32)>>;

/// Why a subject cannot be asked something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The function is not exported.
    Function(&'static str),
    /// The option is not recognised.
    Option(&'static str),
    /// Whether the option is recognised could not be asked.
    Unknown(&'static str),
    /// The option is newer than the Windows the subject claims to be.
    Newer(&'static str, Windows),
}

impl std::fmt::Display for Lack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function(name) => write!(out, "not exported: {name}"),
            Self::Option(name) => write!(out, "not recognised: {name}"),
            Self::Unknown(name) => write!(out, "whether it is recognised could not be asked: {name}"),
            Self::Newer(name, Windows { major, minor, build }) => {
                write!(
                    out,
                    "newer than the Windows {major}.{minor}.{build} that the subject claims to be: {name}"
                )
            }
        }
    }
}

/// Asks a subject what it has.
///
/// # Errors
///
/// It cannot be asked at all.
pub fn take(subject: &mut dyn Subject, origin: &mut Origin) -> Result<Inventory, BackendError> {
    let mut inventory = Inventory::of_functions(subject)?;
    for option in options::documented() {
        inventory.ask(subject, origin, option);
    }
    Ok(inventory)
}

/// Asks a subject what it has of what these cases need: for one case a handful of questions instead of hundreds.
///
/// # Errors
///
/// It cannot be asked at all.
pub fn take_for<'a>(
    subject: &mut dyn Subject,
    origin: &mut Origin,
    cases: impl IntoIterator<Item = &'a Case>,
) -> Result<Inventory, BackendError> {
    let mut inventory = Inventory::of_functions(subject)?;
    let wanted: BTreeSet<&str> = cases.into_iter().flat_map(options_of).collect();
    for option in options::documented().filter(|option| wanted.contains(option.name)) {
        inventory.ask(subject, origin, option);
    }
    Ok(inventory)
}

/// The version of Windows that a subject claims to be.
#[must_use]
pub fn claimed(about: &About) -> Option<Windows> {
    about.windows.map(|[major, minor, build]| Windows::new(major, minor, build))
}

impl Inventory {
    fn of_functions(subject: &mut dyn Subject) -> Result<Self, BackendError> {
        let names = FUNCTIONS.iter().map(|function| function.name).chain([PASS_TIME]);
        let names: Vec<String> = names.map(str::to_owned).collect();
        let exported = subject.exports(&names)?;
        let clock = exported.last() == Some(&true);
        let functions =
            FUNCTIONS.iter().zip(exported).map(|(function, there)| (function.name, has(there))).collect();
        let slow = std::env::var(SLOW).is_ok_and(|value| value == "1");
        Ok(Self { functions, windows: claimed(subject.about()), clock, slow, ..Self::default() })
    }

    fn ask(&mut self, subject: &mut dyn Subject, origin: &mut Origin, option: &'static WinHttpOption) {
        let nonsense = self.nonsense.get_or_insert_with(|| answers(subject, origin, NO_OPTION));
        let there = match (nonsense, option.value) {
            (Some(nonsense), Some(value)) => match answers(subject, origin, value) {
                Some(answers) => has(answers != *nonsense),
                // It did something, if only to crash.
                None => Has::Yes,
            },
            _ => Has::Unknown,
        };
        self.options.insert(option.name, there);
    }

    /// Whether a case that lets much time pass is not asked.
    #[must_use]
    pub fn too_slow(&self, case: &Case) -> bool {
        case.slow && !self.clock && !self.slow
    }

    /// What a case needs and the subject lacks.
    #[must_use]
    pub fn lack(&self, uses: &crate::compile::Uses) -> Option<Lack> {
        let function = uses.functions.iter().find(|name| self.functions.get(*name) == Some(&Has::No));
        let option = uses.options.iter().filter_map(|name| options::find(name));
        function
            .map(|name| Lack::Function(name))
            .or_else(|| option.into_iter().find_map(|option| self.lacks(option)))
    }

    fn lacks(&self, option: &'static WinHttpOption) -> Option<Lack> {
        let missing = self.options.get(option.name) == Some(&Has::No);
        self.newer(option).or_else(|| missing.then_some(Lack::Option(option.name)))
    }

    /// Whether the option is newer than what the subject claims to be: then the documentation itself asks for
    /// ERROR_WINHTTP_INVALID_OPTION.
    fn newer(&self, option: &'static WinHttpOption) -> Option<Lack> {
        let (since, claimed) = (option.since?, self.windows?);
        (claimed < since).then_some(Lack::Newer(option.name, claimed))
    }

    /// Whether an option is there as it should be: `Err` with the reason if it is not.
    ///
    /// # Errors
    ///
    /// It should be recognised and is not. `Ok(Some(_))` tells why nothing is promised.
    pub fn option(&self, name: &str) -> Result<Option<Lack>, String> {
        let Some(option) = OPTIONS.iter().find(|option| option.name == name) else {
            return Err(format!("{name} is no documented option"));
        };
        match (self.options.get(option.name), self.newer(option)) {
            (Some(Has::Yes), None) | (Some(Has::No), Some(_)) => Ok(None),
            (Some(Has::Yes), newer) => Ok(newer),
            (Some(Has::Unknown), _) => Ok(Some(Lack::Unknown(option.name))),
            _ => Err(format!("every kind of handle answers for {name} as for a number that is no option")),
        }
    }

    /// The functions, for a record.
    #[must_use]
    pub fn functions(&self) -> Vec<Presence> {
        let since = |name: &str| winhttp_spec::functions::find(name).and_then(|function| function.since);
        self.functions.iter().map(|(name, has)| presence(name, *has, since(name))).collect()
    }

    /// The options, for a record.
    #[must_use]
    pub fn options(&self) -> Vec<Presence> {
        let since = |name: &str| options::find(name).and_then(|option| option.since);
        self.options.iter().map(|(name, has)| presence(name, *has, since(name))).collect()
    }
}

const fn has(there: bool) -> Has {
    if there { Has::Yes } else { Has::No }
}

/// The options that decide whether a case is asked.
fn options_of(case: &Case) -> impl Iterator<Item = &str> {
    uses(case).options.into_iter().chain(case.presence.as_deref())
}

fn presence(name: &str, has: Has, since: Option<Windows>) -> Presence {
    let since = since.map(|it| [it.major, it.minor, it.build]);
    Presence { name: name.to_owned(), has, since }
}

fn answers(subject: &mut dyn Subject, origin: &mut Origin, option: u32) -> Answers {
    // With a WebSocket if the subject can make one; else without.
    ask(subject, origin, option, SetupKind::WebSocket)
        .or_else(|| ask(subject, origin, option, SetupKind::Request))
}

fn ask(subject: &mut dyn Subject, origin: &mut Origin, option: u32, kind: SetupKind) -> Answers {
    let case = question(option, kind);
    let compiled = compile(&case, origin.port(), Width::W64).ok()?;
    if let Some(script) = &compiled.script {
        origin.arm(script.clone()).ok()?;
    }
    let answer = subject.ask(&compiled.plan, DEADLINE);
    if compiled.script.is_some() {
        origin.finish(Duration::ZERO);
    }
    let Answer::Observed(observation) = answer else { return None };
    let asked = compiled.parts.iter().filter(|part| !part.setup);
    asked
        .map(|part| match observation.steps.get(part.at as usize) {
            Some(Seen::Returned { value, error, .. }) => {
                Some((*value as u32, if *value as u32 == 0 { *error } else { 0 }))
            }
            _ => None,
        })
        .collect()
}

fn question(option: u32, kind: SetupKind) -> Case {
    let handles: &[&str] = match kind {
        SetupKind::WebSocket => &["h.session", "h.connect", "h.request", "h"],
        _ => &["h.session", "h.connect", "h"],
    };
    let handles = handles.iter().map(|name| make::reference(name)).chain([make::null()]);
    let ask = |function: &str, handle: &Scalar| {
        let option = make::scalar(option);
        let arguments = vec![("hInternet", make::word(handle.clone())), ("dwOption", make::word(option))];
        Step::Call(Box::new(make::call(function, arguments)))
    };
    let asked = handles
        .flat_map(|handle| ["WinHttpQueryOption", "WinHttpSetOption"].map(|function| ask(function, &handle)));
    Case { steps: [make::setup(kind, "h")].into_iter().chain(asked).collect(), ..Case::default() }
}
