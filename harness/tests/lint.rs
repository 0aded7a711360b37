//! What lint finds without asking anybody; and that it finds nothing in the repository is `conform lint`'s own check.

use rstest::rstest;
use winhttp_conformance::baseline::Baseline;
use winhttp_conformance::case::Case;
use winhttp_conformance::coverage::{Coverage, Floor, Standing};
use winhttp_conformance::lint;
use winhttp_conformance::load::load_text;
use winhttp_spec::requirements::Ledger;

/// Two cases with these texts below their names.
fn two(first: &str, second: &str) -> Vec<Case> {
    let indented = |case: &str| case.trim().replace('\n', "\n    ");
    let text = format!(
        "covers: [WinHttpResetAutoProxy/success]\ncases:\n  one:\n    {}\n  two:\n    {}\n",
        indented(first),
        indented(second)
    );
    load_text("f", "f.yaml", &text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn one(case: &str) -> Case {
    two(case, "steps: [{ WinHttpCheckPlatform: {}, open: true }]").remove(0)
}

#[test]
fn an_id_of_two_cases() {
    let case = one("steps: [{ WinHttpOpen: {}, succeeds: true }]");
    assert_eq!(lint::twice_called(&[case.clone(), case]), ["two cases are called f/one"]);
}

#[rstest]
#[case::under_other_names(
    "steps:\n- session: s\n- WinHttpCloseHandle: { hInternet: $s }\n  succeeds: true",
    "steps:\n- session: h\n- WinHttpCloseHandle: { hInternet: $h }\n  succeeds: true",
    true
)]
#[case::with_another_expectation(
    "steps:\n- session: s\n- WinHttpCloseHandle: { hInternet: $s }\n  succeeds: true",
    "steps:\n- session: s\n- WinHttpCloseHandle: { hInternet: $s }\n  fails: true",
    false
)]
#[case::with_another_argument(
    "steps: [{ WinHttpOpen: { dwFlags: 0 }, succeeds: true }]",
    "steps: [{ WinHttpOpen: { dwFlags: 1 }, succeeds: true }]",
    false
)]
#[case::with_another_peer(
    "origin: ok\nsteps: [{ WinHttpOpen: {}, succeeds: true }]",
    "origin: silent\nsteps: [{ WinHttpOpen: {}, succeeds: true }]",
    false
)]
fn the_same_question_twice(#[case] first: &str, #[case] second: &str, #[case] same: bool) {
    let found = lint::same_questions(&two(first, second));
    assert_eq!(found, if same { vec!["f/two asks what f/one asks"] } else { vec![] });
}

const RECORDER: &str = "- WinHttpSetStatusCallback: { hInternet: $s, lpfnInternetCallback: recorder, dwNotificationFlags: WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS }";

#[rstest]
#[case::every_outcome(
    "steps: [{ WinHttpOpen: {}, either: [{ succeeds: true, because: WinHttpOpen/opens-session }, { fails: true, because: WinHttpOpen/opens-session }] }]",
    "that is `open`"
)]
#[case::memory_that_is_only_read(
    "steps: [{ WinHttpSetOption: { hInternet: NULL, dwOption: 1, lpBuffer: { DWORD: 1 } }, succeeds: true, gives: { lpBuffer: { DWORD: 1 } } }]",
    "only reads its lpBuffer"
)]
#[case::a_wait_for_no_callback(
    "steps: [{ session: s }, { wait: WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, comes: false }]",
    "none is registered"
)]
#[case::never_a_callback(
    "steps: [{ session: s }]\ncallbacks: [{ never: WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING }]",
    "none is registered"
)]
#[case::an_order_of_nothing(
    "steps:\n- session: s\n{RECORDER}\ncallbacks: [{ before: [WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, WINHTTP_CALLBACK_STATUS_REQUEST_SENT] }]",
    "say what comes"
)]
fn what_cannot_fail(#[case] case: &str, #[case] says: &str) {
    let found = lint::cannot_fail(&one(&case.replace("{RECORDER}", RECORDER)));
    assert!(matches!(&found[..], [only] if only.starts_with("f/one: ") && only.contains(says)), "{found:#?}");
}

#[rstest]
#[case::either_with_memory(
    "steps: [{ WinHttpQueryOption: { hInternet: NULL, dwOption: 1, lpBuffer: { space: 4 } }, gives: { lpBuffer: { DWORD: 1 } }, either: [{ succeeds: true, because: WinHttpOpen/opens-session }, { fails: true, because: WinHttpOpen/opens-session }] }]"
)]
#[case::memory_left_alone(
    "steps: [{ WinHttpSetOption: { hInternet: NULL, dwOption: 1, lpBuffer: { DWORD: 1 } }, succeeds: true, unchanged: [lpBuffer] }]"
)]
#[case::never_a_callback(
    "steps:\n- session: s\n{RECORDER}\ncallbacks: [{ never: WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING }]"
)]
#[case::an_order_of_what_comes(
    "steps:\n- session: s\n{RECORDER}\ncallbacks: [{ before: [WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, WINHTTP_CALLBACK_STATUS_REQUEST_SENT] }, { once: WINHTTP_CALLBACK_STATUS_REQUEST_SENT }]"
)]
fn what_can(#[case] case: &str) {
    assert_eq!(lint::cannot_fail(&one(&case.replace("{RECORDER}", RECORDER))), [""; 0]);
}

#[test]
fn entries_of_a_baseline_that_match_no_case() {
    let text = "backend: b\nknown:\n- cases: [f/one, f/three]\n  verdict: fail\n  reason: It does.\n";
    let baseline = Baseline::parse(text).expect("a baseline");
    let cases =
        two("steps: [{ WinHttpOpen: {}, succeeds: true }]", "steps: [{ WinHttpOpen: {}, fails: true }]");
    assert_eq!(lint::dead_entries(baseline, &cases), ["f/three: matches no case"]);
}

/// A page with a requirement of every standing.
const PAGE: &str = "
page: P
title: P
url: u
source: s
commit: c
{PENDING}
requirements:
  asked: { says: One., section: S, level: must, test: offline }
  open: { says: Two., section: S, level: must, test: {OPEN} }
  never: { says: Three., section: S, level: must, test: untestable, why: Nobody can. }
  proxy: { says: Four., section: S, level: must, test: proxy }
";

fn ledger(pending: bool, open: &str) -> Ledger {
    let text =
        PAGE.replace("{PENDING}", if pending { "pending: Later." } else { "" }).replace("{OPEN}", open);
    Ledger::read(&[("p.yaml", &text)]).unwrap_or_else(|error| panic!("{error}"))
}

fn asks(requirement: &str) -> Vec<Case> {
    vec![Case { id: "f/one".to_owned(), covers: vec![requirement.to_owned()], ..Case::default() }]
}

#[test]
fn every_requirement_has_a_standing() {
    let standings = |pending| {
        let cases = asks("P/asked");
        let ledger = ledger(pending, "loopback");
        let coverage = Coverage::of(&cases);
        ledger.all().map(|requirement| coverage.standing(requirement)).collect::<Vec<_>>()
    };
    use Standing::{Covered, Later, Uncovered, Untestable};
    assert_eq!(standings(false), [Covered, Uncovered, Untestable, Later]);
    assert_eq!(standings(true), [Covered, Later, Untestable, Later]);
}

#[test]
fn requirements_without_a_case() {
    assert_eq!(lint::uncovered(&asks("P/asked"), &ledger(false, "loopback")), ["no case covers P/open"]);
    assert_eq!(lint::uncovered(&asks("P/asked"), &ledger(true, "loopback")), [""; 0]);
    // It takes no peer, so a page that is pending does not excuse it.
    assert_eq!(lint::uncovered(&asks("P/asked"), &ledger(true, "offline")), ["no case covers P/open"]);
}

#[rstest]
#[case::it_excuses_something("P/asked", "loopback", false)]
#[case::all_is_covered("P/open", "loopback", false)]
#[case::only_what_has_reasons_is_left("*", "loopback", true)]
fn a_page_that_is_no_longer_pending(#[case] covered: &str, #[case] open: &str, #[case] idle: bool) {
    let ledger = ledger(true, open);
    let cases: Vec<Case> = match covered {
        "*" => ["P/asked", "P/open", "P/proxy"].into_iter().flat_map(asks).collect(),
        one => asks(one),
    };
    let found = lint::idle_pending(&cases, &ledger);
    assert_eq!(found, if idle { vec!["P: `pending` excuses nothing any more"] } else { vec![] });
}

#[test]
fn coverage_that_falls_below_its_floor() {
    let ledger = ledger(false, "loopback");
    let both: Vec<Case> = ["P/asked", "P/open"].into_iter().flat_map(asks).collect();
    let floor = Floor::new(Coverage::of(&both).pages(&ledger));
    let floor = Floor::parse(&floor.to_string()).expect("it reads what it writes");
    let pages = |cases: &[Case]| Coverage::of(cases).pages(&ledger);
    assert_eq!(floor.fallen(&pages(&both)), [""; 0]);
    assert_eq!(floor.fallen(&pages(&asks("P/asked"))), ["P: 1 covered, 2 before"]);
    assert_eq!(floor.fallen(&pages(&[])), ["P: 0 covered, 2 before"]);
    assert!(Floor::parse("P: 1\n").expect("a floor").is_low(&pages(&both)));
}
