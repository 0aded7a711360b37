//! The JSON Schema that editors use is the one that this program prints.

use std::collections::BTreeSet;

use serde_json::Value;
use winhttp_conformance::load::words;
use winhttp_conformance::schema;
use winhttp_conformance::suite::Root;

#[test]
fn the_committed_schema_is_in_step() {
    let path = Root::default().path().join("harness/case-schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed.replace("\r\n", "\n") == schema::text(),
        "{} is out of step: `cargo run -p winhttp-conformance -- schema > harness/case-schema.json`",
        path.display()
    );
}

/// Every word that the parser knows has its place, with what it takes.
#[test]
fn the_schema_knows_every_word() {
    let schema: Value = serde_json::from_str(&schema::text()).expect("JSON");
    let mut described = BTreeSet::new();
    collect(&schema, &mut described);
    let lists = [
        words::FILE,
        words::CASE,
        words::SETUP,
        words::WAIT,
        words::CALL,
        words::CALLBACK,
        words::ORIGIN,
        words::PHASE,
        words::FRAME_PHASE,
        words::CLOSE_FRAME,
        words::RAW_FRAME,
        words::FRAME,
        words::UNTIL,
        words::ROUTE,
        words::REPLY,
        words::RESPONSE,
        words::RAW,
        words::BYTES,
        words::REQUEST,
        words::HEADER,
        words::BODY,
    ];
    for word in lists.into_iter().flatten() {
        assert!(described.contains(&(word.name.to_owned(), word.takes.to_owned())), "{}", word.name);
    }
}

fn collect(schema: &Value, described: &mut BTreeSet<(String, String)>) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                if let Some(Value::String(text)) = member.get("description") {
                    described.insert((name.clone(), text.clone()));
                }
                collect(member, described);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, described)),
        _ => {}
    }
}
