//! The `Ex` functions for headers and data.

use std::{
    ffi::{CStr, c_void},
    ptr::{null, null_mut},
    sync::mpsc::channel,
};

use rstest::rstest;

use crate::{api::*, constants::WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER as FILL, peer::Peer};

const ADD: u32 = WINHTTP_ADDREQ_FLAG_ADD;
const UNICODE: u64 = WINHTTP_EXTENDED_HEADER_FLAG_UNICODE as u64;
const REQUEST: u32 = WINHTTP_QUERY_FLAG_REQUEST_HEADERS;
const WIRE: u32 = WINHTTP_QUERY_FLAG_WIRE_ENCODING;

fn add(request: Handle, modifiers: u32, headers: &[(&str, &str)]) -> u32 {
    let texts: Vec<(Vec<u16>, Vec<u16>)> =
        headers.iter().map(|(name, value)| (wide(name), wide(value))).collect();
    let headers: Vec<WINHTTP_EXTENDED_HEADER> = texts
        .iter()
        .map(|(name, value)| WINHTTP_EXTENDED_HEADER {
            Anonymous1: WINHTTP_EXTENDED_HEADER_0 { pwszName: name.as_ptr() },
            Anonymous2: WINHTTP_EXTENDED_HEADER_1 { pwszValue: value.as_ptr() },
        })
        .collect();
    call!(WinHttpAddRequestHeadersEx(request, modifiers, UNICODE, 0, headers.len() as u32, headers.as_ptr()))
}

/// Names and values, with the size that was reported, or the error and the size.
fn query(
    request: Handle,
    level: u32,
    name: Option<&str>,
    index: Option<&mut u32>,
    room: u32,
) -> Result<String, (u32, u32)> {
    let wide_name = name.map(wide);
    let narrow_name = name.map(|name| [name.as_bytes(), &[0]].concat());
    let mut header_name = WINHTTP_HEADER_NAME::default();
    if level & WIRE != 0 {
        header_name.pszName = narrow_name.as_ref().map_or(null(), |name| name.as_ptr());
    } else {
        header_name.pwszName = wide_name.as_ref().map_or(null(), |name| name.as_ptr());
    }
    let index = index.map_or(null_mut(), |index| &raw mut *index);
    let mut buffer = vec![0_u64; room as usize / 8 + 1];
    let (mut headers, mut count, mut length) = (null_mut(), 77, room);
    let place = if room == 0 { null_mut() } else { buffer.as_mut_ptr().cast() };
    match call!(WinHttpQueryHeadersEx(
        request,
        level,
        0,
        0,
        index,
        &header_name,
        place,
        &mut length,
        &mut headers,
        &mut count
    )) {
        0 => {
            assert!(length <= room);
            // SAFETY: the function reports so many structures, and strings that end in NUL.
            let headers = unsafe { std::slice::from_raw_parts(headers, count as usize) };
            Ok(headers.iter().map(|header| pair(header, level & WIRE != 0)).collect())
        }
        error => {
            assert_eq!((headers, count), (null_mut(), 77));
            Err((error, length))
        }
    }
}

fn pair(header: &WINHTTP_EXTENDED_HEADER, wire: bool) -> String {
    let text = |wide: *const u16, narrow: *const u8| {
        if wire {
            // SAFETY: with this encoding the string is narrow and ends in NUL.
            return unsafe { CStr::from_ptr(narrow.cast()) }.to_str().unwrap().to_owned();
        }
        // SAFETY: without, it is wide and ends in NUL.
        let units = (0..).map(|at| unsafe { wide.add(at).read() }).take_while(|unit| *unit != 0);
        String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
    };
    // SAFETY: the members of the unions are pointers, of which the encoding tells the one that is meant.
    let (name, value) = unsafe {
        (
            text(header.Anonymous1.pwszName, header.Anonymous1.pszName),
            text(header.Anonymous2.pwszValue, header.Anonymous2.pszValue),
        )
    };
    format!("{name}={value};")
}

#[test]
fn headers_are_added_by_name_and_value() {
    let family = Family::new();
    assert_eq!(add(family.request, ADD, &[("X-A", "1"), ("X-B", "2, \u{fc}")]), 0);
    let all = query(family.request, REQUEST | WINHTTP_QUERY_EX_ALL_HEADERS, None, None, 500);
    assert_eq!(all.as_deref(), Ok("X-A=1;X-B=2, \u{fc};"));
    assert_eq!(add(family.request, WINHTTP_ADDREQ_FLAG_REPLACE, &[("x-a", "")]), 0);
    let one = query(family.request, REQUEST | WINHTTP_QUERY_CUSTOM, Some("X-A"), None, 500);
    assert_eq!(one, Err((ERROR_WINHTTP_HEADER_NOT_FOUND, 500)));
}

#[test]
fn narrow_headers_are_added_without_the_flag() {
    let family = Family::new();
    let header = WINHTTP_EXTENDED_HEADER {
        Anonymous1: WINHTTP_EXTENDED_HEADER_0 { pszName: c"X-A".as_ptr().cast() },
        Anonymous2: WINHTTP_EXTENDED_HEADER_1 { pszValue: null() },
    };
    assert_eq!(call!(WinHttpAddRequestHeadersEx(family.request, ADD, 0, 0, 1, &header)), 0);
    let all = query(family.request, REQUEST | WIRE | WINHTTP_QUERY_EX_ALL_HEADERS, None, None, 500);
    assert_eq!(all.as_deref(), Ok("X-A=;"));
}

#[rstest]
#[case::space_in_name(&[("X A", "1")])]
#[case::no_name(&[("", "1")])]
#[case::line_in_value(&[("X-A", "1\r\nX-B: 2")])]
#[case::second(&[("X-A", "1"), ("X:B", "2")])]
fn a_malformed_header_is_refused_with_all_others(#[case] headers: &[(&str, &str)]) {
    let family = Family::new();
    forget_error();
    assert_eq!(add(family.request, ADD, headers), ERROR_INVALID_PARAMETER);
    assert_eq!(last_error(), 0, "the code is returned");
    let level = REQUEST | WINHTTP_QUERY_EX_ALL_HEADERS;
    assert_eq!(query(family.request, level, None, None, 100).as_deref(), Ok(""));
}

#[test]
fn adding_checks_its_other_arguments() {
    let family = Family::new();
    let add = |handle, flags, extra, count| {
        call!(WinHttpAddRequestHeadersEx(handle, ADD, flags, extra, count, null()))
    };
    assert_eq!(add(family.request, 2, 0, 0), ERROR_INVALID_PARAMETER);
    assert_eq!(add(family.request, UNICODE, 1, 0), ERROR_INVALID_PARAMETER);
    assert_eq!(add(family.request, UNICODE, 0, 1), ERROR_INVALID_PARAMETER);
    assert_eq!(add(family.connection, UNICODE, 0, 0), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_eq!(add(null_mut(), UNICODE, 0, 0), ERROR_INVALID_HANDLE);
}

#[rstest]
#[case::unicode(0)]
#[case::wire(WIRE)]
fn headers_are_queried_by_name_and_value(#[case] encoding: u32) {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 0\r\nx: 2\r\n\r\n");
    let family = Family::to(0, peer.port, "/");
    let request = family.request;
    let all = encoding | WINHTTP_QUERY_EX_ALL_HEADERS;
    assert_eq!(query(request, all, None, None, 500), Err((ERROR_WINHTTP_INCORRECT_HANDLE_STATE, 500)));
    assert_eq!((send(request), receive(request)), (0, 0));
    assert_eq!(query(request, all, None, None, 500).as_deref(), Ok("X=1;Content-Length=0;x=2;"));
    let known = encoding | WINHTTP_QUERY_CONTENT_LENGTH;
    assert_eq!(query(request, known, None, None, 500).as_deref(), Ok("Content-Length=0;"));
    let (custom, mut index) = (encoding | WINHTTP_QUERY_CUSTOM, 0);
    assert_eq!(query(request, custom, Some("x"), Some(&mut index), 500).as_deref(), Ok("X=1;"));
    assert_eq!(query(request, custom, Some("x"), Some(&mut index), 500).as_deref(), Ok("x=2;"));
    let third = query(request, custom, Some("x"), Some(&mut index), 500);
    assert_eq!((third, index), (Err((ERROR_WINHTTP_HEADER_NOT_FOUND, 500)), 2));
}

#[test]
fn a_query_with_a_short_buffer_says_what_it_needs() {
    let family = Family::new();
    assert_eq!(add(family.request, ADD, &[("X-A", "123")]), 0);
    let level = REQUEST | WINHTTP_QUERY_EX_ALL_HEADERS;
    let needed = size_of::<WINHTTP_EXTENDED_HEADER>() as u32 + 16;
    for room in [0, 1, needed - 1] {
        assert_eq!(query(family.request, level, None, None, room), Err((ERROR_INSUFFICIENT_BUFFER, needed)));
    }
    assert_eq!(query(family.request, level, None, None, needed).as_deref(), Ok("X-A=123;"));
}

#[rstest]
#[case::version(WINHTTP_QUERY_VERSION)]
#[case::status_code(WINHTTP_QUERY_STATUS_CODE)]
#[case::status_text(WINHTTP_QUERY_STATUS_TEXT)]
#[case::number(WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER)]
#[case::number64(WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER64)]
#[case::time(WINHTTP_QUERY_DATE | WINHTTP_QUERY_FLAG_SYSTEMTIME)]
#[case::raw(WINHTTP_QUERY_RAW_HEADERS_CRLF)]
#[case::method(WINHTTP_QUERY_REQUEST_METHOD)]
#[case::custom_without_name(WINHTTP_QUERY_CUSTOM)]
fn what_is_no_header_cannot_be_queried(#[case] level: u32) {
    let family = Family::new();
    assert_eq!(query(family.request, level, None, None, 99), Err((ERROR_INVALID_PARAMETER, 99)));
}

#[test]
fn querying_checks_its_other_arguments() {
    let family = Family::new();
    let (mut length, mut count) = (0, 0);
    let (some, none): (*mut u32, *mut u32) = (&mut count, null_mut());
    let query = |handle, flags, length, count| {
        let level = REQUEST | WINHTTP_QUERY_EX_ALL_HEADERS;
        let (name, headers) = (null(), null_mut());
        call!(WinHttpQueryHeadersEx(
            handle,
            level,
            flags,
            0,
            null_mut(),
            name,
            null_mut(),
            length,
            headers,
            count
        ))
    };
    assert_eq!(query(family.request, 1, &mut length, some), ERROR_INVALID_PARAMETER);
    assert_eq!(query(family.request, 0, &mut length, none), ERROR_INVALID_PARAMETER);
    assert_eq!(query(family.request, 0, null_mut(), some), ERROR_INVALID_PARAMETER);
    assert_eq!(query(family.session, 0, &mut length, some), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_eq!(query(null_mut(), 0, &mut length, some), ERROR_INVALID_HANDLE);
}

#[test]
fn trailers_are_known_once_the_body_was_read() {
    let peer = Peer::answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\nY: z\r\n\r\n",
    );
    let family = Family::to(0, peer.port, "/");
    let level = WINHTTP_QUERY_FLAG_TRAILERS | WINHTTP_QUERY_EX_ALL_HEADERS;
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    let early = query(family.request, level, None, None, 500);
    assert_eq!(early, Err((ERROR_WINHTTP_INCORRECT_HANDLE_STATE, 500)));
    assert_eq!(read(family.request, 10), Ok(b"hi".to_vec()));
    assert_eq!(read(family.request, 10), Ok(Vec::new()));
    assert_eq!(query(family.request, level, None, None, 500).as_deref(), Ok("X-Sum=7;Y=z;"));
    let custom = WINHTTP_QUERY_FLAG_TRAILERS | WINHTTP_QUERY_CUSTOM;
    assert_eq!(query(family.request, custom, Some("y"), None, 500).as_deref(), Ok("Y=z;"));
    let (mut text, mut length, name) = ([0_u16; 9], 18, wide("x-sum"));
    let (place, index) = (text.as_mut_ptr().cast(), null_mut());
    let read = call!(WinHttpQueryHeaders(family.request, custom, name.as_ptr(), place, &mut length, index));
    assert_eq!((outcome(read), length, text[0]), (0, 2, u16::from(b'7')));
}

fn read_ex(request: Handle, most: usize, flags: u64) -> Result<Vec<u8>, u32> {
    let (mut buffer, mut count) = (vec![0_u8; most], 77);
    let place: *mut c_void = buffer.as_mut_ptr().cast();
    match call!(WinHttpReadDataEx(request, place, most as u32, &mut count, flags, 0, null())) {
        0 => {
            buffer.truncate(count as usize);
            Ok(buffer)
        }
        error => {
            assert_eq!(count, 0, "it is set before any check");
            Err(error)
        }
    }
}

#[test]
fn a_read_returns_what_there_is_unless_it_is_to_fill_the_buffer() {
    let (more, wanted) = channel::<()>();
    let peer = Peer::new(move |client| {
        client.head();
        client.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab");
        wanted.recv().unwrap();
        client.write(b"cd");
        client.write(b"ef");
    });
    let family = Family::to(0, peer.port, "/");
    assert_eq!((send(family.request), receive(family.request)), (0, 0));
    assert_eq!(read_ex(family.request, 4, 0), Ok(b"ab".to_vec()));
    more.send(()).unwrap();
    assert_eq!(read_ex(family.request, 10, FILL), Ok(b"cdef".to_vec()));
    assert_eq!(read_ex(family.request, 10, 0), Ok(Vec::new()));
}

#[test]
fn reading_checks_its_arguments() {
    let family = Family::new();
    let request = family.request;
    assert_eq!(read_ex(request, 1, 0), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE));
    assert_eq!(read_ex(request, 1, 2), Err(ERROR_INVALID_PARAMETER));
    assert_eq!(read_ex(family.session, 1, 0), Err(ERROR_WINHTTP_INCORRECT_HANDLE_TYPE));
    assert_eq!(read_ex(null_mut(), 1, 0), Err(ERROR_INVALID_HANDLE));
    let mut byte = 0_u8;
    let place: *mut c_void = (&raw mut byte).cast();
    let property = call!(WinHttpReadDataEx(request, place, 1, null_mut(), 0, 1, null()));
    let value = call!(WinHttpReadDataEx(request, place, 1, null_mut(), 0, 0, place));
    let nowhere = call!(WinHttpReadDataEx(request, null_mut(), 1, null_mut(), 0, 0, null()));
    assert_eq!([property, value, nowhere], [ERROR_INVALID_PARAMETER; 3]);
}
