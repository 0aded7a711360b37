//! Laws of the struct table: our layout is the compiler's.

use std::collections::BTreeSet;
use std::mem::{align_of, offset_of, size_of};

use rstest::rstest;
use windows_sys::Win32::Foundation::{FILETIME, SYSTEMTIME};
use windows_sys::Win32::Networking::WinHttp::*;
use windows_sys::Win32::Networking::WinSock::{SOCKADDR_STORAGE, TCP_INFO_v0, TCP_INFO_v1, tcp_keepalive};
use windows_sys::Win32::Security::Authentication::Identity::{
    SEC_CHANNEL_BINDINGS, SecPkgContext_Bindings, SecPkgContext_CipherInfo, SecPkgContext_ConnectionInfo,
    SecPkgContext_IssuerListInfoEx,
};
use windows_sys::Win32::Security::Cryptography::{
    CERT_CHAIN_CONTEXT, CERT_CONTEXT, CERT_TRUST_STATUS, CRYPT_INTEGER_BLOB,
};
use windows_sys::core::GUID;
use winhttp_spec::structs::{FieldType, STRUCTS, Width, find};

type Layout = (&'static str, usize, usize, Vec<(&'static str, usize)>);

/// What the compiler says of a struct of the metadata crate.
macro_rules! layouts {
    ($($name:ident { $($field:ident $(. $inner:ident)?),+ })+) => {
        vec![$((
            stringify!($name),
            size_of::<$name>(),
            align_of::<$name>(),
            vec![$((last!($field $($inner)?), offset_of!($name, $field $(. $inner)?))),+],
        )),+]
    };
}

macro_rules! last {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $inner:ident) => {
        stringify!($inner)
    };
}

#[cfg(target_pointer_width = "64")]
#[test]
fn layouts_are_the_metadata_s() {
    for (name, size, align, fields) in metadata() {
        let ours = find(name).unwrap_or_else(|| panic!("{name} is missing"));
        let theirs: Vec<_> = fields.iter().map(|(field, at)| (field.to_lowercase(), *at)).collect();
        let layout = ours.layout(Width::W64);
        let layout: Vec<_> =
            layout.iter().map(|(field, at)| (field.name.to_lowercase(), *at as usize)).collect();
        assert_eq!(layout, theirs, "{name}");
        assert_eq!(
            (ours.size(Width::W64) as usize, ours.align(Width::W64) as usize),
            (size, align),
            "{name}"
        );
    }
}

/// `WINHTTP_SECURITY_INFO` alone is not in the metadata.
#[test]
fn all_but_one_are_compared() {
    let compared: BTreeSet<_> = metadata().iter().map(|(name, ..)| *name).collect();
    let ours: BTreeSet<_> = STRUCTS.iter().map(|of| of.name).collect();
    assert_eq!(ours.len(), STRUCTS.len(), "names are unique");
    assert_eq!(ours.difference(&compared).collect::<Vec<_>>(), [&"WINHTTP_SECURITY_INFO"]);
}

#[test]
fn nested_structs_exist() {
    let nested = STRUCTS.iter().flat_map(|of| of.fields).filter_map(|field| match field.ty {
        FieldType::Struct(name) => Some(name),
        _ => None,
    });
    let unknown: Vec<_> = nested.filter(|name| find(name).is_none()).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// The packing of 32-bit builds shows only where a member is aligned to 8.
#[rstest]
#[case("WINHTTP_REQUEST_TIMES", 4 + 64 * 8)]
#[case("WINHTTP_REQUEST_STATS", 16 + 32 * 8)]
#[case("WINHTTP_CONNECTION_INFO", 4 + 2 * 128)]
#[case("WINHTTP_PROXY_SETTINGS_EX", 16 + 7 * 4)]
#[case("WINHTTP_PROXY_SETTINGS_PARAM", 16)]
#[case("URL_COMPONENTS", 60)]
#[case("TCP_INFO_v0", 88)]
#[case("WINHTTP_EXTENDED_HEADER", 8)]
#[case("WINHTTP_SECURITY_INFO", 28 + 40 + 5 * 128)]
fn sizes_on_32_bit(#[case] name: &str, #[case] size: u32) {
    assert_eq!(find(name).unwrap().size(Width::W32), size);
}

#[rstest]
#[case("AsyncResult", Some(0))]
#[case("AsyncResult.dwError", Some(8))]
#[case("Operation", Some(16))]
#[case("Operation.dwError", None)]
#[case("dwError", None)]
fn members_are_found_by_path(#[case] path: &str, #[case] offset: Option<u32>) {
    let found = find("WINHTTP_WEB_SOCKET_ASYNC_RESULT").unwrap().member(path, Width::W64);
    assert_eq!(found.map(|(_, at)| at), offset);
}

#[rstest]
#[case("WINHTTP_REQUEST_TIMES", "rgullTimes[0]", Some((FieldType::U64, 8)))]
#[case("WINHTTP_REQUEST_TIMES", "rgullTimes[63]", Some((FieldType::U64, 512)))]
#[case("WINHTTP_REQUEST_TIMES", "rgullTimes[64]", None)]
#[case("WINHTTP_REQUEST_TIMES", "rgullTimes[]", None)]
#[case("WINHTTP_REQUEST_TIMES", "rgullTimes[1", None)]
#[case("WINHTTP_REQUEST_TIMES", "cTimes[0]", None)]
#[case("WINHTTP_CONNECTION_GROUP", "guidGroup.Data4[7]", Some((FieldType::U8, 19)))]
fn elements_are_found_by_index(
    #[case] name: &str,
    #[case] path: &str,
    #[case] found: Option<(FieldType, u32)>,
) {
    assert_eq!(find(name).unwrap().member(path, Width::W64), found);
}

fn metadata() -> Vec<Layout> {
    layouts! {
        WINHTTP_ASYNC_RESULT { dwResult, dwError }
        WINHTTP_WEB_SOCKET_ASYNC_RESULT { AsyncResult, Operation }
        WINHTTP_WEB_SOCKET_STATUS { dwBytesTransferred, eBufferType }
        URL_COMPONENTS {
            dwStructSize, lpszScheme, dwSchemeLength, nScheme, lpszHostName, dwHostNameLength, nPort, lpszUserName,
            dwUserNameLength, lpszPassword, dwPasswordLength, lpszUrlPath, dwUrlPathLength, lpszExtraInfo,
            dwExtraInfoLength
        }
        WINHTTP_EXTENDED_HEADER { Anonymous1.pwszName, Anonymous1.pszName, Anonymous2.pwszValue, Anonymous2.pszValue }
        WINHTTP_HEADER_NAME { pwszName, pszName }
        WINHTTP_CONNECTION_GROUP { cConnections, guidGroup }
        WINHTTP_HOST_CONNECTION_GROUP { pwszHost, cConnectionGroups, pConnectionGroups }
        WINHTTP_QUERY_CONNECTION_GROUP_RESULT { cHosts, pHostConnectionGroups }
        WINHTTP_PROXY_INFO { dwAccessType, lpszProxy, lpszProxyBypass }
        WINHTTP_AUTOPROXY_OPTIONS {
            dwFlags, dwAutoDetectFlags, lpszAutoConfigUrl, lpvReserved, dwReserved, fAutoLogonIfChallenged
        }
        WINHTTP_CURRENT_USER_IE_PROXY_CONFIG { fAutoDetect, lpszAutoConfigUrl, lpszProxy, lpszProxyBypass }
        WINHTTP_PROXY_RESULT { cEntries, pEntries }
        WINHTTP_PROXY_RESULT_ENTRY { fProxy, fBypass, ProxyScheme, pwszProxy, ProxyPort }
        WINHTTP_PROXY_SETTINGS_EX {
            ullGenerationId, ullFlags, pcwszAutoconfigUrl, pcwszProxy, pcwszSecureProxy, cProxyBypasses,
            rgpcwszProxyBypasses, dwInterfaceIndex, pcwszConnectionName
        }
        WINHTTP_PROXY_SETTINGS_PARAM { ullFlags, pcwszConnectionName, pcwszProbeHost }
        HTTP_VERSION_INFO { dwMajorVersion, dwMinorVersion }
        WINHTTP_CONNECTION_INFO { cbSize, LocalAddress, RemoteAddress }
        WINHTTP_CERTIFICATE_INFO {
            ftExpiry, ftStart, lpszSubjectInfo, lpszIssuerInfo, lpszProtocolName, lpszSignatureAlgName,
            lpszEncryptionAlgName, dwKeySize
        }
        WINHTTP_CREDS { lpszUserName, lpszPassword, lpszRealm, dwAuthScheme, lpszHostName, dwPort }
        WINHTTP_CREDS_EX { lpszUserName, lpszPassword, lpszRealm, dwAuthScheme, lpszHostName, dwPort, lpszUrl }
        WINHTTP_REQUEST_TIMES { cTimes, rgullTimes }
        WINHTTP_REQUEST_STATS { ullFlags, ulIndex, cStats, rgullStats }
        WINHTTP_MATCH_CONNECTION_GUID { ConnectionGuid, ullFlags }
        WINHTTP_HTTP2_RECEIVE_WINDOW { ulStreamWindow, ulStreamWindowUpdateDelta }
        WINHTTP_FAILED_CONNECTION_RETRIES { dwMaxRetries, dwAllowedRetryConditions }
        GUID { data1, data2, data3, data4 }
        FILETIME { dwLowDateTime, dwHighDateTime }
        SYSTEMTIME { wYear, wMonth, wDayOfWeek, wDay, wHour, wMinute, wSecond, wMilliseconds }
        SOCKADDR_STORAGE { ss_family, __ss_pad1, __ss_align, __ss_pad2 }
        tcp_keepalive { onoff, keepalivetime, keepaliveinterval }
        TCP_INFO_v0 {
            State, Mss, ConnectionTimeMs, TimestampsEnabled, RttUs, MinRttUs, BytesInFlight, Cwnd, SndWnd, RcvWnd,
            RcvBuf, BytesOut, BytesIn, BytesReordered, BytesRetrans, FastRetrans, DupAcksIn, TimeoutEpisodes, SynRetrans
        }
        TCP_INFO_v1 {
            State, Mss, ConnectionTimeMs, TimestampsEnabled, RttUs, MinRttUs, BytesInFlight, Cwnd, SndWnd, RcvWnd,
            RcvBuf, BytesOut, BytesIn, BytesReordered, BytesRetrans, FastRetrans, DupAcksIn, TimeoutEpisodes, SynRetrans,
            SndLimTransRwin, SndLimTimeRwin, SndLimBytesRwin, SndLimTransCwnd, SndLimTimeCwnd, SndLimBytesCwnd,
            SndLimTransSnd, SndLimTimeSnd, SndLimBytesSnd
        }
        SecPkgContext_ConnectionInfo {
            dwProtocol, aiCipher, dwCipherStrength, aiHash, dwHashStrength, aiExch, dwExchStrength
        }
        SecPkgContext_CipherInfo {
            dwVersion, dwProtocol, dwCipherSuite, dwBaseCipherSuite, szCipherSuite, szCipher, dwCipherLen,
            dwCipherBlockLen, szHash, dwHashLen, szExchange, dwMinExchangeLen, dwMaxExchangeLen, szCertificate, dwKeyType
        }
        SecPkgContext_IssuerListInfoEx { aIssuers, cIssuers }
        CRYPT_INTEGER_BLOB { cbData, pbData }
        SecPkgContext_Bindings { BindingsLength, Bindings }
        SEC_CHANNEL_BINDINGS {
            dwInitiatorAddrType, cbInitiatorLength, dwInitiatorOffset, dwAcceptorAddrType, cbAcceptorLength,
            dwAcceptorOffset, cbApplicationDataLength, dwApplicationDataOffset
        }
        CERT_CONTEXT { dwCertEncodingType, pbCertEncoded, cbCertEncoded, pCertInfo, hCertStore }
        CERT_TRUST_STATUS { dwErrorStatus, dwInfoStatus }
        CERT_CHAIN_CONTEXT {
            cbSize, TrustStatus, cChain, rgpChain, cLowerQualityChainContext, rgpLowerQualityChainContext,
            fHasRevocationFreshnessTime, dwRevocationFreshnessTime, dwCreateFlags, ChainId
        }
    }
}
