//! An SVG badge: `winhttp rust | 4012 pass`.

use minijinja::context;

use crate::record::Counts;
use crate::run::Run;
use crate::templates;

/// The badge of a run: green where all that was asked passed, yellow where the gate passes in spite of known
/// failures, red where it does not, grey where not every case was asked.
///
/// # Errors
/// The template cannot be rendered, which would be a mistake in it.
pub fn render(run: &Run) -> Result<String, String> {
    let label = format!("winhttp {}", run.header.backend);
    let message = message(run.footer.counts);
    let (label_width, message_width) = (width(&label), width(&message));
    templates::render(
        "badge.svg",
        context! { label, message, colour => colour(run), label_width, message_width },
    )
}

fn message(counts: Counts) -> String {
    match broken_promises(counts) {
        0 => format!("{} pass", counts.pass),
        fail => format!("{} pass, {fail} fail", counts.pass),
    }
}

fn broken_promises(counts: Counts) -> u64 {
    counts.fail + counts.crash + counts.hang
}

fn colour(run: &Run) -> &'static str {
    if !run.footer.gate {
        "#b3261e"
    } else if !run.is_whole() {
        "#6b7280"
    } else if broken_promises(run.footer.counts) > 0 {
        "#8a6100"
    } else {
        "#1f7a3d"
    }
}

/// Pixels for the text in 11 pixel Verdana, near enough: an SVG cannot measure text.
fn width(text: &str) -> usize {
    text.chars().count() * 7 + 12
}
