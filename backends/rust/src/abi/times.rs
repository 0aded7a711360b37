//! Entry points for dates.

use windows_sys::Win32::Foundation::SYSTEMTIME;

use super::{
    Bool,
    arguments::{InText, Out},
    buffers::OutText,
    entry_points,
};
use crate::{error::Error, http_date::HttpDate};

entry_points! {
    fn WinHttpTimeFromSystemTime(time: Out<SYSTEMTIME>, text: OutText) -> Bool {
        // The page documents no error for a time that does not exist.
        let date = time.get().map(date).filter(HttpDate::exists).ok_or(Error::INVALID_PARAMETER)?;
        if text.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let written: Vec<u16> = date.to_string().encode_utf16().collect();
        // SAFETY: the page has the caller give WINHTTP_TIME_FORMAT_BUFSIZE bytes, and no date is longer: 31 units
        // are the year 30827 and a terminator.
        unsafe { text.put(&written) };
        Ok(())
    }

    fn WinHttpTimeToSystemTime(text: InText<'_>, time: Out<SYSTEMTIME>) -> Bool {
        let text = text.get().filter(|_| !time.is_null()).ok_or(Error::INVALID_PARAMETER)?;
        // Nor does this page, for text that is no date.
        let date = HttpDate::parse(&String::from_utf16_lossy(text)).ok_or(Error::INVALID_PARAMETER)?;
        time.put(system_time(&date));
        Ok(())
    }
}

/// As Windows lays out a moment.
pub(super) fn system_time(date: &HttpDate) -> SYSTEMTIME {
    SYSTEMTIME {
        wYear: date.year,
        wMonth: date.month,
        wDayOfWeek: date.day_of_week,
        wDay: date.day,
        wHour: date.hour,
        wMinute: date.minute,
        wSecond: date.second,
        wMilliseconds: 0,
    }
}

fn date(time: SYSTEMTIME) -> HttpDate {
    HttpDate {
        year: time.wYear,
        month: time.wMonth,
        day_of_week: time.wDayOfWeek,
        day: time.wDay,
        hour: time.wHour,
        minute: time.wMinute,
        second: time.wSecond,
    }
}
