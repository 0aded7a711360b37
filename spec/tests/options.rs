//! Laws of the option table.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use winhttp_spec::handles::HandleKind;
use winhttp_spec::options::{Cell, Data, OPTIONS, Range, SetLength, documented, find};
use winhttp_spec::structs::{self, Width};
use winhttp_spec::{constants, errors};

/// 110 headings, 94 of them with a row, one row without a heading, one name that is only mentioned.
#[test]
fn the_whole_page_is_there() {
    let count =
        |heading, row| OPTIONS.iter().filter(|o| (o.heading, o.row.is_some()) == (heading, row)).count();
    assert_eq!(
        [count(true, true), count(true, false), count(false, true), count(false, false)],
        [94, 16, 1, 1]
    );
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<_> = documented().map(|option| option.name).collect();
    assert_eq!(names.len(), documented().count());
}

#[test]
fn values_are_unique_and_one_name_has_none() {
    let mut by_value: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for option in documented() {
        by_value.entry(option.value).or_default().push(option.name);
    }
    assert_eq!(by_value.remove(&None), Some(vec!["WINHTTP_OPTION_ENABLE_HTTP2_PLUS_CLIENT_CERT_CONTEXT"]));
    by_value.retain(|_, names| names.len() > 1);
    assert_eq!(by_value, BTreeMap::new());
}

#[test]
fn values_are_those_that_cases_write_by_name() {
    for option in documented() {
        assert_eq!(constants::value(option.name), option.value.map(u64::from), "{}", option.name);
    }
}

#[test]
fn ranges_name_constants_and_errors_that_exist() {
    let mut unknown = Vec::new();
    for option in OPTIONS {
        match option.range {
            Range::OneOf(names) | Range::Flags(names) => {
                unknown.extend(names.iter().copied().filter(|name| constants::value(name).is_none()));
            }
            Range::AtLeast { error: Some(name), .. }
                if !errors::ERRORS.iter().any(|error| error.name == name) =>
            {
                unknown.push(name);
            }
            Range::AtLeast { .. } | Range::Unstated => {}
        }
    }
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn defaults_lie_in_the_range() {
    for option in OPTIONS {
        let Some(default) = option.default else { continue };
        let named =
            |names: &[&str]| names.iter().any(|name| constants::value(name) == Some(u64::from(default)));
        let fits = match option.range {
            Range::Unstated => true,
            Range::AtLeast { minimum, .. } => default >= minimum,
            Range::OneOf(names) => named(names),
            Range::Flags(names) => default == 0 || named(names),
        };
        assert!(fits, "{}", option.name);
    }
}

#[test]
fn numbers_alone_have_defaults_and_ranges() {
    for option in OPTIONS {
        let is_number = matches!(option.data, Data::Dword | Data::Bool);
        assert!(is_number || (option.default, option.range) == (None, Range::Unstated), "{}", option.name);
    }
}

#[test]
fn structs_exist() {
    for option in documented() {
        if let Data::Struct(name) | Data::StructPointer(name) = option.data {
            assert!(structs::find(name).is_some(), "{}: {name}", option.name);
        }
    }
}

/// The prose may add to a row and dispute it, but not turn it round.
#[test]
fn prose_only_disputes_rows() {
    for option in OPTIONS {
        let Some(row) = option.row else { continue };
        let cells = [
            (row.session, option.session),
            (row.request, option.request),
            (row.query, option.query),
            (row.set, option.set),
        ];
        assert!(
            cells.iter().all(|&(table, said)| said == table || said == Cell::Disputed),
            "{}",
            option.name
        );
    }
}

#[rstest]
#[case("WINHTTP_OPTION_CONNECT_TIMEOUT", "connect-timeout", Some(4), Some(4), SetLength::Bytes)]
#[case("WINHTTP_OPTION_CONTEXT_VALUE", "context-value", Some(4), Some(8), SetLength::Bytes)]
#[case("WINHTTP_OPTION_USER_AGENT", "user-agent", None, None, SetLength::CharsWithTerminator)]
#[case("WINHTTP_OPTION_PASSWORD", "password", None, None, SetLength::Unstated)]
#[case("WINHTTP_OPTION_PROXY", "proxy", Some(12), Some(24), SetLength::Bytes)]
#[case("WINHTTP_OPTION_SERVER_CERT_CONTEXT", "server-cert-context", Some(4), Some(8), SetLength::Bytes)]
#[case("WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET", "upgrade-to-web-socket", None, None, SetLength::Bytes)]
fn describes_its_buffer(
    #[case] name: &str,
    #[case] slug: &str,
    #[case] on_32: Option<u32>,
    #[case] on_64: Option<u32>,
    #[case] length: SetLength,
) {
    let option = find(name).unwrap();
    assert_eq!(option.slug(), slug);
    assert_eq!((option.data.size(Width::W32), option.data.size(Width::W64)), (on_32, on_64));
    assert_eq!(option.set_length(), length);
}

#[test]
fn says_which_handles_take_it() {
    let cells = |name| HandleKind::ALL.map(|kind| find(name).unwrap().on(kind));
    let (yes, no, unstated, disputed) = (Cell::Yes, Cell::No, Cell::Unstated, Cell::Disputed);
    assert_eq!(cells("WINHTTP_OPTION_HANDLE_TYPE"), [unstated, yes, yes, yes, unstated]);
    assert_eq!(cells("WINHTTP_OPTION_HTTP_VERSION"), [yes, disputed, unstated, disputed, unstated]);
    assert_eq!(cells("WINHTTP_OPTION_WEB_SOCKET_CLOSE_TIMEOUT"), [unstated, no, unstated, no, yes]);
}
