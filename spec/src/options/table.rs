//! Source: MicrosoftDocs/win32, desktop-src/WinHttp/option-flags.md at 6f55cf2100bf7ab67c9de0021c05b23e4b057cc6.
//!
//! A row reads like the page's table: name, data type, then the columns session, request, query, set (`X`, `-`, `*`).
//! What follows the columns comes from the last column or from the prose under the option's heading. Where prose and
//! table contradict each other the cell is `Disputed`, and where they name different types the table's stands.

use windows_sys::Win32::Foundation::FALSE;
use windows_sys::Win32::Globalization::CP_UTF8;
use windows_sys::Win32::Networking::WinHttp;
use windows_sys::Win32::System::Threading::INFINITE;

use super::Cell::{Disputed, No, Unstated, Yes};
use super::Data::{Bool, Dword, DwordPtr, Pointer, Struct, StructPointer, Wide};
use super::{Caution, Cell, Data, Range, Row, WinHttpOption};
use crate::windows::Windows;

/// Heading and row of one name.
macro_rules! option {
    ($name:ident, $data:expr, $columns:literal) => {
        heading!($name, $data).in_table($columns)
    };
}

/// A heading without a row.
macro_rules! heading {
    ($name:ident, $data:expr) => {
        WinHttpOption::bare(stringify!($name), Some(WinHttp::$name), $data)
    };
}

/// Options that only a page of their own knows. Nothing is derived from them: that page's requirements are the ledger's.
/// Where an implementation lacks one, its cases are not asked, and no promise is broken.
pub static ELSEWHERE: &[WinHttpOption] = &[WinHttpOption {
    heading: false,
    ..heading!(WINHTTP_OPTION_FAILED_CONNECTION_RETRIES, Struct("WINHTTP_FAILED_CONNECTION_RETRIES"))
        .session(Yes)
        .set(Yes)
}];

/// Every option that the page names, in the order of its headings.
pub static OPTIONS: &[WinHttpOption] = &[
    option!(WINHTTP_OPTION_ASSURED_NON_BLOCKING_CALLBACKS, Bool, "X - - X").default(FALSE as u32),
    option!(WINHTTP_OPTION_AUTOLOGON_POLICY, Dword, "- X - X").one_of(&[
        "WINHTTP_AUTOLOGON_SECURITY_LEVEL_HIGH",
        "WINHTTP_AUTOLOGON_SECURITY_LEVEL_LOW",
        "WINHTTP_AUTOLOGON_SECURITY_LEVEL_MEDIUM",
    ]),
    option!(WINHTTP_OPTION_BACKGROUND_CONNECTIONS, Dword, "X - - X").since(Windows::V21H1),
    option!(WINHTTP_OPTION_CALLBACK, Pointer, "X X X X").caution(Caution::Dereferences),
    option!(WINHTTP_OPTION_CLIENT_CERT_CONTEXT, Struct("CERT_CONTEXT"), "- X - X")
        .since(Windows::VISTA)
        .caution(Caution::Dereferences),
    // The table names the struct; the page "SSL in WinHTTP" receives a pointer to it.
    option!(
        WINHTTP_OPTION_CLIENT_CERT_ISSUER_LIST,
        StructPointer("SecPkgContext_IssuerListInfoEx"),
        "- X X -"
    )
    .since(Windows::VISTA),
    option!(WINHTTP_OPTION_CODEPAGE, Dword, "X - - X").default(CP_UTF8),
    // "This is the default" stands at two of the four values, so no single number is documented as the default.
    option!(WINHTTP_OPTION_CONFIGURE_PASSPORT_AUTH, Dword, "X - - X").one_of(&[
        "WINHTTP_DISABLE_PASSPORT_AUTH",
        "WINHTTP_DISABLE_PASSPORT_KEYRING",
        "WINHTTP_ENABLE_PASSPORT_AUTH",
        "WINHTTP_ENABLE_PASSPORT_KEYRING",
    ]),
    option!(WINHTTP_OPTION_CONNECT_RETRIES, Dword, "X X X X").default(5),
    option!(WINHTTP_OPTION_CONNECT_TIMEOUT, Dword, "X X X X").default(60_000),
    option!(WINHTTP_OPTION_CONNECTION_INFO, Struct("WINHTTP_CONNECTION_INFO"), "- X X -"),
    heading!(WINHTTP_OPTION_CONNECTION_GUID, Struct("GUID")).request(Yes).set(Yes),
    option!(WINHTTP_OPTION_CONNECTION_STATS_V0, Struct("TCP_INFO_v0"), "- X X -").since(Windows::V1903),
    option!(WINHTTP_OPTION_CONNECTION_STATS_V1, Struct("TCP_INFO_v1"), "- X X -").since(Windows::V2004),
    option!(WINHTTP_OPTION_CONTEXT_VALUE, DwordPtr, "X X X X"),
    option!(WINHTTP_OPTION_DECOMPRESSION, Dword, "X X - X").since(Windows::EIGHT_1).flags(&[
        "WINHTTP_DECOMPRESSION_FLAG_GZIP",
        "WINHTTP_DECOMPRESSION_FLAG_DEFLATE",
        "WINHTTP_DECOMPRESSION_FLAG_ALL",
    ]),
    option!(WINHTTP_OPTION_DISABLE_CERT_CHAIN_BUILDING, Bool, "X - - X").since(Windows::V21H1),
    option!(WINHTTP_OPTION_DISABLE_FEATURE, Dword, "- X - X").flags(&[
        "WINHTTP_DISABLE_AUTHENTICATION",
        "WINHTTP_DISABLE_COOKIES",
        "WINHTTP_DISABLE_KEEP_ALIVE",
        "WINHTTP_DISABLE_REDIRECTS",
    ]),
    heading!(WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, Data::Unstated),
    // The prose asks for the OR of the flags on the session; only the word DWORD is missing.
    heading!(WINHTTP_OPTION_DISABLE_PROXY_AUTH_SCHEMES, Dword).session(Yes).set(Yes).flags(&[
        "WINHTTP_PROXY_DISABLE_SCHEME_BASIC",
        "WINHTTP_PROXY_DISABLE_SCHEME_DIGEST",
        "WINHTTP_PROXY_DISABLE_SCHEME_NTLM",
        "WINHTTP_PROXY_DISABLE_SCHEME_KERBEROS",
        "WINHTTP_PROXY_DISABLE_SCHEME_NEGOTIATE",
        "WINHTTP_PROXY_DISABLE_AUTH_LOCAL_SERVICE",
    ]),
    option!(WINHTTP_OPTION_DISABLE_SECURE_PROTOCOL_FALLBACK, Bool, "X - - X").since(Windows::V1903),
    option!(WINHTTP_OPTION_DISABLE_STREAM_QUEUE, Bool, "X X - X").since(Windows::V1809),
    // SSL_REVERT_IMPERSONATION is for the session only, SSL_REVOCATION for the request only.
    option!(WINHTTP_OPTION_ENABLE_FEATURE, Dword, "* * - X")
        .one_of(&["WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION", "WINHTTP_ENABLE_SSL_REVOCATION"]),
    option!(WINHTTP_OPTION_ENABLE_HTTP_PROTOCOL, Dword, "X X - X")
        .since(Windows::V1607)
        .default(0)
        .flags(&["WINHTTP_PROTOCOL_FLAG_HTTP2", "WINHTTP_PROTOCOL_FLAG_HTTP3"]),
    heading!(WINHTTP_OPTION_ENABLE_HTTP2_PLUS_CLIENT_CERT, Data::Unstated).session(Yes).set(Yes),
    // A row without a heading: no header and no metadata knows the name.
    WinHttpOption {
        heading: false,
        ..WinHttpOption::bare("WINHTTP_OPTION_ENABLE_HTTP2_PLUS_CLIENT_CERT_CONTEXT", None, Bool)
    }
    .in_table("X - - X")
    .since(Windows::V21H1),
    // The prose says BOOL.
    option!(WINHTTP_OPTION_ENABLETRACING, Dword, "- - X X").null(Yes).caution(Caution::ProcessWide),
    option!(WINHTTP_OPTION_ENCODE_EXTRA, Bool, "X X - X").since(Windows::V1803),
    option!(WINHTTP_OPTION_EXPIRE_CONNECTION, Data::None, "- X - X")
        .since(Windows::V1903)
        .caution(Caution::ActiveRequest),
    option!(WINHTTP_OPTION_EXTENDED_ERROR, Dword, "X X X -").null(Yes),
    heading!(WINHTTP_OPTION_FEATURE_SUPPORTED, Data::Unstated),
    option!(WINHTTP_OPTION_FIRST_AVAILABLE_CONNECTION, Bool, "X - - X").since(Windows::V21H1),
    // The prose says WINHTTP_CREDS_EX, and NULL for the handle.
    option!(WINHTTP_OPTION_GLOBAL_PROXY_CREDS, Struct("WINHTTP_CREDS"), "X X - X")
        .null(Yes)
        .session(Disputed)
        .request(Disputed)
        .caution(Caution::Dereferences),
    option!(WINHTTP_OPTION_GLOBAL_SERVER_CREDS, Struct("WINHTTP_CREDS_EX"), "X X - X")
        .null(Yes)
        .session(Disputed)
        .request(Disputed)
        .caution(Caution::Dereferences),
    // The prose lists a value for connection handles.
    option!(WINHTTP_OPTION_HANDLE_TYPE, Dword, "X X X -").connect(Yes).one_of(&[
        "WINHTTP_HANDLE_TYPE_CONNECT",
        "WINHTTP_HANDLE_TYPE_REQUEST",
        "WINHTTP_HANDLE_TYPE_SESSION",
    ]),
    option!(WINHTTP_OPTION_HTTP_PROTOCOL_REQUIRED, Bool, "X X - X").since(Windows::V1903),
    option!(WINHTTP_OPTION_HTTP_PROTOCOL_USED, Dword, "- X X -")
        .since(Windows::V1607)
        .flags(&["WINHTTP_PROTOCOL_FLAG_HTTP2", "WINHTTP_PROTOCOL_FLAG_HTTP3"]),
    // The prose: process-wide, NULL for the handle.
    option!(WINHTTP_OPTION_HTTP_VERSION, Struct("HTTP_VERSION_INFO"), "X X X X")
        .null(Yes)
        .session(Disputed)
        .request(Disputed)
        .caution(Caution::ProcessWide),
    option!(WINHTTP_OPTION_HTTP2_KEEPALIVE, Dword, "X - - X").since(Windows::V21H1).at_least(5_000, None),
    option!(WINHTTP_OPTION_HTTP2_PLUS_TRANSFER_ENCODING, Bool, "X X - X").since(Windows::V21H1),
    heading!(WINHTTP_OPTION_HTTP2_RECEIVE_WINDOW, Struct("WINHTTP_HTTP2_RECEIVE_WINDOW")).set(Yes),
    heading!(WINHTTP_OPTION_HTTP3_HANDSHAKE_TIMEOUT, Dword).set(Yes),
    heading!(WINHTTP_OPTION_HTTP3_INITIAL_RTT, Data::Unstated).set(Yes),
    heading!(WINHTTP_OPTION_HTTP3_KEEPALIVE, Dword).set(Yes),
    heading!(WINHTTP_OPTION_HTTP3_STREAM_ERROR_CODE, Data::Unstated).query(Yes),
    option!(WINHTTP_OPTION_IGNORE_CERT_REVOCATION_OFFLINE, Bool, "- X - X").since(Windows::V2004),
    option!(WINHTTP_OPTION_IPV6_FAST_FALLBACK, Bool, "X - - X").since(Windows::V1903),
    option!(WINHTTP_OPTION_IS_PROXY_CONNECT_RESPONSE, Bool, "X X X -"),
    heading!(WINHTTP_OPTION_MATCH_CONNECTION_GUID, Struct("WINHTTP_MATCH_CONNECTION_GUID")).set(Yes),
    option!(WINHTTP_OPTION_MAX_CONNS_PER_1_0_SERVER, Dword, "X - X X").default(INFINITE),
    option!(WINHTTP_OPTION_MAX_CONNS_PER_SERVER, Dword, "X - X X").default(INFINITE),
    option!(WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS, Dword, "X X X X").default(10),
    option!(WINHTTP_OPTION_MAX_HTTP_STATUS_CONTINUE, Dword, "X X X X").default(10),
    option!(WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, Dword, "X X X X").default(1024 * 1024),
    option!(WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE, Dword, "X X X X").default(64 * 1024),
    // A connection handle has a parent too: page "HINTERNET handles in WinHTTP".
    option!(WINHTTP_OPTION_PARENT_HANDLE, Pointer, "X X X -").connect(Yes),
    option!(WINHTTP_OPTION_PASSPORT_COBRANDING_TEXT, Wide, "- X X -"),
    option!(WINHTTP_OPTION_PASSPORT_COBRANDING_URL, Wide, "- X X -"),
    // LPVOID in the table; the prose calls both a URL.
    option!(WINHTTP_OPTION_PASSPORT_RETURN_URL, Pointer, "- X X -"),
    option!(WINHTTP_OPTION_PASSPORT_SIGN_OUT, Pointer, "X - - X").caution(Caution::Dereferences),
    option!(WINHTTP_OPTION_PASSWORD, Wide, "- X X X"),
    // NULL asks for the default proxy; the prose does not let NULL set it.
    option!(WINHTTP_OPTION_PROXY, Struct("WINHTTP_PROXY_INFO"), "X X X X")
        .null(Yes)
        .caution(Caution::Dereferences),
    option!(WINHTTP_OPTION_PROXY_PASSWORD, Wide, "- X X X"),
    option!(WINHTTP_OPTION_PROXY_SPN_USED, Wide, "- X X -"),
    option!(WINHTTP_OPTION_PROXY_USERNAME, Wide, "- X X X"),
    // The prose names QUIC_STATISTICS, which winhttp.h does not define and the page does not link.
    heading!(WINHTTP_OPTION_QUIC_STATS, Data::Unstated).query(Yes),
    option!(WINHTTP_OPTION_READ_BUFFER_SIZE, Dword, "- X X X"),
    option!(WINHTTP_OPTION_RECEIVE_PROXY_CONNECT_RESPONSE, Bool, "X X - X").default(FALSE as u32),
    option!(WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, Dword, "X X X X").default(90_000),
    option!(WINHTTP_OPTION_RECEIVE_TIMEOUT, Dword, "X X X X").default(30_000),
    option!(WINHTTP_OPTION_REDIRECT_POLICY, Dword, "X X X X")
        .default(WinHttp::WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP)
        .one_of(&[
            "WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS",
            "WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP",
            "WINHTTP_OPTION_REDIRECT_POLICY_NEVER",
        ]),
    option!(WINHTTP_OPTION_REJECT_USERPWD_IN_URL, Bool, "- X - X").default(FALSE as u32),
    heading!(WINHTTP_OPTION_REQUEST_ANNOTATION, Data::Unstated)
        .query(Yes)
        .set(Yes)
        .caution(Caution::Dereferences),
    option!(WINHTTP_OPTION_REQUEST_PRIORITY, Dword, "- X X X"),
    option!(WINHTTP_OPTION_REQUEST_STATS, Struct("WINHTTP_REQUEST_STATS"), "- X X -").since(Windows::V1903),
    option!(WINHTTP_OPTION_REQUEST_TIMES, Struct("WINHTTP_REQUEST_TIMES"), "- X X -").since(Windows::V1903),
    option!(WINHTTP_OPTION_REQUIRE_STREAM_END, Bool, "X X - X").since(Windows::V21H1),
    option!(WINHTTP_OPTION_RESOLUTION_HOSTNAME, Wide, "- X - X").since(Windows::V21H1),
    option!(WINHTTP_OPTION_RESOLVE_TIMEOUT, Dword, "X X X X").default(INFINITE),
    heading!(WINHTTP_OPTION_REVERT_IMPERSONATION_SERVER_CERT, Data::Unstated),
    // Its default differs between Windows versions.
    option!(WINHTTP_OPTION_SECURE_PROTOCOLS, Dword, "X - - X").flags(&[
        "WINHTTP_FLAG_SECURE_PROTOCOL_ALL",
        "WINHTTP_FLAG_SECURE_PROTOCOL_SSL2",
        "WINHTTP_FLAG_SECURE_PROTOCOL_SSL3",
        "WINHTTP_FLAG_SECURE_PROTOCOL_TLS1",
        "WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1",
        "WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2",
        "WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3",
    ]),
    option!(WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT, Struct("WINHTTP_CERTIFICATE_INFO"), "- X X -"),
    // SECURITY_FLAG_SECURE and SECURITY_FLAG_STRENGTH_* are returned by a query only, so not accepted.
    option!(WINHTTP_OPTION_SECURITY_FLAGS, Dword, "- X X X").flags(&[
        "SECURITY_FLAG_IGNORE_CERT_CN_INVALID",
        "SECURITY_FLAG_IGNORE_CERT_DATE_INVALID",
        "SECURITY_FLAG_IGNORE_UNKNOWN_CA",
        "SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE",
        "SECURITY_FLAG_IGNORE_WEAK_SIGNATURE",
    ]),
    option!(WINHTTP_OPTION_SECURITY_INFO, Struct("WINHTTP_SECURITY_INFO"), "- X X -").since(Windows::V2004),
    option!(WINHTTP_OPTION_SECURITY_KEY_BITNESS, Dword, "- X X -"),
    option!(WINHTTP_OPTION_SEND_TIMEOUT, Dword, "X X X X").default(30_000),
    option!(WINHTTP_OPTION_SERVER_CBT, StructPointer("SecPkgContext_Bindings"), "- X X -"),
    // The table names the structs; the prose receives duplicated pointers to them.
    option!(WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT, StructPointer("CERT_CHAIN_CONTEXT"), "- X X -")
        .since(Windows::V2004),
    option!(WINHTTP_OPTION_SERVER_CERT_CONTEXT, StructPointer("CERT_CONTEXT"), "- X X -"),
    option!(WINHTTP_OPTION_SERVER_SPN_USED, Wide, "- X X -"),
    option!(WINHTTP_OPTION_SPN, Dword, "- X - X")
        .one_of(&["WINHTTP_DISABLE_SPN_SERVER_PORT", "WINHTTP_ENABLE_SPN_SERVER_PORT"]),
    option!(WINHTTP_OPTION_STREAM_ERROR_CODE, Dword, "- X X -").since(Windows::V21H1),
    option!(WINHTTP_OPTION_TCP_FAST_OPEN, Bool, "X - - X").since(Windows::V2004),
    option!(WINHTTP_OPTION_TCP_KEEPALIVE, Struct("tcp_keepalive"), "X - - X").since(Windows::V2004),
    option!(WINHTTP_OPTION_TLS_FALSE_START, Bool, "X - - X").since(Windows::V2004),
    heading!(WINHTTP_OPTION_TCP_PRIORITY_STATUS, Data::Unstated).query(Yes),
    // Named under TCP_PRIORITY_STATUS as the option that sets the hint: neither heading nor row of its own.
    WinHttpOption { heading: false, ..heading!(WINHTTP_OPTION_TCP_PRIORITY_HINT, Data::Unstated) }.set(Yes),
    option!(WINHTTP_OPTION_TLS_PROTOCOL_INSECURE_FALLBACK, Bool, "X - - X").since(Windows::V21H1),
    // The table says HINTERNET; the prose an event.
    option!(WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT, Pointer, "X - - X").caution(Caution::Dereferences),
    option!(WINHTTP_OPTION_UNSAFE_HEADER_PARSING, Dword, "- X - X").caution(Caution::Internal),
    option!(WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET, Data::None, "- X - X"),
    option!(WINHTTP_OPTION_URL, Wide, "- X X -"),
    // The prose: session handles only.
    option!(WINHTTP_OPTION_USE_GLOBAL_SERVER_CREDENTIALS, Bool, "X X - X")
        .request(Disputed)
        .default(FALSE as u32)
        .caution(Caution::Registry),
    heading!(WINHTTP_OPTION_USE_SESSION_SCH_CRED, Data::Unstated),
    option!(WINHTTP_OPTION_USER_AGENT, Wide, "X - X X"),
    option!(WINHTTP_OPTION_USERNAME, Wide, "- X X X"),
    // Neither handle of the table: the WebSocket functions' pages use both on a WebSocket handle.
    option!(WINHTTP_OPTION_WEB_SOCKET_CLOSE_TIMEOUT, Dword, "- - X X").websocket(Yes).default(10_000),
    option!(WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL, Dword, "- - X X")
        .websocket(Yes)
        .default(30_000)
        .at_least(15_000, Some("ERROR_INVALID_PARAMETER")),
    option!(WINHTTP_OPTION_WEB_SOCKET_RECEIVE_BUFFER_SIZE, Dword, "X X X X").since(Windows::EIGHT_1),
    option!(WINHTTP_OPTION_WEB_SOCKET_SEND_BUFFER_SIZE, Dword, "X X X X").since(Windows::EIGHT_1),
    option!(WINHTTP_OPTION_WORKER_THREAD_COUNT, Dword, "- - - X")
        .null(Yes)
        .default(0)
        .caution(Caution::ProcessWide),
    option!(WINHTTP_OPTION_WRITE_BUFFER_SIZE, Dword, "- X X X"),
];

impl WinHttpOption {
    const fn bare(name: &'static str, value: Option<u32>, data: Data) -> Self {
        Self {
            name,
            value,
            data,
            null: Unstated,
            session: Unstated,
            connect: Unstated,
            request: Unstated,
            websocket: Unstated,
            query: Unstated,
            set: Unstated,
            since: None,
            default: None,
            range: Range::Unstated,
            heading: true,
            row: None,
            caution: None,
        }
    }

    /// Takes the four columns as the page prints them, a space between them.
    const fn in_table(mut self, columns: &str) -> Self {
        let columns = columns.as_bytes();
        let row = Row {
            session: cell(columns[0]),
            request: cell(columns[2]),
            query: cell(columns[4]),
            set: cell(columns[6]),
        };
        self.session = row.session;
        self.request = row.request;
        self.query = row.query;
        self.set = row.set;
        self.row = Some(row);
        self
    }

    const fn null(self, null: Cell) -> Self {
        Self { null, ..self }
    }

    const fn session(self, session: Cell) -> Self {
        Self { session, ..self }
    }

    const fn connect(self, connect: Cell) -> Self {
        Self { connect, ..self }
    }

    const fn request(self, request: Cell) -> Self {
        Self { request, ..self }
    }

    const fn websocket(self, websocket: Cell) -> Self {
        Self { websocket, ..self }
    }

    const fn query(self, query: Cell) -> Self {
        Self { query, ..self }
    }

    const fn set(self, set: Cell) -> Self {
        Self { set, ..self }
    }

    const fn since(self, windows: Windows) -> Self {
        Self { since: Some(windows), ..self }
    }

    const fn default(self, value: u32) -> Self {
        Self { default: Some(value), ..self }
    }

    const fn at_least(self, minimum: u32, error: Option<&'static str>) -> Self {
        Self { range: Range::AtLeast { minimum, error }, ..self }
    }

    const fn one_of(self, names: &'static [&'static str]) -> Self {
        Self { range: Range::OneOf(names), ..self }
    }

    const fn flags(self, names: &'static [&'static str]) -> Self {
        Self { range: Range::Flags(names), ..self }
    }

    const fn caution(self, caution: Caution) -> Self {
        Self { caution: Some(caution), ..self }
    }
}

/// A misprint in the columns does not compile.
const fn cell(mark: u8) -> Cell {
    match mark {
        b'X' => Yes,
        b'-' => No,
        b'*' => Disputed,
        _ => panic!("a column of the option table is X, - or *"),
    }
}
