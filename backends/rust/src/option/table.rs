//! Every documented option: on which handles it acts, whether it is queried and set, its type, its values, its
//! default. Page: option-flags, its headings and its table; options without a row are placed by their text.
//!
//! This table is the implementation's own, on purpose: one that it shared with its judge could not be caught.

use windows_sys::Win32::{
    Networking::{WinHttp as w, WinSock as s},
    Security::Cryptography as c,
};

use crate::handle::Kind;

/// How an option's buffer is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A `DWORD`.
    Dword,
    /// A `BOOL`.
    Flag,
    /// A pointer-sized integer, handle or pointer.
    Word,
    /// A pointer to a status callback.
    Callback,
    /// UTF-16 text.
    Text,
    /// A structure of this many bytes.
    Struct(usize),
    /// `WINHTTP_PROXY_INFO`, with strings of its own.
    Proxy,
    /// A certificate context, or NULL for `WINHTTP_NO_CLIENT_CERT_CONTEXT`.
    Certificate,
    /// No parameter at all; the buffer is not looked at.
    Nothing,
}

/// Which DWORDs an option accepts; all others are `ERROR_INVALID_PARAMETER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Any,
    /// Any combination of these bits.
    Bits(u32),
    AtMost(u32),
    AtLeast(u32),
}

/// Where a queried value comes from before anyone set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Initial {
    /// Computed from the handle's state, or never to be queried.
    Computed,
    Dword(u32),
    EmptyText,
}

/// The Windows version that introduced an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Windows {
    Xp,
    Vista,
    V8_1,
    V10_1607,
    V10_1803,
    V10_1809,
    V10_1903,
    V10_2004,
    V10_21H1,
    V11,
}

/// The version that this implementation claims to be: all documented options exist.
const CLAIMED: Windows = Windows::V11;

/// One option.
#[derive(Debug)]
pub(crate) struct Row {
    /// The `WINHTTP_OPTION_` value.
    pub(crate) id: u32,
    #[cfg_attr(not(test), expect(dead_code, reason = "for Debug output and for tests"))]
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    on: u8,
    access: u8,
    since: Windows,
    pub(crate) values: Values,
    pub(crate) initial: Initial,
}

impl Row {
    /// Whether the option acts on handles of this kind; `None` is the NULL handle.
    pub(crate) fn acts_on(&self, kind: Option<Kind>) -> bool {
        self.on & kind.map_or(N, |kind| kind as u8) != 0
    }

    pub(crate) fn queried(&self) -> bool {
        self.access & Q != 0
    }

    pub(crate) fn settable(&self) -> bool {
        self.access & T != 0
    }
}

/// The row of an option; `None` if it is unknown or newer than the claimed version.
pub(crate) fn find(id: u32) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.id == id).filter(|row| row.since <= CLAIMED)
}

// Handle kinds: NULL, session, connection, request, WebSocket, proxy resolver.
const N: u8 = 1;
const S: u8 = Kind::Session as u8;
const C: u8 = Kind::Connect as u8;
const R: u8 = Kind::Request as u8;
const W: u8 = Kind::WebSocket as u8;
const P: u8 = Kind::Resolver as u8;
const SR: u8 = S | R;
/// Every handle: the table has no column for connections, WebSockets and resolvers, but the texts of these options
/// (and the page WINHTTP_STATUS_CALLBACK, of the context value) speak of any handle.
const ALL: u8 = S | C | R | W | P;

// Access: query, set.
const Q: u8 = 1;
const T: u8 = 2;
const QT: u8 = Q | T;

const INFINITE: u32 = u32::MAX;

macro_rules! options {
    ($($id:ident: $shape:expr, $on:expr, $access:expr, $since:ident $(, values $values:expr)? $(, initial $initial:expr)?;)*) => {
        static TABLE: &[Row] = &[$({
            #[allow(unused_mut, unused_assignments)]
            let mut values = Values::Any;
            $(values = $values;)?
            #[allow(unused_mut, unused_assignments)]
            let mut initial = Initial::Computed;
            $(initial = $initial;)?
            Row {
                id: w::$id,
                name: stringify!($id),
                shape: $shape,
                on: $on,
                access: $access,
                since: Windows::$since,
                values,
                initial,
            }
        }),*];
    };
}

use Initial::{Dword as Is, EmptyText};
use Shape::{Callback, Certificate, Dword, Flag, Nothing, Proxy, Struct, Text, Word};
use Values::{AtLeast, AtMost, Bits};

const PASSPORT: u32 = w::WINHTTP_ENABLE_PASSPORT_AUTH
    | w::WINHTTP_DISABLE_PASSPORT_KEYRING
    | w::WINHTTP_ENABLE_PASSPORT_KEYRING;
const DISABLE_FEATURES: u32 = w::WINHTTP_DISABLE_COOKIES
    | w::WINHTTP_DISABLE_REDIRECTS
    | w::WINHTTP_DISABLE_AUTHENTICATION
    | w::WINHTTP_DISABLE_KEEP_ALIVE;
const PROXY_SCHEMES: u32 = w::WINHTTP_PROXY_DISABLE_SCHEME_BASIC
    | w::WINHTTP_PROXY_DISABLE_SCHEME_DIGEST
    | w::WINHTTP_PROXY_DISABLE_SCHEME_NTLM
    | w::WINHTTP_PROXY_DISABLE_SCHEME_KERBEROS
    | w::WINHTTP_PROXY_DISABLE_SCHEME_NEGOTIATE
    | w::WINHTTP_PROXY_DISABLE_AUTH_LOCAL_SERVICE;
const PROTOCOLS: u32 = w::WINHTTP_PROTOCOL_FLAG_HTTP2 | w::WINHTTP_PROTOCOL_FLAG_HTTP3;
const DECOMPRESSION: u32 = w::WINHTTP_DECOMPRESSION_FLAG_GZIP | w::WINHTTP_DECOMPRESSION_FLAG_DEFLATE;
/// The TLS versions that need more than the secure defaults allow.
pub(crate) const OLD_PROTOCOLS: u32 = w::WINHTTP_FLAG_SECURE_PROTOCOL_SSL2
    | w::WINHTTP_FLAG_SECURE_PROTOCOL_SSL3
    | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1
    | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1;
const SECURE_PROTOCOLS: u32 =
    OLD_PROTOCOLS | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | w::WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
/// Documented on the option page, but in no metadata; the SDK's header has it.
const SECURITY_FLAG_IGNORE_WEAK_SIGNATURE: u32 = 0x0001_0000;
/// The flags that can be set; those about strength, and `SECURITY_FLAG_SECURE`, are only returned.
const SECURITY_FLAGS: u32 = w::SECURITY_FLAG_IGNORE_CERT_CN_INVALID
    | w::SECURITY_FLAG_IGNORE_CERT_DATE_INVALID
    | w::SECURITY_FLAG_IGNORE_UNKNOWN_CA
    | w::SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE
    | SECURITY_FLAG_IGNORE_WEAK_SIGNATURE;
const ENABLE_FEATURES: u32 = w::WINHTTP_ENABLE_SSL_REVOCATION | w::WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION;
const POINTER: usize = size_of::<usize>();

options! {
    WINHTTP_OPTION_ASSURED_NON_BLOCKING_CALLBACKS: Flag, S, T, Xp;
    WINHTTP_OPTION_AUTOLOGON_POLICY: Dword, R, T, Xp, values AtMost(w::WINHTTP_AUTOLOGON_SECURITY_LEVEL_MAX);
    WINHTTP_OPTION_BACKGROUND_CONNECTIONS: Dword, S, T, V10_21H1;
    WINHTTP_OPTION_CALLBACK: Callback, ALL, QT, Xp;
    WINHTTP_OPTION_CLIENT_CERT_CONTEXT: Certificate, R, T, Vista;
    WINHTTP_OPTION_CLIENT_CERT_ISSUER_LIST: Word, R, Q, Vista;
    WINHTTP_OPTION_CODEPAGE: Dword, S, T, Xp;
    WINHTTP_OPTION_CONFIGURE_PASSPORT_AUTH: Dword, S, T, Xp, values Bits(PASSPORT);
    WINHTTP_OPTION_CONNECT_RETRIES: Dword, SR, QT, Xp, initial Is(5);
    WINHTTP_OPTION_CONNECT_TIMEOUT: Dword, SR, QT, Xp, initial Is(60_000);
    WINHTTP_OPTION_CONNECTION_INFO: Struct(size_of::<w::WINHTTP_CONNECTION_INFO>()), R, Q, Xp;
    WINHTTP_OPTION_CONNECTION_GUID: Struct(16), R, T, V11;
    WINHTTP_OPTION_CONNECTION_STATS_V0: Struct(size_of::<s::TCP_INFO_v0>()), R, Q, V10_1903;
    WINHTTP_OPTION_CONNECTION_STATS_V1: Struct(size_of::<s::TCP_INFO_v1>()), R, Q, V10_2004;
    WINHTTP_OPTION_CONTEXT_VALUE: Word, ALL, QT, Xp;
    WINHTTP_OPTION_DECOMPRESSION: Dword, SR, T, V8_1, values Bits(DECOMPRESSION);
    WINHTTP_OPTION_DISABLE_CERT_CHAIN_BUILDING: Flag, S, T, V10_21H1;
    WINHTTP_OPTION_DISABLE_FEATURE: Dword, R, T, Xp, values Bits(DISABLE_FEATURES);
    WINHTTP_OPTION_DISABLE_GLOBAL_POOLING: Flag, S, T, V11;
    WINHTTP_OPTION_DISABLE_PROXY_AUTH_SCHEMES: Dword, S, T, V11, values Bits(PROXY_SCHEMES);
    WINHTTP_OPTION_DISABLE_SECURE_PROTOCOL_FALLBACK: Flag, S, T, V10_1903;
    WINHTTP_OPTION_DISABLE_STREAM_QUEUE: Flag, SR, T, V10_1809;
    WINHTTP_OPTION_ENABLE_FEATURE: Dword, SR, T, Xp, values Bits(ENABLE_FEATURES);
    WINHTTP_OPTION_ENABLE_HTTP_PROTOCOL: Dword, SR, T, V10_1607, values Bits(PROTOCOLS);
    // The table spells it ..._HTTP2_PLUS_CLIENT_CERT_CONTEXT, a name that no header has.
    WINHTTP_OPTION_ENABLE_HTTP2_PLUS_CLIENT_CERT: Flag, S, T, V10_21H1;
    // Text: a BOOL, set on the NULL handle. Table: a DWORD, queried and set. Both are four bytes.
    WINHTTP_OPTION_ENABLETRACING: Flag, N, QT, Xp;
    WINHTTP_OPTION_ENCODE_EXTRA: Flag, SR, T, V10_1803;
    WINHTTP_OPTION_EXPIRE_CONNECTION: Nothing, R, T, V10_1903;
    WINHTTP_OPTION_EXTENDED_ERROR: Dword, N | SR, Q, Xp;
    // On a page of its own, which names no version.
    WINHTTP_OPTION_FAILED_CONNECTION_RETRIES: Struct(size_of::<w::WINHTTP_FAILED_CONNECTION_RETRIES>()), S, T, V11;
    WINHTTP_OPTION_FEATURE_SUPPORTED: Flag, N | ALL, Q, V11;
    WINHTTP_OPTION_FIRST_AVAILABLE_CONNECTION: Flag, S, T, V10_21H1;
    // Text: a WINHTTP_CREDS_EX with the NULL handle. Table: a WINHTTP_CREDS on sessions and requests. As the
    // registry key that both need is never there, neither the handle nor the structure matters.
    WINHTTP_OPTION_GLOBAL_PROXY_CREDS: Struct(size_of::<w::WINHTTP_CREDS_EX>()), N | SR, T, Xp;
    WINHTTP_OPTION_GLOBAL_SERVER_CREDS: Struct(size_of::<w::WINHTTP_CREDS_EX>()), N | SR, T, Xp;
    WINHTTP_OPTION_HANDLE_TYPE: Dword, ALL, Q, Xp;
    WINHTTP_OPTION_HTTP_PROTOCOL_REQUIRED: Flag, SR, T, V10_1903;
    WINHTTP_OPTION_HTTP_PROTOCOL_USED: Dword, R, Q, V10_1607;
    // Text: process-wide, use NULL. Table: sessions and requests. Taken on all of them; the value is one.
    WINHTTP_OPTION_HTTP_VERSION: Struct(size_of::<w::HTTP_VERSION_INFO>()), N | SR, QT, Xp;
    WINHTTP_OPTION_HTTP2_KEEPALIVE: Dword, S, T, V10_21H1, values AtLeast(5_000);
    WINHTTP_OPTION_HTTP2_PLUS_TRANSFER_ENCODING: Flag, SR, T, V10_21H1;
    WINHTTP_OPTION_HTTP2_RECEIVE_WINDOW: Struct(size_of::<w::WINHTTP_HTTP2_RECEIVE_WINDOW>()), SR, T, V11;
    WINHTTP_OPTION_HTTP3_HANDSHAKE_TIMEOUT: Dword, SR, T, V11;
    WINHTTP_OPTION_HTTP3_INITIAL_RTT: Dword, SR, T, V11;
    WINHTTP_OPTION_HTTP3_KEEPALIVE: Dword, SR, T, V11;
    WINHTTP_OPTION_HTTP3_STREAM_ERROR_CODE: Struct(8), R, Q, V11;
    WINHTTP_OPTION_IGNORE_CERT_REVOCATION_OFFLINE: Flag, R, T, V10_2004;
    WINHTTP_OPTION_IPV6_FAST_FALLBACK: Flag, S, T, V10_1903;
    WINHTTP_OPTION_IS_PROXY_CONNECT_RESPONSE: Flag, SR, Q, Xp;
    WINHTTP_OPTION_MATCH_CONNECTION_GUID: Struct(size_of::<w::WINHTTP_MATCH_CONNECTION_GUID>()), R, T, V11;
    WINHTTP_OPTION_MAX_CONNS_PER_1_0_SERVER: Dword, S, QT, Xp, initial Is(INFINITE);
    WINHTTP_OPTION_MAX_CONNS_PER_SERVER: Dword, S, QT, Xp, initial Is(INFINITE);
    WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS: Dword, SR, QT, Xp, initial Is(10);
    WINHTTP_OPTION_MAX_HTTP_STATUS_CONTINUE: Dword, SR, QT, Xp, initial Is(10);
    WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE: Dword, SR, QT, Xp, initial Is(1024 * 1024);
    WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE: Dword, SR, QT, Xp, initial Is(64 * 1024);
    WINHTTP_OPTION_PARENT_HANDLE: Word, ALL, Q, Xp;
    WINHTTP_OPTION_PASSPORT_COBRANDING_TEXT: Text, R, Q, Xp;
    WINHTTP_OPTION_PASSPORT_COBRANDING_URL: Text, R, Q, Xp;
    WINHTTP_OPTION_PASSPORT_RETURN_URL: Text, R, Q, Xp;
    WINHTTP_OPTION_PASSPORT_SIGN_OUT: Text, S, T, Xp;
    WINHTTP_OPTION_PASSWORD: Text, R, QT, Xp, initial EmptyText;
    WINHTTP_OPTION_PROXY: Proxy, N | SR, QT, Xp;
    WINHTTP_OPTION_PROXY_PASSWORD: Text, R, QT, Xp, initial EmptyText;
    WINHTTP_OPTION_PROXY_SPN_USED: Text, R, Q, Xp;
    WINHTTP_OPTION_PROXY_USERNAME: Text, R, QT, Xp, initial EmptyText;
    WINHTTP_OPTION_QUIC_STATS: Struct(POINTER), R, Q, V11;
    WINHTTP_OPTION_READ_BUFFER_SIZE: Dword, R, QT, Xp, initial Is(8 * 1024);
    WINHTTP_OPTION_RECEIVE_PROXY_CONNECT_RESPONSE: Flag, SR, T, Xp;
    WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT: Dword, SR, QT, Xp, initial Is(90_000);
    WINHTTP_OPTION_RECEIVE_TIMEOUT: Dword, SR, QT, Xp, initial Is(30_000);
    WINHTTP_OPTION_REDIRECT_POLICY: Dword, SR, QT, Xp,
        values AtMost(w::WINHTTP_OPTION_REDIRECT_POLICY_LAST),
        initial Is(w::WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP);
    WINHTTP_OPTION_REJECT_USERPWD_IN_URL: Flag, R, T, Xp;
    WINHTTP_OPTION_REQUEST_ANNOTATION: Text, R, QT, V11, initial EmptyText;
    WINHTTP_OPTION_REQUEST_PRIORITY: Dword, R, QT, Xp, initial Is(0);
    WINHTTP_OPTION_REQUEST_STATS: Struct(size_of::<w::WINHTTP_REQUEST_STATS>()), R, Q, V10_1903;
    WINHTTP_OPTION_REQUEST_TIMES: Struct(size_of::<w::WINHTTP_REQUEST_TIMES>()), R, Q, V10_1903;
    WINHTTP_OPTION_REQUIRE_STREAM_END: Flag, SR, T, V10_21H1;
    WINHTTP_OPTION_RESOLUTION_HOSTNAME: Text, R, T, V10_21H1;
    // WinHttpSetTimeouts calls the initial value zero, meaning infinite; this page says INFINITE.
    WINHTTP_OPTION_RESOLVE_TIMEOUT: Dword, SR, QT, Xp, initial Is(INFINITE);
    WINHTTP_OPTION_REVERT_IMPERSONATION_SERVER_CERT: Flag, S, T, V11;
    WINHTTP_OPTION_SECURE_PROTOCOLS: Dword, S, T, Xp, values Bits(SECURE_PROTOCOLS);
    WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT: Struct(size_of::<w::WINHTTP_CERTIFICATE_INFO>()), R, Q, Xp;
    WINHTTP_OPTION_SECURITY_FLAGS: Dword, R, QT, Xp, values Bits(SECURITY_FLAGS);
    WINHTTP_OPTION_SECURITY_INFO: Word, R, Q, V10_2004;
    WINHTTP_OPTION_SECURITY_KEY_BITNESS: Dword, R, Q, Xp;
    WINHTTP_OPTION_SEND_TIMEOUT: Dword, SR, QT, Xp, initial Is(30_000);
    WINHTTP_OPTION_SERVER_CBT: Word, R, Q, Xp;
    WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT: Word, R, Q, V10_2004;
    WINHTTP_OPTION_SERVER_CERT_CONTEXT: Word, R, Q, Xp;
    WINHTTP_OPTION_SERVER_SPN_USED: Text, R, Q, Xp;
    WINHTTP_OPTION_SPN: Dword, R, T, Xp, values AtMost(w::WINHTTP_OPTION_SPN_MASK);
    WINHTTP_OPTION_STREAM_ERROR_CODE: Dword, R, Q, V10_21H1;
    WINHTTP_OPTION_TCP_FAST_OPEN: Flag, S, T, V10_2004;
    WINHTTP_OPTION_TCP_KEEPALIVE: Struct(size_of::<s::tcp_keepalive>()), S, T, V10_2004;
    // No heading of its own: the text of ..._TCP_PRIORITY_STATUS says that this one sets what that one queries.
    WINHTTP_OPTION_TCP_PRIORITY_HINT: Dword, SR, T, V11;
    WINHTTP_OPTION_TCP_PRIORITY_STATUS: Dword, R, Q, V11;
    WINHTTP_OPTION_TLS_FALSE_START: Flag, S, T, V10_2004;
    WINHTTP_OPTION_TLS_PROTOCOL_INSECURE_FALLBACK: Flag, S, T, V10_21H1;
    WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT: Word, S, T, Xp;
    WINHTTP_OPTION_UNSAFE_HEADER_PARSING: Dword, R, T, Xp;
    WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET: Nothing, R, T, Xp;
    WINHTTP_OPTION_URL: Text, R, Q, Xp;
    // Text: only on a session handle. Table: on requests too. The text is the more explicit of the two.
    WINHTTP_OPTION_USE_GLOBAL_SERVER_CREDENTIALS: Flag, S, T, Xp;
    WINHTTP_OPTION_USE_SESSION_SCH_CRED: Flag, S, T, V11;
    WINHTTP_OPTION_USER_AGENT: Text, S, QT, Xp, initial EmptyText;
    WINHTTP_OPTION_USERNAME: Text, R, QT, Xp, initial EmptyText;
    // The table has no column for WebSocket handles: these two act on neither of those it has.
    WINHTTP_OPTION_WEB_SOCKET_CLOSE_TIMEOUT: Dword, W, QT, Xp, initial Is(10_000);
    WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL: Dword, W, QT, Xp,
        values AtLeast(w::WINHTTP_WEB_SOCKET_MIN_KEEPALIVE_VALUE), initial Is(30_000);
    WINHTTP_OPTION_WEB_SOCKET_RECEIVE_BUFFER_SIZE: Dword, SR, QT, V8_1, initial Is(32 * 1024);
    WINHTTP_OPTION_WEB_SOCKET_SEND_BUFFER_SIZE: Dword, SR, QT, V8_1, initial Is(32 * 1024);
    WINHTTP_OPTION_WORKER_THREAD_COUNT: Dword, N, T, Xp;
    WINHTTP_OPTION_WRITE_BUFFER_SIZE: Dword, R, QT, Xp, initial Is(8 * 1024);
}

/// The size of the certificate context that a client certificate points to.
pub(crate) const CERTIFICATE: usize = size_of::<c::CERT_CONTEXT>();

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_holds_the_hundred_and_twelve_documented_options_once_each() {
        let ids: BTreeSet<u32> = TABLE.iter().map(|row| row.id).collect();
        assert_eq!((TABLE.len(), ids.len()), (112, 112));
    }

    #[test]
    fn every_option_can_be_used_somewhere() {
        for row in TABLE {
            assert!(row.on != 0 && row.access != 0, "{}", row.name);
        }
    }

    #[test]
    fn what_has_an_initial_value_can_be_queried() {
        for row in TABLE {
            assert!(row.initial == Initial::Computed || row.queried(), "{}", row.name);
        }
    }
}
