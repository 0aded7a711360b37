//! One row a function, written like its prototype: annotation, type, documented parameter name.
//!
//! In brackets, what a length measures. `since` is the page's "minimum supported client"; `fails` lists every
//! code that the page names, in its table or its prose, but for the codes of success. A row whose number of
//! parameters differs from the metadata's does not compile.

use windows_sys::Win32::Networking::WinHttp as metadata;

use super::{Direction, Function, Param, Returns, Type, Unit};
use crate::windows::Windows;

macro_rules! functions {
    ($($returns:ident $name:ident(
        $($annotation:ident $ty:ident $(<$of:ident>)? $param:ident $([$unit:ident of $measured:ident])?,)*
    ) since $since:ident fails [$($error:ident),* $(,)?];)+) => {
        /// Every function that has a page of its own, in the order of the alphabet.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: stringify!($name),
            params: &[$(Param {
                name: stringify!($param),
                ty: ty!($ty $($of)?),
                direction: direction!($annotation),
                optional: optional!($annotation),
                length_of: length_of!($($measured $unit)?),
            }),*],
            returns: Returns::$returns,
            since: $since,
            errors: &[$(stringify!($error)),*],
        }),+];

        $(const _: () = { let _ = metadata::$name as unsafe extern "system" fn($(hole!($param)),*) -> _; };)+
    };
}

macro_rules! ty {
    (StructPointer $of:ident) => {
        Type::StructPointer(stringify!($of))
    };
    ($ty:ident) => {
        Type::$ty
    };
}

macro_rules! direction {
    (_In_) => {
        Direction::In
    };
    (_In_opt_) => {
        Direction::In
    };
    (_Out_) => {
        Direction::Out
    };
    (_Out_opt_) => {
        Direction::Out
    };
    (_Inout_) => {
        Direction::InOut
    };
    (_Inout_opt_) => {
        Direction::InOut
    };
}

macro_rules! optional {
    (_In_opt_) => {
        true
    };
    (_Out_opt_) => {
        true
    };
    (_Inout_opt_) => {
        true
    };
    ($required:ident) => {
        false
    };
}

macro_rules! length_of {
    () => {
        None
    };
    ($measured:ident $unit:ident) => {
        Some((stringify!($measured), Unit::$unit))
    };
}

macro_rules! hole {
    ($param:ident) => {
        _
    };
}

const XP: Option<Windows> = Some(Windows::XP);
const EIGHT: Option<Windows> = Some(Windows::EIGHT);
const BUILD_20348: Option<Windows> = Some(Windows::new(10, 0, 20348));
const BUILD_22000: Option<Windows> = Some(Windows::ELEVEN);
/// The page leaves its requirements empty.
const UNSTATED: Option<Windows> = None;

functions! {
    Bool WinHttpAddRequestHeaders(
        _In_ Handle hRequest,
        _In_ WideStr lpszHeaders,
        _In_ Dword dwHeadersLength [Chars of lpszHeaders],
        _In_ Dword dwModifiers,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY, ERROR_INVALID_PARAMETER,
    ];

    Code WinHttpAddRequestHeadersEx(
        _In_ Handle hRequest,
        _In_ Dword dwModifiers,
        _In_ Qword ullFlags,
        _In_ Qword ullExtra,
        _In_ Dword cHeaders [Elements of pHeaders],
        _In_ StructPointer<WINHTTP_EXTENDED_HEADER> pHeaders,
    ) since BUILD_20348 fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpCheckPlatform() since XP fails [];

    Bool WinHttpCloseHandle(
        _In_ Handle hInternet,
    ) since XP fails [ERROR_WINHTTP_SHUTDOWN, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY];

    Handle WinHttpConnect(
        _In_ Handle hSession,
        _In_ WideStr pswzServerName,
        _In_ Word nServerPort,
        _In_ Dword dwReserved,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_URL,
        ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_WINHTTP_UNRECOGNIZED_SCHEME, ERROR_WINHTTP_SHUTDOWN,
        ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpCrackUrl(
        _In_ WideStr pwszUrl,
        _In_ Dword dwUrlLength [Chars of pwszUrl],
        _In_ Dword dwFlags,
        _Inout_ StructPointer<URL_COMPONENTS> lpUrlComponents,
    ) since XP fails [
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_URL, ERROR_WINHTTP_UNRECOGNIZED_SCHEME,
        ERROR_NOT_ENOUGH_MEMORY, ERROR_INSUFFICIENT_BUFFER,
    ];

    // A NULL session is documented: ERROR_INVALID_HANDLE.
    Code WinHttpCreateProxyResolver(
        _In_opt_ Handle hSession,
        _Out_ PointerPointer phResolver,
    ) since EIGHT fails [ERROR_INVALID_HANDLE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE];

    // The page's example passes a NULL pwszUrl to learn the length.
    Bool WinHttpCreateUrl(
        _In_ StructPointer<URL_COMPONENTS> lpUrlComponents,
        _In_ Dword dwFlags,
        _Out_opt_ WideBuffer pwszUrl,
        _Inout_ DwordPointer pdwUrlLength [Chars of pwszUrl],
    ) since XP fails [
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY, ERROR_WINHTTP_INVALID_URL,
        ERROR_INSUFFICIENT_BUFFER,
    ];

    Bool WinHttpDetectAutoProxyConfigUrl(
        _In_ Dword dwAutoDetectFlags,
        _Out_ PointerPointer ppwstrAutoConfigUrl,
    ) since XP fails [
        ERROR_WINHTTP_AUTODETECTION_FAILED, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Void WinHttpFreeProxyResult(
        _Inout_ StructPointer<WINHTTP_PROXY_RESULT> pProxyResult,
    ) since EIGHT fails [];

    // The page says that nothing is returned; its prototype and the metadata say DWORD.
    Code WinHttpFreeProxySettingsEx(
        _In_ Dword ProxySettingsType,
        _In_ StructPointer<WINHTTP_PROXY_SETTINGS_EX> pProxySettingsEx,
    ) since UNSTATED fails [];

    Void WinHttpFreeQueryConnectionGroupResult(
        _Inout_ StructPointer<WINHTTP_QUERY_CONNECTION_GROUP_RESULT> pResult,
    ) since BUILD_22000 fails [];

    Bool WinHttpGetDefaultProxyConfiguration(
        _Inout_ StructPointer<WINHTTP_PROXY_INFO> pProxyInfo,
    ) since XP fails [ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY];

    Bool WinHttpGetIEProxyConfigForCurrentUser(
        _Inout_ StructPointer<WINHTTP_CURRENT_USER_IE_PROXY_CONFIG> pProxyConfig,
    ) since XP fails [ERROR_FILE_NOT_FOUND, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY];

    Bool WinHttpGetProxyForUrl(
        _In_ Handle hSession,
        _In_ WideStr lpcwszUrl,
        _In_ StructPointer<WINHTTP_AUTOPROXY_OPTIONS> pAutoProxyOptions,
        _Out_ StructPointer<WINHTTP_PROXY_INFO> pProxyInfo,
    ) since XP fails [
        ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR, ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_URL,
        ERROR_WINHTTP_LOGIN_FAILURE, ERROR_WINHTTP_OPERATION_CANCELLED,
        ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT, ERROR_WINHTTP_UNRECOGNIZED_SCHEME, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Code WinHttpGetProxyForUrlEx(
        _In_ Handle hResolver,
        _In_ WideStr pcwszUrl,
        _In_ StructPointer<WINHTTP_AUTOPROXY_OPTIONS> pAutoProxyOptions,
        _In_ DwordPtr pContext,
    ) since EIGHT fails [
        ERROR_IO_PENDING, ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR, ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INVALID_URL, ERROR_WINHTTP_OPERATION_CANCELLED,
        ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT, ERROR_WINHTTP_UNRECOGNIZED_SCHEME, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Code WinHttpGetProxyResult(
        _In_ Handle hResolver,
        _Out_ StructPointer<WINHTTP_PROXY_RESULT> pProxyResult,
    ) since EIGHT fails [ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INCORRECT_HANDLE_STATE];

    Code WinHttpGetProxySettingsEx(
        _In_ Handle hResolver,
        _In_ Dword ProxySettingsType,
        _In_opt_ StructPointer<WINHTTP_PROXY_SETTINGS_PARAM> pProxySettingsParam,
        _In_opt_ DwordPtr pContext,
    ) since UNSTATED fails [ERROR_IO_PENDING];

    // The page leaves the return value empty; its prototype and the metadata say DWORD.
    Code WinHttpGetProxySettingsResultEx(
        _In_ Handle hResolver,
        _Out_ StructPointer<WINHTTP_PROXY_SETTINGS_EX> pProxySettingsEx,
    ) since UNSTATED fails [];

    Handle WinHttpOpen(
        _In_opt_ WideStr pszAgentW,
        _In_ Dword dwAccessType,
        _In_opt_ WideStr pszProxyW,
        _In_opt_ WideStr pszProxyBypassW,
        _In_ Dword dwFlags,
    ) since XP fails [ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY];

    // Examples on the pages of WinHttpConnect and WinHttpAddRequestHeaders pass a NULL pwszObjectName.
    Handle WinHttpOpenRequest(
        _In_ Handle hConnect,
        _In_opt_ WideStr pwszVerb,
        _In_opt_ WideStr pwszObjectName,
        _In_opt_ WideStr pwszVersion,
        _In_opt_ WideStr pwszReferrer,
        _In_opt_ WideStrArray ppwszAcceptTypes,
        _In_ Dword dwFlags,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_URL,
        ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_WINHTTP_UNRECOGNIZED_SCHEME, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpQueryAuthSchemes(
        _In_ Handle hRequest,
        _Out_ DwordPointer lpdwSupportedSchemes,
        _Out_ DwordPointer lpdwFirstScheme,
        _Out_ DwordPointer pdwAuthTarget,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
    ];

    // The page leaves the return value empty; the metadata say DWORD.
    Code WinHttpQueryConnectionGroup(
        _In_ Handle hInternet,
        _In_opt_ StructPointer<GUID> pGuidConnection,
        _In_ Qword ullFlags,
        _Inout_ PointerPointer ppResult,
    ) since BUILD_22000 fails [];

    // NULL is what the page asks for in asynchronous mode; likewise where a read or a write reports its
    // length.
    Bool WinHttpQueryDataAvailable(
        _In_ Handle hRequest,
        _Out_opt_ DwordPointer lpdwNumberOfBytesAvailable,
    ) since XP fails [
        ERROR_WINHTTP_CONNECTION_ERROR, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR,
        ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_WINHTTP_TIMEOUT, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpQueryHeaders(
        _In_ Handle hRequest,
        _In_ Dword dwInfoLevel,
        _In_opt_ WideStr pwszName,
        _Out_opt_ Buffer lpBuffer,
        _Inout_ DwordPointer lpdwBufferLength [Bytes of lpBuffer],
        _Inout_opt_ DwordPointer lpdwIndex,
    ) since XP fails [
        ERROR_WINHTTP_HEADER_NOT_FOUND, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
        ERROR_INSUFFICIENT_BUFFER,
    ];

    Code WinHttpQueryHeadersEx(
        _In_ Handle hRequest,
        _In_ Dword dwInfoLevel,
        _In_ Qword ullFlags,
        _In_ Dword uiCodePage,
        _Inout_opt_ DwordPointer pdwIndex,
        _Inout_opt_ StructPointer<WINHTTP_HEADER_NAME> pHeaderName,
        _Out_opt_ Buffer pBuffer,
        _Inout_ DwordPointer pdwBufferLength [Bytes of pBuffer],
        _Out_opt_ PointerPointer ppHeaders,
        _Out_ DwordPointer pdwHeadersCount,
    ) since BUILD_20348 fails [
        ERROR_WINHTTP_HEADER_NOT_FOUND, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
        ERROR_INVALID_PARAMETER, ERROR_INSUFFICIENT_BUFFER,
    ];

    // A NULL handle comes from the page "Option flags": options of the process.
    Bool WinHttpQueryOption(
        _In_opt_ Handle hInternet,
        _In_ Dword dwOption,
        _Out_opt_ Buffer lpBuffer,
        _Inout_ DwordPointer lpdwBufferLength [Bytes of lpBuffer],
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_OPTION, ERROR_NOT_ENOUGH_MEMORY,
        ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER,
    ];

    Bool WinHttpReadData(
        _In_ Handle hRequest,
        _Out_ Buffer lpBuffer,
        _In_ Dword dwNumberOfBytesToRead [Bytes of lpBuffer],
        _Out_opt_ DwordPointer lpdwNumberOfBytesRead,
    ) since XP fails [
        ERROR_WINHTTP_CONNECTION_ERROR, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR,
        ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW, ERROR_WINHTTP_TIMEOUT,
        ERROR_NOT_ENOUGH_MEMORY,
    ];

    Code WinHttpReadDataEx(
        _In_ Handle hRequest,
        _Out_ Buffer lpBuffer,
        _In_ Dword dwNumberOfBytesToRead [Bytes of lpBuffer],
        _Out_opt_ DwordPointer lpdwNumberOfBytesRead,
        _In_ Qword ullFlags,
        _In_ Dword cbProperty [Bytes of pvProperty],
        _In_opt_ Buffer pvProperty,
    ) since BUILD_20348 fails [
        ERROR_WINHTTP_CONNECTION_ERROR, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR,
        ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW, ERROR_WINHTTP_TIMEOUT,
        ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpReceiveResponse(
        _In_ Handle hRequest,
        _In_opt_ Buffer lpReserved,
    ) since XP fails [
        ERROR_WINHTTP_CANNOT_CONNECT, ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW,
        ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED, ERROR_WINHTTP_CONNECTION_ERROR,
        ERROR_WINHTTP_HEADER_COUNT_EXCEEDED, ERROR_WINHTTP_HEADER_SIZE_OVERFLOW,
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_SERVER_RESPONSE, ERROR_WINHTTP_INVALID_URL,
        ERROR_WINHTTP_LOGIN_FAILURE, ERROR_WINHTTP_NAME_NOT_RESOLVED, ERROR_WINHTTP_OPERATION_CANCELLED,
        ERROR_WINHTTP_REDIRECT_FAILED, ERROR_WINHTTP_RESEND_REQUEST, ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW,
        ERROR_WINHTTP_SECURE_FAILURE, ERROR_WINHTTP_TIMEOUT, ERROR_WINHTTP_UNRECOGNIZED_SCHEME,
        ERROR_NOT_ENOUGH_MEMORY,
    ];

    Code WinHttpRegisterProxyChangeNotification(
        _In_ Qword ullFlags,
        _In_ Callback pfnCallback,
        _In_ DwordPtr pvContext,
        _Out_ PointerPointer hRegistration,
    ) since UNSTATED fails [];

    // The page spells the second code with a blank: "ERROR_WINHTTP_INCORRECT_HANDLE TYPE".
    Code WinHttpResetAutoProxy(
        _In_ Handle hSession,
        _In_ Dword dwFlags,
    ) since EIGHT fails [ERROR_INVALID_HANDLE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE];

    // "ERROR_WINHTTP_INVALID_PARAMETER" in the page's prose exists nowhere: its table says
    // ERROR_INVALID_PARAMETER.
    Bool WinHttpSendRequest(
        _In_ Handle hRequest,
        _In_opt_ WideStr lpszHeaders,
        _In_ Dword dwHeadersLength [Chars of lpszHeaders],
        _In_opt_ Buffer lpOptional,
        _In_ Dword dwOptionalLength [Bytes of lpOptional],
        _In_ Dword dwTotalLength,
        _In_ DwordPtr dwContext,
    ) since XP fails [
        ERROR_WINHTTP_CANNOT_CONNECT, ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED, ERROR_WINHTTP_CONNECTION_ERROR,
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_URL, ERROR_WINHTTP_LOGIN_FAILURE,
        ERROR_WINHTTP_NAME_NOT_RESOLVED, ERROR_WINHTTP_OPERATION_CANCELLED,
        ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW, ERROR_WINHTTP_SECURE_FAILURE, ERROR_WINHTTP_SHUTDOWN,
        ERROR_WINHTTP_TIMEOUT, ERROR_WINHTTP_UNRECOGNIZED_SCHEME, ERROR_NOT_ENOUGH_MEMORY,
        ERROR_INVALID_PARAMETER, ERROR_WINHTTP_RESEND_REQUEST,
    ];

    Bool WinHttpSetCredentials(
        _In_ Handle hRequest,
        _In_ Dword AuthTargets,
        _In_ Dword AuthScheme,
        _In_ WideStr pwszUserName,
        _In_ WideStr pwszPassword,
        _In_opt_ Buffer pAuthParams,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpSetDefaultProxyConfiguration(
        _In_ StructPointer<WINHTTP_PROXY_INFO> pProxyInfo,
    ) since XP fails [ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY];

    // NULL handle and buffer: page "Option flags". The page of WinHttpOpen names the last code, for
    // WINHTTP_OPTION_SECURE_PROTOCOLS on a session with secure defaults.
    Bool WinHttpSetOption(
        _In_opt_ Handle hInternet,
        _In_ Dword dwOption,
        _In_opt_ Buffer lpBuffer,
        _In_ Dword dwBufferLength [ByOption of lpBuffer],
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_WINHTTP_INVALID_OPTION, ERROR_INVALID_PARAMETER,
        ERROR_WINHTTP_OPTION_NOT_SETTABLE, ERROR_NOT_ENOUGH_MEMORY, ERROR_ACCESS_DENIED,
    ];

    Callback WinHttpSetStatusCallback(
        _In_ Handle hInternet,
        _In_opt_ Callback lpfnInternetCallback,
        _In_ Dword dwNotificationFlags,
        _In_opt_ DwordPtr dwReserved,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY,
    ];

    Bool WinHttpSetTimeouts(
        _In_ Handle hInternet,
        _In_ Dword nResolveTimeout,
        _In_ Dword nConnectTimeout,
        _In_ Dword nSendTimeout,
        _In_ Dword nReceiveTimeout,
    ) since XP fails [
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE,
        ERROR_WINHTTP_INTERNAL_ERROR, ERROR_NOT_ENOUGH_MEMORY, ERROR_INVALID_PARAMETER,
    ];

    // pwszTime has room for WINHTTP_TIME_FORMAT_BUFSIZE bytes: no parameter says so.
    Bool WinHttpTimeFromSystemTime(
        _In_ StructPointer<SYSTEMTIME> pst,
        _Out_ WideBuffer pwszTime,
    ) since XP fails [ERROR_WINHTTP_INTERNAL_ERROR];

    Bool WinHttpTimeToSystemTime(
        _In_ WideStr pwszTime,
        _Out_ StructPointer<SYSTEMTIME> pst,
    ) since XP fails [ERROR_WINHTTP_INTERNAL_ERROR];

    Code WinHttpUnregisterProxyChangeNotification(
        _In_ Handle hRegistration,
    ) since UNSTATED fails [];

    // The page says "ERROR_INVALID_SERVER_RESPONSE", which exists nowhere; WinHttpWebSocketReceive's has the
    // real name.
    Code WinHttpWebSocketClose(
        _In_ Handle hWebSocket,
        _In_ Word usStatus,
        _In_opt_ Buffer pvReason,
        _In_ Dword dwReasonLength [Bytes of pvReason],
    ) since EIGHT fails [
        ERROR_INVALID_OPERATION, ERROR_INVALID_PARAMETER, ERROR_WINHTTP_INVALID_SERVER_RESPONSE,
    ];

    Handle WinHttpWebSocketCompleteUpgrade(
        _In_ Handle hRequest,
        _In_opt_ DwordPtr pContext,
    ) since EIGHT fails [];

    Code WinHttpWebSocketQueryCloseStatus(
        _In_ Handle hWebSocket,
        _Out_ WordPointer pusStatus,
        _Out_opt_ Buffer pvReason,
        _In_ Dword dwReasonLength [Bytes of pvReason],
        _Out_ DwordPointer pdwReasonLengthConsumed,
    ) since EIGHT fails [ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_OPERATION, ERROR_INVALID_PARAMETER];

    Code WinHttpWebSocketReceive(
        _In_ Handle hWebSocket,
        _Out_ Buffer pvBuffer,
        _In_ Dword dwBufferLength [Bytes of pvBuffer],
        _Out_ DwordPointer pdwBytesRead,
        _Out_ DwordPointer peBufferType,
    ) since EIGHT fails [
        ERROR_INVALID_OPERATION, ERROR_INVALID_PARAMETER, ERROR_WINHTTP_INVALID_SERVER_RESPONSE,
        ERROR_WINHTTP_OPERATION_CANCELLED,
    ];

    // The page names no unit for the length; it is bytes on every sibling page.
    Code WinHttpWebSocketSend(
        _In_ Handle hWebSocket,
        _In_ Dword eBufferType,
        _In_opt_ Buffer pvBuffer,
        _In_ Dword dwBufferLength [Bytes of pvBuffer],
    ) since EIGHT fails [ERROR_INVALID_OPERATION, ERROR_INVALID_PARAMETER];

    Code WinHttpWebSocketShutdown(
        _In_ Handle hWebSocket,
        _In_ Word usStatus,
        _In_opt_ Buffer pvReason,
        _In_ Dword dwReasonLength [Bytes of pvReason],
    ) since EIGHT fails [ERROR_IO_PENDING];

    Bool WinHttpWriteData(
        _In_ Handle hRequest,
        _In_ Buffer lpBuffer,
        _In_ Dword dwNumberOfBytesToWrite [Bytes of lpBuffer],
        _Out_opt_ DwordPointer lpdwNumberOfBytesWritten,
    ) since XP fails [
        ERROR_WINHTTP_CONNECTION_ERROR, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, ERROR_WINHTTP_INTERNAL_ERROR,
        ERROR_WINHTTP_OPERATION_CANCELLED, ERROR_WINHTTP_TIMEOUT, ERROR_NOT_ENOUGH_MEMORY,
    ];
}
