//! What Windows keeps in the registry: the proxy settings of the machine and of the user, and the defaults of some
//! options. Here they are lines of a text file, which the environment overrides; the documentation of the crate has format and names.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    error::{Error, Result},
    proxy::{self, ProxyInfo},
};

const DEFAULT_PROXY: &str = "default-proxy";
const DEFAULT_BYPASS: &str = "default-bypass";
const USER_PROXY: &str = "user-proxy";
const USER_BYPASS: &str = "user-bypass";
const USER_AUTO_DETECT: &str = "user-auto-detect";
const USER_AUTO_CONFIG_URL: &str = "user-auto-config-url";
const DEFAULT_SECURE_PROTOCOLS: &str = "default-secure-protocols";
const WEB_SOCKET_KEEPALIVE_INTERVAL: &str = "web-socket-keepalive-interval";

/// The protocols of Windows 8.1, 10 and 11 where nothing else is set. Page: option-flags.
const SYSTEM_SECURE_PROTOCOLS: u32 = w::WINHTTP_FLAG_SECURE_PROTOCOL_SSL3
    | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1
    | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1
    | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
/// In milliseconds. Page: option-flags.
const SYSTEM_KEEPALIVE_INTERVAL: u32 = 30_000;

/// The settings as they are at one moment.
pub(crate) struct Config {
    text: String,
    environment: fn(&str) -> Option<String>,
}

/// A user's settings: those that a browser has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserProxy {
    pub(crate) auto_detect: bool,
    pub(crate) auto_config_url: Option<Box<[u16]>>,
    pub(crate) proxy: Option<Box<[u16]>>,
    pub(crate) bypass: Option<Box<[u16]>>,
}

impl Config {
    /// Reads the file; one that is missing, or cannot be read, is an empty one.
    pub(crate) fn load() -> Config {
        let text = file().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        Config { text, environment: |name| env::var(name).ok() }
    }

    /// A setting that is not empty.
    fn get(&self, key: &str) -> Option<String> {
        let variable = format!("WINHTTP_{}", key.replace('-', "_").to_ascii_uppercase());
        let in_file = || {
            let line = self.text.lines().rev().filter_map(entry).find(|(own, _)| *own == key);
            line.map(|(_, value)| value.to_owned())
        };
        (self.environment)(&variable).or_else(in_file).filter(|value| !value.is_empty())
    }

    fn wide(&self, key: &str) -> Option<Box<[u16]>> {
        self.get(key).map(|value| value.encode_utf16().collect())
    }

    /// A number, decimal or with `0x`; what is none is as if it were not there.
    fn number(&self, key: &str) -> Option<u32> {
        let value = self.get(key)?;
        match value.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => value.parse().ok(),
        }
    }

    /// The protocols that sessions begin with (`DefaultSecureProtocols`), as `WINHTTP_FLAG_SECURE_PROTOCOL_` bits.
    pub(crate) fn secure_protocols(&self) -> u32 {
        self.number(DEFAULT_SECURE_PROTOCOLS).unwrap_or(SYSTEM_SECURE_PROTOCOLS)
    }

    /// The keep-alive interval that WebSockets begin with, in milliseconds: never below the minimum, says the page.
    pub(crate) fn web_socket_keepalive(&self) -> u32 {
        let interval = self.number(WEB_SOCKET_KEEPALIVE_INTERVAL).unwrap_or(SYSTEM_KEEPALIVE_INTERVAL);
        interval.max(w::WINHTTP_WEB_SOCKET_MIN_KEEPALIVE_VALUE)
    }

    /// The default proxy of the machine: a list of proxies, or direct access.
    pub(crate) fn default_proxy(&self) -> ProxyInfo {
        match self.wide(DEFAULT_PROXY) {
            None => ProxyInfo::direct(),
            proxy => ProxyInfo {
                access_type: w::WINHTTP_ACCESS_TYPE_NAMED_PROXY,
                proxy,
                bypass: self.wide(DEFAULT_BYPASS),
            },
        }
    }

    /// The user's settings; `None` if there are none at all.
    pub(crate) fn user_proxy(&self) -> Option<UserProxy> {
        let user = UserProxy {
            auto_detect: self.get(USER_AUTO_DETECT).is_some_and(|value| value == "true"),
            auto_config_url: self.wide(USER_AUTO_CONFIG_URL),
            proxy: self.wide(USER_PROXY),
            bypass: self.wide(USER_BYPASS),
        };
        let set = [USER_AUTO_DETECT, USER_AUTO_CONFIG_URL, USER_PROXY, USER_BYPASS];
        set.into_iter().any(|key| self.get(key).is_some()).then_some(user)
    }

    /// The proxies that are set, not discovered: the user's, else the machine's.
    pub(crate) fn static_proxy(&self) -> ProxyInfo {
        match self.user_proxy() {
            Some(UserProxy { proxy: Some(proxy), bypass, .. }) => {
                ProxyInfo { access_type: w::WINHTTP_ACCESS_TYPE_NAMED_PROXY, proxy: Some(proxy), bypass }
            }
            _ => self.default_proxy(),
        }
    }
}

/// Changes the default proxy in the file; other lines stay. `ERROR_ACCESS_DENIED` where the file cannot be written.
pub(crate) fn set_default_proxy(info: &ProxyInfo) -> Result<()> {
    let file = file().ok_or(Error::ACCESS_DENIED)?;
    let text = fs::read_to_string(&file).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(String::new()),
        _ => Err(Error::ACCESS_DENIED),
    })?;
    let value = |text: &Option<Box<[u16]>>| text.as_deref().map(one_line);
    let changes = [(DEFAULT_PROXY, value(&info.proxy)), (DEFAULT_BYPASS, value(&info.bypass))];
    replace(&file, &changed(&text, &changes)).map_err(|_| Error::ACCESS_DENIED)?;
    proxy::changed();
    Ok(())
}

/// Where the file is: `WINHTTP_CONFIG`, or a place below the folder for the user's configuration.
fn file() -> Option<PathBuf> {
    place(|name| env::var_os(name).filter(|value| !value.is_empty()))
}

fn place(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(file) = environment("WINHTTP_CONFIG") {
        return Some(file.into());
    }
    let home = || environment("HOME").map(|home| Path::new(&home).join(".config"));
    let folder = environment("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home);
    let folder = folder.or_else(|| environment("APPDATA").map(PathBuf::from))?;
    Some(folder.join("winhttp").join("config"))
}

/// Key and value of a line; `None` for a comment, or what has no equals sign.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().split_once('=').filter(|(key, _)| !key.starts_with('#'))?;
    Some((key.trim(), value.trim()))
}

/// A list with spaces for all white space, which separates alike and keeps to its line.
fn one_line(text: &[u16]) -> String {
    String::from_utf16_lossy(text).replace(char::is_control, " ")
}

/// The text with other values; a key without value loses its line.
fn changed(text: &str, changes: &[(&str, Option<String>)]) -> String {
    let kept = |line: &&str| entry(line).is_none_or(|(own, _)| changes.iter().all(|(key, _)| *key != own));
    let mut out: String = text.lines().filter(kept).map(|line| format!("{line}\n")).collect();
    for (key, value) in changes {
        if let Some(value) = value {
            out.push_str(&format!("{key} = {value}\n"));
        }
    }
    out
}

/// Writes a file so that a reader sees the old one or the new one.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    fs::write(&draft, text)?;
    fs::rename(&draft, file)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn config(text: &str) -> Config {
        Config { text: text.to_owned(), environment: |_| None }
    }

    fn wide(text: &str) -> Option<Box<[u16]>> {
        Some(text.encode_utf16().collect())
    }

    #[rstest]
    #[case::plain("default-proxy = p:1", Some("p:1"))]
    #[case::no_spaces("default-proxy=http=p;q", Some("http=p;q"))]
    #[case::indented("  default-proxy = p  ", Some("p"))]
    #[case::last_counts("default-proxy = p\ndefault-proxy = q", Some("q"))]
    #[case::comment("#default-proxy = p", None)]
    #[case::empty("default-proxy =", None)]
    #[case::other("default-proxies = p", None)]
    #[case::noise("default-proxy\n\n= x\ndefault-proxy = p", Some("p"))]
    fn a_line_is_a_key_and_a_value(#[case] text: &str, #[case] value: Option<&str>) {
        assert_eq!(config(text).get(DEFAULT_PROXY).as_deref(), value);
    }

    #[test]
    fn the_environment_comes_first_and_can_unset() {
        let environment = |name: &str| match name {
            "WINHTTP_DEFAULT_PROXY" => Some("q".to_owned()),
            "WINHTTP_USER_PROXY" => Some(String::new()),
            _ => None,
        };
        let text = "default-proxy = p\nuser-proxy = p\nuser-bypass = b".to_owned();
        let config = Config { text, environment };
        assert_eq!(config.get(DEFAULT_PROXY).as_deref(), Some("q"));
        assert_eq!(config.user_proxy().map(|user| (user.proxy, user.bypass)), Some((None, wide("b"))));
    }

    #[test]
    fn without_a_proxy_access_is_direct() {
        assert_eq!(config("default-bypass = b").default_proxy(), ProxyInfo::direct());
        let named = config("default-proxy = p\ndefault-bypass = b").default_proxy();
        assert_eq!((named.access_type, named.proxy, named.bypass), (3, wide("p"), wide("b")));
    }

    #[rstest]
    #[case::nothing("default-proxy = p", None)]
    #[case::detection("user-auto-detect = true", Some(true))]
    #[case::no_detection("user-auto-detect = false", Some(false))]
    #[case::something_else("user-auto-config-url = http://h/p.pac", Some(false))]
    fn a_user_may_have_no_settings(#[case] text: &str, #[case] auto_detect: Option<bool>) {
        assert_eq!(config(text).user_proxy().map(|user| user.auto_detect), auto_detect);
    }

    #[rstest]
    #[case::the_users("default-proxy = p\nuser-proxy = q", "q")]
    #[case::the_machines("default-proxy = p\nuser-auto-detect = true", "p")]
    fn a_users_proxy_comes_before_the_machines(#[case] text: &str, #[case] proxy: &str) {
        assert_eq!(config(text).static_proxy().proxy, wide(proxy));
    }

    #[rstest]
    #[case::absent("", 0xAA0)]
    #[case::hexadecimal("default-secure-protocols = 0xA00", 0xA00)]
    #[case::decimal("default-secure-protocols = 2048", 0x800)]
    #[case::none_at_all("default-secure-protocols = 0", 0)]
    #[case::no_number("default-secure-protocols = TLS1_2", 0xAA0)]
    fn the_default_protocols_can_be_set(#[case] text: &str, #[case] protocols: u32) {
        assert_eq!(config(text).secure_protocols(), protocols);
    }

    #[rstest]
    #[case::absent("", 30_000)]
    #[case::longer("web-socket-keepalive-interval = 60000", 60_000)]
    #[case::shortest("web-socket-keepalive-interval = 15000", 15_000)]
    #[case::too_short("web-socket-keepalive-interval = 14999", 15_000)]
    #[case::no_number("web-socket-keepalive-interval = -1", 30_000)]
    fn the_default_keep_alive_can_be_set_but_not_too_low(#[case] text: &str, #[case] interval: u32) {
        assert_eq!(config(text).web_socket_keepalive(), interval);
    }

    #[test]
    fn the_environment_overrides_numbers_too() {
        let environment =
            |name: &str| (name == "WINHTTP_DEFAULT_SECURE_PROTOCOLS").then(|| "0x2000".to_owned());
        let config = Config { text: "default-secure-protocols = 0x80".to_owned(), environment };
        assert_eq!(config.secure_protocols(), 0x2000);
    }

    #[test]
    fn a_change_keeps_other_lines() {
        let text = "# mine\ndefault-proxy = p\nuser-proxy = u\ndefault-bypass = b";
        let changes = [(DEFAULT_PROXY, Some("q".to_owned())), (DEFAULT_BYPASS, None)];
        assert_eq!(changed(text, &changes), "# mine\nuser-proxy = u\ndefault-proxy = q\n");
        assert_eq!(one_line(&"a\r\nb".encode_utf16().collect::<Vec<_>>()), "a  b");
    }

    #[rstest]
    #[case::given(&[("WINHTTP_CONFIG", "/c"), ("HOME", "/h")], Some("/c"))]
    #[case::xdg(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")], Some("/x/winhttp/config"))]
    #[case::home(&[("HOME", "/h")], Some("/h/.config/winhttp/config"))]
    #[case::nowhere(&[], None)]
    fn the_file_has_its_place(#[case] set: &[(&str, &str)], #[case] expected: Option<&str>) {
        let environment =
            |name: &str| set.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(value));
        assert_eq!(place(environment), expected.map(PathBuf::from));
    }
}
