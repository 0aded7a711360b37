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

/// Text in lines of at most `width` characters, broken at spaces where there are any.
pub(crate) fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width {
        // A space that leaves a line nearly empty breaks nothing well.
        let space = rest[..=width].iter().rposition(|char| *char == ' ').filter(|at| *at > width / 2);
        let (end, next) = space.map_or((width, width), |at| (at, at + 1));
        let tail = rest.split_off(next);
        lines.push(rest[..end].iter().collect());
        rest = tail;
    }
    lines.push(rest.into_iter().collect());
    lines
}

/// `0.400` of microseconds: milliseconds.
pub(crate) fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// Control characters as escapes, so that what a subject said stays on its line and moves no cursor.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() { out.extend(char.escape_default()) } else { out.push(char) }
    }
    out
}

/// `2026-01-01 00:00 UTC` of seconds since 1970.
pub(crate) fn date(seconds: u64) -> String {
    let (days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    // Years that begin in March, so that a leap day is the last day of its year; 400 of them are 146,097 days.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_based + 2) / 5 + 1;
    let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "1970-01-01 00:00 UTC")]
    #[case(951_782_400, "2000-02-29 00:00 UTC")]
    #[case(1_767_225_599, "2025-12-31 23:59 UTC")]
    #[case(4_107_542_400, "2100-03-01 00:00 UTC")]
    fn dates(#[case] seconds: u64, #[case] says: &str) {
        assert_eq!(date(seconds), says);
    }

    #[rstest]
    #[case(7, "7")]
    #[case(999, "999")]
    #[case(1_000, "1,000")]
    #[case(1_234_567, "1,234,567")]
    fn groups_of_three(#[case] number: u64, #[case] says: &str) {
        assert_eq!(grouped(number), says);
    }

    #[rstest]
    #[case(1, "entry", "1 entry")]
    #[case(0, "entry", "0 entries")]
    #[case(2, "case", "2 cases")]
    fn plurals(#[case] number: usize, #[case] noun: &str, #[case] says: &str) {
        assert_eq!(counted(number, noun), says);
    }

    #[rstest]
    #[case("", &[""])]
    #[case("ten chars.", &["ten chars."])]
    #[case("two words and more", &["two words", "and more"])]
    #[case("a without-any-spaces", &["a without-", "any-spaces"])]
    fn a_long_text_is_folded(#[case] text: &str, #[case] lines: &[&str]) {
        assert_eq!(folded(text, 10), lines);
    }

    #[test]
    fn a_long_list_is_wrapped() {
        let items = ["one", "two", "a-very-long-one", "x"].map(str::to_owned);
        assert_eq!(wrapped(&items, 10), ["one, two,", "a-very-long-one,", "x"]);
    }
}
