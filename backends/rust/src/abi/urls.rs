//! Entry points for URLs.

use windows_sys::{Win32::Networking::WinHttp::URL_COMPONENTS, core::PWSTR};

use super::{
    Bool,
    arguments::{InText, Out, until_nul},
    buffers::OutText,
    entry_points,
};
use crate::{
    components::{self, Given, Parts, Source, Wanted},
    error::{Error, Result},
};

entry_points! {
    fn WinHttpCrackUrl(url: InText<'_>, length: u32, flags: u32, components: Out<URL_COMPONENTS>) -> Bool {
        let mut out = known(components)?;
        // The page has 0 for text that ends in NUL.
        let length = if length == 0 { u32::MAX } else { length };
        // SAFETY: url and length are the arguments that belong together.
        let text = unsafe { url.with_length(length) }.ok_or(Error::INVALID_PARAMETER)?;
        let wanted = Parts {
            scheme: wanted(out.lpszScheme, out.dwSchemeLength),
            user: wanted(out.lpszUserName, out.dwUserNameLength),
            password: wanted(out.lpszPassword, out.dwPasswordLength),
            host: wanted(out.lpszHostName, out.dwHostNameLength),
            path: wanted(out.lpszUrlPath, out.dwUrlPathLength),
            extra: wanted(out.lpszExtraInfo, out.dwExtraInfoLength),
        };
        let cracked = components::crack(text, flags, &wanted)?;
        let Parts { scheme, user, password, host, path, extra } = cracked.parts;
        for (given, pointer, length) in [
            (scheme, &mut out.lpszScheme, &mut out.dwSchemeLength),
            (user, &mut out.lpszUserName, &mut out.dwUserNameLength),
            (password, &mut out.lpszPassword, &mut out.dwPasswordLength),
            (host, &mut out.lpszHostName, &mut out.dwHostNameLength),
            (path, &mut out.lpszUrlPath, &mut out.dwUrlPathLength),
            (extra, &mut out.lpszExtraInfo, &mut out.dwExtraInfoLength),
        ] {
            // SAFETY: a copy is given only where the pointer is a buffer, of a length that the copy fits into.
            unsafe { hand_out(given, url, pointer, length) };
        }
        out.nScheme = cracked.scheme.number();
        out.nPort = cracked.port;
        components.put(out);
        Ok(())
    }

    fn WinHttpCreateUrl(components: Out<URL_COMPONENTS>, flags: u32, url: OutText, length: Out<u32>) -> Bool {
        let source = known(components)?;
        let room = length.get().ok_or(Error::INVALID_PARAMETER)?;
        // SAFETY: each length is the one that the structure pairs with the pointer.
        let parts = unsafe {
            Parts {
                scheme: required(source.lpszScheme, source.dwSchemeLength),
                user: required(source.lpszUserName, source.dwUserNameLength),
                password: required(source.lpszPassword, source.dwPasswordLength),
                host: required(source.lpszHostName, source.dwHostNameLength),
                path: required(source.lpszUrlPath, source.dwUrlPathLength),
                extra: required(source.lpszExtraInfo, source.dwExtraInfoLength),
            }
        };
        let made = components::create(&Source { parts, scheme: source.nScheme, port: source.nPort }, flags)?;
        let characters = made.len() as u32;
        if url.is_null() || room <= characters {
            // What the application is to allocate, which is with the terminator.
            length.put(characters + 1);
            return Err(Error::INSUFFICIENT_BUFFER);
        }
        // SAFETY: the buffer has room for the text and a terminator.
        unsafe { url.put(&made) };
        length.put(characters);
        Ok(())
    }
}

/// The structure, whose first member is its size. A size that is not this structure's has no documented error; the
/// rest of the structure is then not looked at.
fn known(components: Out<URL_COMPONENTS>) -> Result<URL_COMPONENTS> {
    if components.head() != Some(size_of::<URL_COMPONENTS>() as u32) {
        return Err(Error::INVALID_PARAMETER);
    }
    components.get().ok_or(Error::INVALID_PARAMETER)
}

/// How a component is wanted. A buffer of no characters is as little wanted as NULL and 0: the page on URLs has a
/// length that is not 0 for every component to retrieve.
fn wanted(pointer: PWSTR, length: u32) -> Wanted {
    match (length, pointer.is_null()) {
        (0, _) => Wanted::Not,
        (_, true) => Wanted::Place,
        (length, false) => Wanted::Copy(length as usize),
    }
}

/// Gives a component to the caller.
///
/// # Safety
/// If a copy is given, `pointer` is a buffer with room for it and its terminator.
unsafe fn hand_out(given: Given, url: InText<'_>, pointer: &mut PWSTR, length: &mut u32) {
    match given {
        Given::Nothing => {}
        Given::Absent => (*pointer, *length) = (std::ptr::null_mut(), 0),
        Given::Place(place) => (*pointer, *length) = (url.at(place.start), place.len() as u32),
        Given::Copy(text) => {
            // SAFETY: the caller of this function vouches for the buffer.
            unsafe { OutText::at(*pointer).put(&text) };
            *length = text.len() as u32;
        }
    }
}

/// The text of a component to make a URL of; `None` if it is not required.
///
/// # Safety
/// `pointer` is NULL, or text of that length, or if that is 0 text that ends in NUL.
unsafe fn required<'a>(pointer: PWSTR, length: u32) -> Option<&'a [u16]> {
    let most = if length == 0 { usize::MAX } else { length as usize };
    // SAFETY: that is what the caller of this function vouches for.
    unsafe { until_nul(pointer, most) }
}
