//! Figures in columns.

use std::time::Duration;

use winhttp_conformance::run::default_jobs;

use crate::figure::Figure;

/// A table being filled.
pub(crate) struct Table {
    title: String,
    head: String,
    lines: Vec<String>,
}

impl Table {
    /// A table of what one `unit` costs.
    pub(crate) fn new(title: &str, unit: &str) -> Self {
        let head = format!(
            "{:<26} {:>12} {:>12} {:>12} {:>12}",
            "",
            format!("wall/{unit}"),
            format!("CPU/{unit}"),
            "by wall",
            "by CPU"
        );
        Self { title: title.to_owned(), head, lines: Vec::new() }
    }

    /// What the lines below it are about.
    pub(crate) fn title(&mut self, title: &str) {
        self.lines.push(format!("{title}:"));
    }

    /// Costs, each as a multiple of the first.
    pub(crate) fn against(&mut self, names: &[&str], figures: &[Figure]) {
        let Some(base) = figures.first() else { return };
        let ratio = |own: Duration, base: Duration| match own.as_secs_f64() / base.as_secs_f64() {
            ratio if ratio.is_finite() => format!("{ratio:.2} ×"),
            _ => "-".to_owned(),
        };
        for (name, figure) in names.iter().zip(figures) {
            self.lines.push(format!(
                "  {name:<24} {:>12} {:>12} {:>12} {:>12}",
                time(figure.wall_each()),
                time(figure.processor_each()),
                ratio(figure.wall_each(), base.wall_each()),
                ratio(figure.processor_each(), base.processor_each()),
            ));
        }
    }

    /// A rate: as it was, and as it were with all processors to itself.
    pub(crate) fn rate(&mut self, name: &str, figure: Figure) {
        let idle = figure.processor_each().div_f64(default_jobs() as f64);
        let rate = |each: Duration| match 1.0 / each.as_secs_f64() {
            rate if rate.is_finite() => format!("{rate:.0}"),
            _ => "-".to_owned(),
        };
        let line = format!(
            "  {name:<24} {:>12} {:>12} {:>10}/s {:>10}/s {:>8.1} MiB",
            time(figure.wall_each()),
            time(figure.processor_each()),
            rate(figure.wall_each()),
            rate(idle),
            figure.peak as f64 / 1024.0,
        );
        self.lines.push(line);
    }

    /// What the figures should be.
    pub(crate) fn goal(&mut self, goal: &str) {
        self.note(&format!("goal: {goal}"));
    }

    /// A line of words.
    pub(crate) fn note(&mut self, note: &str) {
        self.lines.push(note.to_owned());
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        println!("\n{}\n{}", self.title, self.head);
        for line in &self.lines {
            println!("{line}");
        }
    }
}

fn time(each: Duration) -> String {
    match each.as_nanos() {
        0 => "-".to_owned(),
        nanos @ ..10_000 => format!("{nanos} ns"),
        nanos => format!("{:.1} µs", nanos as f64 / 1000.0),
    }
}
