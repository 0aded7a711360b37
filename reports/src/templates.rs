//! The templates, compiled in: a report needs no file beside the program.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

const FILES: [(&str, &str); 2] = [
    ("badge.svg", include_str!("../templates/badge.svg")),
    ("report.html", include_str!("../templates/report.html")),
];

/// The style sheet of the report.
pub(crate) const STYLE: &str = include_str!("../templates/report.css");
/// The script of the report.
pub(crate) const SCRIPT: &str = include_str!("../templates/report.js");

/// Renders a template. Everything is escaped unless the template is given it as safe, and a name that is not in
/// the context is an error.
pub(crate) fn render(name: &str, context: Value) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(lines_of_their_own()?);
    for (file, source) in FILES {
        environment.add_template(file, source).map_err(|error| format!("template {file}: {error:#}"))?;
    }
    let template = environment.get_template(name).map_err(|error| format!("template {name}: {error:#}"))?;
    template.render(context).map(|text| text + "\n").map_err(|error| format!("template {name}: {error:#}"))
}

/// A line that holds only a block leaves no empty line behind.
fn lines_of_their_own() -> Result<SyntaxConfig, String> {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(|error| format!("template syntax: {error:#}"))
}
