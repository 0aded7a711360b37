//! Entry points for requests and their responses.

use std::sync::Arc;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Bool,
    arguments::{InBytes, InHandle, InText, Out},
    buffers::{Answered, CallerBuffer, OutBytes},
    entry_points,
    times::system_time,
};
use crate::{
    error::{Error, Result},
    handle::{self, Kind, Object},
    headers,
    notification::Notice,
    operation,
    request::{self, HeaderAnswer, HeaderQuery, Reading, Sending},
};

entry_points! {
    fn WinHttpAddRequestHeaders(request: InHandle, headers: InText<'_>, length: u32, modifiers: u32) -> Bool {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        // SAFETY: headers and length are the arguments that belong together.
        let text = unsafe { headers.with_length(length) }.ok_or(Error::INVALID_PARAMETER)?;
        // A length that is given counts: a zero within it is a control character, which no header has.
        if length != u32::MAX && text.len() < length as usize {
            return Err(Error::INVALID_PARAMETER);
        }
        request::add_headers(&object, headers::parse(text)?, modifiers)
    }

    fn WinHttpSendRequest(
        request: InHandle,
        headers: InText<'_>,
        headers_length: u32,
        optional: InBytes,
        optional_length: u32,
        total: u32,
        context: usize,
    ) -> Bool {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        let address = optional.0.expose_provenance();
        // SAFETY: each length belongs to the argument before it.
        let (headers, data) =
            unsafe { (headers.with_length(headers_length), optional.lent(optional_length)) };
        // The page: the data must stay where it is until the response was received, or the handle closed.
        let data = Box::new(data.ok_or(Error::INVALID_PARAMETER)?);
        let job = request::send(&object, Sending { headers, data, total })?;
        // Associating a context value is an alternative to the option that sets it: none given, that one stays.
        if context != 0 {
            object.notifier.set_context(context);
        }
        let failed = |error| Notice::RequestError(w::API_SEND_REQUEST, error);
        let completed = move |()| Notice::SendRequestComplete(address, optional_length);
        operation::run(&object, job, completed, failed).map(drop)
    }

    fn WinHttpWriteData(request: InHandle, buffer: InBytes, length: u32, written: Out<u32>) -> Bool {
        // The page: before any work and any check.
        written.put(0);
        let object = handle::find_kind(request.get(), Kind::Request)?;
        // SAFETY: buffer and length are the arguments that belong together. The page has the buffer stay valid until
        // the write has completed.
        let data = unsafe { buffer.lent(length) }.ok_or(Error::INVALID_PARAMETER)?;
        let job = request::write(&object, data)?;
        let failed = |error| Notice::RequestError(w::API_WRITE_DATA, error);
        if let Some(count) = operation::run(&object, job, Notice::WriteComplete, failed)? {
            written.put(count);
        }
        Ok(())
    }

    fn WinHttpReceiveResponse(request: InHandle, reserved: InBytes) -> Bool {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        if !reserved.0.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let job = request::receive(&object)?;
        let failed = |error| Notice::RequestError(w::API_RECEIVE_RESPONSE, error);
        operation::run(&object, job, |()| Notice::HeadersAvailable, failed).map(drop)
    }

    fn WinHttpQueryHeaders(
        request: InHandle,
        level: u32,
        name: InText<'_>,
        buffer: OutBytes,
        length: Out<u32>,
        index: Out<u32>,
    ) -> Bool {
        let nth = index.get().unwrap_or(0);
        let query = HeaderQuery { level, name: name.get(), index: nth };
        let answer = request::query_headers(request.get(), &query)?;
        // SAFETY: buffer and length are the arguments that belong together.
        let answered = unsafe { Answered::new(buffer, length) }?;
        match answer {
            // The page: the length of a string that was written is reported without its terminator.
            HeaderAnswer::Text(text) => answered.put_text(&text, false),
            HeaderAnswer::Dword(value) => answered.put(|| Ok(value)),
            HeaderAnswer::Qword(value) => answered.put(|| Ok(value)),
            HeaderAnswer::Time(date) => answered.put(|| Ok(system_time(&date))),
        }?;
        index.put(nth + 1);
        Ok(())
    }

    fn WinHttpQueryDataAvailable(request: InHandle, available: Out<u32>) -> Bool {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        let job = request::read::<CallerBuffer>(&object, Reading::Available)?;
        let failed = |error| Notice::RequestError(w::API_QUERY_DATA_AVAILABLE, error);
        if let Some(count) = operation::run(&object, job, Notice::DataAvailable, failed)? {
            available.put(count);
        }
        Ok(())
    }

    fn WinHttpReadData(request: InHandle, buffer: OutBytes, length: u32, read: Out<u32>) -> Bool {
        // The page: before any work and any check.
        read.put(0);
        let object = handle::find_kind(request.get(), Kind::Request)?;
        // SAFETY: buffer and length are the arguments that belong together.
        let buffer = unsafe { buffer.with_length(length) }.ok_or(Error::INVALID_PARAMETER)?;
        // It tries to fill the buffer, says the page, and that of WinHttpReadDataEx that this is the difference.
        read_data(&object, buffer, true, read)
    }
}

/// Reads data: what the functions for it have in common. In asynchronous mode the count comes with the completion.
pub(super) fn read_data(
    object: &Arc<Object>,
    buffer: CallerBuffer,
    fill: bool,
    read: Out<u32>,
) -> Result<()> {
    let address = buffer.address();
    let job = request::read(object, Reading::Into { buffer, fill })?;
    let failed = |error| Notice::RequestError(w::API_READ_DATA, error);
    let completed = move |count| Notice::ReadComplete(address, count);
    if let Some(count) = operation::run(object, job, completed, failed)? {
        read.put(count);
    }
    Ok(())
}
