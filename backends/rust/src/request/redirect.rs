//! Following redirects. Pages: option-flags (`WINHTTP_OPTION_REDIRECT_POLICY`,
//! `WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS`, `WINHTTP_OPTION_DISABLE_FEATURE`,
//! `WINHTTP_OPTION_REJECT_USERPWD_IN_URL`), WinHttpReceiveResponse.

use std::sync::Arc;

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    credentials::Credentials,
    opened::{self, Message, Reuse},
    sent::{Receiving, Sent},
};
use crate::{
    clock,
    error::{Error, Result},
    handle::lock,
    http1::Head,
    url::{self, Url},
};

/// Where this response sends the request; `None` if nowhere, or if redirects are not to be followed.
pub(super) fn target(receiving: &Receiving<'_>, sent: &Sent, head: &Head) -> Result<Option<Url>> {
    let settings = receiving.settings;
    let policy = settings.dword(w::WINHTTP_OPTION_REDIRECT_POLICY);
    let disabled = settings.dword(w::WINHTTP_OPTION_DISABLE_FEATURE) & w::WINHTTP_DISABLE_REDIRECTS != 0;
    if disabled || policy == w::WINHTTP_OPTION_REDIRECT_POLICY_NEVER {
        return Ok(None);
    }
    let location = match head.status {
        301 | 302 | 303 | 307 | 308 => head.all("Location").next(),
        _ => None,
    };
    let Some(location) = location else { return Ok(None) };
    let old = receiving.request.url();
    let location = std::str::from_utf8(location).map_err(|_| Error::INVALID_SERVER_RESPONSE)?;
    let reject = settings.dword(w::WINHTTP_OPTION_REJECT_USERPWD_IN_URL) != 0;
    if reject && url::has_user_and_password(location) {
        return Err(Error::INVALID_URL);
    }
    let url = old.join(location)?;
    let downgrade = old.secure && !url.secure;
    if downgrade && policy == w::WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP {
        return Ok(None);
    }
    if sent.redirects >= settings.dword(w::WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS) {
        return Err(Error::REDIRECT_FAILED);
    }
    Ok(Some(url))
}

/// Sends the request to its new URL; headers go along (page: WinHttpAddRequestHeaders). Data that was written is no
/// more there: the application has to send it again (page: WinHttpSendRequest, `ERROR_WINHTTP_RESEND_REQUEST`), which
/// then goes to the new URL.
pub(super) fn follow(receiving: &Receiving<'_>, mut message: Message, url: Url, status: u16) -> Result<Sent> {
    *lock(&receiving.request.url) = Arc::new(url);
    let whole = message.owed() == Some(0);
    // The callback may have changed them.
    message.headers = lock(&receiving.request.headers).clone();
    // They are for one request (page: WinHttpSetCredentials), and this one may be for another server.
    message.credentials = Credentials::default();
    // RFC 9110, section 15.4: 303 asks for a GET, and after 301 and 302 a POST becomes one.
    let becomes_get = match status {
        303 => &*message.verb != "HEAD",
        301 | 302 => &*message.verb == "POST",
        _ => false,
    };
    if becomes_get {
        message.verb = "GET".into();
        message.length = None;
        message.data = Box::new([]);
        message.headers.remove("Content-Length");
        message.headers.remove("Transfer-Encoding");
    } else if !whole {
        return Err(Error::RESEND_REQUEST);
    }
    opened::transmit(receiving.object, receiving.request, message, Reuse::Allowed, clock::now())
}
