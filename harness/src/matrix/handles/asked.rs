//! Every function that takes a handle, with arguments that are good for it.

use winhttp_spec::functions;

use super::{After, Arguments, Asked};
use crate::case::{Argument, CallStep, Content, FieldValue, Scalar, SetupKind, Step};
use crate::make;
use crate::matrix::succeeds;

/// The data of a request.
pub(super) const BODY: &[u8] = b"data";

/// All of them.
pub(super) fn asked() -> Vec<Asked> {
    use SetupKind::{Connect, Request, Resolver, Session, WebSocket};

    let asked = |name: &str, takes, named_by, after, arguments: Arguments| Asked {
        function: functions::find(name).unwrap_or_else(|| panic!("the function table lacks {name}")),
        takes,
        named_by,
        after,
        arguments,
    };
    let of_session = |name, arguments| asked(name, &[Session], "session-handle", After::Nothing, arguments);
    let of_request = |name, after, arguments| asked(name, &[Request], "request-handle", after, arguments);
    let of_socket =
        |name, arguments| asked(name, &[WebSocket], "websocket-handle", After::Nothing, arguments);
    let of_resolver =
        |name, arguments| asked(name, &[Resolver], "resolver-handle", After::Nothing, arguments);
    let of_any =
        |name, named_by, arguments| asked(name, &SetupKind::ALL, named_by, After::Nothing, arguments);
    let of_option = |name, buffer| {
        let option = ("dwOption", constant("WINHTTP_OPTION_CONTEXT_VALUE"));
        of_any(name, "handle-kind-by-option", vec![option, ("lpBuffer", buffer)])
    };

    vec![
        of_any("WinHttpCloseHandle", "valid-handle", vec![]),
        of_option("WinHttpQueryOption", make::space(8)),
        of_option("WinHttpSetOption", pointer("DWORD_PTR", 7)),
        of_any(
            "WinHttpSetStatusCallback",
            "any-handle",
            vec![
                ("lpfnInternetCallback", make::word(Scalar::Recorder(0))),
                ("dwNotificationFlags", constant("WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS")),
            ],
        ),
        asked(
            "WinHttpSetTimeouts",
            &[Session, Request],
            "session-or-request-handle",
            After::Nothing,
            ["nConnectTimeout", "nSendTimeout", "nReceiveTimeout"].map(|name| (name, number(1000))).to_vec(),
        ),
        of_session(
            "WinHttpConnect",
            vec![("pswzServerName", make::text("example.com")), ("nServerPort", number(80))],
        ),
        of_session("WinHttpCreateProxyResolver", vec![("phResolver", pointer("HINTERNET", 0))]),
        of_session(
            "WinHttpGetProxyForUrl",
            vec![
                ("lpcwszUrl", make::text("http://example.com/")),
                ("pAutoProxyOptions", auto_proxy_options()),
                ("pProxyInfo", empty("WINHTTP_PROXY_INFO")),
            ],
        ),
        of_session(
            "WinHttpResetAutoProxy",
            vec![("dwFlags", constants(&["WINHTTP_RESET_ALL", "WINHTTP_RESET_OUT_OF_PROC"]))],
        ),
        asked(
            "WinHttpOpenRequest",
            &[Connect],
            "connect-handle",
            After::Nothing,
            vec![("pwszVerb", make::text("GET")), ("pwszObjectName", make::text("/"))],
        ),
        asked(
            "WinHttpQueryConnectionGroup",
            &[Connect, Request],
            "request-or-connect-handle",
            After::Nothing,
            vec![("ppResult", pointer("LPVOID", 0))],
        ),
        of_request(
            "WinHttpAddRequestHeaders",
            After::Nothing,
            vec![
                ("lpszHeaders", make::text("X-Added: 1")),
                ("dwModifiers", constant("WINHTTP_ADDREQ_FLAG_ADD")),
            ],
        ),
        of_request(
            "WinHttpAddRequestHeadersEx",
            After::Nothing,
            vec![
                ("dwModifiers", constant("WINHTTP_ADDREQ_FLAG_ADD")),
                ("ullFlags", constant("WINHTTP_EXTENDED_HEADER_FLAG_UNICODE")),
                (
                    "pHeaders",
                    structure("WINHTTP_EXTENDED_HEADER", &[("pwszName", "X-Added"), ("pwszValue", "1")]),
                ),
            ],
        ),
        of_request(
            "WinHttpSetCredentials",
            After::Nothing,
            vec![
                ("AuthTargets", constant("WINHTTP_AUTH_TARGET_SERVER")),
                ("AuthScheme", constant("WINHTTP_AUTH_SCHEME_BASIC")),
                ("pwszUserName", make::text("user")),
                ("pwszPassword", make::text("secret")),
            ],
        ),
        of_request("WinHttpSendRequest", After::Nothing, vec![]),
        of_request(
            "WinHttpWriteData",
            After::Headers,
            vec![
                ("lpBuffer", make::data(Content::Bytes(BODY.to_vec()))),
                ("lpdwNumberOfBytesWritten", dword(0)),
            ],
        ),
        of_request("WinHttpReceiveResponse", After::Headers, vec![]),
        of_request(
            "WinHttpQueryHeaders",
            After::Response,
            vec![
                ("dwInfoLevel", constants(&["WINHTTP_QUERY_STATUS_CODE", "WINHTTP_QUERY_FLAG_NUMBER"])),
                ("lpBuffer", make::space(4)),
            ],
        ),
        of_request(
            "WinHttpQueryHeadersEx",
            After::Response,
            vec![
                ("dwInfoLevel", constant("WINHTTP_QUERY_RAW_HEADERS_CRLF")),
                ("pBuffer", make::space(1024)),
                ("ppHeaders", pointer("LPVOID", 0)),
                ("pdwHeadersCount", dword(0)),
            ],
        ),
        of_request(
            "WinHttpQueryAuthSchemes",
            After::Response,
            ["lpdwSupportedSchemes", "lpdwFirstScheme", "pdwAuthTarget"]
                .map(|name| (name, dword(0)))
                .to_vec(),
        ),
        of_request(
            "WinHttpQueryDataAvailable",
            After::Response,
            vec![("lpdwNumberOfBytesAvailable", dword(0))],
        ),
        of_request(
            "WinHttpReadData",
            After::Response,
            vec![("lpBuffer", make::space(16)), ("lpdwNumberOfBytesRead", dword(0))],
        ),
        of_request(
            "WinHttpReadDataEx",
            After::Response,
            vec![("lpBuffer", make::space(16)), ("lpdwNumberOfBytesRead", dword(0))],
        ),
        of_request("WinHttpWebSocketCompleteUpgrade", After::Handshake, vec![]),
        of_socket(
            "WinHttpWebSocketSend",
            vec![
                ("eBufferType", constant("WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE")),
                ("pvBuffer", make::data(Content::Bytes(BODY.to_vec()))),
            ],
        ),
        of_socket(
            "WinHttpWebSocketReceive",
            vec![("pvBuffer", make::space(16)), ("pdwBytesRead", dword(0)), ("peBufferType", dword(0))],
        ),
        of_socket("WinHttpWebSocketShutdown", vec![("usStatus", number(1000))]),
        of_socket("WinHttpWebSocketClose", vec![("usStatus", number(1000))]),
        of_socket(
            "WinHttpWebSocketQueryCloseStatus",
            vec![
                ("pusStatus", make::space(2)),
                ("pvReason", make::space(123)),
                ("pdwReasonLengthConsumed", dword(0)),
            ],
        ),
        of_resolver(
            "WinHttpGetProxyForUrlEx",
            vec![
                ("pcwszUrl", make::text("http://example.com/")),
                ("pAutoProxyOptions", auto_proxy_options()),
            ],
        ),
        of_resolver("WinHttpGetProxyResult", vec![("pProxyResult", empty("WINHTTP_PROXY_RESULT"))]),
        of_resolver(
            "WinHttpGetProxySettingsEx",
            vec![("ProxySettingsType", constant("WinHttpProxySettingsTypeWsl"))],
        ),
        of_resolver(
            "WinHttpGetProxySettingsResultEx",
            vec![("pProxySettingsEx", empty("WINHTTP_PROXY_SETTINGS_EX"))],
        ),
    ]
}

/// A call without which the question cannot be put.
pub(super) fn done(function: &str, arguments: Arguments) -> Step {
    Step::Call(Box::new(CallStep { expect: succeeds(), ..make::call(function, arguments) }))
}

pub(super) fn handle() -> Argument {
    make::word(make::reference("h"))
}

pub(super) fn number(value: u64) -> Argument {
    make::word(Scalar::Number(make::number(value)))
}

pub(super) fn constant(name: &str) -> Argument {
    make::word(Scalar::Number(make::constant(name)))
}

fn constants(names: &[&str]) -> Argument {
    let value = names.iter().fold(0, |all, name| all | make::constant(name).value);
    make::word(Scalar::Number(crate::case::Number { value, text: names.join(" | ") }))
}

fn dword(value: u32) -> Argument {
    make::data(Content::Dword("DWORD", make::scalar(value)))
}

fn pointer(word: &'static str, value: u32) -> Argument {
    make::data(Content::Pointer(word, make::scalar(value)))
}

fn empty(name: &str) -> Argument {
    structure(name, &[])
}

/// A struct with members that are text.
fn structure(name: &str, texts: &[(&str, &str)]) -> Argument {
    let texts = texts.iter().map(|(member, text)| (*member, FieldValue::Text((*text).to_owned())));
    make::structure(name, texts.collect())
}

/// A PAC file that is not there: with a handle that is refused nobody looks for it.
fn auto_proxy_options() -> Argument {
    let flag = Scalar::Number(make::constant("WINHTTP_AUTOPROXY_CONFIG_URL"));
    make::structure(
        "WINHTTP_AUTOPROXY_OPTIONS",
        vec![
            ("dwFlags", FieldValue::Scalar(flag)),
            ("lpszAutoConfigUrl", FieldValue::Text("http://127.0.0.1/proxy.pac".to_owned())),
        ],
    )
}
