//! The protocol, line by line, and the progress file.
#![allow(unsafe_code)]

use rstest::rstest;
use winhttp_agent::progress::{Place, Progress, STEPS};
use winhttp_agent::{About, LoadError, load, serve};
use winhttp_machine::{Address, Machine, Mark, Seen, Table};

/// What the agent says to these lines after its hello, and how it ends.
fn say(lines: &str, progress: Option<Progress>) -> (Vec<String>, Result<(), String>) {
    let mut said = Vec::new();
    // SAFETY: every entry takes and returns machine words.
    let table = unsafe { Table::new(find) };
    let about = About { library: "fake".into(), ..About::default() };
    let end = serve(about, &mut Machine::new(table), progress, lines.as_bytes(), &mut said);
    let said = String::from_utf8(said).expect("UTF-8");
    let mut said: Vec<String> = said.lines().map(without_the_time).collect();
    assert_eq!(
        said.remove(0),
        r#"{"protocol":3,"about":{"library":"fake","windows":null,"system":"","pointer":0}}"#
    );
    (said, end.map_err(|error| error.to_string()))
}

/// A line with 0 as the time of day at which a plan began.
fn without_the_time(line: &str) -> String {
    const BEGAN: &str = "\"began_unix_us\":";
    let Some((before, after)) = line.split_once(BEGAN) else { return line.to_owned() };
    format!("{before}{BEGAN}0{}", after.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

fn find(name: &str) -> Option<Address> {
    extern "system" fn close(handle: usize) -> i32 {
        i32::from(handle == 7)
    }
    extern "system" fn last_error(_: u32) -> u32 {
        6
    }
    match name {
        "WinHttpCloseHandle" => Some(Address(close as *const ())),
        "GetLastError" | "SetLastError" => Some(Address(last_error as *const ())),
        _ => None,
    }
}

#[rstest]
#[case::exports(r#"{"exports":["WinHttpCloseHandle","WinHttpOpen"]}"#, r#"{"exports":[true,false]}"#)]
#[case::an_empty_plan(
    r#"{"plan":{"number":3,"plan":{"steps":[]}}}"#,
    r#"{"observation":{"number":3,"observation":{"began_unix_us":0,"steps":[]}}}"#
)]
#[case::a_function_that_is_not_there(
    r#"{"plan":{"number":4,"plan":{"steps":[{"call":{"function":"WinHttpOpen","arguments":[]}}]}}}"#,
    r#"{"observation":{"number":4,"observation":{"began_unix_us":0,"steps":["not-exported"]}}}"#
)]
#[case::a_plan_that_cannot_be(
    r#"{"plan":{"number":5,"plan":{"steps":[{"call":{"function":"WinHttpCloseHandle","arguments":["&0+0"]}}]}}}"#,
    r#"{"refused":{"number":5,"reason":"the plan reaches for byte 0 and 0 on of buffer 0: not there"}}"#
)]
fn one_answer_to_one_question(#[case] question: &str, #[case] answer: &str) {
    assert_eq!(say(&format!("{question}\n"), None), (vec![answer.to_owned()], Ok(())));
}

#[test]
fn a_call_is_answered_with_its_facts() {
    let question = r#"{"plan":{"number":1,"plan":{"steps":[{"call":{"function":"WinHttpCloseHandle","arguments":[7]}}]}}}"#;
    let (said, end) = say(&format!("{question}\n"), None);
    assert_eq!(end, Ok(()));
    let facts = r#"{"observation":{"number":1,"observation":{"began_unix_us":0,"steps":[{"returned":{"value":1,"error":6,"micros":["#;
    assert!(said[0].starts_with(facts), "{}", said[0]);
}

#[test]
fn answers_come_in_the_order_of_the_questions_until_the_end_of_input() {
    let lines = "{\"exports\":[]}\n{\"plan\":{\"number\":1,\"plan\":{\"steps\":[]}}}\n{\"exports\":[\"A\"]}";
    let (said, end) = say(lines, None);
    assert_eq!(end, Ok(()));
    assert_eq!(said.len(), 3, "the last line needs no newline: {said:?}");
    assert_eq!(said[2], r#"{"exports":[false]}"#);
}

#[rstest]
#[case::no_json("hello\n")]
#[case::no_question("{\"please\":1}\n")]
#[case::an_empty_line("\n")]
#[case::bytes_that_are_no_text("{\"exports\":[\"\u{fffd}\n")]
fn a_line_that_is_no_question_ends_the_agent(#[case] lines: &str) {
    let (said, end) = say(lines, None);
    assert!(said.is_empty());
    assert!(end.is_err());
}

#[test]
fn the_progress_file_tells_the_plan_and_the_step() {
    let path = std::env::temp_dir().join(format!("winhttp-agent-progress-{}", std::process::id()));
    let read = Progress::open(&path).expect("a file");
    let close = r#"{"call":{"function":"WinHttpCloseHandle","arguments":[7]}}"#;
    let plan = format!("{{\"plan\":{{\"number\":9,\"plan\":{{\"steps\":[{close},{close}]}}}}}}\n");
    let (_, end) = say(&plan, Some(Progress::open(&path).expect("the same file")));
    assert_eq!(end, Ok(()));
    let place = read.read();
    assert_eq!((place.plan, place.step, place.fault), (9, 1, 0));
    assert!(place.began_unix_us > 1_700_000_000_000_000, "{place:?}");
    let Seen::Returned { value: 1, error: 6, .. } = read.steps(9, 2)[0] else {
        panic!("{:?}", read.steps(9, 2))
    };
    assert_eq!(read.steps(8, 2), [Seen::NotReached, Seen::NotReached], "another plan's");
    read.fault(0xC000_0005);
    assert_eq!(read.read().fault, 0xC000_0005);
    read.clear();
    assert_eq!(read.read(), Place::default());
    std::fs::remove_file(&path).expect("it was there");
}

#[test]
fn the_progress_file_tells_what_became_of_steps() {
    let path = std::env::temp_dir().join(format!("winhttp-agent-steps-{}", std::process::id()));
    let progress = Progress::open(&path).expect("a file");
    let (value, micros, callbacks) = (u64::MAX - 1, (6, 7), (8, 9));
    let kinds = [
        Seen::Returned { value, error: 5, copies: Vec::new(), micros, callbacks },
        Seen::NotExported,
        Seen::Done,
        Seen::Waited(true),
        Seen::Waited(false),
    ];
    for (plan, seen) in (1..).zip(kinds) {
        progress.plan(plan);
        for step in [0, 2, STEPS - 1, STEPS] {
            progress.ended(step, &seen);
        }
        let told = progress.steps(plan, STEPS + 1);
        assert_eq!(told.len(), STEPS as usize, "no more than there is room for");
        assert_eq!((&told[0], &told[2], told.last()), (&seen, &seen, Some(&seen)));
        assert_eq!(told[1], Seen::NotReached);
    }
    // What an earlier plan left there is not the next one's.
    assert_eq!(progress.steps(6, 1), [Seen::NotReached]);
    std::fs::remove_file(&path).expect("it was there");
}

#[test]
fn what_is_no_library_is_no_subject() {
    let Err(LoadError::NotLoaded(path, _)) = load("/nowhere/libwinhttp.so".as_ref()) else {
        panic!("there is nothing to load");
    };
    assert_eq!(path, "/nowhere/libwinhttp.so");
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_library_without_a_last_error_is_no_subject_outside_of_windows() {
    let Err(error) = load("libm.so.6".as_ref()) else { panic!("libm has no last error") };
    let text = error.to_string();
    assert!(text.starts_with("libm.so.6 exports no GetLastError. Outside of Windows"), "{text}");
}
