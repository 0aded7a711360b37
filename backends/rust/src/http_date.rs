//! Dates as HTTP writes them. Pages: WinHttpTimeFromSystemTime, WinHttpTimeToSystemTime; the format is that of
//! RFC 2616, section 3.3.1, which has three forms to read and one to write.

use std::time::UNIX_EPOCH;

use crate::clock;

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment in Universal Time, in the fields of a `SYSTEMTIME`: months count from 1, days of the week from Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HttpDate {
    pub(crate) year: u16,
    pub(crate) month: u16,
    pub(crate) day_of_week: u16,
    pub(crate) day: u16,
    pub(crate) hour: u16,
    pub(crate) minute: u16,
    pub(crate) second: u16,
}

impl HttpDate {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    pub(crate) fn parse(text: &str) -> Option<HttpDate> {
        let (name, rest) = text.split_once([',', ' '])?;
        let short = DAYS.iter().position(|day| &day[..3] == name);
        let day_of_week = short.or_else(|| DAYS.iter().position(|day| *day == name))? as u16;
        let (day, month, year, time) = if text[name.len()..].starts_with(' ') {
            let mut words = rest.split_ascii_whitespace();
            let (month, day) = (words.next()?, number(words.next()?)?);
            let (time, year) = (words.next()?, number(words.next()?)?);
            if words.next().is_some() {
                return None;
            }
            (day, month, year, time)
        } else {
            let (date, time) = rest.strip_prefix(' ')?.strip_suffix(" GMT")?.rsplit_once(' ')?;
            let mut parts = date.split(if short.is_some() { ' ' } else { '-' });
            let (day, month, year) = (number(parts.next()?)?, parts.next()?, parts.next()?);
            if parts.next().is_some() {
                return None;
            }
            let year = number(year)?;
            (day, month, if short.is_some() { year } else { full_year(year, this_year()) }, time)
        };
        let month = MONTHS.iter().position(|name| *name == month)? as u16 + 1;
        let mut parts = time.split(':').map(number);
        let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
        let date = HttpDate { year, month, day_of_week, day, hour, minute, second };
        (parts.next().is_none() && date.exists()).then_some(date)
    }

    /// Whether there is such a day and such a time of day. Years are those of a `SYSTEMTIME`, and a minute may have a
    /// leap second. The day of the week is not checked against the date: it is only decoration.
    pub(crate) fn exists(&self) -> bool {
        (1601..=30827).contains(&self.year)
            && (1..=12).contains(&self.month)
            && self.day_of_week < 7
            && (1..=days_of(self.month, self.year)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60
    }
}

impl std::fmt::Display for HttpDate {
    /// The form of RFC 1123, of a date that exists.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let HttpDate { year, month, day_of_week, day, hour, minute, second } = *self;
        let (day_of_week, month) = (DAYS[usize::from(day_of_week)], MONTHS[usize::from(month) - 1]);
        write!(out, "{}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT", &day_of_week[..3])
    }
}

fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn days_of(month: u16, year: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u16::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The year that two digits mean: one that would be more than fifty years ahead has passed (RFC 9110, section 5.6.7).
fn full_year(year: u16, now: u16) -> u16 {
    if year > 99 {
        return year;
    }
    let year = now - now % 100 + year;
    if year > now + 50 { year - 100 } else { year }
}

fn this_year() -> u16 {
    let seconds = clock::time_of_day().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // A mean year is exact enough to tell fifty years from a hundred.
    1970 + (seconds / 31_556_952) as u16
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::rfc_1123("Sun, 06 Nov 1994 08:49:37 GMT")]
    #[case::rfc_850("Sunday, 06-Nov-94 08:49:37 GMT")]
    #[case::asctime("Sun Nov  6 08:49:37 1994")]
    fn all_three_forms_are_read(#[case] text: &str) {
        let date =
            HttpDate { year: 1994, month: 11, day_of_week: 0, day: 6, hour: 8, minute: 49, second: 37 };
        assert_eq!(HttpDate::parse(text), Some(date));
    }

    #[rstest]
    #[case::leap_second("Sat, 31 Dec 2022 23:59:60 GMT")]
    #[case::leap_day("Tue, 29 Feb 2000 00:00:00 GMT")]
    #[case::first_year("Mon, 01 Jan 1601 00:00:00 GMT")]
    #[case::last_year("Fri, 31 Dec 30827 23:59:59 GMT")]
    fn what_is_read_is_written_again(#[case] text: &str) {
        assert_eq!(HttpDate::parse(text).unwrap().to_string(), text);
    }

    #[rstest]
    #[case::empty("")]
    #[case::hour("Sun, 06 Nov 1994 24:49:37 GMT")]
    #[case::no_leap_day("Thu, 29 Feb 1900 00:00:00 GMT")]
    #[case::month("Sun, 06 Nox 1994 08:49:37 GMT")]
    #[case::day_of_week("Son, 06 Nov 1994 08:49:37 GMT")]
    #[case::zone("Sun, 06 Nov 1994 08:49:37 CET")]
    #[case::no_zone("Sun, 06 Nov 1994 08:49:37")]
    #[case::no_day_of_week("06 Nov 1994 08:49:37 GMT")]
    #[case::sign("Sun, +6 Nov 1994 08:49:37 GMT")]
    #[case::more("Sun, 06 Nov 1994 08:49:37:00 GMT")]
    #[case::more_after_asctime("Sun Nov  6 08:49:37 1994 GMT")]
    fn anything_else_is_no_date(#[case] text: &str) {
        assert_eq!(HttpDate::parse(text), None);
    }

    #[rstest]
    #[case::this_century(26, 2026)]
    #[case::ahead(76, 2076)]
    #[case::too_far_ahead(77, 1977)]
    #[case::four_digits(1994, 1994)]
    fn two_digits_are_a_year_near_now(#[case] digits: u16, #[case] year: u16) {
        assert_eq!(full_year(digits, 2026), year);
    }
}
