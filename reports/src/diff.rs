//! What changed from one run to another: of the same back end over time, or from one back end to another.

use std::collections::{HashMap, HashSet};

use crate::markdown::{code, text as escaped};
use crate::record::{CaseResult, Difference, Has, Presence, Verdict};
use crate::run::Run;
use crate::words::{counted, counts, grouped, plain};

/// What changed from run `a` to run `b`, in the order of their cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff<'a> {
    /// Run `a`.
    pub a: &'a Run,
    /// Run `b`.
    pub b: &'a Run,
    /// What one has and the other lacks.
    pub presence: Vec<PresenceChange<'a>>,
    /// Cases with another verdict.
    pub changed: Vec<Change<'a>>,
    /// Cases with the same verdict for other differences.
    pub differing: Vec<Change<'a>>,
    /// Cases of `b` that `a` has not, though it asked all there were.
    pub appeared: Vec<&'a CaseResult>,
    /// Cases of `a` that `b` has not, though it asked all there are.
    pub disappeared: Vec<&'a CaseResult>,
}

/// A function or an option that one run has and the other lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceChange<'a> {
    /// `function` or `option`.
    pub kind: &'static str,
    /// Its name.
    pub name: &'a str,
    /// What `a` says of it.
    pub before: Has,
    /// What `b` says of it.
    pub after: Has,
}

/// A case of both runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change<'a> {
    /// Its result in `a`.
    pub before: &'a CaseResult,
    /// Its result in `b`.
    pub after: &'a CaseResult,
}

impl Change<'_> {
    /// A pass that is none any more, or a subject that now does not even survive the case. What was not
    /// told before and fails now is no regression: the subject did not keep that promise earlier either.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        let deadly = |verdict| matches!(verdict, Verdict::Crash | Verdict::Hang);
        let (before, after) = (self.before.verdict, self.after.verdict);
        (before == Verdict::Pass && after != Verdict::Pass) || (deadly(after) && !deadly(before))
    }
}

impl PresenceChange<'_> {
    /// It was there and is gone.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        self.before == Has::Yes && self.after == Has::No
    }
}

impl<'a> Diff<'a> {
    /// Compares two runs.
    #[must_use]
    pub fn between(a: &'a Run, b: &'a Run) -> Self {
        let earlier: HashMap<&str, &CaseResult> =
            a.results.iter().map(|case| (case.id.as_str(), case)).collect();
        let later: HashSet<&str> = b.results.iter().map(|case| case.id.as_str()).collect();
        let gone = a.results.iter().filter(|case| !later.contains(case.id.as_str()));
        let mut diff = Self {
            a,
            b,
            presence: presence(a, b),
            changed: Vec::new(),
            differing: Vec::new(),
            appeared: Vec::new(),
            disappeared: gone.filter(|_| b.is_whole()).collect(),
        };
        for after in &b.results {
            match earlier.get(after.id.as_str()) {
                None if a.is_whole() => diff.appeared.push(after),
                None => {}
                Some(before) if before.verdict != after.verdict => {
                    diff.changed.push(Change { before, after })
                }
                Some(before) if before.differences != after.differences => {
                    diff.differing.push(Change { before, after });
                }
                Some(_) => {}
            }
        }
        diff
    }

    /// Whether `b` is worse than `a`: a change of a verdict or of presence is a regression. Cases that
    /// appeared or disappeared are not: they are listed.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        self.changed.iter().any(Change::is_regression)
            || self.presence.iter().any(PresenceChange::is_regression)
    }

    /// Whether the runs tell the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.presence.is_empty()
            && self.changed.is_empty()
            && self.differing.is_empty()
            && self.appeared.is_empty()
            && self.disappeared.is_empty()
    }

    /// For a terminal, every change.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("A  {}\nB  {}\n", title(self.a), title(self.b));
        for section in self.sections() {
            out += &format!("\n{} ({})\n", section.title, grouped(section.lines.len() as u64));
            for line in &section.lines {
                out += &format!("  {}{}\n", line.what, line.name);
                out += &line.notes.iter().map(|note| format!("      {}\n", plain(note))).collect::<String>();
            }
        }
        out + &format!("\n{}\n", self.conclusion())
    }

    /// For a pull request: each kind of change folded away but the regressions, and each capped.
    #[must_use]
    pub fn markdown(&self) -> String {
        const LINES: usize = 50;
        let mut out = format!(
            "### {} → {}: {}\n\n",
            escaped(&self.a.header.backend),
            escaped(&self.b.header.backend),
            self.conclusion()
        );
        out += &format!("- A: {}\n- B: {}\n\n", escaped(&title(self.a)), escaped(&title(self.b)));
        for section in self.sections() {
            let open = if section.grave { " open" } else { "" };
            let count = grouped(section.lines.len() as u64);
            out += &format!("<details{open}><summary>{} ({count})</summary>\n\n", section.title);
            for line in section.lines.iter().take(LINES) {
                out += &format!("- {}{}\n", line.what, code(&line.name));
                out += &line.notes.iter().map(|note| format!("  - {}\n", escaped(note))).collect::<String>();
            }
            if section.lines.len() > LINES {
                out += &format!("- … and {} more\n", grouped((section.lines.len() - LINES) as u64));
            }
            out += "\n</details>\n";
        }
        out
    }

    fn conclusion(&self) -> String {
        let changed = self.changed.iter().filter(|change| change.is_regression()).count()
            + self.presence.iter().filter(|change| change.is_regression()).count();
        match changed {
            0 if self.is_empty() => "the runs tell the same".to_owned(),
            0 => "no regression".to_owned(),
            changed => counted(changed, "regression"),
        }
    }

    fn sections(&self) -> Vec<Section> {
        let (worse, otherwise): (Vec<_>, Vec<_>) =
            self.changed.iter().partition(|change| change.is_regression());
        let (gone, come): (Vec<_>, Vec<_>) = self.presence.iter().partition(|change| change.is_regression());
        let sections = [
            Section::new("had and lost", true, gone.into_iter().map(Entry::presence)),
            Section::new("regressed", true, worse.into_iter().map(Entry::changed)),
            Section::new("presence changed", false, come.into_iter().map(Entry::presence)),
            Section::new("verdict changed", false, otherwise.into_iter().map(Entry::changed)),
            Section::new(
                "same verdict, other differences",
                false,
                self.differing.iter().map(Entry::differing),
            ),
            Section::new("appeared", false, self.appeared.iter().map(|case| Entry::alone(case))),
            Section::new("disappeared", false, self.disappeared.iter().map(|case| Entry::alone(case))),
        ];
        sections.into_iter().filter(|section| !section.lines.is_empty()).collect()
    }
}

fn title(run: &Run) -> String {
    let interrupted = if run.footer.interrupted { " (interrupted)" } else { "" };
    let filters = match &run.header.filters[..] {
        [] => String::new(),
        filters => format!(" (only {})", filters.join(" ")),
    };
    let Run { header, footer, .. } = run;
    format!("{}: {}, {}{filters}{interrupted}", header.backend, header.library, counts(footer.counts))
}

fn presence<'a>(a: &'a Run, b: &'a Run) -> Vec<PresenceChange<'a>> {
    let lists = [
        ("function", &a.header.functions, &b.header.functions),
        ("option", &a.header.options, &b.header.options),
    ];
    let mut changes = Vec::new();
    for (kind, before, after) in lists {
        let earlier: HashMap<&str, Has> =
            before.iter().map(|presence| (presence.name.as_str(), presence.has)).collect();
        for Presence { name, has, .. } in after {
            // What only one of the runs asked for tells nothing of the subjects.
            match earlier.get(name.as_str()) {
                Some(before) if before != has => {
                    changes.push(PresenceChange { kind, name, before: *before, after: *has })
                }
                _ => {}
            }
        }
    }
    changes
}

struct Section {
    title: &'static str,
    /// Whether it holds regressions.
    grave: bool,
    lines: Vec<Entry>,
}

impl Section {
    fn new(title: &'static str, grave: bool, lines: impl Iterator<Item = Entry>) -> Self {
        Self { title, grave, lines: lines.collect() }
    }
}

struct Entry {
    /// `pass → fail  `; ends with a space.
    what: String,
    name: String,
    notes: Vec<String>,
}

impl Entry {
    fn presence(change: &PresenceChange<'_>) -> Self {
        let word = |has| match has {
            Has::Yes => "has it",
            Has::No => "lacks it",
            Has::Unknown => "not known",
        };
        let what = format!("{} → {}: {} ", word(change.before), word(change.after), change.kind);
        Self { what, name: change.name.to_owned(), notes: Vec::new() }
    }

    fn changed(change: &Change<'_>) -> Self {
        let Change { before, after } = change;
        let what = format!("{} → {} ", before.verdict.name(), after.verdict.name());
        // The reason that matters is that of the run which did not pass.
        let reason =
            if after.reason.is_empty() { format!("was: {}", before.reason) } else { after.reason.clone() };
        Self { what, name: after.id.clone(), notes: vec![reason] }
    }

    fn differing(change: &Change<'_>) -> Self {
        let Change { before, after } = change;
        let only = |label: &str, these: &[Difference], those: &[Difference]| {
            these
                .iter()
                .filter(|difference| !those.contains(difference))
                .map(|Difference { what, expected, observed, .. }| {
                    format!("only {label}: {what}: expected {expected}, observed {observed}")
                })
                .collect::<Vec<_>>()
        };
        let mut notes = only("A", &before.differences, &after.differences);
        notes.extend(only("B", &after.differences, &before.differences));
        Self { what: format!("{} ", after.verdict.name()), name: after.id.clone(), notes }
    }

    fn alone(case: &CaseResult) -> Self {
        Self { what: format!("{} ", case.verdict.name()), name: case.id.clone(), notes: Vec::new() }
    }
}
