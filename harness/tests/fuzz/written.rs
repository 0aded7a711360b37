//! Every case there is can be written down and read back.

use winhttp_conformance::case::Case;
use winhttp_conformance::compile::compile;
use winhttp_conformance::load::load_text;
use winhttp_conformance::suite::{self, Root};
use winhttp_conformance::write::case_file;
use winhttp_spec::structs::Width;

const PORT: u16 = 4711;

#[test]
fn all_cases_are_read_back_as_the_same_plan() {
    let cases = suite::load(&Root::default()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let cases: Vec<&Case> = cases.iter().filter(|case| case.presence.is_none()).collect();
    assert!(cases.len() > 1000);
    for case in cases {
        let text = case_file("a-case", case);
        let read = load_text("written", "written.yaml", &text)
            .unwrap_or_else(|errors| panic!("{}\n{errors}\n{text}", case.id));
        let [read] = &read[..] else { panic!("{}: {} cases", case.id, read.len()) };
        let (plan, again) = (compile(case, PORT, Width::W64), compile(read, PORT, Width::W64));
        assert_eq!(plan.unwrap().plan, again.unwrap().plan, "{}\n{text}", case.id);
        assert_eq!(case_file("a-case", read), text, "{}", case.id);
        assert_eq!(
            (&case.callbacks, &case.requests, &case.frames, &case.origin),
            (&read.callbacks, &read.requests, &read.frames, &read.origin),
            "{}",
            case.id
        );
        assert_eq!(case.ipv6, read.ipv6, "{}", case.id);
        assert_eq!((case.isolated, case.deadline_ms), (read.isolated, read.deadline_ms), "{}", case.id);
    }
}
