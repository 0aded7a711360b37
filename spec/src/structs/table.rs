//! One row a struct: `packed` for those of `winhttp.h` (to 4 bytes in 32-bit builds), `natural` for the others'.
//!
//! `[or]` marks a member that shares its place with the one before it (a union).

use super::{Field, FieldType, Struct};

macro_rules! structs {
    ($($packing:ident $name:ident { $($([$or:ident])? $field:ident: $ty:ident $(($($of:tt)+))?,)+ })+) => {
        /// Every struct that a documented function or option takes or returns, and those nested in them.
        pub static STRUCTS: &[Struct] = &[$(Struct {
            name: stringify!($name),
            fields: &[$(Field {
                name: stringify!($field),
                ty: ty!($ty $($($of)+)?),
                overlaps: overlaps!($($or)?),
            }),+],
            packed_on_32: packed!($packing),
        }),+];
    };
}

macro_rules! ty {
    (Struct $name:ident) => {
        FieldType::Struct(stringify!($name))
    };
    (Bytes $len:literal, $align:literal) => {
        FieldType::Bytes($len, $align)
    };
    (U64Array $len:literal) => {
        FieldType::U64Array($len)
    };
    ($scalar:ident) => {
        FieldType::$scalar
    };
}

macro_rules! overlaps {
    () => {
        false
    };
    (or) => {
        true
    };
}

macro_rules! packed {
    (packed) => {
        true
    };
    (natural) => {
        false
    };
}

structs! {
    // What the status callback gets.
    packed WINHTTP_ASYNC_RESULT { dwResult: Pointer, dwError: U32, }
    packed WINHTTP_WEB_SOCKET_ASYNC_RESULT { AsyncResult: Struct(WINHTTP_ASYNC_RESULT), Operation: U32, }
    packed WINHTTP_WEB_SOCKET_STATUS { dwBytesTransferred: U32, eBufferType: U32, }

    // What functions take and return.
    packed URL_COMPONENTS {
        dwStructSize: U32,
        lpszScheme: WideStr,
        dwSchemeLength: U32,
        nScheme: U32,
        lpszHostName: WideStr,
        dwHostNameLength: U32,
        nPort: U16,
        lpszUserName: WideStr,
        dwUserNameLength: U32,
        lpszPassword: WideStr,
        dwPasswordLength: U32,
        lpszUrlPath: WideStr,
        dwUrlPathLength: U32,
        lpszExtraInfo: WideStr,
        dwExtraInfoLength: U32,
    }
    packed WINHTTP_EXTENDED_HEADER {
        pwszName: WideStr,
        [or] pszName: NarrowStr,
        pwszValue: WideStr,
        [or] pszValue: NarrowStr,
    }
    packed WINHTTP_HEADER_NAME { pwszName: WideStr, [or] pszName: NarrowStr, }
    packed WINHTTP_CONNECTION_GROUP { cConnections: U32, guidGroup: Struct(GUID), }
    packed WINHTTP_HOST_CONNECTION_GROUP { pwszHost: WideStr, cConnectionGroups: U32, pConnectionGroups: Pointer, }
    packed WINHTTP_QUERY_CONNECTION_GROUP_RESULT { cHosts: U32, pHostConnectionGroups: Pointer, }

    // Proxies.
    packed WINHTTP_PROXY_INFO { dwAccessType: U32, lpszProxy: WideStr, lpszProxyBypass: WideStr, }
    packed WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: U32,
        dwAutoDetectFlags: U32,
        lpszAutoConfigUrl: WideStr,
        lpvReserved: Pointer,
        dwReserved: U32,
        fAutoLogonIfChallenged: U32,
    }
    packed WINHTTP_CURRENT_USER_IE_PROXY_CONFIG {
        fAutoDetect: U32,
        lpszAutoConfigUrl: WideStr,
        lpszProxy: WideStr,
        lpszProxyBypass: WideStr,
    }
    packed WINHTTP_PROXY_RESULT { cEntries: U32, pEntries: Pointer, }
    packed WINHTTP_PROXY_RESULT_ENTRY {
        fProxy: U32,
        fBypass: U32,
        ProxyScheme: U32,
        pwszProxy: WideStr,
        ProxyPort: U16,
    }
    packed WINHTTP_PROXY_SETTINGS_EX {
        ullGenerationId: U64,
        ullFlags: U64,
        pcwszAutoconfigUrl: WideStr,
        pcwszProxy: WideStr,
        pcwszSecureProxy: WideStr,
        cProxyBypasses: U32,
        rgpcwszProxyBypasses: Pointer,
        dwInterfaceIndex: U32,
        pcwszConnectionName: WideStr,
    }
    packed WINHTTP_PROXY_SETTINGS_PARAM { ullFlags: U64, pcwszConnectionName: WideStr, pcwszProbeHost: WideStr, }

    // What options hold.
    packed HTTP_VERSION_INFO { dwMajorVersion: U32, dwMinorVersion: U32, }
    packed WINHTTP_CONNECTION_INFO {
        cbSize: U32,
        LocalAddress: Struct(SOCKADDR_STORAGE),
        RemoteAddress: Struct(SOCKADDR_STORAGE),
    }
    packed WINHTTP_CERTIFICATE_INFO {
        ftExpiry: Struct(FILETIME),
        ftStart: Struct(FILETIME),
        lpszSubjectInfo: WideStr,
        lpszIssuerInfo: WideStr,
        lpszProtocolName: WideStr,
        lpszSignatureAlgName: WideStr,
        lpszEncryptionAlgName: WideStr,
        dwKeySize: U32,
    }
    packed WINHTTP_CREDS {
        lpszUserName: NarrowStr,
        lpszPassword: NarrowStr,
        lpszRealm: NarrowStr,
        dwAuthScheme: U32,
        lpszHostName: NarrowStr,
        dwPort: U32,
    }
    packed WINHTTP_CREDS_EX {
        lpszUserName: NarrowStr,
        lpszPassword: NarrowStr,
        lpszRealm: NarrowStr,
        dwAuthScheme: U32,
        lpszHostName: NarrowStr,
        dwPort: U32,
        lpszUrl: NarrowStr,
    }
    packed WINHTTP_REQUEST_TIMES { cTimes: U32, rgullTimes: U64Array(64), }
    packed WINHTTP_REQUEST_STATS { ullFlags: U64, ulIndex: U32, cStats: U32, rgullStats: U64Array(32), }
    packed WINHTTP_SECURITY_INFO {
        ConnectionInfo: Struct(SecPkgContext_ConnectionInfo),
        CipherInfo: Struct(SecPkgContext_CipherInfo),
    }
    packed WINHTTP_MATCH_CONNECTION_GUID { ConnectionGuid: Struct(GUID), ullFlags: U64, }
    packed WINHTTP_HTTP2_RECEIVE_WINDOW { ulStreamWindow: U32, ulStreamWindowUpdateDelta: U32, }
    packed WINHTTP_FAILED_CONNECTION_RETRIES { dwMaxRetries: U32, dwAllowedRetryConditions: U32, }

    // Structs of other headers.
    natural GUID { Data1: U32, Data2: U16, Data3: U16, Data4: Bytes(8, 1), }
    natural FILETIME { dwLowDateTime: U32, dwHighDateTime: U32, }
    natural SYSTEMTIME {
        wYear: U16,
        wMonth: U16,
        wDayOfWeek: U16,
        wDay: U16,
        wHour: U16,
        wMinute: U16,
        wSecond: U16,
        wMilliseconds: U16,
    }
    natural SOCKADDR_STORAGE { ss_family: U16, __ss_pad1: Bytes(6, 1), __ss_align: U64, __ss_pad2: Bytes(112, 1), }
    natural tcp_keepalive { onoff: U32, keepalivetime: U32, keepaliveinterval: U32, }
    natural TCP_INFO_v0 {
        State: U32,
        Mss: U32,
        ConnectionTimeMs: U64,
        TimestampsEnabled: U8,
        RttUs: U32,
        MinRttUs: U32,
        BytesInFlight: U32,
        Cwnd: U32,
        SndWnd: U32,
        RcvWnd: U32,
        RcvBuf: U32,
        BytesOut: U64,
        BytesIn: U64,
        BytesReordered: U32,
        BytesRetrans: U32,
        FastRetrans: U32,
        DupAcksIn: U32,
        TimeoutEpisodes: U32,
        SynRetrans: U8,
    }
    natural TCP_INFO_v1 {
        State: U32,
        Mss: U32,
        ConnectionTimeMs: U64,
        TimestampsEnabled: U8,
        RttUs: U32,
        MinRttUs: U32,
        BytesInFlight: U32,
        Cwnd: U32,
        SndWnd: U32,
        RcvWnd: U32,
        RcvBuf: U32,
        BytesOut: U64,
        BytesIn: U64,
        BytesReordered: U32,
        BytesRetrans: U32,
        FastRetrans: U32,
        DupAcksIn: U32,
        TimeoutEpisodes: U32,
        SynRetrans: U8,
        SndLimTransRwin: U32,
        SndLimTimeRwin: U32,
        SndLimBytesRwin: U64,
        SndLimTransCwnd: U32,
        SndLimTimeCwnd: U32,
        SndLimBytesCwnd: U64,
        SndLimTransSnd: U32,
        SndLimTimeSnd: U32,
        SndLimBytesSnd: U64,
    }
    natural SecPkgContext_ConnectionInfo {
        dwProtocol: U32,
        aiCipher: U32,
        dwCipherStrength: U32,
        aiHash: U32,
        dwHashStrength: U32,
        aiExch: U32,
        dwExchStrength: U32,
    }
    natural SecPkgContext_CipherInfo {
        dwVersion: U32,
        dwProtocol: U32,
        dwCipherSuite: U32,
        dwBaseCipherSuite: U32,
        szCipherSuite: Bytes(128, 2),
        szCipher: Bytes(128, 2),
        dwCipherLen: U32,
        dwCipherBlockLen: U32,
        szHash: Bytes(128, 2),
        dwHashLen: U32,
        szExchange: Bytes(128, 2),
        dwMinExchangeLen: U32,
        dwMaxExchangeLen: U32,
        szCertificate: Bytes(128, 2),
        dwKeyType: U32,
    }
    natural SecPkgContext_IssuerListInfoEx { aIssuers: Pointer, cIssuers: U32, }
    natural CRYPT_INTEGER_BLOB { cbData: U32, pbData: Pointer, }
    natural SecPkgContext_Bindings { BindingsLength: U32, Bindings: Pointer, }
    natural SEC_CHANNEL_BINDINGS {
        dwInitiatorAddrType: U32,
        cbInitiatorLength: U32,
        dwInitiatorOffset: U32,
        dwAcceptorAddrType: U32,
        cbAcceptorLength: U32,
        dwAcceptorOffset: U32,
        cbApplicationDataLength: U32,
        dwApplicationDataOffset: U32,
    }
    natural CERT_CONTEXT {
        dwCertEncodingType: U32,
        pbCertEncoded: Pointer,
        cbCertEncoded: U32,
        pCertInfo: Pointer,
        hCertStore: Pointer,
    }
    natural CERT_TRUST_STATUS { dwErrorStatus: U32, dwInfoStatus: U32, }
    natural CERT_CHAIN_CONTEXT {
        cbSize: U32,
        TrustStatus: Struct(CERT_TRUST_STATUS),
        cChain: U32,
        rgpChain: Pointer,
        cLowerQualityChainContext: U32,
        rgpLowerQualityChainContext: Pointer,
        fHasRevocationFreshnessTime: U32,
        dwRevocationFreshnessTime: U32,
        dwCreateFlags: U32,
        ChainId: Struct(GUID),
    }
}
