//! A case with axes becomes one case a combination: `$axis` is replaced, and the id says by what.

use std::collections::BTreeSet;
use std::ops::Range;

use super::parse::check_name;
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
                substitute(node, &row.values, &mut used);
            }
            Variant { suffix: format!("[{}]", row.shown), case }
        })
        .collect();
    for value in rows.first().into_iter().flat_map(|row| &row.values) {
        if !used.contains(&value.axis.text) {
            problems.push(
                Diagnostic::at(
                    value.axis.span.clone(),
                    format!("no step uses `${}`: the cases would all be the same", value.axis.text),
                )
                .help("write the axis where its values belong, or remove it"),
            );
        }
    }
    variants
}

/// One combination.
struct Row {
    values: Vec<Value>,
    /// What stands for it in the id.
    shown: String,
}

/// What an axis stands for in one combination.
#[derive(Clone)]
struct Value {
    axis: Key,
    node: Node,
    /// `interval=14999`, or with the value's name: `interval=below-the-minimum`.
    shown: String,
}

impl Value {
    fn new(axis: &Key, name: Option<&Key>, node: &Node) -> Self {
        let word = name.map_or_else(|| compact(node), |name| name.text.clone());
        Self { axis: axis.clone(), node: node.clone(), shown: format!("{}={word}", axis.text) }
    }
}

fn rows(each: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Row> {
    match &each.value {
        Kind::Map(axes) if !axes.is_empty() => product(axes, &each.span, problems),
        Kind::List(rows) if !rows.is_empty() => listed(rows, problems),
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
    let mut rows: Vec<Vec<Value>> = vec![vec![]];
    for (axis, node) in axes {
        let values: Vec<Value> = match &node.value {
            Kind::List(values) => values.iter().map(|node| Value::new(axis, None, node)).collect(),
            Kind::Map(values) => values
                .iter()
                .map(|(name, node)| {
                    check_name(name, problems);
                    Value::new(axis, Some(name), node)
                })
                .collect(),
            _ => {
                problems.push(Diagnostic::at(
                    node.span.clone(),
                    format!(
                        "the axis `{}` is a list of values, or a mapping from names to values",
                        axis.text
                    ),
                ));
                continue;
            }
        };
        rows = rows
            .iter()
            .flat_map(|row| values.iter().map(move |value| [&row[..], std::slice::from_ref(value)].concat()))
            .take(LIMIT + 1)
            .collect();
        if rows.len() > LIMIT {
            problems.push(Diagnostic::at(span.clone(), format!("more than {LIMIT} combinations")));
            return Vec::new();
        }
    }
    rows.into_iter().map(|values| Row { shown: shown(&values), values }).collect()
}

/// Rows as they are written: each by its own name, the others by as many of their first values as tell them apart.
fn listed(rows: &[Node], problems: &mut Vec<Diagnostic>) -> Vec<Row> {
    let rows: Vec<(Option<String>, Vec<Value>)> = rows
        .iter()
        .filter_map(|row| match &row.value {
            Kind::Map(entries) => Some(row_of(entries, problems)),
            _ => {
                problems
                    .push(Diagnostic::at(row.span.clone(), "a row is a mapping from axis names to values"));
                None
            }
        })
        .collect();
    let unnamed: Vec<&Vec<Value>> =
        rows.iter().filter(|(name, _)| name.is_none()).map(|(_, values)| values).collect();
    let most = unnamed.iter().map(|values| values.len()).max().unwrap_or(0);
    let enough = (1..most).find(|count| {
        let shown: BTreeSet<String> = unnamed.iter().map(|values| first(values, *count)).collect();
        shown.len() == unnamed.len()
    });
    let enough = enough.unwrap_or(most);
    rows.into_iter()
        .map(|(name, values)| Row { shown: name.unwrap_or_else(|| first(&values, enough)), values })
        .collect()
}

fn row_of(entries: &[(Key, Node)], problems: &mut Vec<Diagnostic>) -> (Option<String>, Vec<Value>) {
    let (mut name, mut values) = (None, vec![]);
    for (key, node) in entries {
        match &node.value {
            Kind::Text(word) if key.text == "as" => {
                check_name(&Key { text: word.clone(), span: node.span.clone() }, problems);
                name = Some(word.clone());
            }
            _ if key.text == "as" => {
                problems.push(Diagnostic::at(node.span.clone(), "`as` takes the name of the row"));
            }
            _ => values.push(Value::new(key, None, node)),
        }
    }
    (name, values)
}

fn first(values: &[Value], count: usize) -> String {
    shown(&values[..count.min(values.len())])
}

fn shown(values: &[Value]) -> String {
    values.iter().map(|value| &*value.shown).collect::<Vec<_>>().join(",")
}

/// Replaces every scalar `$axis` by the axis's value; what is wrong with the value is shown where it is written.
fn substitute(node: &mut Node, row: &[Value], used: &mut Vec<String>) {
    match &mut node.value {
        Kind::Text(text) => {
            let Some(name) = text.strip_prefix('$') else { return };
            if let Some(value) = row.iter().find(|value| value.axis.text == name) {
                used.push(value.axis.text.clone());
                *node = value.node.clone();
            }
        }
        Kind::List(items) => items.iter_mut().for_each(|item| substitute(item, row, used)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                // A set-up's kind is a key: `$kind: h`.
                if let Some((axis, word)) = row.iter().find_map(|value| match &value.node.value {
                    Kind::Text(word) if key.text.strip_prefix('$') == Some(&value.axis.text) => {
                        Some((&value.axis, word))
                    }
                    _ => None,
                }) {
                    used.push(axis.text.clone());
                    key.text.clone_from(word);
                }
                substitute(value, row, used);
            }
        }
        _ => {}
    }
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
