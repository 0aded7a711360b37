//! Laws of the status table: it has the statuses of the headers, and no other names.

use std::collections::BTreeSet;

use winhttp_spec::constants::CONSTANTS;
use winhttp_spec::statuses::{Information, PREFIX, STATUSES, find};
use winhttp_spec::structs;

#[test]
fn the_statuses_are_those_of_the_headers() {
    let known = CONSTANTS.iter().filter_map(|constant| constant.name.strip_prefix(PREFIX));
    // The flags are what SECURE_FAILURE points to.
    let known: BTreeSet<&str> = known.filter(|name| !name.starts_with("FLAG_")).collect();
    let ours: BTreeSet<&str> = STATUSES.iter().map(|status| status.name).collect();
    assert_eq!(ours, known);
    assert_eq!(ours.len(), STATUSES.len(), "names are unique");
}

#[test]
fn the_structs_exist() {
    for information in STATUSES.iter().flat_map(|status| status.information) {
        if let Information::Struct(name) = information {
            assert!(structs::find(name).is_some(), "{name}");
        }
    }
}

#[test]
fn a_status_is_found_by_its_long_and_its_short_name() {
    assert_eq!(find("WINHTTP_CALLBACK_STATUS_REDIRECT"), find("REDIRECT"));
    assert!(find("REDIRECT").is_some_and(|status| status.constant() == "WINHTTP_CALLBACK_STATUS_REDIRECT"));
    assert!(find("NOTHING").is_none());
}
