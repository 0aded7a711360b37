//! Which cases: `--where key=value`.

use std::fmt;
use std::str::FromStr;

use winhttp_origin::Script;
use winhttp_reports::record::Verdict;
use winhttp_reports::run::Run;
use winhttp_spec::constants;
use winhttp_spec::functions::FUNCTIONS;
use winhttp_spec::options::OPTIONS;
use winhttp_spec::requirements::ledger;

use crate::baseline::Glob;
use crate::case::{Argument, Case, Scalar, Setup, SetupKind, Step, every};
use crate::compile::option_of;
use crate::diagnostics::nearest;
use crate::system_functions;

/// `key=value` or `key!=value`.
#[derive(Clone, Debug)]
pub struct Condition {
    key: Key,
    value: String,
    glob: Glob,
    equals: bool,
}

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Covers,
    Page,
    Function,
    Option,
    Folder,
    Origin,
    Async,
    Isolated,
    Verdict,
    Backend,
}

impl Key {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Covers, "covers"),
        (Self::Page, "page"),
        (Self::Function, "function"),
        (Self::Option, "option"),
        (Self::Folder, "folder"),
        (Self::Origin, "origin"),
        (Self::Async, "async"),
        (Self::Isolated, "isolated"),
        (Self::Verdict, "verdict"),
        (Self::Backend, "backend"),
    ];

    /// The values there are, where they are few or have an order; a value of another key may be anything.
    fn values(self) -> Option<Vec<&'static str>> {
        Some(match self {
            Self::Covers => ledger().all().map(|requirement| requirement.id.as_str()).collect(),
            Self::Page => ledger().pages().iter().map(|page| page.name.as_str()).collect(),
            Self::Function => {
                FUNCTIONS.iter().chain(system_functions::find("GlobalFree")).map(|it| it.name).collect()
            }
            Self::Option => OPTIONS.iter().map(|option| option.name).collect(),
            Self::Origin => vec!["offline", "loopback", "websocket"],
            Self::Async | Self::Isolated => vec!["true", "false"],
            Self::Verdict => Verdict::ALL.map(Verdict::name).to_vec(),
            Self::Folder | Self::Backend => return None,
        })
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let keys = || Key::ALL.map(|(_, name)| name).join(", ");
        let (key, value, equals) = match text.split_once('=') {
            Some((key, value)) => match key.strip_suffix('!') {
                Some(key) => (key, value, false),
                None => (key, value, true),
            },
            None => return Err(format!("write it as key=value or key!=value; the keys are {}", keys())),
        };
        let Some((key, name)) = Key::ALL.into_iter().find(|(_, name)| *name == key) else {
            return Err(format!("no key is called `{key}`; the keys are {}", keys()));
        };
        if let Some(values) = key.values().filter(|it| !value.contains('*') && !it.contains(&value)) {
            return Err(match nearest(value, values.iter().copied()) {
                Some(near) => format!("no {name} is called `{value}`: did you mean `{near}`?"),
                None if values.len() < 10 => format!("{name} is one of {}", values.join(", ")),
                None => format!("no {name} is called `{value}`"),
            });
        }
        Ok(Self { key, value: value.to_owned(), glob: Glob::new(value), equals })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Key::ALL.iter().find(|(key, _)| *key == self.key).map_or("", |(_, name)| name);
        write!(out, "{name}{}{}", if self.equals { "=" } else { "!=" }, self.value)
    }
}

/// Whether a case meets all conditions. Those about verdicts and back ends hold together, of one of the recorded runs.
#[must_use]
pub fn meets(case: &Case, conditions: &[Condition], runs: &[Run]) -> bool {
    let of_runs = |condition: &&Condition| matches!(condition.key, Key::Verdict | Key::Backend);
    let (recorded, own): (Vec<_>, Vec<_>) = conditions.iter().partition(of_runs);
    own.iter().all(|condition| condition.holds(case))
        && (recorded.is_empty() || runs.iter().any(|run| recorded.iter().all(|it| it.holds_of(case, run))))
}

impl Condition {
    fn holds(&self, case: &Case) -> bool {
        let any = |mut values: Box<dyn Iterator<Item = &str> + '_>| values.any(|it| self.glob.matches(it));
        let calls = || {
            every(&case.steps)
                .into_iter()
                .filter_map(|step| if let Step::Call(call) = step { Some(call) } else { None })
        };
        let flag = |flag: bool| self.value == flag.to_string();
        let found = match self.key {
            Key::Covers => any(Box::new(case.covers.iter().map(String::as_str))),
            Key::Page => any(Box::new(case.covers.iter().map(|id| id.split('/').next().unwrap_or(id)))),
            Key::Function => any(Box::new(calls().map(|call| call.function.name))),
            Key::Option => {
                any(Box::new(calls().filter_map(|call| option_of(call)).map(|option| option.name)))
            }
            Key::Folder => case.id.starts_with(&format!("{}/", self.value.trim_end_matches('/'))),
            Key::Origin => self.glob.matches(origin(case)),
            Key::Async => flag(every(&case.steps).into_iter().any(is_asynchronous)),
            Key::Isolated => flag(case.isolated),
            Key::Verdict | Key::Backend => true,
        };
        found == self.equals
    }

    fn holds_of(&self, case: &Case, run: &Run) -> bool {
        let Some(result) = run.results.iter().find(|result| result.id == case.id) else { return false };
        let found = match self.key {
            // `wine` is any of its versions.
            Key::Backend => {
                let label = run.header.backend.as_str();
                self.glob.matches(label) || label.starts_with(&format!("{}-", self.value))
            }
            _ => self.glob.matches(result.verdict.name()),
        };
        found == self.equals
    }
}

/// What a case needs to be asked.
fn origin(case: &Case) -> &'static str {
    let upgrades = |step: &Step| matches!(step, Step::Setup(Setup { kind: SetupKind::WebSocket, .. }));
    match &case.origin {
        Some(Script::Websocket) => "websocket",
        None if every(&case.steps).into_iter().any(upgrades) => "websocket",
        Some(_) => "loopback",
        None if case.requests.is_some() => "loopback",
        None => "offline",
    }
}

/// Whether a step opens an asynchronous session.
fn is_asynchronous(step: &Step) -> bool {
    match step {
        Step::Setup(setup) => setup.asynchronous || setup.kind == SetupKind::Resolver,
        Step::Call(call) => {
            let flag = constants::value("WINHTTP_FLAG_ASYNC").unwrap_or_default();
            call.function.name == "WinHttpOpen"
                && call.arguments.iter().any(|(index, argument)| {
                    let flags = call.function.params[*index].name == "dwFlags";
                    flags && matches!(argument, Argument::Word(Scalar::Number(it)) if it.value & flag != 0)
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::load::load_text;

    const FILE: &str = "
covers: [WinHttpReadData/request-handle]
cases:
  alone:
    covers: [WinHttpOpen/opens-session]
    steps: [{ WinHttpOpen: { dwFlags: WINHTTP_FLAG_ASYNC }, succeeds: true }]
  option:
    isolated: true
    steps:
      - session: s
      - WinHttpSetOption: { hInternet: $s, dwOption: WINHTTP_OPTION_CONNECT_TIMEOUT, lpBuffer: { DWORD: 1 } }
        open: true
  peer:
    origin: ok
    steps:
      - request: r
      - WinHttpReadData: { hRequest: $r, lpBuffer: { space: 1 } }
        fails: true
  socket:
    steps:
      - websocket: ws
      - WinHttpWebSocketClose: { hWebSocket: $ws, usStatus: 1000 }
        succeeds: true
";

    #[rstest]
    #[case::requirement(&["covers=WinHttpOpen/opens-session"], "alone")]
    #[case::page(&["page=WinHttpReadData"], "option peer socket")]
    #[case::pattern(&["covers=WinHttpO*"], "alone")]
    #[case::function(&["function=WinHttpReadData"], "peer")]
    #[case::option(&["option=WINHTTP_OPTION_CONNECT_TIMEOUT"], "option")]
    #[case::folder(&["folder=a/folder"], "alone option peer socket")]
    #[case::another_folder(&["folder=a/fold"], "")]
    #[case::offline(&["origin=offline"], "alone option")]
    #[case::loopback(&["origin=loopback"], "peer")]
    #[case::websocket(&["origin=websocket"], "socket")]
    #[case::asynchronous(&["async=true"], "alone")]
    #[case::isolated(&["isolated=true"], "option")]
    #[case::not(&["origin!=offline"], "peer socket")]
    #[case::both(&["origin=offline", "isolated=false"], "alone")]
    #[case::never_run(&["verdict=pass"], "")]
    fn selects(#[case] conditions: &[&str], #[case] expected: &str) {
        let conditions: Vec<Condition> =
            conditions.iter().map(|it| it.parse().expect("a condition")).collect();
        let cases = load_text("a/folder", "a/folder.yaml", FILE).unwrap_or_else(|errors| panic!("{errors}"));
        let met = cases.iter().filter(|case| meets(case, &conditions, &[]));
        let names: Vec<_> = met.filter_map(|case| case.id.rsplit('/').next()).collect();
        assert_eq!(names.join(" "), expected);
    }

    #[rstest]
    #[case::unknown_key("verdicts=fail", "the keys are covers, page, function")]
    #[case::no_value("verdict", "the keys are covers, page, function")]
    #[case::unknown_verdict("verdict=excellent", "pass, fail, crash")]
    #[case::unknown_flag("async=perhaps", "true, false")]
    #[case::near_miss("function=WinHttpReadDate", "did you mean `WinHttpReadData`?")]
    fn refuses(#[case] condition: &str, #[case] says: &str) {
        let message = condition.parse::<Condition>().expect_err("no condition");
        assert!(message.contains(says), "{message}");
    }
}
