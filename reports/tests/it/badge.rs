use insta::assert_snapshot;
use winhttp_reports::badge::render;

use crate::fixtures::{passed, run, wine};

#[test]
fn all_pass() {
    let cases = (0..4012).map(|n| passed(&format!("handles/case-{n}"))).collect();
    assert_snapshot!(render(&run("rust", "lib", &[], &[], cases)).unwrap());
}

#[test]
fn a_failing_gate_is_red_and_counts_what_broke() {
    let svg = render(&wine()).unwrap();
    assert!(svg.contains("2 pass, 2 fail") && svg.contains("#b3261e"), "{svg}");
}

#[test]
fn a_label_is_escaped() {
    let svg = render(&run("<&>", "lib", &[], &[], vec![])).unwrap();
    assert!(svg.contains("winhttp &lt;&amp;&gt;"), "{svg}");
}
