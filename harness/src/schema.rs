//! The JSON Schema of case files, made of the same lists that the parser reads: editors complete and check with it.

use serde_json::{Map, Value, json};
use winhttp_spec::functions::{FUNCTIONS, Function};

use crate::case::SetupKind;
use crate::load::words::{self, Word};

/// The schema as text, with a newline at its end.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}

fn schema() -> Value {
    let origin = json!({ "$ref": "#/$defs/origin" });
    let file = object(
        words::FILE,
        &[
            ("cases", json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/case" } })),
            ("origin", origin.clone()),
        ],
    );
    let case = object(
        words::CASE,
        &[
            ("steps", json!({ "type": "array", "items": { "$ref": "#/$defs/step" } })),
            ("callbacks", json!({ "type": "array", "items": object(words::CALLBACK, &[]) })),
            ("requests", json!({ "type": "array", "items": request() })),
            ("frames", json!({ "type": "array", "items": frame() })),
            ("origin", origin),
        ],
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "winhttp-conformance case file",
        "$defs": {
            "case": case,
            "step": { "oneOf": steps() },
            "origin": script(),
            "reply": reply(),
        },
        "type": "object",
        "properties": file["properties"],
        "additionalProperties": false,
        "required": ["cases"],
    })
}

/// What the peer must have received.
fn request() -> Value {
    let value = json!({ "anyOf": [
        { "type": ["string", "number", "boolean"] },
        { "type": "array" },
        object(words::HEADER, &[]),
    ] });
    let headers = json!({ "type": "object", "additionalProperties": value });
    object(words::REQUEST, &[("headers", headers), ("body", bytes(words::BODY))])
}

/// A frame the peer must have received.
fn frame() -> Value {
    let mut kinds = object(words::FRAME, &[("close", object(words::CLOSE_FRAME, &[]))]);
    kinds["properties"]["final"] =
        json!({ "type": "boolean", "description": "whether it is the last of its message" });
    json!({ "anyOf": [one_of(words::FRAME), kinds] })
}

fn frame_phases() -> Value {
    let kind = one_of(words::FRAME);
    let known = [
        ("close", object(words::CLOSE_FRAME, &[])),
        ("frame", object(words::RAW_FRAME, &[])),
        ("until", json!({ "anyOf": [kind, { "type": "array", "items": kind, "minItems": 1 }] })),
    ];
    let phase = json!({ "anyOf": [one_of(words::FRAME_PHASE), object(words::FRAME_PHASE, &known)] });
    json!({ "type": "array", "items": phase })
}

/// What the peer does.
fn script() -> Value {
    let reply = json!({ "$ref": "#/$defs/reply" });
    let replies = json!({ "type": "array", "items": reply });
    let route = object(words::ROUTE, &[("reply", reply), ("replies", replies)]);
    let scripts = json!({ "type": "array", "items": { "$ref": "#/$defs/origin" } });
    let known =
        [("raw", raw()), ("routes", json!({ "type": "array", "items": route })), ("connections", scripts)];
    json!({ "anyOf": [{ "type": "null" }, one_of(words::ORIGIN), object(words::ORIGIN, &known), phases()] })
}

fn phases() -> Value {
    let until = json!({ "anyOf": [one_of(words::UNTIL), object(words::UNTIL, &[])] });
    let known = [("send", bytes(words::BYTES)), ("response", response()), ("until", until)];
    json!({ "type": "array", "items": { "anyOf": [one_of(words::PHASE), object(words::PHASE, &known)] } })
}

fn response() -> Value {
    let header = json!({ "type": "array", "minItems": 2, "maxItems": 2 });
    let headers = json!({ "type": "array", "items": header });
    object(words::RESPONSE, &[("headers", headers), ("body", bytes(words::BYTES))])
}

fn reply() -> Value {
    let known = [("response", response()), ("raw", raw()), ("websocket", frame_phases())];
    json!({ "anyOf": [one_of(words::REPLY), object(words::REPLY, &known), phases()] })
}

fn raw() -> Value {
    object(words::RAW, &[("then", one_of(words::THEN)), ("bytes", bytes(words::BYTES))])
}

/// Text, or a mapping that says more.
fn bytes(words: &'static [Word]) -> Value {
    json!({ "anyOf": [{ "type": ["string", "number", "boolean"] }, object(words, &[])] })
}

/// One of the words alone.
fn one_of(words: &'static [Word]) -> Value {
    json!({ "enum": words::names(words).collect::<Vec<_>>() })
}

fn steps() -> Vec<Value> {
    let setups = SetupKind::ALL.map(|kind| {
        let name = json!({ "type": "string", "description": "the name that the handle gets" });
        with_head(kind.word(), name, words::SETUP)
    });
    let status = json!({ "type": "string", "description": "the status waited for" });
    let wait = with_head("wait", status, words::WAIT);
    let list = json!({ "type": "array", "items": { "$ref": "#/$defs/step" } });
    let mut when =
        with_head("when", json!({ "description": "the status of the callback, or a list" }), words::WHEN);
    when["properties"]["do"]["type"] = list["type"].clone();
    when["properties"]["do"]["items"] = list["items"].clone();
    let meanwhile = with_head("meanwhile", list, words::MEANWHILE);
    let join = json!({ "type": "string", "description": "what is waited for, $name" });
    let pass = json!({ "type": "integer", "description": "how much time passes, in milliseconds" });
    let others = [wait, when, meanwhile, with_head("join", join, words::JOIN), with_head("pass", pass, &[])];
    setups.into_iter().chain(others).chain(FUNCTIONS.iter().map(step)).collect()
}

fn step(function: &'static Function) -> Value {
    let parameters: Map<String, Value> = function
        .params
        .iter()
        .map(|param| (param.name.to_owned(), json!({ "description": format!("{:?}", param.ty) })))
        .collect();
    let arguments =
        json!({ "type": ["object", "null"], "properties": parameters, "additionalProperties": false });
    with_head(function.name, arguments, words::CALL)
}

/// An object with one required key and optional others.
fn with_head(name: &str, head: Value, rest: &'static [Word]) -> Value {
    let mut schema = object(rest, &[]);
    schema["properties"][name] = head;
    schema["required"] = json!([name]);
    schema
}

fn object(words: &'static [Word], known: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = words
        .iter()
        .map(|word| {
            let mut schema = known
                .iter()
                .find(|(name, _)| *name == word.name)
                .map_or_else(|| json!({}), |(_, schema)| schema.clone());
            schema["description"] = word.takes.into();
            (word.name.to_owned(), schema)
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
