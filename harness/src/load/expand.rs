//! A case with axes becomes one case a combination: `$axis` is replaced, and the id says by what.

use std::ops::Range;

use crate::diagnostics::Diagnostic;
use crate::yaml::{Key, Kind, Node};

/// More combinations than this are a mistake.
const LIMIT: usize = 4096;

/// One combination: a suffix for the id, and the case with the values in place.
pub(crate) struct Variant {
    /// `[interval=14999]`; empty without axes.
    pub(crate) suffix: String,
    /// The case without its `each`.
    pub(crate) case: Vec<(Key, Node)>,
}

/// All combinations of a case.
pub(crate) fn expand(case: &[(Key, Node)], problems: &mut Vec<Diagnostic>) -> Vec<Variant> {
    let Some((_, each)) = case.iter().find(|(key, _)| key.text == "each") else {
        return vec![Variant { suffix: String::new(), case: case.to_vec() }];
    };
    let rest: Vec<_> = case.iter().filter(|(key, _)| key.text != "each").cloned().collect();
    let rows = rows(each, problems);
    let mut used = vec![];
    let variants = rows
        .iter()
        .map(|row| {
            let mut case = rest.clone();
            for (_, node) in &mut case {
                substitute(node, row, &mut used);
            }
            Variant { suffix: suffix(row), case }
        })
        .collect();
    for (key, _) in rows.first().into_iter().flatten() {
        if !used.contains(&key.text) {
            problems.push(
                Diagnostic::at(
                    key.span.clone(),
                    format!("no step uses `${}`: the cases would all be the same", key.text),
                )
                .help("write the axis where its values belong, or remove it"),
            );
        }
    }
    variants
}

type Row = Vec<(Key, Node)>;

fn rows(each: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Row> {
    match &each.value {
        Kind::Map(axes) if !axes.is_empty() => product(axes, &each.span, problems),
        Kind::List(rows) if !rows.is_empty() => rows
            .iter()
            .filter_map(|row| match &row.value {
                Kind::Map(values) => Some(values.clone()),
                _ => {
                    problems.push(Diagnostic::at(
                        row.span.clone(),
                        "a row is a mapping from axis names to values",
                    ));
                    None
                }
            })
            .collect(),
        _ => {
            problems.push(Diagnostic::at(
                each.span.clone(),
                "`each` takes a mapping from names to lists, or a list of mappings, and at least one of them",
            ));
            Vec::new()
        }
    }
}

fn product(axes: &[(Key, Node)], span: &Range<usize>, problems: &mut Vec<Diagnostic>) -> Vec<Row> {
    let mut rows = vec![Row::new()];
    for (name, values) in axes {
        let Kind::List(values) = &values.value else {
            problems.push(Diagnostic::at(
                values.span.clone(),
                format!("the axis `{}` is a list of values", name.text),
            ));
            continue;
        };
        rows = rows
            .iter()
            .flat_map(|row| {
                values.iter().map(move |value| [&row[..], &[(name.clone(), value.clone())]].concat())
            })
            .take(LIMIT + 1)
            .collect();
        if rows.len() > LIMIT {
            problems.push(Diagnostic::at(span.clone(), format!("more than {LIMIT} combinations")));
            return Vec::new();
        }
    }
    rows
}

/// Replaces every scalar `$axis` by the axis's value; what is wrong with the value is shown where it is written.
fn substitute(node: &mut Node, row: &Row, used: &mut Vec<String>) {
    match &mut node.value {
        Kind::Text(text) => {
            let Some(name) = text.strip_prefix('$') else { return };
            if let Some((key, value)) = row.iter().find(|(key, _)| key.text == name) {
                used.push(key.text.clone());
                *node = value.clone();
            }
        }
        Kind::List(items) => items.iter_mut().for_each(|item| substitute(item, row, used)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                // A set-up's kind is a key: `$kind: h`.
                if let Some((axis, Node { value: Kind::Text(word), .. })) =
                    row.iter().find(|(axis, _)| key.text.strip_prefix('$') == Some(&axis.text))
                {
                    used.push(axis.text.clone());
                    key.text.clone_from(word);
                }
                substitute(value, row, used);
            }
        }
        _ => {}
    }
}

fn suffix(row: &Row) -> String {
    let values: Vec<_> = row.iter().map(|(key, value)| format!("{}={}", key.text, compact(value))).collect();
    format!("[{}]", values.join(","))
}

/// A value as it stands in an id: without blanks and control characters.
fn compact(node: &Node) -> String {
    match &node.value {
        Kind::Null => "NULL".to_owned(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::Text(text) => {
            let words =
                text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join("-").replace("-|-", "|")
        }
        Kind::List(items) => items.iter().map(compact).collect::<Vec<_>>().join("+"),
        Kind::Map(entries) => entries
            .iter()
            .map(|(key, value)| format!("{}:{}", key.text, compact(value)))
            .collect::<Vec<_>>()
            .join("+"),
    }
}
