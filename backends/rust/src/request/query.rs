//! Reading headers out of a response, or out of the request. Pages: WinHttpQueryHeaders, query-info-flags.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{Request, of};
use crate::{
    code_page::CodePage,
    error::{Error, Result},
    handle::{self, Handle, Kind, lock},
    http_date::HttpDate,
    http1::Header,
};

/// The arguments of WinHttpQueryHeaders that say what is asked.
pub(crate) struct HeaderQuery<'a> {
    pub(crate) level: u32,
    pub(crate) name: Option<&'a [u16]>,
    /// Which of the headers of that name.
    pub(crate) index: u32,
}

/// The answer, in the type that the level's modifier asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderAnswer {
    /// Without terminator.
    Text(Vec<u16>),
    Dword(u32),
    Qword(u64),
    Time(HttpDate),
}

/// Modifiers that tell to look elsewhere than in the response's head.
const NOT_OF_RESPONSE: u32 = w::WINHTTP_QUERY_FLAG_REQUEST_HEADERS | w::WINHTTP_QUERY_FLAG_TRAILERS;

/// Answers a query; `ERROR_WINHTTP_INCORRECT_HANDLE_STATE` before there is a response to ask.
pub(crate) fn query_headers(request: Option<Handle>, query: &HeaderQuery<'_>) -> Result<HeaderAnswer> {
    let object = handle::find_kind(request, Kind::Request)?;
    let text = find(of(&object)?, query)?;
    let is = |flag: u32| query.level & flag != 0;
    // What cannot be read as the type that was asked for has no documented error.
    let wrong = Error::INVALID_HEADER;
    let spelled = || String::from_utf16_lossy(&text);
    if is(w::WINHTTP_QUERY_FLAG_NUMBER) {
        spelled().trim().parse().map(HeaderAnswer::Dword).map_err(|_| wrong)
    } else if is(w::WINHTTP_QUERY_FLAG_NUMBER64) {
        spelled().trim().parse().map(HeaderAnswer::Qword).map_err(|_| wrong)
    } else if is(w::WINHTTP_QUERY_FLAG_SYSTEMTIME) {
        HttpDate::parse(&spelled()).map(HeaderAnswer::Time).ok_or(wrong)
    } else {
        Ok(HeaderAnswer::Text(text))
    }
}

fn find(request: &Request, query: &HeaderQuery<'_>) -> Result<Vec<u16>> {
    if let Some(name) = name(query)? {
        let same = |(own, _): &Header| own.eq_ignore_ascii_case(name.as_bytes());
        let found = searched(request, query.level)?.into_iter().filter(same).nth(query.index as usize);
        return found.map(|(_, value)| decode(&value)).ok_or(Error::HEADER_NOT_FOUND);
    }
    let of_response = query.level & NOT_OF_RESPONSE == 0;
    let response = || request.response().ok_or(Error::INCORRECT_HANDLE_STATE);
    match query.level & 0xFFFF {
        w::WINHTTP_QUERY_RAW_HEADERS_CRLF => Ok(decode(&raw(request, query.level)?)),
        // Each header ends in a NUL; one more, which every string gets, ends the list.
        w::WINHTTP_QUERY_RAW_HEADERS => {
            let raw = decode(&raw(request, query.level)?);
            Ok(raw.split(|unit| *unit == 13).flat_map(without_line_feed).collect())
        }
        w::WINHTTP_QUERY_REQUEST_METHOD => {
            if of_response {
                response()?;
            }
            Ok(request.verb.encode_utf16().collect())
        }
        w::WINHTTP_QUERY_STATUS_CODE if of_response => {
            Ok(response()?.head.status.to_string().encode_utf16().collect())
        }
        w::WINHTTP_QUERY_STATUS_TEXT if of_response => Ok(decode(&response()?.head.reason)),
        w::WINHTTP_QUERY_VERSION if of_response => {
            Ok(format!("HTTP/1.{}", response()?.head.minor).encode_utf16().collect())
        }
        _ if of_response => response().and(Err(Error::INVALID_PARAMETER)),
        _ => Err(Error::INVALID_PARAMETER),
    }
}

/// The headers among which the level's modifiers tell to look, in order.
///
/// Those of the request are the ones that went out last, or that are to go out. Page query-info-flags:
/// Proxy-Authorization can be retrieved only before the request is sent.
pub(super) fn searched(request: &Request, level: u32) -> Result<Vec<Header>> {
    if level & w::WINHTTP_QUERY_FLAG_REQUEST_HEADERS != 0 {
        let sent = lock(&request.sent_headers).clone().map(|mut sent| {
            sent.remove("Proxy-Authorization");
            sent
        });
        let headers = sent.unwrap_or_else(|| lock(&request.headers).clone());
        let bytes = |text: &str| text.as_bytes().into();
        return Ok(headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect());
    }
    if level & w::WINHTTP_QUERY_FLAG_TRAILERS != 0 {
        return request.trailers();
    }
    Ok(request.response().ok_or(Error::INCORRECT_HANDLE_STATE)?.head.headers.clone())
}

/// All headers as they are on the wire, each ending in CR LF, and an empty line; of a response with its status line.
fn raw(request: &Request, level: u32) -> Result<Vec<u8>> {
    let lines = if level & NOT_OF_RESPONSE == 0 {
        request.response().ok_or(Error::INCORRECT_HANDLE_STATE)?.head.raw.to_vec()
    } else {
        let line = |(name, value): &Header| [name, b": ".as_slice(), value, b"\r\n"].concat();
        searched(request, level)?.iter().flat_map(line).collect()
    };
    Ok([lines, b"\r\n".to_vec()].concat())
}

/// The name of the header that is asked for; `None` if it is not one header.
pub(super) fn name(query: &HeaderQuery<'_>) -> Result<Option<String>> {
    let attribute = query.level & 0xFFFF;
    Ok(match attribute {
        w::WINHTTP_QUERY_CUSTOM => {
            Some(String::from_utf16_lossy(query.name.ok_or(Error::INVALID_PARAMETER)?))
        }
        _ => NAMES.iter().find(|(id, _)| *id == attribute).map(|(_, name)| (*name).to_owned()),
    })
}

/// The units of a line, then NUL; nothing for the empty rest behind the last line.
fn without_line_feed(line: &[u16]) -> Vec<u16> {
    let line = line.strip_prefix(&[10]).unwrap_or(line);
    if line.is_empty() { Vec::new() } else { line.iter().copied().chain([0]).collect() }
}

/// Header bytes as text, for which the page names no code page.
pub(crate) fn decode(bytes: &[u8]) -> Vec<u16> {
    CodePage::UTF_8.text(bytes)
}

/// The headers that have an attribute of their own.
const NAMES: &[(u32, &str)] = &[
    (w::WINHTTP_QUERY_MIME_VERSION, "MIME-Version"),
    (w::WINHTTP_QUERY_CONTENT_TYPE, "Content-Type"),
    (w::WINHTTP_QUERY_CONTENT_TRANSFER_ENCODING, "Content-Transfer-Encoding"),
    (w::WINHTTP_QUERY_CONTENT_ID, "Content-ID"),
    (w::WINHTTP_QUERY_CONTENT_DESCRIPTION, "Content-Description"),
    (w::WINHTTP_QUERY_CONTENT_LENGTH, "Content-Length"),
    (w::WINHTTP_QUERY_CONTENT_LANGUAGE, "Content-Language"),
    (w::WINHTTP_QUERY_ALLOW, "Allow"),
    (w::WINHTTP_QUERY_PUBLIC, "Public"),
    (w::WINHTTP_QUERY_DATE, "Date"),
    (w::WINHTTP_QUERY_EXPIRES, "Expires"),
    (w::WINHTTP_QUERY_LAST_MODIFIED, "Last-Modified"),
    (w::WINHTTP_QUERY_MESSAGE_ID, "Message-ID"),
    (w::WINHTTP_QUERY_URI, "URI"),
    (w::WINHTTP_QUERY_DERIVED_FROM, "Derived-From"),
    (w::WINHTTP_QUERY_COST, "Cost"),
    (w::WINHTTP_QUERY_LINK, "Link"),
    (w::WINHTTP_QUERY_PRAGMA, "Pragma"),
    (w::WINHTTP_QUERY_CONNECTION, "Connection"),
    (w::WINHTTP_QUERY_ACCEPT, "Accept"),
    (w::WINHTTP_QUERY_ACCEPT_CHARSET, "Accept-Charset"),
    (w::WINHTTP_QUERY_ACCEPT_ENCODING, "Accept-Encoding"),
    (w::WINHTTP_QUERY_ACCEPT_LANGUAGE, "Accept-Language"),
    (w::WINHTTP_QUERY_AUTHORIZATION, "Authorization"),
    (w::WINHTTP_QUERY_CONTENT_ENCODING, "Content-Encoding"),
    (w::WINHTTP_QUERY_FORWARDED, "Forwarded"),
    (w::WINHTTP_QUERY_FROM, "From"),
    (w::WINHTTP_QUERY_IF_MODIFIED_SINCE, "If-Modified-Since"),
    (w::WINHTTP_QUERY_LOCATION, "Location"),
    (w::WINHTTP_QUERY_ORIG_URI, "Orig-URI"),
    (w::WINHTTP_QUERY_REFERER, "Referer"),
    (w::WINHTTP_QUERY_RETRY_AFTER, "Retry-After"),
    (w::WINHTTP_QUERY_SERVER, "Server"),
    (w::WINHTTP_QUERY_TITLE, "Title"),
    (w::WINHTTP_QUERY_USER_AGENT, "User-Agent"),
    (w::WINHTTP_QUERY_WWW_AUTHENTICATE, "WWW-Authenticate"),
    (w::WINHTTP_QUERY_PROXY_AUTHENTICATE, "Proxy-Authenticate"),
    (w::WINHTTP_QUERY_ACCEPT_RANGES, "Accept-Ranges"),
    (w::WINHTTP_QUERY_SET_COOKIE, "Set-Cookie"),
    (w::WINHTTP_QUERY_COOKIE, "Cookie"),
    (w::WINHTTP_QUERY_REFRESH, "Refresh"),
    (w::WINHTTP_QUERY_CONTENT_DISPOSITION, "Content-Disposition"),
    (w::WINHTTP_QUERY_AGE, "Age"),
    (w::WINHTTP_QUERY_CACHE_CONTROL, "Cache-Control"),
    (w::WINHTTP_QUERY_CONTENT_BASE, "Content-Base"),
    (w::WINHTTP_QUERY_CONTENT_LOCATION, "Content-Location"),
    (w::WINHTTP_QUERY_CONTENT_MD5, "Content-MD5"),
    (w::WINHTTP_QUERY_CONTENT_RANGE, "Content-Range"),
    (w::WINHTTP_QUERY_ETAG, "ETag"),
    (w::WINHTTP_QUERY_HOST, "Host"),
    (w::WINHTTP_QUERY_IF_MATCH, "If-Match"),
    (w::WINHTTP_QUERY_IF_NONE_MATCH, "If-None-Match"),
    (w::WINHTTP_QUERY_IF_RANGE, "If-Range"),
    (w::WINHTTP_QUERY_IF_UNMODIFIED_SINCE, "If-Unmodified-Since"),
    (w::WINHTTP_QUERY_MAX_FORWARDS, "Max-Forwards"),
    (w::WINHTTP_QUERY_PROXY_AUTHORIZATION, "Proxy-Authorization"),
    (w::WINHTTP_QUERY_RANGE, "Range"),
    (w::WINHTTP_QUERY_TRANSFER_ENCODING, "Transfer-Encoding"),
    (w::WINHTTP_QUERY_UPGRADE, "Upgrade"),
    (w::WINHTTP_QUERY_VARY, "Vary"),
    (w::WINHTTP_QUERY_VIA, "Via"),
    (w::WINHTTP_QUERY_WARNING, "Warning"),
    (w::WINHTTP_QUERY_EXPECT, "Expect"),
    (w::WINHTTP_QUERY_PROXY_CONNECTION, "Proxy-Connection"),
    (w::WINHTTP_QUERY_UNLESS_MODIFIED_SINCE, "Unless-Modified-Since"),
    (w::WINHTTP_QUERY_PROXY_SUPPORT, "Proxy-Support"),
    (w::WINHTTP_QUERY_AUTHENTICATION_INFO, "Authentication-Info"),
    (w::WINHTTP_QUERY_PASSPORT_URLS, "PassportURLs"),
    (w::WINHTTP_QUERY_PASSPORT_CONFIG, "PassportConfig"),
];
