//! The proxy for a URL. Pages: WinHttpGetProxyForUrl, WinHttpGetProxyForUrlEx, WINHTTP_AUTOPROXY_OPTIONS,
//! winhttp-autoproxy-api, WinHttpDetectAutoProxyConfigUrl.
//!
//! No PAC file is looked for in the network, and no PAC script is executed here: what takes one is answered with the
//! documented error. What is configured statically is found.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    ProxyInfo,
    list::{self, Proxy},
};
use crate::{
    components::{self, Given, Parts, Wanted},
    config::Config,
    error::{Error, Result},
};

const DETECTION: u32 = w::WINHTTP_AUTO_DETECT_TYPE_DHCP | w::WINHTTP_AUTO_DETECT_TYPE_DNS_A;
/// One of these says where to find a proxy; the other flags say how.
const SOURCES: u32 = w::WINHTTP_AUTOPROXY_AUTO_DETECT
    | w::WINHTTP_AUTOPROXY_CONFIG_URL
    | w::WINHTTP_AUTOPROXY_ALLOW_AUTOCONFIG
    | w::WINHTTP_AUTOPROXY_ALLOW_CM
    | w::WINHTTP_AUTOPROXY_ALLOW_STATIC;
const FLAGS: u32 = SOURCES
    | w::WINHTTP_AUTOPROXY_HOST_KEEPCASE
    | w::WINHTTP_AUTOPROXY_HOST_LOWERCASE
    | w::WINHTTP_AUTOPROXY_NO_CACHE_CLIENT
    | w::WINHTTP_AUTOPROXY_NO_CACHE_SVC
    | w::WINHTTP_AUTOPROXY_NO_DIRECTACCESS
    | w::WINHTTP_AUTOPROXY_RUN_INPROCESS
    | w::WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY
    | w::WINHTTP_AUTOPROXY_SORT_RESULTS;

/// `WINHTTP_AUTOPROXY_OPTIONS` as it arrives.
pub(crate) struct Options<'a> {
    pub(crate) flags: u32,
    pub(crate) detection: u32,
    pub(crate) config_url: Option<&'a [u16]>,
    /// Both reserved members are 0.
    pub(crate) reserved: bool,
}

/// A URL, and options to find its proxy with.
#[derive(Debug)]
pub(crate) struct Search {
    scheme: &'static str,
    host: String,
    sources: u32,
}

/// How to reach a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The bypass list has it.
    Direct,
    /// Through the first of these that works, with the bypass list that does not have it.
    Through(Vec<Proxy>, Option<Box<[u16]>>),
}

/// What WinHttpDetectAutoProxyConfigUrl reports: without flags that say where to look their error, which no page has,
/// else that nothing was found.
pub(crate) fn detect(flags: u32) -> Error {
    if detection(flags) { Error::AUTODETECTION_FAILED } else { Error::INVALID_PARAMETER }
}

fn detection(flags: u32) -> bool {
    flags != 0 && flags & !DETECTION == 0
}

impl Search {
    /// Checks URL and options. The conditions on the options are those of their page, which names no error for them:
    /// they are `ERROR_INVALID_PARAMETER`. An FTP URL is one that proxies are found for (page: INTERNET_SCHEME); any
    /// other scheme makes the URL invalid, as the unrecognized scheme is documented for that of the PAC file.
    pub(crate) fn new(url: &[u16], options: &Options<'_>) -> Result<Search> {
        let is = |flag: u32| options.flags & flag != 0;
        let detects = match is(w::WINHTTP_AUTOPROXY_AUTO_DETECT) {
            true => detection(options.detection),
            false => options.detection == 0,
        };
        let fits = options.flags & !FLAGS == 0
            && options.flags & SOURCES != 0
            && detects
            && options.config_url.is_some() == is(w::WINHTTP_AUTOPROXY_CONFIG_URL)
            && options.reserved;
        if !fits {
            return Err(Error::INVALID_PARAMETER);
        }
        if let Some(url) = options.config_url {
            components::crack(url, 0, &Parts::default())?;
        }
        let (scheme, host) = target(url).ok_or(Error::INVALID_URL)?;
        Ok(Search { scheme, host, sources: options.flags & SOURCES })
    }

    /// Finds the proxy: first what takes a PAC file, then what is configured.
    ///
    /// Detection alone fails with `ERROR_WINHTTP_AUTODETECTION_FAILED` (page: winhttp-autoproxy-api; the table of
    /// WinHttpGetProxyForUrl lacks it). Whatever else was asked for, a proxy cannot be located:
    /// `ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR`.
    pub(crate) fn run(&self, config: &Config) -> Result<Way> {
        if self.sources & w::WINHTTP_AUTOPROXY_ALLOW_STATIC != 0
            && let Some(way) = self.through(&config.static_proxy())
        {
            return Ok(way);
        }
        Err(match self.sources {
            w::WINHTTP_AUTOPROXY_AUTO_DETECT => Error::AUTODETECTION_FAILED,
            _ => Error::AUTO_PROXY_SERVICE_ERROR,
        })
    }

    fn through(&self, info: &ProxyInfo) -> Option<Way> {
        let proxies = list::serving(info.proxy.as_deref()?, self.scheme);
        if info.bypass.as_deref().is_some_and(|bypass| list::bypassed(bypass, &self.host)) {
            return Some(Way::Direct);
        }
        (!proxies.is_empty()).then(|| Way::Through(proxies, info.bypass.clone()))
    }
}

/// Scheme and host of a URL that wants a proxy.
fn target(url: &[u16]) -> Option<(&'static str, String)> {
    let text = String::from_utf16(url).ok()?;
    let (name, rest) = text.split_once(':')?;
    let scheme = ["http", "https", "ftp"].into_iter().find(|scheme| scheme.eq_ignore_ascii_case(name))?;
    // Their syntax is the same, so all three can be taken apart as the first.
    let url: Vec<u16> = format!("http:{rest}").encode_utf16().collect();
    let wanted = Parts { host: Wanted::Copy(usize::MAX), ..Parts::default() };
    match components::crack(&url, 0, &wanted).ok()?.parts.host {
        Given::Copy(host) => Some((scheme, String::from_utf16(&host).ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const DETECT: u32 = w::WINHTTP_AUTOPROXY_AUTO_DETECT;
    const CONFIG: u32 = w::WINHTTP_AUTOPROXY_CONFIG_URL;
    const STATIC: u32 = w::WINHTTP_AUTOPROXY_ALLOW_STATIC;

    fn utf16(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn search(url: &str, flags: u32, detection: u32, config_url: Option<&str>) -> Result<Search> {
        let config_url = config_url.map(utf16);
        let config_url = config_url.as_deref();
        Search::new(&utf16(url), &Options { flags, detection, config_url, reserved: true })
    }

    #[rstest]
    #[case::detection(DETECT, 3, None)]
    #[case::one_detection(DETECT, 2, None)]
    #[case::config_url(CONFIG, 0, Some("http://h/p.pac"))]
    #[case::both(DETECT | CONFIG, 1, Some("https://h/p.pac"))]
    #[case::with_a_manner(STATIC | w::WINHTTP_AUTOPROXY_NO_CACHE_SVC, 0, None)]
    fn options_agree_with_their_flags(#[case] flags: u32, #[case] detection: u32, #[case] url: Option<&str>) {
        assert!(search("http://h/", flags, detection, url).is_ok());
    }

    #[rstest]
    #[case::no_source(0, 0, None, Error::INVALID_PARAMETER)]
    #[case::only_a_manner(w::WINHTTP_AUTOPROXY_RUN_INPROCESS, 0, None, Error::INVALID_PARAMETER)]
    #[case::unknown_flag(DETECT | 0x8000_0000, 3, None, Error::INVALID_PARAMETER)]
    #[case::no_detection(DETECT, 0, None, Error::INVALID_PARAMETER)]
    #[case::unknown_detection(DETECT, 4, None, Error::INVALID_PARAMETER)]
    #[case::detection_unasked(STATIC, 1, None, Error::INVALID_PARAMETER)]
    #[case::no_config_url(CONFIG, 0, None, Error::INVALID_PARAMETER)]
    #[case::config_url_unasked(DETECT, 1, Some("http://h/"), Error::INVALID_PARAMETER)]
    #[case::file(CONFIG, 0, Some("file:///p.pac"), Error::UNRECOGNIZED_SCHEME)]
    #[case::config_url_without_host(CONFIG, 0, Some("http:///p.pac"), Error::INVALID_URL)]
    fn options_that_disagree_are_refused(
        #[case] flags: u32,
        #[case] detection: u32,
        #[case] url: Option<&str>,
        #[case] error: Error,
    ) {
        assert_eq!(search("http://h/", flags, detection, url).map(drop), Err(error));
    }

    #[rstest]
    #[case::http("http://h/x", Some(("http", "h")))]
    #[case::secure("HTTPS://u:p@h.example:1/x", Some(("https", "h.example")))]
    #[case::ftp("ftp://h/x", Some(("ftp", "h")))]
    #[case::ipv6("http://[::1]:81/", Some(("http", "[::1]")))]
    #[case::other("gopher://h/", None)]
    #[case::no_host("http:///", None)]
    #[case::no_url("h", None)]
    #[case::empty("", None)]
    fn a_url_has_a_scheme_and_a_host(#[case] url: &str, #[case] expected: Option<(&'static str, &str)>) {
        assert_eq!(target(&utf16(url)), expected.map(|(scheme, host)| (scheme, host.to_owned())));
    }

    #[rstest]
    #[case::through("http://h.example/", "p:1", "", Some(Some("p:1")))]
    #[case::of_the_scheme("https://h.example/", "http=p https=q:2", "", Some(Some("q:2")))]
    #[case::bypassed("http://h.example/", "p", "*.example", Some(None))]
    #[case::no_proxy_for_it("ftp://h.example/", "http=p", "", None)]
    fn a_proxy_that_is_set_is_found(
        #[case] url: &str,
        #[case] proxy: &str,
        #[case] bypass: &str,
        #[case] expected: Option<Option<&str>>,
    ) {
        let (proxy, bypass) = (Some(utf16(proxy).into()), Some(utf16(bypass).into()));
        let way = search(url, STATIC, 0, None).unwrap().through(&ProxyInfo { access_type: 3, proxy, bypass });
        let spelled = way.map(|way| match way {
            Way::Direct => None,
            Way::Through(proxies, _) => Some(proxies[0].to_string()),
        });
        assert_eq!(spelled, expected.map(|proxy| proxy.map(str::to_owned)));
    }

    #[rstest]
    #[case::flags(0, Error::INVALID_PARAMETER)]
    #[case::unknown(4, Error::INVALID_PARAMETER)]
    #[case::both(3, Error::AUTODETECTION_FAILED)]
    fn nothing_is_detected(#[case] flags: u32, #[case] error: Error) {
        assert_eq!(detect(flags), error);
    }
}
