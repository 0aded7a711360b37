//! Proxy settings. What reads or writes the configuration runs in a process of its own, with a file of its own.

use std::{
    ffi::c_void,
    path::PathBuf,
    process::Command,
    ptr::{null, null_mut},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use rstest::rstest;

use crate::api::*;

/// Runs the body of a test in a process of its own, where the configuration is this text.
pub(crate) fn configured(test: &str, text: &str, environment: &[(&str, &str)], body: fn()) {
    if std::env::var_os("WINHTTP_TEST_CHILD").is_some() {
        return body();
    }
    let file = PathBuf::from(format!("{}.{}", test.replace(':', "_"), std::process::id()));
    let file = std::env::temp_dir().join(file);
    std::fs::write(&file, text).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([test, "--exact"]).env("WINHTTP_TEST_CHILD", "1").env("WINHTTP_CONFIG", &file);
    let output = child.envs(environment.iter().copied()).output().unwrap();
    // The test may have removed it.
    let _ = std::fs::remove_file(&file);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn config() -> PathBuf {
    std::env::var_os("WINHTTP_CONFIG").unwrap().into()
}

/// A string that was handed out, freed.
pub(crate) fn taken(text: *mut u16) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the string ends in NUL.
    let units = (0..).map(|at| unsafe { text.add(at).read() }).take_while(|unit| *unit != 0);
    let copy = String::from_utf16(&units.collect::<Vec<_>>()).unwrap();
    call!(GlobalFree(text.cast()));
    Some(copy)
}

type Info = (u32, Option<String>, Option<String>);

fn info(info: WINHTTP_PROXY_INFO) -> Info {
    (info.dwAccessType, taken(info.lpszProxy), taken(info.lpszProxyBypass))
}

fn default_proxy() -> Info {
    let mut out = WINHTTP_PROXY_INFO::default();
    assert_eq!(outcome(call!(WinHttpGetDefaultProxyConfiguration(&mut out))), 0);
    info(out)
}

fn set_default_proxy(access_type: u32, proxy: Option<&str>, bypass: Option<&str>) -> u32 {
    let (mut proxy, mut bypass) = (proxy.map(wide), bypass.map(wide));
    let pointer = |text: &mut Option<Vec<u16>>| text.as_mut().map_or(null_mut(), |text| text.as_mut_ptr());
    let mut info = WINHTTP_PROXY_INFO {
        dwAccessType: access_type,
        lpszProxy: pointer(&mut proxy),
        lpszProxyBypass: pointer(&mut bypass),
    };
    outcome(call!(WinHttpSetDefaultProxyConfiguration(&mut info)))
}

fn session_proxy(access_type: u32) -> Info {
    let session = call!(WinHttpOpen(null(), access_type, null(), null(), 0));
    let mut out = WINHTTP_PROXY_INFO::default();
    let mut length = size_of::<WINHTTP_PROXY_INFO>() as u32;
    let option = WINHTTP_OPTION_PROXY;
    let queried = call!(WinHttpQueryOption(session, option, (&raw mut out).cast(), &mut length));
    assert_eq!(outcome(queried), 0);
    close(session);
    info(out)
}

fn named(proxy: &str, bypass: Option<&str>) -> Info {
    (WINHTTP_ACCESS_TYPE_NAMED_PROXY, Some(proxy.to_owned()), bypass.map(str::to_owned))
}

const DIRECT: Info = (WINHTTP_ACCESS_TYPE_NO_PROXY, None, None);

#[test]
fn a_default_proxy_is_kept_and_new_sessions_have_it() {
    configured(
        "proxies::a_default_proxy_is_kept_and_new_sessions_have_it",
        "# keep me\nuser-proxy = u\n",
        &[],
        || {
            assert_eq!(default_proxy(), DIRECT);
            let old = call!(WinHttpOpen(null(), WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, null(), null(), 0));
            let set = set_default_proxy(WINHTTP_ACCESS_TYPE_NAMED_PROXY, Some("p:8080"), Some("<local>;b"));
            assert_eq!((set, default_proxy()), (0, named("p:8080", Some("<local>;b"))));
            assert_eq!(session_proxy(WINHTTP_ACCESS_TYPE_DEFAULT_PROXY), default_proxy());
            assert_eq!(session_proxy(WINHTTP_ACCESS_TYPE_NO_PROXY), DIRECT);
            assert_eq!(close(old), 0);
            assert_eq!(set_default_proxy(WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, None, None), 0);
            assert_eq!(default_proxy(), DIRECT);
            assert_eq!(std::fs::read_to_string(config()).unwrap(), "# keep me\nuser-proxy = u\n");
        },
    );
}

#[test]
fn the_environment_overrides_the_file() {
    let environment = [("WINHTTP_DEFAULT_PROXY", "e:1"), ("WINHTTP_USER_PROXY", "")];
    let text = "default-proxy = f\ndefault-bypass = b\nuser-proxy = u\n";
    configured("proxies::the_environment_overrides_the_file", text, &environment, || {
        assert_eq!(default_proxy(), named("e:1", Some("b")));
        let mut user = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
        let got = call!(WinHttpGetIEProxyConfigForCurrentUser(&mut user));
        assert_eq!(outcome(got), ERROR_FILE_NOT_FOUND);
    });
}

#[test]
fn a_file_that_cannot_be_written_denies_access() {
    configured("proxies::a_file_that_cannot_be_written_denies_access", "", &[], || {
        std::fs::remove_file(config()).unwrap();
        std::fs::create_dir(config()).unwrap();
        let set = set_default_proxy(WINHTTP_ACCESS_TYPE_NAMED_PROXY, Some("p"), None);
        std::fs::remove_dir(config()).unwrap();
        assert_eq!(set, ERROR_ACCESS_DENIED);
    });
}

#[rstest]
#[case::no_name(WINHTTP_ACCESS_TYPE_NAMED_PROXY, None, None)]
#[case::name_without_type(WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, Some("p"), None)]
#[case::bypass_without_type(WINHTTP_ACCESS_TYPE_NO_PROXY, None, Some("b"))]
#[case::automatic(WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY, None, None)]
#[case::unknown(2, None, None)]
fn a_default_proxy_has_a_name_or_is_none(
    #[case] access_type: u32,
    #[case] proxy: Option<&str>,
    #[case] bypass: Option<&str>,
) {
    assert_eq!(set_default_proxy(access_type, proxy, bypass), ERROR_INVALID_PARAMETER);
}

#[test]
fn a_users_settings_are_told() {
    let text = "user-proxy = p:1\nuser-bypass = <local>\nuser-auto-detect = true\n\
                user-auto-config-url = http://h/p.pac\n";
    configured("proxies::a_users_settings_are_told", text, &[], || {
        let mut user = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
        assert_eq!(outcome(call!(WinHttpGetIEProxyConfigForCurrentUser(&mut user))), 0);
        let texts = [user.lpszProxy, user.lpszProxyBypass, user.lpszAutoConfigUrl].map(taken);
        let texts = texts.map(Option::unwrap);
        assert_eq!((user.fAutoDetect, texts.join(" ").as_str()), (1, "p:1 <local> http://h/p.pac"));
    });
}

fn proxy_for_url(session: Handle, url: &str, options: &mut WINHTTP_AUTOPROXY_OPTIONS) -> Result<Info, u32> {
    let (url, mut out) = (wide(url), WINHTTP_PROXY_INFO::default());
    match outcome(call!(WinHttpGetProxyForUrl(session, url.as_ptr(), options, &mut out))) {
        0 => Ok(info(out)),
        error => Err(error),
    }
}

#[test]
fn a_proxy_that_is_set_is_found_for_a_url() {
    let text = "default-proxy = http=p:1;q https=s:2\ndefault-bypass = *.example\n";
    configured("proxies::a_proxy_that_is_set_is_found_for_a_url", text, &[], || {
        let session = open();
        let mut options =
            WINHTTP_AUTOPROXY_OPTIONS { dwFlags: WINHTTP_AUTOPROXY_ALLOW_STATIC, ..Default::default() };
        let mut found = |url| proxy_for_url(session, url, &mut options);
        assert_eq!(found("http://h/"), Ok(named("p:1", Some("*.example"))));
        assert_eq!(found("https://h/"), Ok(named("s:2", Some("*.example"))));
        assert_eq!(found("ftp://h/"), Ok(named("q:80", Some("*.example"))));
        assert_eq!(found("http://h.example/"), Ok(DIRECT));
        close(session);
    });
}

#[test]
fn without_a_pac_file_no_proxy_is_found() {
    let family = Family::new();
    let url = wide("http://h/p.pac");
    let detect = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_AUTO_DETECT,
        dwAutoDetectFlags: WINHTTP_AUTO_DETECT_TYPE_DNS_A,
        ..Default::default()
    };
    let config = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_CONFIG_URL,
        lpszAutoConfigUrl: url.as_ptr(),
        ..Default::default()
    };
    let both = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_AUTO_DETECT | WINHTTP_AUTOPROXY_CONFIG_URL,
        lpszAutoConfigUrl: url.as_ptr(),
        ..detect
    };
    let found = |mut options| proxy_for_url(family.session, "http://h/", &mut options);
    assert_eq!(found(detect), Err(ERROR_WINHTTP_AUTODETECTION_FAILED));
    assert_eq!(found(config), Err(ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR));
    assert_eq!(found(both), Err(ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR));
}

#[test]
fn a_search_checks_its_arguments() {
    let family = Family::new();
    let detect = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_AUTO_DETECT,
        dwAutoDetectFlags: 3,
        ..Default::default()
    };
    let found = |handle, url, mut options| proxy_for_url(handle, url, &mut options);
    let session = family.session;
    assert_eq!(found(null_mut(), "http://h/", detect), Err(ERROR_INVALID_HANDLE));
    assert_eq!(found(family.request, "http://h/", detect), Err(ERROR_WINHTTP_INCORRECT_HANDLE_TYPE));
    assert_eq!(found(session, "http://", detect), Err(ERROR_WINHTTP_INVALID_URL));
    let reserved = WINHTTP_AUTOPROXY_OPTIONS { dwReserved: 1, ..detect };
    assert_eq!(found(session, "http://h/", reserved), Err(ERROR_INVALID_PARAMETER));
    let reserved = WINHTTP_AUTOPROXY_OPTIONS { lpvReserved: session, ..detect };
    assert_eq!(found(session, "http://h/", reserved), Err(ERROR_INVALID_PARAMETER));
    let file = wide("file:///p.pac");
    let config = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_CONFIG_URL,
        lpszAutoConfigUrl: file.as_ptr(),
        ..Default::default()
    };
    assert_eq!(found(session, "http://h/", config), Err(ERROR_WINHTTP_UNRECOGNIZED_SCHEME));
    let (url, mut options, mut out) = (wide("http://h/"), detect, WINHTTP_PROXY_INFO::default());
    let nulls = [
        outcome(call!(WinHttpGetProxyForUrl(session, null(), &mut options, &mut out))),
        outcome(call!(WinHttpGetProxyForUrl(session, url.as_ptr(), null_mut(), &mut out))),
        outcome(call!(WinHttpGetProxyForUrl(session, url.as_ptr(), &mut options, null_mut()))),
        outcome(call!(WinHttpGetDefaultProxyConfiguration(null_mut()))),
        outcome(call!(WinHttpSetDefaultProxyConfiguration(null_mut()))),
        outcome(call!(WinHttpGetIEProxyConfigForCurrentUser(null_mut()))),
    ];
    assert_eq!(nulls, [ERROR_INVALID_PARAMETER; 6]);
}

#[rstest]
#[case::dhcp(WINHTTP_AUTO_DETECT_TYPE_DHCP, ERROR_WINHTTP_AUTODETECTION_FAILED)]
#[case::both(3, ERROR_WINHTTP_AUTODETECTION_FAILED)]
#[case::none(0, ERROR_INVALID_PARAMETER)]
#[case::unknown(4, ERROR_INVALID_PARAMETER)]
fn no_pac_file_is_detected(#[case] flags: u32, #[case] error: u32) {
    let mut url = null_mut();
    assert_eq!(outcome(call!(WinHttpDetectAutoProxyConfigUrl(flags, &mut url))), error);
    assert!(url.is_null());
    assert_eq!(outcome(call!(WinHttpDetectAutoProxyConfigUrl(flags, null_mut()))), ERROR_INVALID_PARAMETER);
}

unsafe extern "system" fn changed(flags: u64, context: *const c_void) {
    // SAFETY: the context is a sender that is never freed.
    unsafe { &*context.cast::<Sender<u64>>() }.send(flags).unwrap();
}

#[test]
fn who_is_registered_learns_of_a_change() {
    configured("proxies::who_is_registered_learns_of_a_change", "", &[], || {
        let (sender, told) = channel::<u64>();
        let context: *const c_void = std::ptr::from_ref(Box::leak(Box::new(sender))).cast();
        let flags = u64::from(WINHTTP_PROXY_NOTIFY_CHANGE);
        let (mut first, mut second) = (null_mut(), null_mut());
        for registration in [&mut first, &mut second] {
            let registered =
                call!(WinHttpRegisterProxyChangeNotification(flags, Some(changed), context, registration));
            assert_eq!(registered, 0);
        }
        assert_eq!(call!(WinHttpUnregisterProxyChangeNotification(second)), 0);
        assert_eq!(set_default_proxy(WINHTTP_ACCESS_TYPE_NAMED_PROXY, Some("p"), None), 0);
        assert_eq!(told.recv_timeout(Duration::from_secs(20)), Ok(flags));
        assert_eq!(call!(WinHttpUnregisterProxyChangeNotification(first)), 0);
        assert_eq!(set_default_proxy(WINHTTP_ACCESS_TYPE_NO_PROXY, None, None), 0);
        assert!(told.try_recv().is_err(), "one registration, one change");
    });
}

#[test]
fn a_registration_checks_its_arguments() {
    let flags = u64::from(WINHTTP_PROXY_NOTIFY_CHANGE);
    let mut registration = null_mut();
    let mut register = |flags, callback, out: bool| {
        let out = if out { &raw mut registration } else { null_mut() };
        call!(WinHttpRegisterProxyChangeNotification(flags, callback, null(), out))
    };
    assert_eq!(register(flags, None, true), ERROR_INVALID_PARAMETER);
    assert_eq!(register(flags, Some(changed), false), ERROR_INVALID_PARAMETER);
    assert_eq!(register(2, Some(changed), true), ERROR_INVALID_PARAMETER);
    assert!(registration.is_null());
    for handle in [null(), 4 as *const c_void] {
        assert_eq!(call!(WinHttpUnregisterProxyChangeNotification(handle)), ERROR_INVALID_HANDLE);
    }
}
