//! Laws of the ledger.

use rstest::rstest;
use winhttp_spec::options::OPTIONS;
use winhttp_spec::requirements::{Ledger, Requirement, Testability, ledger};
use winhttp_spec::{constants, errors};

#[test]
fn embedded_files_are_well_formed() {
    assert!(ledger().all().count() > 0);
}

#[test]
fn ids_are_page_and_slugs_in_kebab_case() {
    let requirements = ledger().all().map(|requirement| requirement.id.as_str());
    let defects = ledger().defects().iter().map(|defect| defect.id.as_str());
    none(requirements.chain(defects).filter(|id| !is_well_formed(id)));
}

#[test]
fn what_cannot_be_tested_says_why() {
    let needs_reason = |test| matches!(test, Testability::Untestable | Testability::WindowsOnly);
    let wrong =
        ledger().all().filter(|requirement| requirement.why.is_none() && needs_reason(requirement.test));
    none(wrong.map(|requirement| requirement.id.as_str()));
}

#[test]
fn conflicts_name_requirements() {
    let named = ledger().all().flat_map(|from| from.conflicts.iter().map(move |to| (&from.id, to)));
    none(named.filter(|(_, to)| ledger().requirement(to).is_none()));
}

#[test]
fn defects_touch_requirements() {
    let named = ledger().defects().iter().flat_map(|from| from.touches.iter().map(move |to| (&from.id, to)));
    none(named.filter(|(_, to)| ledger().requirement(to).is_none()));
}

#[test]
fn nothing_contradicts_itself_by_name() {
    none(
        ledger()
            .all()
            .filter(|requirement| requirement.conflicts.contains(&requirement.id))
            .map(|own| &own.id),
    );
}

#[test]
fn every_option_has_a_requirement_and_every_row_its_cells() {
    let missing = OPTIONS.iter().flat_map(|option| {
        let row =
            option.row.map(|_| ["table-type", "table-session", "table-request", "table-query", "table-set"]);
        let since = option.since.map(|_| "table-since");
        let slugs = std::iter::once("exists").chain(row.into_iter().flatten()).chain(since);
        slugs.map(move |slug| format!("option-flags/{}/{slug}", option.slug()))
    });
    none(missing.filter(|id| ledger().requirement(id).is_none()));
}

#[test]
fn option_flags_speak_of_options_of_the_table() {
    let slugs: Vec<_> = OPTIONS.iter().map(|option| option.slug()).collect();
    let about =
        |requirement: &Requirement| requirement.id.split('/').nth(1).map(str::to_owned).unwrap_or_default();
    let ours = ledger().all().filter(|requirement| requirement.page == "option-flags");
    none(
        ours.map(about)
            .filter(|about| !slugs.contains(about) && about != "remarks" && about != "requirements"),
    );
}

/// Or are known not to exist: then they are gaps of the constants, without a value.
#[test]
fn error_codes_in_sentences_exist() {
    let named = ledger()
        .all()
        .flat_map(|requirement| error_names(requirement).map(move |name| (&requirement.id, name)));
    let known = |name: &str| {
        let gap = || constants::GAPS.iter().any(|gap| gap.name == name);
        errors::ERRORS.iter().any(|error| error.name == name) || constants::value(name).is_some() || gap()
    };
    none(named.filter(|(_, name)| !known(name)));
}

const PAGE: &str = "page: P\ntitle: T\nurl: U\nsource: S\ncommit: C\nrequirements:\n";

#[rstest]
#[case::not_a_page("[]", "expected")]
#[case::unknown_word(
    "{PAGE}  a: {says: x, section: y, level: must, test: somehow}\n",
    "unknown variant `somehow`"
)]
#[case::unknown_key(
    "{PAGE}  a: {says: x, section: y, level: must, test: tls, wy: z}\n",
    "unknown field `wy`"
)]
#[case::missing_key("{PAGE}  a: {says: x, level: must, test: tls}\n", "missing field `section`")]
#[case::twice(
    "{PAGE}  a: {says: x, section: y, level: must, test: tls}\n  a: {says: x, section: y, level: must, test: tls}\n",
    "twice"
)]
fn malformed_files_are_refused_by_name(#[case] text: &str, #[case] complaint: &str) {
    let error = Ledger::read(&[("a-page.yaml", &text.replace("{PAGE}", PAGE))]).unwrap_err().to_string();
    assert!(error.starts_with("spec/requirements/a-page.yaml: ") && error.contains(complaint), "{error}");
}

#[test]
fn ids_are_unique_across_files() {
    let text = format!("{PAGE}  a: {{says: x, section: y, level: must, test: tls}}\n");
    let error = Ledger::read(&[("one.yaml", &text), ("two.yaml", &text)]).unwrap_err().to_string();
    assert_eq!(error, "spec/requirements/two.yaml: the requirement P/a exists already");
}

fn is_well_formed(id: &str) -> bool {
    // A function's or a struct's name, or that of an overview page in kebab case.
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let page = |page: &str| !page.is_empty() && page.chars().all(word);
    let slug = |slug: &str| {
        let words = slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        words && !slug.is_empty() && !slug.starts_with('-') && !slug.ends_with('-')
    };
    let Some((first, rest)) = id.split_once('/') else { return false };
    page(first) && rest.split('/').all(slug)
}

/// `ERROR_WINHTTP_*`, the family, is no name.
fn error_names(requirement: &Requirement) -> impl Iterator<Item = &str> {
    let words = requirement.says.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("ERROR_") && !word.ends_with('_'))
}

fn none<T: std::fmt::Debug>(offenders: impl Iterator<Item = T>) {
    let offenders: Vec<_> = offenders.collect();
    assert!(offenders.is_empty(), "{} offend: {offenders:#?}", offenders.len());
}
