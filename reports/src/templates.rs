//! The templates, compiled in: a report needs no file beside the program.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

const FILES: [(&str, &str); 1] = [("badge.svg", include_str!("../templates/badge.svg"))];

/// Renders a template. Everything is escaped unless the template says that it is safe, and a name that is
/// not in the context is an error.
pub(crate) fn render(name: &str, context: Value) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (file, source) in FILES {
        environment.add_template(file, source).map_err(|error| format!("template {file}: {error:#}"))?;
    }
    let template = environment.get_template(name).map_err(|error| format!("template {name}: {error:#}"))?;
    template.render(context).map(|text| text + "\n").map_err(|error| format!("template {name}: {error:#}"))
}
