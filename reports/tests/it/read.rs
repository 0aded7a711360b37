use rstest::rstest;
use winhttp_reports::Run;
use winhttp_reports::record::{Footer, Line};

use crate::fixtures::{recorded, rust};

#[test]
fn reads_what_was_recorded() {
    assert_eq!(Run::parse(recorded(&rust()).as_bytes()).unwrap(), rust());
}

#[test]
fn a_last_line_needs_no_end() {
    assert_eq!(Run::parse(recorded(&rust()).trim_end().as_bytes()).unwrap(), rust());
}

#[rstest]
#[case::empty("", "does not begin with the header")]
#[case::no_header("{2}", "does not begin with the header")]
#[case::blank_line("{1}\n{2}{3}{4}{5}", "line 2 is not a line of a run: EOF")]
#[case::rubbish("{1}{2}wine: err\n{3}{4}{5}", "line 3 is not a line of a run: expected value")]
#[case::rubbish_at_the_end("{1}{2}{3}{4}wine: err\n", "line 5 is not a line of a run")]
#[case::bytes_that_are_no_text("{1}\u{0}\n{2}{3}{4}{5}", "line 2 is not")]
#[case::two_headers("{1}{2}{1}", "line 3 is a second header")]
#[case::two_results("{1}{2}{2}", "line 3 is a second result of case options/connect-retries/returns")]
#[case::after_footer("{1}{2}{3}{4}{5}{2}", "line 6 stands after the footer")]
#[case::two_footers("{1}{2}{3}{4}{5}{5}", "line 6 stands after the footer")]
#[case::only_a_header("{1}", "incomplete: it has no footer, 0 cases were recorded")]
#[case::no_footer("{1}{2}", "incomplete: it has no footer, 1 case was recorded")]
#[case::truncated_result("{1}{2}{\"result\":{\"id\":\"opt", "incomplete: it has no footer, 1 case was")]
#[case::truncated_footer("{1}{2}{3}{4}{\"footer\":{\"coun", "incomplete: it has no footer, 3 cases were")]
#[case::lost_result(
    "{1}{2}{3}{5}",
    "the footer disagrees with the results, lines were lost or added: 1 skipped counted, 0 found"
)]
#[case::other_schema("{\"header\":{\"schema\":7}}\n", "is recorded in schema 7, this tool reads schema 1")]
fn refuses_what_is_not_a_whole_run(#[case] pattern: &str, #[case] says: &str) {
    let mut text = pattern.to_owned();
    for (at, line) in recorded(&rust()).split_inclusive('\n').enumerate() {
        text = text.replace(&format!("{{{}}}", at + 1), line);
    }
    let problem = Run::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(problem.contains(says), "{problem}");
}

#[test]
fn a_character_cut_in_two_is_an_incomplete_run() {
    let mut bytes = recorded(&rust()).into_bytes();
    let footer = serde_json::to_string(&Line::<()>::Footer(Footer::default())).unwrap();
    bytes.truncate(bytes.len() - footer.len() - 1);
    bytes.extend(b"{\"footer\":{\"stale\":[\"\xe2\x80");
    assert!(Run::parse(bytes.as_slice()).unwrap_err().to_string().contains("incomplete"));
}

#[test]
fn an_error_names_the_file() {
    let error = Run::read("no/such/run.jsonl").unwrap_err().to_string();
    assert!(error.starts_with("no/such/run.jsonl: cannot be read: "), "{error}");
}
