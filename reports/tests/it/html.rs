use rstest::rstest;
use serde_json::Value;
use winhttp_reports::html::render;
use winhttp_reports::record::{CaseResult, Verdict};

use crate::fixtures::{keepalive, ledger, native, passed, run, rust, wine};

#[test]
fn data_is_embedded_and_cannot_end_its_element() {
    let html = report();
    let json = embedded(&html);
    assert!(!json.contains('<'), "a `<` in the data could end the script element or begin a comment");
    let data: Value = serde_json::from_str(json).unwrap();
    let keepalive = case(&data, "options/websocket-keepalive/refuses-less-than-15-s[interval=14999]");
    assert_eq!(keepalive["on"][1]["differences"][2]["observed"], "followed by </script> | READ\nCOMPLETE");
    assert_eq!(keepalive["on"][0]["known"]["reason"], "the interval is not checked yet");
    assert_eq!(keepalive["source"]["line"], 8);
}

#[test]
fn what_a_generated_pass_has_not_takes_no_room() {
    let data: Value = serde_json::from_str(embedded(&report())).unwrap();
    let closed = case(&data, "handles/close-once");
    assert_eq!(closed["on"].to_string(), r#"[null,{"micros":250,"verdict":"pass"}]"#);
}

#[test]
fn what_all_were_asked_is_there_once() {
    let mut other = keepalive();
    other.steps[1].call = "WinHttpSetOption(of another version)".to_owned();
    let runs = [keepalive(), keepalive(), other].map(|result| run("wine-8.0", "lib", &[], &[], vec![result]));
    let data: Value = serde_json::from_str(embedded(&render(&runs, &[], &ledger()).unwrap())).unwrap();
    let case = case(&data, &keepalive().id);
    assert_eq!(case["steps"][0].to_string(), r#"{"call":"websocket: ws","setup":true}"#);
    for same in 0..2 {
        assert_eq!(case["on"][same]["observed"].to_string(), r#"["a handle","TRUE, last error 0"]"#);
        assert_eq!(case["on"][same]["steps"], Value::Null);
    }
    assert_eq!(case["on"][2]["steps"][1]["call"], "WinHttpSetOption(of another version)");
    assert_eq!(case["on"][2]["observed"], Value::Null);
}

#[test]
fn a_time_line_stands_where_something_failed() {
    let fine = CaseResult { verdict: Verdict::Pass, differences: Vec::new(), ..keepalive() };
    let on = |results: [CaseResult; 2]| {
        let runs = results.map(|result| run("wine-8.0", "lib", &[], &[], vec![result]));
        let data: Value = serde_json::from_str(embedded(&render(&runs, &[], &ledger()).unwrap())).unwrap();
        case(&data, &keepalive().id)["on"].clone()
    };
    let both = on([fine.clone(), keepalive()]);
    assert_eq!(both[0]["timeline"], both[1]["timeline"]);
    assert_eq!(both[1]["timeline"][2]["lane"], "callback");
    let neither = on([fine.clone(), fine]);
    assert_eq!((&neither[0]["timeline"], &neither[0]["happened"]), (&Value::Null, &Value::Bool(true)));
}

#[test]
fn text_of_a_subject_is_escaped() {
    let mut run = rust();
    run.header.library = "<img src=x onerror=alert(1)>".to_owned();
    let html = render(&[run], &[], &ledger()).unwrap();
    assert!(html.contains("&lt;img src=x") && !html.contains("<img"), "not escaped");
}

#[rstest]
#[case(" src=")]
#[case("@import")]
#[case("url(")]
#[case("fetch(")]
#[case("XMLHttpRequest")]
#[case("innerHTML")]
fn nothing_is_loaded(#[case] loader: &str) {
    assert!(!report().contains(loader), "{loader}");
}

#[test]
fn the_only_addresses_are_links_to_the_documentation() {
    let html = report();
    let addresses = html.match_indices("https:").chain(html.match_indices("http:"));
    for (at, _) in addresses.filter(|(at, _)| !html[..*at].ends_with(r#""url":""#)) {
        let is_link = html[..at].ends_with(r#"<a class="out" href=""#);
        assert!(
            is_link && html[at..].starts_with("https:&#x2f;&#x2f;learn.microsoft.com"),
            "{}",
            &html[at..at + 80]
        );
    }
    assert!(html.contains("default-src 'none'"), "the browser is told to load nothing");
    assert_eq!(html.matches("<link ").count(), 1);
    assert!(html.contains(r#"<link rel="icon" href="data:,">"#));
}

#[test]
fn a_back_end_that_was_not_run_has_a_column_that_says_so() {
    let html = report();
    assert!(html.contains("not run: this is not Windows"), "in the table of verdicts");
    // Its card, the two pages, and a row for each of three functions and three options.
    assert_eq!(html.matches(">not run</").count(), 1 + 2 + 3 + 3);
    let data: Value = serde_json::from_str(embedded(&html)).unwrap();
    assert_eq!(data["backends"][2]["name"], "native");
    assert_eq!(data["backends"][2]["notRun"], "this is not Windows");
}

#[test]
fn opens_with_what_each_has() {
    let html = report();
    let places: Vec<_> =
        ["id=\"has\"", "id=\"behaves\"", "id=\"pages\"", "id=\"uncovered\"", "id=\"defects\""]
            .map(|section| html.find(section).unwrap())
            .to_vec();
    assert!(places.is_sorted(), "{places:?}");
    assert!(html.contains("<strong>2</strong> of 3 functions exported"));
    assert!(
        html.contains("WINHTTP_OPTION_HTTP3_KEEPALIVE</code> <span class=\"tag\">since 10.0.22000</span>")
    );
}

#[test]
fn uncovered_requirements_and_defects_are_told() {
    let html = report();
    assert!(html.contains("1 of 4."));
    assert!(html.contains("1 that no case asks, for a reason"));
    assert!(html.contains("Nothing provokes it."));
    assert!(html.contains("hinternet-handles&#x2f;closed-constant"));
    assert!(html.contains("The last callback is HANDLE_CLOSED."));
}

#[test]
fn a_requirement_leads_to_the_defects_that_touch_it() {
    let html = report();
    let data: Value = serde_json::from_str(embedded(&html)).unwrap();
    let requirements = data["requirements"].as_array().unwrap();
    let touched = requirements.iter().find(|it| it["id"] == "hinternet-handles/closed-once").unwrap();
    assert_eq!(touched["defects"].to_string(), r#"["hinternet-handles/closed-constant"]"#);
    assert!(html.contains("id=\"defect=hinternet-handles&#x2f;closed-constant\""), "the place of the link");
}

/// What could be asked, or will be, stands apart from what has a reason.
#[test]
fn what_no_case_covers_is_grouped_by_what_it_takes() {
    let runs = [run("rust", "lib", &[], &[], vec![passed("handles/a")])];
    let html = render(&runs, &[], &ledger()).unwrap();
    for group in [
        "1 for which a case would need: offline",
        "1 for which a case would need: websocket",
        "1 that no case asks",
    ] {
        assert!(html.contains(group), "{group}");
    }
}

#[test]
fn ten_thousand_passes_stay_small() {
    let all: Vec<CaseResult> = (0..10_000)
        .map(|n| passed(&format!("options/connect-retries/returns-what-was-set[value={n}]")))
        .collect();
    let runs = ["rust", "wine-8.0"].map(|name| run(name, "lib", &[], &[], all.clone()));
    let html = render(&runs, &[], &ledger()).unwrap();
    assert!(html.len() < 2_500_000, "{} bytes", html.len());
}

#[test]
fn runs_that_share_no_case_stand_side_by_side() {
    let skipped = CaseResult { verdict: Verdict::Skipped, ..passed("handles/b") };
    let runs = [
        run("rust", "lib", &[], &[], vec![passed("handles/a")]),
        run("wine-8.0", "lib", &[], &[], vec![skipped]),
    ];
    let data: Value = serde_json::from_str(embedded(&render(&runs, &[], &ledger()).unwrap())).unwrap();
    assert_eq!(case(&data, "handles/a")["on"][1], Value::Null);
    assert_eq!(case(&data, "handles/b")["on"][1]["verdict"], "skipped");
}

fn report() -> String {
    render(&[rust(), wine()], &[native()], &ledger()).unwrap()
}

fn embedded(html: &str) -> &str {
    let (_, rest) = html.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    rest.split_once("</script>").unwrap().0
}

fn case<'a>(data: &'a Value, id: &str) -> &'a Value {
    data["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap()
}
