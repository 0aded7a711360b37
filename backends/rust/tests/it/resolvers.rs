//! Proxy resolvers.

use std::{
    ffi::c_void,
    ptr::{null, null_mut},
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use crate::{api::*, proxies::configured};

/// What a callback was told: the status, and the function and error of a failure.
type Told = (u32, usize, u32);

const WAIT: Duration = Duration::from_secs(20);
const COMPLETE: Told = (WINHTTP_CALLBACK_STATUS_GETPROXYFORURL_COMPLETE, 0, 0);
const SETTINGS: Told = (WINHTTP_CALLBACK_STATUS_GETPROXYSETTINGS_COMPLETE, 0, 0);

unsafe extern "system" fn tell(_: Handle, context: usize, status: u32, information: *mut c_void, _: u32) {
    let told = match status {
        WINHTTP_CALLBACK_STATUS_REQUEST_ERROR => {
            // SAFETY: such a notice comes with a result.
            let result = unsafe { information.cast::<WINHTTP_ASYNC_RESULT>().read() };
            (status, result.dwResult, result.dwError)
        }
        _ => (status, 0, 0),
    };
    // SAFETY: the context is a sender that is never freed.
    let sender = unsafe { &*(context as *const Sender<Told>) };
    // The test may have ended before the last notice.
    let _ = sender.send(told);
}

struct Watched {
    family: Family,
    resolver: Handle,
    context: usize,
    told: Receiver<Told>,
}

fn watched() -> Watched {
    let (sender, told) = channel();
    let context = std::ptr::from_ref(Box::leak(Box::new(sender))) as usize;
    let family = Family::to(WINHTTP_FLAG_ASYNC, 80, "/");
    let wanted = WINHTTP_CALLBACK_FLAG_REQUEST_ERROR
        | WINHTTP_CALLBACK_FLAG_GETPROXYFORURL_COMPLETE
        | WINHTTP_CALLBACK_FLAG_GETPROXYSETTINGS_COMPLETE
        | WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    call!(WinHttpSetStatusCallback(family.session, Some(tell), wanted, 0));
    let mut resolver = null_mut();
    assert_eq!(call!(WinHttpCreateProxyResolver(family.session, &mut resolver)), 0);
    Watched { family, resolver, context, told }
}

impl Watched {
    fn search(&self, url: &str, flags: u32, detection: u32) -> u32 {
        let url = wide(url);
        let options =
            WINHTTP_AUTOPROXY_OPTIONS { dwFlags: flags, dwAutoDetectFlags: detection, ..Default::default() };
        call!(WinHttpGetProxyForUrlEx(self.resolver, url.as_ptr(), &options, self.context))
    }

    fn next(&self) -> Told {
        self.told.recv_timeout(WAIT).unwrap()
    }

    /// Each entry: proxy, bypass, scheme, host, port.
    fn result(&self) -> Result<String, u32> {
        let mut result = WINHTTP_PROXY_RESULT::default();
        match call!(WinHttpGetProxyResult(self.resolver, &mut result)) {
            0 => {
                // SAFETY: the result has so many entries.
                let entries =
                    unsafe { std::slice::from_raw_parts(result.pEntries, result.cEntries as usize) };
                let spelled = entries.iter().map(entry).collect();
                call!(WinHttpFreeProxyResult(&mut result));
                assert_eq!((result.cEntries, result.pEntries), (0, null_mut()));
                Ok(spelled)
            }
            error => Err(error),
        }
    }
}

fn entry(entry: &WINHTTP_PROXY_RESULT_ENTRY) -> String {
    let host = text(entry.pwszProxy).unwrap_or_default();
    format!("{} {} {} {host} {};", entry.fProxy, entry.fBypass, entry.ProxyScheme, entry.ProxyPort)
}

fn text(text: *const u16) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the string ends in NUL.
    let units = (0..).map(|at| unsafe { text.add(at).read() }).take_while(|unit| *unit != 0);
    Some(String::from_utf16(&units.collect::<Vec<_>>()).unwrap())
}

#[test]
fn a_resolver_is_a_handle_of_an_asynchronous_session() {
    let watched = watched();
    let kind = query_dword(watched.resolver, WINHTTP_OPTION_HANDLE_TYPE);
    assert_eq!(kind, Ok(WINHTTP_HANDLE_TYPE_PROXY_RESOLVER));
    let parent = query_word(watched.resolver, WINHTTP_OPTION_PARENT_HANDLE);
    assert_eq!(parent, Ok(watched.family.session as usize));
    let mut other = null_mut();
    let synchronous = open();
    let mut create = |session| call!(WinHttpCreateProxyResolver(session, &mut other));
    assert_eq!(create(null()), ERROR_INVALID_HANDLE);
    assert_eq!(create(synchronous), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_eq!(create(watched.family.connection), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert!(other.is_null());
    let nowhere = call!(WinHttpCreateProxyResolver(watched.family.session, null_mut()));
    assert_eq!(nowhere, ERROR_INVALID_PARAMETER);
    assert_eq!((close(watched.resolver), close(synchronous)), (0, 0));
}

#[test]
fn a_search_that_fails_tells_the_callback() {
    let watched = watched();
    assert_eq!(watched.result(), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE));
    assert_eq!(watched.search("http://h/", WINHTTP_AUTOPROXY_AUTO_DETECT, 3), ERROR_IO_PENDING);
    let failure = (
        WINHTTP_CALLBACK_STATUS_REQUEST_ERROR,
        API_GET_PROXY_FOR_URL as usize,
        ERROR_WINHTTP_AUTODETECTION_FAILED,
    );
    assert_eq!(watched.next(), failure);
    assert_eq!(watched.result(), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE));
    assert_eq!(close(watched.resolver), 0);
    assert_eq!(watched.next(), (WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, 0));
}

#[test]
fn a_search_that_succeeds_has_a_result() {
    let text = "user-proxy = http=p:1;socks=s https=q\nuser-bypass = *.example\n";
    configured("resolvers::a_search_that_succeeds_has_a_result", text, &[], || {
        let watched = watched();
        let found = |url| {
            assert_eq!(watched.search(url, WINHTTP_AUTOPROXY_ALLOW_STATIC, 0), ERROR_IO_PENDING);
            assert_eq!(watched.next(), COMPLETE);
            watched.result().unwrap()
        };
        assert_eq!(found("http://h/"), "1 0 1 p 1;");
        assert_eq!(found("https://h/"), "1 0 1 q 80;");
        assert_eq!(found("ftp://h/"), "1 0 4 s 1080;");
        assert_eq!(found("http://h.example/"), "0 1 0  0;");
    });
}

#[test]
fn settings_are_read_and_freed() {
    let lines = "user-proxy = p:1\nuser-bypass = a;b\nuser-auto-config-url = http://h/p.pac\n";
    configured("resolvers::settings_are_read_and_freed", lines, &[], || {
        let watched = watched();
        let wsl = WinHttpProxySettingsTypeWsl;
        let mut settings = WINHTTP_PROXY_SETTINGS_EX::default();
        let place: *mut c_void = (&raw mut settings).cast();
        let early = call!(WinHttpGetProxySettingsResultEx(watched.resolver, place));
        assert_eq!(early, ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
        let begun = call!(WinHttpGetProxySettingsEx(watched.resolver, wsl, null(), watched.context));
        assert_eq!((begun, watched.next()), (ERROR_IO_PENDING, SETTINGS));
        assert_eq!(call!(WinHttpGetProxySettingsResultEx(watched.resolver, place)), 0);
        assert_eq!((settings.ullGenerationId, settings.ullFlags, settings.cProxyBypasses), (1, 6, 2));
        let texts = [settings.pcwszAutoconfigUrl, settings.pcwszProxy, settings.pcwszSecureProxy].map(text);
        assert_eq!(texts.map(Option::unwrap).join(" "), "http://h/p.pac http://p:1 http://p:1");
        // SAFETY: there are two.
        let bypasses = [0, 1].map(|at| text(unsafe { settings.rgpcwszProxyBypasses.add(at).read() }));
        assert_eq!(bypasses.map(Option::unwrap), ["a", "b"]);
        assert_eq!(settings.pcwszConnectionName, null());
        assert_eq!(call!(WinHttpFreeProxySettingsEx(wsl, place)), 0);
        assert_eq!((settings.pcwszProxy, settings.cProxyBypasses), (null(), 0));
        assert_eq!(watched.result(), Err(ERROR_WINHTTP_INCORRECT_HANDLE_STATE), "that was no search");
    });
}

#[test]
fn a_resolvers_functions_check_their_arguments() {
    let watched = watched();
    let resolver = watched.resolver;
    assert_eq!(watched.search("http:///", WINHTTP_AUTOPROXY_AUTO_DETECT, 3), ERROR_WINHTTP_INVALID_URL);
    assert_eq!(watched.search("http://h/", 0, 0), ERROR_INVALID_PARAMETER);
    let url = wide("http://h/");
    let options = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_AUTO_DETECT,
        dwAutoDetectFlags: 1,
        ..Default::default()
    };
    let nulls = [
        call!(WinHttpGetProxyForUrlEx(resolver, null(), &options, 0)),
        call!(WinHttpGetProxyForUrlEx(resolver, url.as_ptr(), null(), 0)),
        call!(WinHttpGetProxyResult(resolver, null_mut())),
        call!(WinHttpGetProxySettingsResultEx(resolver, null_mut())),
        call!(WinHttpFreeProxySettingsEx(WinHttpProxySettingsTypeWsl, null())),
        call!(WinHttpGetProxySettingsEx(resolver, WinHttpProxySettingsTypeUnknown, null(), 0)),
    ];
    assert_eq!(nulls, [ERROR_INVALID_PARAMETER; 6]);
    call!(WinHttpFreeProxyResult(null_mut()));
    let mut result = WINHTTP_PROXY_RESULT::default();
    let mut settings = WINHTTP_PROXY_SETTINGS_EX::default();
    let place: *mut c_void = (&raw mut settings).cast();
    for (handle, error) in
        [(watched.family.session, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE), (null_mut(), ERROR_INVALID_HANDLE)]
    {
        let outcomes = [
            call!(WinHttpGetProxyForUrlEx(handle, url.as_ptr(), &options, 0)),
            call!(WinHttpGetProxyResult(handle, &mut result)),
            call!(WinHttpGetProxySettingsEx(handle, WinHttpProxySettingsTypeWsl, null(), 0)),
            call!(WinHttpGetProxySettingsResultEx(handle, place)),
        ];
        assert_eq!(outcomes, [error; 4]);
    }
}
