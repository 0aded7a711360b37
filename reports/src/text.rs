//! The summary that a terminal shows: what each implementation has, how it behaved, what nobody expected.

mod case;

pub use case::{explained, in_short};

use std::collections::BTreeMap;

use crate::presence::{Inventory, named};
use crate::record::{CaseResult, Difference, Header, Presence, Verdict};
use crate::run::{NotRun, Run};
use crate::words::{counted, counts, grouped, plain, version, wrapped};

/// How to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to colour it with the terminal's escape sequences.
    pub colour: bool,
    /// How many unexpected cases to show of each run; of the rest, how many they are.
    pub cases: usize,
    /// The time lines of so many are shown; of more, none.
    pub timelines: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { colour: false, cases: 20, timelines: 3 }
    }
}

/// Differences shown of one case; a broken struct can have hundreds.
const DIFFERENCES: usize = 8;
/// Names shown of a list of what is lacking; the HTML report has all.
const NAMES: usize = 12;
/// The width that lists are wrapped to.
const WIDTH: usize = 100;
/// The column in which the second half of a labelled line begins.
const INDENT: &str = "              ";

/// The summary of one or more runs.
#[must_use]
pub fn summary(runs: &[Run], not_run: &[NotRun], options: Options) -> String {
    let mut out = Out { text: String::new(), colour: options.colour };
    for run in runs {
        out.run(run, options);
    }
    for NotRun { backend, reason } in not_run {
        out.line(&format!("{}: not run: {reason}\n", out.paint(BOLD, backend)));
    }
    out.text
}

const BOLD: &str = "1";
const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";
const DIM: &str = "2";

struct Out {
    text: String,
    colour: bool,
}

impl Out {
    fn run(&mut self, run: &Run, options: Options) {
        self.title(&run.header);
        self.has("functions", "exported", &run.header.functions, &run.header);
        self.has("options", "recognised", &run.header.options, &run.header);
        self.counts(run);
        self.unexpected(run, options);
        self.stale(run);
        self.gate(run);
        self.line("");
    }

    fn title(&mut self, header: &Header) {
        let claims =
            header.windows.map(|windows| format!(", as Windows {}", version(windows))).unwrap_or_default();
        let name = self.paint(BOLD, &header.backend);
        self.line(&format!("{name}: {} on {}{claims}", header.library, header.system));
        if !header.filters.is_empty() {
            self.labelled("only", &header.filters.join(" "));
        }
    }

    fn has(&mut self, what: &str, done: &str, list: &[Presence], header: &Header) {
        let inventory = Inventory::of(list, header);
        self.labelled(what, &format!("{} of {} {done}", inventory.present, inventory.all));
        self.names("lacks", &inventory.lacking, header);
        self.names("too new", &inventory.excused, header);
        self.names("not known", &inventory.unknown, header);
    }

    fn names(&mut self, label: &str, list: &[&Presence], header: &Header) {
        let names: Vec<_> = list.iter().map(|presence| named(presence, header)).collect();
        let (shown, rest) = names.split_at(names.len().min(NAMES));
        for (at, line) in wrapped(shown, WIDTH - INDENT.len() - 10).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.line(&format!("{INDENT}{label:<10}{line}"));
        }
        if !rest.is_empty() {
            self.line(&format!("{INDENT}{:<10}… and {} more", "", rest.len()));
        }
    }

    fn counts(&mut self, run: &Run) {
        let seconds = run.footer.millis as f64 / 1000.0;
        let total = counted(run.results.len(), "case");
        self.labelled("behaves", &format!("{} of {total} in {seconds:.1} s", counts(run.footer.counts)));
        if run.footer.interrupted {
            let warning = self.paint(YELLOW, "the run was interrupted: not every case was asked");
            self.labelled("", &warning);
        }
        let known = run
            .results
            .iter()
            .filter(|case| case.gate && case.verdict != Verdict::Pass && case.known.is_some());
        match known.count() {
            0 => {}
            known => self.labelled("", &format!("{} as the baseline says", counted(known, "case"))),
        }
    }

    fn unexpected(&mut self, run: &Run, options: Options) {
        let limit = options.cases;
        let unexpected: Vec<_> = run.results.iter().filter(|case| !case.gate).collect();
        if unexpected.is_empty() {
            return;
        }
        self.labelled("unexpected", &counted(unexpected.len(), "case"));
        let timelines = unexpected.len() <= options.timelines;
        for case in unexpected.iter().take(limit) {
            self.case(case);
            if timelines && !case.timeline.is_empty() {
                self.timeline(case, "            ");
            }
        }
        if unexpected.len() > limit {
            self.line(&format!("    … and {} more", grouped((unexpected.len() - limit) as u64)));
        }
        let told = unexpected.iter().find(|case| !case.steps.is_empty() && case.verdict != Verdict::Pass);
        if let Some(case) = told.filter(|_| !timelines) {
            self.labelled("", &format!("step by step: conform explain '{}'", case.id));
        }
    }

    fn case(&mut self, case: &CaseResult) {
        let colour = if case.verdict == Verdict::Pass { GREEN } else { RED };
        let verdict = self.paint(colour, &format!("{:<7}", case.verdict.name()));
        self.line(&format!("    {verdict} {}", case.id));
        if let Some(source) = &case.source {
            let at = self.paint(DIM, &format!("{}:{}", source.file, source.line));
            self.line(&format!("            {at}"));
        }
        if let Some(known) = &case.known {
            self.line(&format!(
                "            the baseline says {}: {}",
                known.verdict.name(),
                plain(&known.reason)
            ));
        } else if case.verdict == Verdict::Pass {
            self.line("            passes unexpectedly");
        }
        if case.differences.is_empty() && !case.reason.is_empty() {
            self.line(&format!("            {}", plain(&case.reason)));
        }
        self.differences(case);
    }

    fn differences(&mut self, case: &CaseResult) {
        for (step, differences) in by_step(case) {
            if let Some((step, call)) = step.and_then(|step| Some((step + 1, case.steps.get(step as usize)?)))
            {
                self.line(&format!("            {step}. {}", plain(&call.call)));
            }
            for difference in differences {
                self.line(&format!("              {}", plain(&difference.what)));
                self.line(&format!("                expected  {}", plain(&difference.expected)));
                self.line(&format!("                observed  {}", plain(&difference.observed)));
            }
        }
        if case.differences.len() > DIFFERENCES {
            let more = case.differences.len() - DIFFERENCES;
            self.line(&format!("              … and {}", counted(more, "more difference")));
        }
    }

    fn stale(&mut self, run: &Run) {
        if run.footer.stale.is_empty() {
            return;
        }
        self.labelled("stale", &format!("{} of the baseline", counted(run.footer.stale.len(), "entry")));
        for entry in &run.footer.stale {
            self.line(&format!("    {entry}"));
        }
    }

    fn gate(&mut self, run: &Run) {
        let unexpected = run.results.iter().filter(|case| !case.gate).count();
        let gate = if run.footer.gate {
            self.paint(GREEN, "passes")
        } else {
            let stale = counted(run.footer.stale.len(), "stale baseline entry");
            format!("{}: {}, {stale}", self.paint(RED, "FAILS"), counted(unexpected, "unexpected case"))
        };
        self.labelled("gate", &gate);
    }

    fn labelled(&mut self, label: &str, text: &str) {
        self.line(&format!("  {label:<12}{text}"));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The first differences of a case under the step they belong to; those of the whole case come first.
fn by_step(case: &CaseResult) -> BTreeMap<Option<u32>, Vec<&Difference>> {
    let mut steps: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for difference in case.differences.iter().take(DIFFERENCES) {
        steps.entry(difference.step).or_default().push(difference);
    }
    steps
}
