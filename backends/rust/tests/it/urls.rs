//! URLs taken apart and put together.

use std::ptr::{null, null_mut};

use rstest::rstest;

use crate::api::*;

fn blank() -> URL_COMPONENTS {
    URL_COMPONENTS { dwStructSize: size_of::<URL_COMPONENTS>() as u32, ..Default::default() }
}

/// All components wanted in place.
fn places() -> URL_COMPONENTS {
    let mut components = blank();
    for length in [
        &mut components.dwSchemeLength,
        &mut components.dwHostNameLength,
        &mut components.dwUserNameLength,
        &mut components.dwPasswordLength,
        &mut components.dwUrlPathLength,
        &mut components.dwExtraInfoLength,
    ] {
        *length = u32::MAX;
    }
    components
}

fn crack(url: &[u16], length: u32, flags: u32, components: &mut URL_COMPONENTS) -> u32 {
    outcome(call!(WinHttpCrackUrl(url.as_ptr(), length, flags, components)))
}

/// A URL, or the error, with the length that was reported.
fn create(components: &URL_COMPONENTS, flags: u32, room: usize) -> (Result<String, u32>, u32) {
    let mut buffer = vec![0xFFFF_u16; room + 1];
    let mut length = room as u32;
    let made = outcome(call!(WinHttpCreateUrl(components, flags, buffer.as_mut_ptr(), &mut length)));
    assert_eq!(buffer[room], 0xFFFF, "written past the buffer");
    if made != 0 {
        assert_eq!(buffer, vec![0xFFFF; room + 1]);
        return (Err(made), length);
    }
    assert_eq!(buffer[length as usize], 0);
    (Ok(String::from_utf16(&buffer[..length as usize]).unwrap()), length)
}

#[test]
fn components_are_places_in_the_url() {
    let url = wide("https://user:secret@[::1]:8080/a/b?c#d");
    let mut found = places();
    assert_eq!(crack(&url, 0, 0, &mut found), 0);
    assert_eq!((found.nScheme, found.nPort), (WINHTTP_INTERNET_SCHEME_HTTPS, 8080));
    let offset = |pointer: *mut u16| (pointer as usize - url.as_ptr() as usize) / 2;
    assert_eq!((offset(found.lpszScheme), found.dwSchemeLength), (0, 5));
    assert_eq!((offset(found.lpszUserName), found.dwUserNameLength), (8, 4));
    assert_eq!((offset(found.lpszPassword), found.dwPasswordLength), (13, 6));
    assert_eq!((offset(found.lpszHostName), found.dwHostNameLength), (20, 5));
    assert_eq!((offset(found.lpszUrlPath), found.dwUrlPathLength), (30, 4));
    assert_eq!((offset(found.lpszExtraInfo), found.dwExtraInfoLength), (34, 4));
}

#[test]
fn what_was_taken_apart_goes_together_again() {
    let text = "http://search.msn.com/results.asp?RS=CHECKED&FORM=MSNH&v=1&q=wininet";
    let url = wide(text);
    let mut found = places();
    assert_eq!(crack(&url, text.len() as u32, 0, &mut found), 0);
    assert_eq!((found.nPort, found.lpszUserName, found.dwUserNameLength), (80, null_mut(), 0));
    let (made, length) = create(&found, 0, 0);
    assert_eq!((made, length), (Err(ERROR_INSUFFICIENT_BUFFER), text.len() as u32 + 1));
    assert_eq!(create(&found, 0, text.len()).0, Err(ERROR_INSUFFICIENT_BUFFER));
    assert_eq!(create(&found, 0, text.len() + 1), (Ok(text.to_owned()), text.len() as u32));
}

#[test]
fn without_a_buffer_the_length_of_a_url_is_told() {
    let mut host = wide("h.example");
    let components =
        URL_COMPONENTS { lpszHostName: host.as_mut_ptr(), nScheme: WINHTTP_INTERNET_SCHEME_HTTP, ..blank() };
    let mut length = 100;
    let made = call!(WinHttpCreateUrl(&components, 0, null_mut(), &mut length));
    assert_eq!((outcome(made), length), (ERROR_INSUFFICIENT_BUFFER, 17));
}

#[rstest]
#[case::plain(0, "/a%20b")]
#[case::decoded(ICU_DECODE, "/a b")]
fn a_component_is_copied_to_a_buffer(#[case] flags: u32, #[case] expected: &str) {
    let url = wide("http://h/a%20b?c");
    let mut buffer = [0xFFFF_u16; 16];
    let (path, room) = (buffer.as_mut_ptr(), buffer.len() as u32);
    let mut found = URL_COMPONENTS { lpszUrlPath: path, dwUrlPathLength: room, ..blank() };
    let mut extra = [0_u16; 8];
    (found.lpszExtraInfo, found.dwExtraInfoLength) = (extra.as_mut_ptr(), 8);
    assert_eq!(crack(&url, 0, flags, &mut found), 0);
    let length = found.dwUrlPathLength as usize;
    assert_eq!(found.lpszUrlPath, path);
    assert_eq!(String::from_utf16_lossy(&buffer[..length]), expected);
    assert_eq!((buffer[length], buffer[length + 1]), (0, 0xFFFF));
    assert_eq!((found.dwHostNameLength, found.lpszHostName), (0, null_mut()), "it was not wanted");
}

#[test]
fn a_short_buffer_leaves_everything_as_it_was() {
    let url = wide("https://host:81/path");
    let mut buffer = [0xFFFF_u16; 8];
    let mut found =
        URL_COMPONENTS { lpszHostName: buffer.as_mut_ptr(), dwHostNameLength: 4, nPort: 7, ..blank() };
    assert_eq!(crack(&url, 0, 0, &mut found), ERROR_INSUFFICIENT_BUFFER);
    assert_eq!((buffer, found.dwHostNameLength, found.nPort, found.nScheme), ([0xFFFF; 8], 4, 7, 0));
}

#[test]
fn a_length_ends_the_url() {
    let url = wide("http://h/abc");
    let mut found = places();
    assert_eq!(crack(&url, 10, 0, &mut found), 0);
    assert_eq!((found.dwUrlPathLength, found.dwExtraInfoLength), (2, 0));
}

#[rstest]
#[case::scheme("ftp://h/", 0, ERROR_WINHTTP_UNRECOGNIZED_SCHEME)]
#[case::url("http:///", 0, ERROR_WINHTTP_INVALID_URL)]
#[case::credentials("http://u@h/", ICU_REJECT_USERPWD, ERROR_WINHTTP_INVALID_URL)]
#[case::decoding_in_place("http://h/", ICU_DECODE, ERROR_INVALID_PARAMETER)]
fn a_url_that_is_refused_has_an_error(#[case] url: &str, #[case] flags: u32, #[case] error: u32) {
    let mut found = places();
    assert_eq!(crack(&wide(url), 0, flags, &mut found), error);
    assert_eq!((found.lpszHostName, found.dwHostNameLength), (null_mut(), u32::MAX));
}

#[test]
fn a_structure_of_another_size_is_not_looked_at() {
    let url = wide("http://h/");
    let mut length = 0;
    for size in [0_u32, 4, size_of::<URL_COMPONENTS>() as u32 + 1] {
        let mut short = size;
        let components = (&raw mut short).cast();
        let cracked = outcome(call!(WinHttpCrackUrl(url.as_ptr(), 0, 0, components)));
        let created = outcome(call!(WinHttpCreateUrl(components, 0, null_mut(), &mut length)));
        assert_eq!((cracked, created), (ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER), "{size}");
    }
}

#[test]
fn null_is_no_argument() {
    let url = wide("http://h/");
    let mut length = 0;
    let outcomes = [
        outcome(call!(WinHttpCrackUrl(null(), 0, 0, &mut places()))),
        outcome(call!(WinHttpCrackUrl(url.as_ptr(), 0, 0, null_mut()))),
        outcome(call!(WinHttpCreateUrl(null(), 0, null_mut(), &mut length))),
        outcome(call!(WinHttpCreateUrl(&blank(), 0, null_mut(), null_mut()))),
    ];
    assert_eq!(outcomes, [ERROR_INVALID_PARAMETER; 4]);
}
