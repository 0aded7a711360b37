//! Reading headers as pairs of name and value. Page: WinHttpQueryHeadersEx.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    of,
    query::{HeaderQuery, name, searched},
};
use crate::{
    error::{Error, Result},
    handle::Object,
    http1::Header,
};

const FLAGS: u32 = w::WINHTTP_QUERY_FLAG_WIRE_ENCODING
    | w::WINHTTP_QUERY_FLAG_TRAILERS
    | w::WINHTTP_QUERY_FLAG_REQUEST_HEADERS;

/// The headers that are asked for: all of them, or the one of that name and index.
///
/// The page names the levels and the flags that are `ERROR_INVALID_PARAMETER`; whatever else is not a header, and any
/// flag that says nothing about headers, is treated alike. `WINHTTP_QUERY_EX_ALL_HEADERS` has the number of
/// `WINHTTP_QUERY_RAW_HEADERS`, which is why only the other raw level is forbidden.
pub(crate) fn query_headers_ex(object: &Object, query: &HeaderQuery<'_>) -> Result<Vec<Header>> {
    let request = of(object)?;
    let all = query.level & 0xFFFF == w::WINHTTP_QUERY_EX_ALL_HEADERS;
    let name = name(query)?;
    if query.level & !0xFFFF & !FLAGS != 0 || (name.is_none() && !all) {
        return Err(Error::INVALID_PARAMETER);
    }
    let headers = searched(request, query.level)?;
    let Some(name) = name else { return Ok(headers) };
    let same = |(own, _): &Header| own.eq_ignore_ascii_case(name.as_bytes());
    let found = headers.into_iter().filter(same).nth(query.index as usize);
    Ok(vec![found.ok_or(Error::HEADER_NOT_FOUND)?])
}
