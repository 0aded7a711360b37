//! Numbers and lists as a reader wants them.

use crate::record::{Counts, Verdict};

/// `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 case`, `2 cases`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let plural = match (number, noun.strip_suffix('y')) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{noun}s"),
    };
    format!("{} {plural}", grouped(number as u64))
}

/// `4,012 pass, 12 fail`: passes always, of the rest what there is.
pub(crate) fn counts(counts: Counts) -> String {
    Verdict::ALL
        .into_iter()
        .filter(|verdict| *verdict == Verdict::Pass || counts.of(*verdict) > 0)
        .map(|verdict| format!("{} {}", grouped(counts.of(verdict)), verdict.name()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `10.0.19041`.
pub(crate) fn version([major, minor, build]: [u32; 3]) -> String {
    format!("{major}.{minor}.{build}")
}

/// The items in lines of at most `width` characters, separated by commas; an item is never cut.
pub(crate) fn wrapped(items: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let item = if at + 1 < items.len() { format!("{item},") } else { item.clone() };
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + item.chars().count() <= width => {
                line.push(' ');
                line.push_str(&item);
            }
            _ => lines.push(item),
        }
    }
    lines
}

/// Control characters as escapes, so that what a subject said stays on its line and moves no cursor.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() { out.extend(char.escape_default()) } else { out.push(char) }
    }
    out
}
