//! Dates as text and as SYSTEMTIME.

use std::ptr::{null, null_mut};

use rstest::rstest;

use crate::api::*;

const TIME: SYSTEMTIME = SYSTEMTIME {
    wYear: 2000,
    wMonth: 11,
    wDayOfWeek: 2,
    wDay: 21,
    wHour: 1,
    wMinute: 6,
    wSecond: 53,
    wMilliseconds: 999,
};

fn text_of(time: &SYSTEMTIME) -> Result<String, u32> {
    let mut buffer = [0xFFFF_u16; WINHTTP_TIME_FORMAT_BUFSIZE as usize / 2];
    match outcome(call!(WinHttpTimeFromSystemTime(time, buffer.as_mut_ptr()))) {
        0 => {
            let end = buffer.iter().position(|unit| *unit == 0).unwrap();
            assert!(buffer[end + 1..].iter().all(|unit| *unit == 0xFFFF), "more than the text");
            Ok(String::from_utf16(&buffer[..end]).unwrap())
        }
        error => {
            assert_eq!(buffer, [0xFFFF; WINHTTP_TIME_FORMAT_BUFSIZE as usize / 2]);
            Err(error)
        }
    }
}

#[test]
fn a_time_becomes_text_and_comes_back() {
    let text = "Tue, 21 Nov 2000 01:06:53 GMT";
    assert_eq!(text_of(&TIME).as_deref(), Ok(text));
    let mut time = SYSTEMTIME::default();
    assert_eq!(outcome(call!(WinHttpTimeToSystemTime(wide(text).as_ptr(), &mut time))), 0);
    assert_eq!(text_of(&time).as_deref(), Ok(text));
    assert_eq!(time.wMilliseconds, 0);
}

#[rstest]
#[case::month(SYSTEMTIME { wMonth: 13, ..TIME })]
#[case::no_month(SYSTEMTIME { wMonth: 0, ..TIME })]
#[case::day(SYSTEMTIME { wDay: 31, ..TIME })]
#[case::day_of_week(SYSTEMTIME { wDayOfWeek: 7, ..TIME })]
#[case::hour(SYSTEMTIME { wHour: 24, ..TIME })]
#[case::year(SYSTEMTIME { wYear: 1600, ..TIME })]
fn a_time_that_does_not_exist_has_no_text(#[case] time: SYSTEMTIME) {
    assert_eq!(text_of(&time), Err(ERROR_INVALID_PARAMETER));
}

#[test]
fn text_that_is_no_date_leaves_the_time_alone() {
    let mut time = SYSTEMTIME { wYear: 1, ..TIME };
    let text = wide("soon");
    let read = call!(WinHttpTimeToSystemTime(text.as_ptr(), &mut time));
    assert_eq!((outcome(read), time.wYear, time.wMilliseconds), (ERROR_INVALID_PARAMETER, 1, 999));
}

#[test]
fn null_is_no_argument() {
    let mut buffer = [0_u16; 40];
    let mut time = SYSTEMTIME::default();
    let text = wide("Tue, 21 Nov 2000 01:06:53 GMT");
    let outcomes = [
        outcome(call!(WinHttpTimeFromSystemTime(null(), buffer.as_mut_ptr()))),
        outcome(call!(WinHttpTimeFromSystemTime(&TIME, null_mut()))),
        outcome(call!(WinHttpTimeToSystemTime(null(), &mut time))),
        outcome(call!(WinHttpTimeToSystemTime(text.as_ptr(), null_mut()))),
    ];
    assert_eq!(outcomes, [ERROR_INVALID_PARAMETER; 4]);
}
