//! The dates of cookies, which come in more forms than those of HTTP (RFC 6265, section 5.1.1).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The moment that a cookie's `Expires` names; `None` if it names none.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of_day(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = digits(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = digits(token, 2, 4)
        {
            year = Some(full_year(found));
        }
    }
    let ((hour, minute, second), day, month, year) = (time?, day?, month?, year?);
    if !(1..=31).contains(&day) || year < 1601 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year.into(), month.into(), day.into());
    let seconds = days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    // Whatever was before 1970 has passed; that is all that is asked of it.
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds.max(0) as u64))
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

fn time_of_day(token: &str) -> Option<(u16, u16, u16)> {
    let mut parts = token.splitn(3, ':');
    let mut part = || digits(parts.next()?, 1, 2);
    Some((part()?, part()?, part()?))
}

fn month_of(token: &str) -> Option<u16> {
    let start = token.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).map(|at| at as u16 + 1)
}

fn full_year(year: u16) -> u16 {
    match year {
        70..=99 => year + 1900,
        0..=69 => year + 2000,
        _ => year,
    }
}

/// The number that a token begins with, if it has so many digits; what follows begins with another character.
fn digits(token: &str, least: usize, most: usize) -> Option<u16> {
    let end = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
    if (least..=most).contains(&end) { token[..end].parse().ok() } else { None }
}

/// Days from 1970 to a date of the Gregorian calendar. A year is taken to begin in March, so that a leap day is
/// its last day.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let days_before_month = (153 * ((month + 9) % 12) + 2) / 5;
    const DAYS_TO_MARCH_1970: i64 = 719_468;
    year * 365 + year / 4 - year / 100 + year / 400 + days_before_month + day - 1 - DAYS_TO_MARCH_1970
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::http("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777)]
    #[case::rfc_850("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777)]
    #[case::asctime("Sun Nov  6 08:49:37 1994", 784_111_777)]
    #[case::netscape("Sun, 06-Nov-1994 08:49:37 GMT", 784_111_777)]
    #[case::this_century("01 jan 26 00:00:00", 1_767_225_600)]
    #[case::leap_day("29 Feb 2024 23:59:59", 1_709_251_199)]
    #[case::epoch("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    #[case::before("Mon, 01 Jan 1601 00:00:00 GMT", 0)]
    fn a_date_in_any_form_is_a_moment(#[case] text: &str, #[case] seconds: u64) {
        assert_eq!(parse(text), Some(UNIX_EPOCH + Duration::from_secs(seconds)));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_year("06 Nov 08:49:37")]
    #[case::no_time("06 Nov 1994")]
    #[case::hour("06 Nov 1994 24:00:00")]
    #[case::day("32 Nov 1994 08:49:37")]
    #[case::month("06 Nox 1994 08:49:37")]
    #[case::year("06 Nov 1600 08:49:37")]
    fn anything_else_is_no_date(#[case] text: &str) {
        assert_eq!(parse(text), None);
    }
}
