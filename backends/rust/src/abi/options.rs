//! Entry points for options: buffers into values, values into buffers.

use windows_sys::Win32::Networking::WinHttp::WINHTTP_PROXY_INFO;

use super::{
    Bool,
    arguments::{InBytes, InHandle, Out, text_at, until_nul},
    buffers::{Answered, OutBytes},
    callback::InCallback,
    entry_points, memory,
};
use crate::{
    error::{Error, Result},
    option::{self, Answer, Input, Shape},
    proxy::ProxyInfo,
};

entry_points! {
    fn WinHttpSetOption(handle: InHandle, option: u32, buffer: InBytes, length: u32) -> Bool {
        let target = option::settable(handle.get(), option)?;
        // SAFETY: buffer and length are the arguments that belong together.
        let input = unsafe { input(target.shape(), buffer, length) }?;
        option::set(target, input)
    }

    fn WinHttpQueryOption(handle: InHandle, option: u32, buffer: OutBytes, length: Out<u32>) -> Bool {
        // SAFETY: buffer and length are the arguments that belong together.
        let asked = unsafe { buffer.as_input(length.get().unwrap_or(0)) };
        let answer = option::query(handle.get(), option, asked)?;
        // SAFETY: as above.
        let answered = unsafe { Answered::new(buffer, length) }?;
        match answer {
            Answer::Dword(value) => answered.put(|| Ok(value)),
            Answer::Word(value) => answered.put(|| Ok(value)),
            // The length is that of the data placed into the buffer, and the terminator is part of that.
            Answer::Text(text) => answered.put_text(&text, true),
            Answer::Proxy(proxy) => answered.put(|| proxy_info(&proxy)),
            Answer::Version(value) => answered.put(|| Ok(value)),
            Answer::Connection(value) => answered.put(|| Ok(*value)),
            Answer::Times(value) => answered.put(|| Ok(*value)),
            Answer::Stats(value) => answered.put(|| Ok(*value)),
            Answer::TcpInfo0(value) => answered.put(|| Ok(*value)),
            Answer::TcpInfo1(value) => answered.put(|| Ok(*value)),
        }
    }
}

/// The strings are the caller's, to be freed with GlobalFree.
pub(super) fn proxy_info(proxy: &ProxyInfo) -> Result<WINHTTP_PROXY_INFO> {
    Ok(WINHTTP_PROXY_INFO {
        dwAccessType: proxy.access_type,
        lpszProxy: memory::global_text(proxy.proxy.as_deref())?,
        lpszProxyBypass: memory::global_text(proxy.bypass.as_deref())?,
    })
}

/// Reads the structure.
///
/// # Safety
/// Its strings are NULL or end in NUL.
pub(super) unsafe fn proxy_of(info: &WINHTTP_PROXY_INFO) -> ProxyInfo {
    // SAFETY: as the caller of this function promises.
    let (proxy, bypass) = unsafe { (text_at(info.lpszProxy), text_at(info.lpszProxyBypass)) };
    ProxyInfo { access_type: info.dwAccessType, proxy: proxy.map(Box::from), bypass: bypass.map(Box::from) }
}

/// Reads the caller's buffer as the option's shape has it. A length that is not the size of what it should hold, and
/// NULL where there should be something, are `ERROR_INVALID_PARAMETER`.
///
/// # Safety
/// `buffer` and `length` come from a caller of WinHttpSetOption.
unsafe fn input(shape: Shape, buffer: InBytes, length: u32) -> Result<Input> {
    // The page says that some options count in characters, and forgets to list them. USER_AGENT says so for itself;
    // it is taken for all text. Reading ends at a terminator, so a caller that counts bytes is understood as well.
    if shape == Shape::Text {
        // SAFETY: that many characters, or fewer and a terminator, are what the caller promises.
        let text = unsafe { until_nul(buffer.0.cast(), length as usize) };
        return text.map(|text| Input::Text(text.to_vec())).ok_or(Error::INVALID_PARAMETER);
    }
    let size = match shape {
        Shape::Dword | Shape::Flag => size_of::<u32>(),
        Shape::Word | Shape::Callback => size_of::<usize>(),
        Shape::Struct(size) => size,
        Shape::Proxy => size_of::<WINHTTP_PROXY_INFO>(),
        Shape::Certificate if buffer.0.is_null() && length == 0 => return Ok(Input::Word(0)),
        Shape::Certificate => option::CERTIFICATE,
        Shape::Text | Shape::Nothing => return Ok(Input::Nothing),
    };
    // SAFETY: the caller promises `length` bytes.
    let bytes = unsafe { buffer.with_length(length) }.ok_or(Error::INVALID_PARAMETER)?;
    if bytes.len() != size {
        return Err(Error::INVALID_PARAMETER);
    }
    let start = bytes.as_ptr();
    Ok(match shape {
        // SAFETY: there are four bytes, and any four are a DWORD.
        Shape::Dword | Shape::Flag => Input::Dword(unsafe { start.cast::<u32>().read_unaligned() }),
        // SAFETY: there are as many bytes as a pointer has, and any are a number.
        Shape::Word => Input::Word(unsafe { start.cast::<usize>().read_unaligned() }),
        Shape::Callback => {
            // SAFETY: there is a pointer, and the option has the caller promise that it is a callback's.
            let callback = unsafe { InCallback::from_address(start.cast::<*const ()>().read_unaligned()) };
            Input::Callback(callback.get())
        }
        Shape::Proxy => {
            // SAFETY: there is room for the structure, and the option has the caller promise that it is one.
            let info = unsafe { start.cast::<WINHTTP_PROXY_INFO>().read_unaligned() };
            // SAFETY: its strings are NULL or end in NUL.
            Input::Proxy(unsafe { proxy_of(&info) })
        }
        // There is no TLS to use the certificate yet: that there is one is all that is kept.
        Shape::Certificate => Input::Word(1),
        Shape::Struct(_) => Input::Bytes(bytes.to_vec()),
        Shape::Text | Shape::Nothing => Input::Nothing,
    })
}
