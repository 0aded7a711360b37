//! Entry points of the `Ex` kind, for headers and data.

use std::ffi::CStr;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Code,
    arguments::{InArray, InBytes, InHandle, Out, text_at},
    buffers::{Answered, OutBytes},
    entry_points,
    requests::read_data,
};
use crate::{
    code_page::CodePage,
    error::{Error, Result},
    handle::{self, Kind},
    headers,
    http1::Header,
    request::{self, HeaderQuery, decode},
};

/// Documented for WinHttpReadDataEx; the metadata lacks it.
const FILL_BUFFER: u64 = 1;

entry_points! {
    fn WinHttpAddRequestHeadersEx(
        request: InHandle,
        modifiers: u32,
        flags: u64,
        extra: u64,
        count: u32,
        headers: InArray<w::WINHTTP_EXTENDED_HEADER>,
    ) -> Code {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        let unicode = u64::from(w::WINHTTP_EXTENDED_HEADER_FLAG_UNICODE);
        if flags & !unicode != 0 || extra != 0 {
            return Err(Error::INVALID_PARAMETER);
        }
        // SAFETY: headers and count are the arguments that belong together.
        let headers = unsafe { headers.with_length(count) }.ok_or(Error::INVALID_PARAMETER)?;
        // SAFETY: the caller promises that the flag tells which strings the structures have.
        let read = |header| unsafe { header_of(header, flags & unicode != 0) };
        let headers = headers.iter().map(read).collect::<Result<Vec<_>>>()?;
        request::add_headers(&object, headers, modifiers)
    }

    fn WinHttpQueryHeadersEx(
        request: InHandle,
        level: u32,
        flags: u64,
        code_page: u32,
        index: Out<u32>,
        name: Out<w::WINHTTP_HEADER_NAME>,
        buffer: OutBytes,
        length: Out<u32>,
        headers: Out<*mut w::WINHTTP_EXTENDED_HEADER>,
        count: Out<u32>,
    ) -> Code {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        // SAFETY: buffer and length are the arguments that belong together.
        let answered = unsafe { Answered::new(buffer, length) }?;
        if flags != 0 || count.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let wire = level & w::WINHTTP_QUERY_FLAG_WIRE_ENCODING != 0;
        let custom = level & 0xFFFF == w::WINHTTP_QUERY_CUSTOM;
        // SAFETY: for this level the caller promises a name, of which the flag tells what strings it has.
        let name = name.get().filter(|_| custom).and_then(|name| unsafe { name_of(name, wire) });
        let nth = index.get().unwrap_or(0);
        let found = request::query_headers_ex(&object, &HeaderQuery { level, name: name.as_deref(), index: nth })?;
        // Page: the code page is not validated.
        let spelling = if wire { Spelling::Wire } else { Spelling::Unicode(CodePage::new(code_page)) };
        headers.put(put_headers(&answered, &found, spelling)?);
        count.put(found.len() as u32);
        if level & 0xFFFF != w::WINHTTP_QUERY_EX_ALL_HEADERS {
            index.put(nth + 1);
        }
        Ok(())
    }

    fn WinHttpReadDataEx(
        request: InHandle,
        buffer: OutBytes,
        length: u32,
        read: Out<u32>,
        flags: u64,
        property_length: u32,
        property: InBytes,
    ) -> Code {
        // The page: before any work and any check.
        read.put(0);
        let object = handle::find_kind(request.get(), Kind::Request)?;
        if flags & !FILL_BUFFER != 0 || property_length != 0 || !property.0.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        // SAFETY: buffer and length are the arguments that belong together.
        let buffer = unsafe { buffer.with_length(length) }.ok_or(Error::INVALID_PARAMETER)?;
        read_data(&object, buffer, flags & FILL_BUFFER != 0, read)
    }
}

/// A header out of its structure. A name that is NULL is `ERROR_INVALID_PARAMETER`; a value that is NULL is empty.
///
/// # Safety
/// The strings are NULL, or end in NUL and are of the width that `unicode` says.
unsafe fn header_of(header: &w::WINHTTP_EXTENDED_HEADER, unicode: bool) -> Result<(String, String)> {
    // SAFETY: all members are pointers, so any of them can be read; the rest is the caller's promise.
    let (name, value) = unsafe {
        if unicode {
            (owned(header.Anonymous1.pwszName), owned(header.Anonymous2.pwszValue))
        } else {
            (narrow(header.Anonymous1.pszName), narrow(header.Anonymous2.pszValue))
        }
    };
    let text = |text: Vec<u16>| String::from_utf16(&text).map_err(|_| Error::INVALID_PARAMETER);
    let name = text(name.ok_or(Error::INVALID_PARAMETER)?)?;
    headers::well_formed(&name, &text(value.unwrap_or_default())?)
}

/// The name to look for; `None` for NULL.
///
/// # Safety
/// The string is NULL, or ends in NUL and is of the width that `wire` says.
unsafe fn name_of(name: w::WINHTTP_HEADER_NAME, wire: bool) -> Option<Vec<u16>> {
    // SAFETY: both members are pointers, so any of them can be read; the rest is the caller's promise.
    unsafe { if wire { narrow(name.pszName) } else { owned(name.pwszName) } }
}

/// # Safety
/// `text` is NULL or ends in NUL.
unsafe fn owned(text: *const u16) -> Option<Vec<u16>> {
    // SAFETY: as the caller promises.
    unsafe { text_at(text) }.map(<[u16]>::to_vec)
}

/// # Safety
/// `text` is NULL or ends in NUL.
unsafe fn narrow(text: *const u8) -> Option<Vec<u16>> {
    // SAFETY: it is not NULL, and ends in NUL as the caller promises.
    (!text.is_null()).then(|| decode(unsafe { CStr::from_ptr(text.cast()) }.to_bytes()))
}

/// Puts structures and strings into the caller's buffer, the structures first; returns where those are.
fn put_headers(
    answered: &Answered,
    headers: &[Header],
    spelling: Spelling,
) -> Result<*mut w::WINHTTP_EXTENDED_HEADER> {
    let strings: Vec<[Vec<u8>; 2]> =
        headers.iter().map(|(name, value)| [spelling.of(name), spelling.of(value)]).collect();
    let structures = strings.len() * size_of::<w::WINHTTP_EXTENDED_HEADER>();
    let needed = structures + strings.iter().flatten().map(Vec::len).sum::<usize>();
    let first: *mut w::WINHTTP_EXTENDED_HEADER = answered.reserve(needed)?.cast();
    // SAFETY: the buffer has room for the structures, and for the strings behind them.
    let mut end: *mut u8 = unsafe { first.cast::<u8>().add(structures) };
    let mut put = |bytes: &[u8]| {
        let place = end;
        // SAFETY: the strings were counted just now, so this one ends within the buffer.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
            end = place.add(bytes.len());
        }
        place
    };
    for (at, [name, value]) in strings.iter().enumerate() {
        let header = w::WINHTTP_EXTENDED_HEADER {
            Anonymous1: w::WINHTTP_EXTENDED_HEADER_0 { pszName: put(name) },
            Anonymous2: w::WINHTTP_EXTENDED_HEADER_1 { pszValue: put(value) },
        };
        // SAFETY: the structures were counted as well.
        unsafe { first.add(at).write_unaligned(header) };
    }
    Ok(first)
}

/// How strings are handed out.
#[derive(Clone, Copy)]
enum Spelling {
    /// As they came.
    Wire,
    /// In UTF-16, out of this code page.
    Unicode(CodePage),
}

impl Spelling {
    /// The bytes of a string and its terminator.
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Spelling::Wire => [bytes, &[0]].concat(),
            Spelling::Unicode(page) => {
                page.text(bytes).into_iter().chain([0]).flat_map(u16::to_ne_bytes).collect()
            }
        }
    }
}
