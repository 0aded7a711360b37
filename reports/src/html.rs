//! The report in one HTML file that needs no network: the overview is written out, so that it can be read
//! without a script; requirements and cases are data, which the script shows on demand.

use minijinja::context;
use minijinja::value::{Serde, Value};
use serde_json::to_string;
use winhttp_spec::requirements::Ledger;

use crate::run::{NotRun, Run};
use crate::templates;

mod data;
mod overview;

/// The report on one or more runs, with an empty column for each back end that was not run.
///
/// # Errors
/// A template cannot be rendered, which would be a mistake in it.
pub fn render(runs: &[Run], not_run: &[NotRun], ledger: &Ledger) -> Result<String, String> {
    let data = data::Data::new(runs, not_run, ledger);
    let json = to_string(&data).map_err(|error| format!("the report's data: {error}"))?;
    let overview = overview::Overview::new(runs, not_run, ledger, &data);
    let context = context! {
        data => Value::from_safe_string(inert(&json)),
        style => Value::from_safe_string(templates::STYLE.to_owned()),
        script => Value::from_safe_string(templates::SCRIPT.to_owned()),
        ..Value::from(Serde(overview))
    };
    templates::render("report.html", context)
}

/// JSON that can stand in a script element: a `<` occurs only in strings, and as an escape it can neither end
/// the element nor begin a comment.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}
