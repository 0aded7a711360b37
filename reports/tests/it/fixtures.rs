//! Two small runs with something of everything.

use winhttp_reports::record::{
    CaseResult, Clock, Counts, Difference, Footer, Has, Header, Known, Lane, Line, Moment, Presence, SCHEMA,
    Source, StepResult, Verdict,
};
use winhttp_reports::{NotRun, Run};
use winhttp_spec::requirements::Ledger;

/// The re-implementation: mostly right.
pub(crate) fn rust() -> Run {
    let functions = [
        presence("WinHttpOpen", Has::Yes, None),
        presence("WinHttpConnect", Has::Yes, None),
        presence("WinHttpWebSocketSend", Has::No, Some([6, 2, 9200])),
    ];
    let options = [
        presence("WINHTTP_OPTION_CONNECT_RETRIES", Has::Yes, None),
        presence("WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL", Has::Yes, Some([6, 2, 9200])),
        presence("WINHTTP_OPTION_HTTP3_KEEPALIVE", Has::No, Some([10, 0, 22000])),
    ];
    let results = vec![
        passed("options/connect-retries/returns-what-was-set[value=1]"),
        CaseResult {
            known: Some(Known {
                verdict: Verdict::Fail,
                reason: "the interval is not checked yet".to_owned(),
                pattern: "options/websocket-keepalive/*".to_owned(),
            }),
            gate: true,
            ..keepalive()
        },
        CaseResult {
            verdict: Verdict::Skipped,
            gate: true,
            reason: "needs http2".to_owned(),
            covers: vec!["hinternet-handles/closed-once".to_owned()],
            ..passed("options/http2/keepalive")
        },
    ];
    run("rust", "winhttp-rust in process", &functions, &options, results)
}

/// Wine: with unexpected things of every kind.
pub(crate) fn wine() -> Run {
    let functions = [
        presence("WinHttpOpen", Has::Yes, None),
        presence("WinHttpConnect", Has::Yes, None),
        presence("WinHttpWebSocketSend", Has::Yes, Some([6, 2, 9200])),
    ];
    let options = [
        presence("WINHTTP_OPTION_CONNECT_RETRIES", Has::No, None),
        presence("WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL", Has::Yes, Some([6, 2, 9200])),
        presence("WINHTTP_OPTION_HTTP3_KEEPALIVE", Has::Unknown, Some([10, 0, 22000])),
    ];
    let results = vec![
        CaseResult {
            verdict: Verdict::Crash,
            reason: "the subject ended (exit code 5) in WinHttpQueryOption".to_owned(),
            noise: "err: virtual_setup_exception <stack overflow> & \u{1b}[31mred\u{1b}[0m".to_owned(),
            ..unexpected("options/connect-retries/returns-what-was-set[value=1]")
        },
        keepalive(),
        CaseResult {
            known: Some(Known {
                verdict: Verdict::Hang,
                reason: "hung once".to_owned(),
                pattern: "handles/close-twice".to_owned(),
            }),
            ..unexpected("handles/close-twice")
        },
        CaseResult { gate: true, ..passed("handles/close-once") },
    ];
    let mut wine = run("wine-8.0", "winhttp.dll", &functions, &options, results);
    wine.footer.stale = vec!["options/nothing-*".to_owned()];
    wine
}

/// A back end that nobody asked.
pub(crate) fn native() -> NotRun {
    NotRun { backend: "native".to_owned(), reason: "this is not Windows".to_owned() }
}

/// A failed case with all there is to show of one.
pub(crate) fn keepalive() -> CaseResult {
    CaseResult {
        covers: vec!["WinHttpSetOption/keepalive-minimum".to_owned()],
        source: Some(Source { file: "cases/options/websocket-keepalive.yaml".to_owned(), line: 8 }),
        verdict: Verdict::Fail,
        reason: "step 2: returned TRUE, promised FALSE".to_owned(),
        differences: vec![
            difference(Some(1), "return value", "FALSE", "TRUE"),
            difference(Some(1), "last error", "ERROR_INVALID_PARAMETER (87)", "0"),
            difference(None, "invariant: HANDLE_CLOSING is last", "last", "followed by </script> | READ\nCOMPLETE"),
        ],
        steps: vec![
            StepResult {
                call: "websocket: ws".to_owned(),
                observed: "a handle".to_owned(),
                setup: true,
                ok: true,
                ..StepResult::default()
            },
            StepResult {
                call: "WinHttpSetOption(hInternet: $ws, dwOption: WINHTTP_OPTION_WEB_SOCKET_KEEPALIVE_INTERVAL, lpBuffer: {DWORD: 14999}, dwBufferLength: 4)".to_owned(),
                expected: "fails with ERROR_INVALID_PARAMETER".to_owned(),
                observed: "TRUE, last error 0".to_owned(),
                setup: false,
                ok: false,
            },
        ],
        timeline: vec![
            moment(100, Lane::Call, "1. WinHttpSendRequest begins"),
            moment(
                400,
                Lane::Peer,
                r#"connection 0: receives "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nHost: 127.0.0.1\r\n\r\n" (72 bytes)"#,
            ),
            moment(800, Lane::Callback, "REQUEST_SENT on $ws.request, thread 2, context 0x7: 72"),
            moment(900, Lane::Call, "1. WinHttpSendRequest ends: TRUE"),
            moment(1_234_567, Lane::Call, "2. WinHttpSetOption: TRUE"),
        ],
        clock: Some(Clock::Within(250)),
        ..unexpected("options/websocket-keepalive/refuses-less-than-15-s[interval=14999]")
    }
}

fn moment(micros: u64, lane: Lane, text: &str) -> Moment {
    Moment { micros, lane, text: text.to_owned() }
}

pub(crate) fn passed(id: &str) -> CaseResult {
    CaseResult {
        id: id.to_owned(),
        covers: vec!["WinHttpSetOption/sets-option".to_owned()],
        verdict: Verdict::Pass,
        gate: true,
        micros: 250,
        ..CaseResult::default()
    }
}

/// A pass that the gate does not let through; a caller gives it another verdict.
pub(crate) fn unexpected(id: &str) -> CaseResult {
    CaseResult { gate: false, ..passed(id) }
}

pub(crate) fn difference(step: Option<u32>, what: &str, expected: &str, observed: &str) -> Difference {
    let [what, expected, observed] = [what, expected, observed].map(str::to_owned);
    Difference { step, what, expected, observed }
}

pub(crate) fn presence(name: &str, has: Has, since: Option<[u32; 3]>) -> Presence {
    Presence { name: name.to_owned(), has, since }
}

pub(crate) fn run(
    backend: &str,
    library: &str,
    functions: &[Presence],
    options: &[Presence],
    results: Vec<CaseResult>,
) -> Run {
    let mut counts = Counts::default();
    for case in &results {
        counts.add(case.verdict);
    }
    let gate = results.iter().all(|case| case.gate);
    Run {
        header: Header {
            schema: SCHEMA,
            tool: "0.1.0".to_owned(),
            backend: backend.to_owned(),
            library: library.to_owned(),
            system: "linux".to_owned(),
            windows: Some([10, 0, 19041]),
            started: 1_767_225_600,
            filters: Vec::new(),
            functions: functions.to_vec(),
            options: options.to_vec(),
        },
        results,
        footer: Footer { counts, interrupted: false, stale: Vec::new(), gate, millis: 1234 },
    }
}

/// The run as the harness would have recorded it.
pub(crate) fn recorded(run: &Run) -> String {
    let header = Line::Header(run.header.clone());
    let results = run.results.iter().map(|case| Line::Result(Box::new(case.clone())));
    let lines = std::iter::once(header).chain(results).chain([Line::Footer(run.footer.clone())]);
    lines.map(|line| serde_json::to_string(&line).unwrap() + "\n").collect()
}

/// A ledger of two pages.
pub(crate) fn ledger() -> Ledger {
    Ledger::read(&[("set-option.yaml", SET_OPTION), ("handles.yaml", HANDLES)]).unwrap()
}

const SET_OPTION: &str = "
page: WinHttpSetOption
title: WinHttpSetOption function
url: https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsetoption
source: MicrosoftDocs/sdk-api nf-winhttp-winhttpsetoption.md
commit: 2fe0b48c7aeb5fa8a6442e613c995f68b493b7ca
requirements:
  sets-option: { says: A call sets the option., section: Description, level: must, test: offline }
  keepalive-minimum: { says: An interval below 15000 is refused., section: Remarks, level: must, test: websocket }
  internal-error: { says: An <internal> error has a code., section: Return value, level: must, test: untestable, why: Nothing provokes it. }
";

const HANDLES: &str = "
page: hinternet-handles
title: HINTERNET handles
url: https://learn.microsoft.com/windows/win32/winhttp/hinternet-handles-in-winhttp
source: MicrosoftDocs/win32 hinternet-handles-in-winhttp.md
commit: 2fe0b48c7aeb5fa8a6442e613c995f68b493b7ca
requirements:
  closed-once: { says: A handle is closed once., section: Closing, level: should, test: offline }
defects:
  closed-constant:
    pages: [hinternet-handles, WinHttpSetOption]
    readings: [The last callback is HANDLE_CLOSED., It is HANDLE_CLOSING.]
    touches: [hinternet-handles/closed-once]
";
