//! One case on one back end: its steps, and what happened when.

use super::{BOLD, DIM, GREEN, Out, RED, YELLOW};
use crate::record::{CaseResult, Clock, Difference, Lane, StepResult, Verdict};
use crate::words::{folded, millis, plain};

/// No line is longer, in characters.
const WIDTH: usize = 120;

/// What came of a case on a back end, step by step.
#[must_use]
pub fn explained(backend: &str, case: &CaseResult, colour: bool) -> String {
    let mut out = Out { text: String::new(), colour };
    out.verdict(backend, case);
    for (number, step) in case.steps.iter().enumerate() {
        let differences = case.differences.iter().filter(|it| it.step == Some(number as u32));
        out.step(number + 1, step, differences);
    }
    out.of_the_whole_case(case);
    if !case.timeline.is_empty() {
        out.timeline(case, "  ");
    }
    if !case.noise.is_empty() {
        out.line(&format!("  {}", out.paint(DIM, "printed to standard error")));
        for line in case.noise.lines() {
            out.folded("    ", line);
        }
    }
    out.text
}

/// What came of a case on a back end, in a line or two below the case's name.
#[must_use]
pub fn in_short(backend: &str, case: &CaseResult, colour: bool) -> String {
    let mut out = Out { text: String::new(), colour };
    let paint = if case.verdict == Verdict::Pass { GREEN } else { RED };
    let verdict = out.paint(paint, &format!("{:<7}", case.verdict.name()));
    let reason = if case.reason.is_empty() { String::new() } else { format!(": {}", case.reason) };
    out.folded(&format!("    {verdict} "), &format!("{backend}{}{reason}", expected(case)));
    out.text
}

/// Whether it was to be expected.
fn expected(case: &CaseResult) -> &'static str {
    match (&case.known, case.gate) {
        (Some(_), true) => ", as the baseline says",
        (_, false) => ", unexpected",
        (None, true) => "",
    }
}

impl Out {
    fn verdict(&mut self, backend: &str, case: &CaseResult) {
        let colour = if case.verdict == Verdict::Pass { GREEN } else { RED };
        let (backend, verdict) = (self.paint(BOLD, backend), self.paint(colour, case.verdict.name()));
        self.line(&format!("{backend}: {verdict}{}", expected(case)));
        if let Some(known) = &case.known {
            self.folded("  the baseline: ", &format!("{}: {}", known.verdict.name(), known.reason));
        }
        if !case.reason.is_empty() {
            self.folded("  ", &case.reason);
        }
    }

    fn step<'a>(
        &mut self,
        number: usize,
        step: &StepResult,
        differences: impl Iterator<Item = &'a Difference>,
    ) {
        let setup = if step.setup { " (set-up)" } else { "" };
        self.folded(&format!("  {number:>3}. "), &format!("{}{setup}", step.call));
        if !step.observed.is_empty() {
            self.folded("         observed  ", &step.observed);
        }
        for Difference { what, expected, observed, .. } in differences {
            let differs = self.paint(RED, "differs");
            self.folded(
                &format!("         {differs}   "),
                &format!("{what}: expected {expected}, observed {observed}"),
            );
        }
    }

    fn of_the_whole_case(&mut self, case: &CaseResult) {
        for difference in case.differences.iter().filter(|it| it.step.is_none() || case.steps.is_empty()) {
            let differs = self.paint(RED, "differs");
            let Difference { what, expected, observed, .. } = difference;
            self.folded(
                &format!("  {differs}  "),
                &format!("{what}: expected {expected}, observed {observed}"),
            );
        }
    }

    /// Calls, callbacks and the peer on one clock.
    pub(super) fn timeline(&mut self, case: &CaseResult, indent: &str) {
        let since = match case.clock {
            None | Some(Clock::Same) => "the plan began".to_owned(),
            Some(Clock::Within(micros)) => {
                format!("the plan began; the peer's times may be off by {}", millis(micros))
            }
            Some(Clock::Apart) => "just before the question was put".to_owned(),
        };
        let title = self.paint(DIM, &format!("time line, ms since {since}"));
        self.line(&format!("{indent}{title}"));
        let latest = case.timeline.iter().map(|moment| moment.micros).max().unwrap_or(0);
        let width = millis(latest).len();
        for moment in &case.timeline {
            let (lane, colour) = match moment.lane {
                Lane::Call => ("call    ", BOLD),
                Lane::Callback => ("callback", GREEN),
                Lane::Peer => ("peer    ", YELLOW),
            };
            let (at, lane) = (millis(moment.micros), self.paint(colour, lane));
            self.folded(&format!("{indent}{at:>width$}  {lane}  "), &moment.text);
        }
    }

    /// A text behind a label, in as many lines as it takes.
    fn folded(&mut self, label: &str, text: &str) {
        let indent = " ".repeat(visible(label));
        for (at, line) in folded(&plain(text), WIDTH - indent.len()).iter().enumerate() {
            self.line(&format!("{}{line}", if at == 0 { label } else { &indent }));
        }
    }
}

/// How many columns a text takes without its escape sequences.
fn visible(text: &str) -> usize {
    let mut escaped = false;
    let seen = |char: &char| {
        let was = escaped;
        escaped = (escaped || *char == '\x1b') && *char != 'm';
        !was && !escaped
    };
    text.chars().filter(seen).count()
}
