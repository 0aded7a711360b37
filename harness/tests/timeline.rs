//! Calls, callbacks and the peer's bytes come out in the order in which they caused each other.

use std::time::Duration;

use winhttp_agent::About;
use winhttp_conformance::load::load_text;
use winhttp_conformance::presence::Inventory;
use winhttp_conformance::run::Worker;
use winhttp_host::agent_mode::rust_table;
use winhttp_host::in_process::InProcess;
use winhttp_host::{Answer, BackendError, Left, Subject};
use winhttp_machine::{Plan, Seen};
use winhttp_reports::record::{CaseResult, Clock, Lane, Verdict};

/// Whose clock the plan's begin is told by.
#[derive(Clone, Copy, PartialEq)]
enum Tells {
    Ours,
    /// One that is an hour ahead.
    Another,
    /// Nobody knows whose.
    Perhaps,
    /// It ends in the middle of the case, after all its calls.
    Nothing,
    /// It does, and left a note of what had become of the steps before.
    Some,
}

struct It(InProcess, Tells);

impl Subject for It {
    fn ask(&mut self, plan: &Plan, deadline: Duration) -> Answer {
        match (self.0.ask(plan, deadline), self.1) {
            (_, Tells::Nothing) => {
                Answer::Crashed { left: Some(Left { step: 4, ..Left::default() }), how: "ended".to_owned() }
            }
            (Answer::Observed(seen), Tells::Some) => {
                let (step, began_unix_us) = (READ, seen.began_unix_us);
                let seen = seen.steps.into_iter().take(READ as usize).map(|seen| match seen {
                    Seen::Returned { value, error, micros, callbacks, .. } => {
                        Seen::Returned { value, error, copies: Vec::new(), micros, callbacks }
                    }
                    other => other,
                });
                let left = Left { step, seen: seen.collect(), began_unix_us };
                Answer::Crashed { left: Some(left), how: "ended".to_owned() }
            }
            (Answer::Observed(mut seen), Tells::Another) => {
                seen.began_unix_us += 3_600_000_000;
                Answer::Observed(seen)
            }
            (answer, _) => answer,
        }
    }

    fn about(&self) -> &About {
        self.0.about()
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        self.0.exports(names)
    }

    fn is_here(&self) -> bool {
        self.1 != Tells::Perhaps
    }
}

/// The step in which it ends that left a note: WinHttpReadData.
const READ: u32 = 8;

const CASE: &str = "
covers: [WinHttpResetAutoProxy/success]
cases:
  it:
    origin: { routes: [{ target: /, reply: { response: { body: hello } } }] }
    steps:
      - { request: r, async: true }
      - WinHttpSetStatusCallback: { hInternet: $r, lpfnInternetCallback: recorder, dwNotificationFlags: WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS }
      - WinHttpSendRequest: { hRequest: $r, dwContext: 7 }
        succeeds: true
      - { wait: WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, on: $r }
      - WinHttpReceiveResponse: { hRequest: $r, lpReserved: NULL }
        succeeds: true
      - { wait: WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, on: $r }
      - WinHttpReadData: { hRequest: $r, lpBuffer: { space: 5 }, lpdwNumberOfBytesRead: NULL }
        succeeds: true
      - { wait: WINHTTP_CALLBACK_STATUS_READ_COMPLETE, on: $r }
      - WinHttpCloseHandle: { hInternet: $r }
        succeeds: true
      - { wait: WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, on: $r }
";

fn ask(tells: Tells) -> CaseResult {
    let case = load_text("f", "f.yaml", CASE).unwrap_or_else(|errors| panic!("{errors}")).remove(0);
    let start = move || {
        let (table, about) = rust_table();
        Ok(Box::new(It(InProcess::new(table, about), tells)) as Box<dyn Subject + Send>)
    };
    Worker::start(&start).expect("a peer").ask(&case, &Inventory::default())
}

/// The numbers of the first moments that begin so, in this order of lanes and texts.
fn places(result: &CaseResult, wanted: &[(Lane, &str)]) -> Vec<usize> {
    let place = |(lane, text): &(Lane, &str)| {
        let is =
            |moment: &winhttp_reports::record::Moment| moment.lane == *lane && moment.text.contains(text);
        let place = result.timeline.iter().position(is);
        place.unwrap_or_else(|| panic!("no {lane:?} {text}: {:#?}", result.timeline))
    };
    wanted.iter().map(place).collect()
}

/// The recording callbacks are the process's, so it is one test for all.
#[test]
fn the_order_is_that_of_causes() {
    for tells in [Tells::Ours, Tells::Perhaps] {
        let result = ask(tells);
        assert_eq!((result.verdict, &*result.reason), (Verdict::Pass, ""));
        let causes = [
            (Lane::Call, "5. WinHttpSendRequest"),
            (Lane::Callback, "CONNECTING_TO_SERVER on $r, thread"),
            (Lane::Peer, "connection 0: receives \"GET / HTTP/1.1\\r\\n"),
            (Lane::Peer, "connection 0: sends \"HTTP/1.1 200 OK\\r\\n"),
            (Lane::Callback, "HEADERS_AVAILABLE on $r, "),
            (Lane::Call, "9. WinHttpReadData"),
            (Lane::Callback, "READ_COMPLETE on $r, "),
            (Lane::Call, "11. WinHttpCloseHandle"),
            (Lane::Callback, "HANDLE_CLOSING on $r, "),
            (Lane::Call, "at the end: WinHttpCloseHandle($r.connect)"),
        ];
        let places = places(&result, &causes);
        assert!(places.is_sorted(), "{places:?} of {:#?}", result.timeline);
        let text = |at: usize| &*result.timeline[places[at]].text;
        assert!(text(1).ends_with(", context 0x7: \"127.0.0.1\""), "{}", text(1));
        assert!(text(6).ends_with(", context 0x7: \"hello\" (5 bytes)"), "{}", text(6));
        assert!(result.timeline.is_sorted_by_key(|moment| moment.micros));
        match (tells, result.clock) {
            (Tells::Ours, clock) => assert_eq!(clock, Some(Clock::Same)),
            (_, clock) => assert!(matches!(clock, Some(Clock::Within(_))), "{clock:?}"),
        }
    }
    a_clock_that_cannot_be_ours_is_not_believed();
    what_a_plan_did_not_tell_is_not_guessed();
    what_was_noted_before_the_end_is_told();
}

fn a_clock_that_cannot_be_ours_is_not_believed() {
    let result = ask(Tells::Another);
    let Some(Clock::Within(off)) = result.clock else { panic!("{:?}", result.clock) };
    let last = result.timeline.iter().map(|moment| moment.micros).max();
    assert!(last.is_some_and(|last| last < 60_000_000), "no hour: {:#?}", result.timeline);
    // Between the begin and the end of the case there is no more room than it took.
    assert!(2 * off <= result.micros + 1, "{off} of {}", result.micros);
}

fn what_a_plan_did_not_tell_is_not_guessed() {
    let result = ask(Tells::Nothing);
    assert_eq!((result.verdict, result.clock), (Verdict::Crash, Some(Clock::Apart)));
    assert!(result.timeline.iter().all(|moment| moment.lane == Lane::Peer), "{:#?}", result.timeline);
    places(&result, &[(Lane::Peer, "receives \"GET / HTTP/1.1"), (Lane::Peer, "sends \"HTTP/1.1 200 OK")]);
}

fn what_was_noted_before_the_end_is_told() {
    let result = ask(Tells::Some);
    let reason =
        "ended in step 9, WinHttpReadData(hRequest: $r, lpBuffer: {space: 5}, lpdwNumberOfBytesRead: NULL)";
    assert_eq!((result.verdict, &*result.reason), (Verdict::Crash, reason));
    assert_eq!(result.clock, Some(Clock::Same));
    let causes = [
        (Lane::Call, "5. WinHttpSendRequest"),
        (Lane::Peer, "connection 0: receives \"GET / HTTP/1.1\\r\\n"),
        (Lane::Call, "9. WinHttpReadData did not return"),
    ];
    let places = places(&result, &causes);
    assert!(places.is_sorted(), "{places:?} of {:#?}", result.timeline);
    let observed: Vec<&str> = result.steps[4..].iter().map(|step| &*step.observed).collect();
    let expected =
        ["TRUE", "came", "TRUE", "came", "did not return", "not reached", "not reached", "not reached"];
    assert_eq!(observed, expected);
    assert_eq!(result.differences.len(), 1);
    assert_eq!(result.differences[0].step, Some(8));
    assert!(
        result.steps.iter().enumerate().all(|(index, step)| step.ok == (index != 8)),
        "{:#?}",
        result.steps
    );
}
