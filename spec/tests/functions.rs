//! Laws over the tables of functions, constants and errors.

use std::collections::HashSet;

use rstest::rstest;
use winhttp_spec::constants::{self, CONSTANTS, GAPS};
use winhttp_spec::errors::{self, ERRORS};
use winhttp_spec::functions::{self, Direction, FUNCTIONS, Returns, Type, Unit};
use winhttp_spec::structs;
use winhttp_spec::windows::Windows;

/// What the page "WinHTTP Functions" lists.
const DOCUMENTED_FUNCTIONS: usize = 48;

/// How many codes of WinHTTP's own the page "Error messages" lists.
const SPECIFIC_CODES: usize = 48;

#[test]
fn functions_are_the_documented_ones_in_alphabetical_order() {
    assert_eq!(FUNCTIONS.len(), DOCUMENTED_FUNCTIONS);
    assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name), "sorted, each once");
}

#[test]
fn parameters_of_a_function_have_different_names() {
    for function in FUNCTIONS {
        let names: HashSet<_> = function.params.iter().map(|param| param.name).collect();
        assert_eq!(names.len(), function.params.len(), "{}", function.name);
    }
}

#[test]
fn a_length_is_a_number_and_measures_a_pointer_of_its_function() {
    for function in FUNCTIONS {
        for param in function.params {
            let Some((measured, unit)) = param.length_of else { continue };
            let place = format!("{}: {} of {measured}", function.name, param.name);
            assert!(matches!(param.ty, Type::Dword | Type::DwordPointer), "{place}");
            let Some(measured) = function.params.iter().find(|other| other.name == measured) else {
                panic!("{place}: no such parameter")
            };
            let fits = match measured.ty {
                Type::WideStr | Type::WideBuffer => unit == Unit::Chars,
                Type::Buffer => matches!(unit, Unit::Bytes | Unit::ByOption),
                Type::StructPointer(_) => unit == Unit::Elements,
                _ => false,
            };
            assert!(fits, "{place} in {unit:?}");
        }
    }
}

#[test]
fn only_pointers_are_written() {
    let numbers = [Type::Handle, Type::Dword, Type::Word, Type::Qword, Type::DwordPtr, Type::Callback];
    for function in FUNCTIONS {
        for param in function.params.iter().filter(|param| numbers.contains(&param.ty)) {
            assert_eq!(param.direction, Direction::In, "{}: {}", function.name, param.name);
        }
    }
}

#[test]
fn every_struct_of_a_parameter_is_described() {
    let named =
        FUNCTIONS.iter().flat_map(|function| function.params.iter().map(move |param| (function.name, param)));
    let missing: Vec<_> = named
        .filter_map(|(function, param)| match param.ty {
            Type::StructPointer(name) if structs::find(name).is_none() => Some(format!("{function}: {name}")),
            _ => None,
        })
        .collect();
    assert!(missing.is_empty(), "add to structs/table.rs: {missing:#?}");
}

#[test]
fn every_error_of_a_function_is_described_and_named_once() {
    for function in FUNCTIONS {
        let names: HashSet<_> = function.errors.iter().collect();
        assert_eq!(names.len(), function.errors.len(), "{}", function.name);
        for name in function.errors {
            assert!(ERRORS.iter().any(|error| error.name == *name), "{}: {name}", function.name);
        }
    }
}

#[rstest]
#[case::session("WinHttpOpen", Returns::Handle, Some(Windows::XP), 5)]
#[case::callback("WinHttpSetStatusCallback", Returns::Callback, Some(Windows::XP), 4)]
#[case::code("WinHttpWebSocketClose", Returns::Code, Some(Windows::EIGHT), 4)]
#[case::nothing("WinHttpFreeProxyResult", Returns::Void, Some(Windows::EIGHT), 1)]
#[case::version_unstated("WinHttpGetProxySettingsEx", Returns::Code, None, 4)]
#[case::no_parameters("WinHttpCheckPlatform", Returns::Bool, Some(Windows::XP), 0)]
fn a_function_is_found_by_name(
    #[case] name: &str,
    #[case] returns: Returns,
    #[case] since: Option<Windows>,
    #[case] params: usize,
) {
    let function = functions::find(name).expect("a documented function");
    assert_eq!((function.returns, function.since, function.params.len()), (returns, since, params));
}

#[test]
fn the_length_of_set_option_depends_on_the_option() {
    let function = functions::find("WinHttpSetOption").expect("a documented function");
    let lengths: Vec<_> = function.params.iter().filter_map(|param| param.length_of).collect();
    assert_eq!(lengths, [("lpBuffer", Unit::ByOption)]);
}

#[test]
fn a_name_outside_the_table_is_not_found() {
    assert!(functions::find("winhttpopen").is_none());
    assert_eq!(constants::value("WINHTTP_OPTION_NO_SUCH"), None);
    assert_eq!(errors::name(u32::MAX), None);
}

#[test]
fn constants_are_sorted_and_unique() {
    assert!(CONSTANTS.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn a_gap_is_named_once_and_is_no_constant() {
    let names: HashSet<_> = GAPS.iter().map(|gap| gap.name).collect();
    assert_eq!(names.len(), GAPS.len());
    for gap in GAPS {
        assert!(
            CONSTANTS.iter().all(|constant| constant.name != gap.name),
            "{} is no gap any more",
            gap.name
        );
        assert_eq!(constants::value(gap.name), gap.value, "{}", gap.name);
    }
}

#[rstest]
#[case::error("ERROR_WINHTTP_INVALID_OPTION", 12009)]
#[case::win32_error("ERROR_INVALID_PARAMETER", 87)]
#[case::option("WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL", 116)]
#[case::infinite("INFINITE", 0xFFFF_FFFF)]
#[case::signed_32_bit("CERT_E_EXPIRED", 0x800B_0101)]
#[case::enum_member("WINHTTP_WEB_SOCKET_CLOSE_BUFFER_TYPE", 4)]
#[case::sixteen_bit("INTERNET_DEFAULT_HTTPS_PORT", 443)]
#[case::signed_enum_member("WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS", 1000)]
#[case::null("WINHTTP_NO_REFERER", 0)]
#[case::all_bits("WINHTTP_INVALID_STATUS_CALLBACK", u64::MAX)]
#[case::sum_of_flags("WINHTTP_FLAG_SECURE_PROTOCOL_ALL", 0xA8)]
fn a_constant_has_its_value(#[case] name: &str, #[case] value: u64) {
    assert_eq!(constants::value(name), Some(value));
}

#[test]
fn errors_are_unique_and_agree_with_the_constants() {
    let specific = ERRORS.iter().filter(|error| error.name.starts_with("ERROR_WINHTTP_")).count();
    assert_eq!(specific, SPECIFIC_CODES);
    let values: HashSet<_> = ERRORS.iter().map(|error| error.value).collect();
    assert_eq!(values.len(), ERRORS.len());
    for error in ERRORS {
        assert_eq!(constants::value(error.name), Some(u64::from(error.value)), "{}", error.name);
        assert!(!error.says.is_empty(), "{}", error.name);
    }
}

#[rstest]
#[case::listed(12009, Some("ERROR_WINHTTP_INVALID_OPTION"))]
#[case::success(0, Some("ERROR_SUCCESS"))]
#[case::of_no_page(12187, Some("ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED_PROXY"))]
#[case::of_sockets(10054, Some("WSAECONNRESET"))]
#[case::unknown(12999, None)]
fn a_code_has_a_name(#[case] value: u32, #[case] name: Option<&str>) {
    assert_eq!(errors::name(value), name);
}

#[test]
fn the_codes_that_are_no_longer_used_are_marked() {
    let obsolete: Vec<_> = ERRORS.iter().filter(|error| error.obsolete).map(|error| error.name).collect();
    let expected = [
        "ERROR_WINHTTP_HEADER_ALREADY_EXISTS",
        "ERROR_WINHTTP_INVALID_QUERY_REQUEST",
        "ERROR_WINHTTP_NOT_INITIALIZED",
        "ERROR_WINHTTP_OUT_OF_HANDLES",
    ];
    assert_eq!(obsolete, expected);
}
