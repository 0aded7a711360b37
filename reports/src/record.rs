//! The schema of a recorded run: JSON lines, a [`Line`] each: one header, a result a case, one footer.
//!
//! A run without its footer is incomplete: it was interrupted, or the harness died.

use serde::{Deserialize, Serialize};

/// The version of the schema.
pub const SCHEMA: u32 = 1;

/// One line of a recorded run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line<R = Box<CaseResult>> {
    /// The first line.
    Header(Header),
    /// A case and its verdict.
    Result(R),
    /// The last line.
    Footer(Footer),
}

/// Who was asked, and what it has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Version of this tool.
    pub tool: String,
    /// The back end's label, which also names its baseline: `rust`, `wine-8.0`, `native`, `library`, `command`.
    pub backend: String,
    /// What was loaded: a path or a name.
    pub library: String,
    /// `linux`, `windows`, `Wine 8.0`, …
    pub system: String,
    /// The version of Windows the subject claims to be.
    pub windows: Option<[u32; 3]>,
    /// Seconds since 1970.
    pub started: u64,
    /// The filters that restricted the run; empty for all cases.
    pub filters: Vec<String>,
    /// What the implementation has, asked before anything else.
    pub functions: Vec<Presence>,
    /// Likewise, the options it recognises.
    pub options: Vec<Presence>,
}

/// Whether the subject has something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// A function's or option's name.
    pub name: String,
    /// Whether it is there.
    pub has: Has,
    /// The Windows version that the documentation names as the first with it, `[major, minor, build]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<[u32; 3]>,
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Has {
    /// Exported; or recognised on at least one kind of handle.
    Yes,
    /// Not exported; or ERROR_WINHTTP_INVALID_OPTION on every kind of handle, to query and to set.
    No,
    /// It could not be asked.
    Unknown,
}

/// One case on one back end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// `options/websocket-keepalive/refuses-less-than-15-s[interval=14999]`.
    pub id: String,
    /// The requirements it covers.
    pub covers: Vec<String>,
    /// Where the case is written; `None` for a generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What came of it.
    pub verdict: Verdict,
    /// What the baseline says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
    /// Whether verdict and baseline together let the gate pass.
    pub gate: bool,
    /// Why, in one line: the missing need, the call that was running, the first difference. Empty for a pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Every difference between what is promised and what was observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The steps; left out for a generated case that passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepResult>,
    /// Calls, callbacks and the peer's side in the order in which they happened; empty where there were only calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Moment>,
    /// How the peer's times relate to the others; `None` where the peer did nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// What the agent printed to standard error while the case ran.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub noise: String,
    /// How long the case took, in microseconds.
    pub micros: u64,
}

/// A place in a case file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The path below the repository's root.
    pub file: String,
    /// The line of the case's name.
    pub line: u32,
}

/// What came of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every promise was kept.
    Pass,
    /// A promise was broken.
    Fail,
    /// The subject ended in the middle of the case, or wrote rubbish where its answers go.
    Crash,
    /// The subject did not answer within the deadline.
    Hang,
    /// The subject lacks what the case needs; the question was not asked.
    Skipped,
    /// The set-up failed, so the question was never asked.
    Blocked,
    /// The case itself is wrong, or the harness could not put it.
    #[default]
    Broken,
}

/// What the baseline says of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The verdict the baseline expects.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The pattern that listed the case.
    pub pattern: String,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Index into the steps; `None` for a difference of the whole case.
    pub step: Option<u32>,
    /// What was looked at: `return value`, `last error`, `lpBuffer`, `callbacks`, `invariant: …`.
    pub what: String,
    /// What the documentation promises.
    pub expected: String,
    /// What was observed.
    pub observed: String,
}

/// One step, as written and as seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// The call as it was made: `WinHttpSetOption(hInternet: $ws, …)`.
    pub call: String,
    /// What was expected; empty where nothing was.
    pub expected: String,
    /// What was observed.
    pub observed: String,
    /// Belongs to the set-up, not to the question.
    pub setup: bool,
    /// False where a difference names this step.
    pub ok: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Microseconds since the plan began.
    pub micros: u64,
    /// Whose doing it was.
    pub lane: Lane,
    /// What it was.
    pub text: String,
}

/// A lane of the time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// A call, or a wait.
    Call,
    /// A status callback.
    Callback,
    /// The scripted peer.
    Peer,
}

/// How the peer's times relate to those of calls and callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Both are of the same clock.
    Same,
    /// They may be off by so many microseconds: the subject may be on another machine.
    Within(u64),
    /// Nobody knows when the plan began: they count from just before it was put to the subject.
    Apart,
}

/// The end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// How many cases had each verdict.
    pub counts: Counts,
    /// The user stopped it: not all cases were asked.
    pub interrupted: bool,
    /// Baseline entries that did not do what an entry must: matched nothing, or matched a skipped case.
    pub stale: Vec<String>,
    /// Whether the gate passes: every case has the verdict its baseline expects, and no entry is stale.
    pub gate: bool,
    /// Milliseconds from the first case to the last.
    pub millis: u64,
}

/// How many cases had each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// [`Verdict::Pass`].
    pub pass: u64,
    /// [`Verdict::Fail`].
    pub fail: u64,
    /// [`Verdict::Crash`].
    pub crash: u64,
    /// [`Verdict::Hang`].
    pub hang: u64,
    /// [`Verdict::Skipped`].
    pub skipped: u64,
    /// [`Verdict::Blocked`].
    pub blocked: u64,
    /// [`Verdict::Broken`].
    pub broken: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        *self.of_mut(verdict) += 1;
    }

    /// How many had this verdict.
    #[must_use]
    pub fn of(mut self, verdict: Verdict) -> u64 {
        *self.of_mut(verdict)
    }

    /// All of them together.
    #[must_use]
    pub fn total(self) -> u64 {
        Verdict::ALL.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    fn of_mut(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Crash => &mut self.crash,
            Verdict::Hang => &mut self.hang,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Blocked => &mut self.blocked,
            Verdict::Broken => &mut self.broken,
        }
    }
}

impl Verdict {
    /// Every verdict, from the best to the worst.
    pub const ALL: [Self; 7] =
        [Self::Pass, Self::Fail, Self::Crash, Self::Hang, Self::Skipped, Self::Blocked, Self::Broken];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Crash => "crash",
            Self::Hang => "hang",
            Self::Skipped => "skipped",
            Self::Blocked => "blocked",
            Self::Broken => "broken",
        }
    }

    /// Whether it is as it should be where no baseline says otherwise.
    #[must_use]
    pub const fn is_fine(self) -> bool {
        matches!(self, Self::Pass | Self::Skipped)
    }
}
