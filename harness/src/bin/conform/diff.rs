//! `conform diff` and `conform bless`.

use std::fs;
use std::path::PathBuf;

use winhttp_conformance::baseline;
use winhttp_conformance::suite::Root;
use winhttp_reports::diff::Diff;
use winhttp_reports::run::Run;

use crate::{Exit, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The run before.
    before: PathBuf,
    /// The run after.
    after: PathBuf,
    /// Markdown instead of plain text.
    #[arg(long)]
    markdown: bool,
}

/// Exit code 1 if something got worse.
pub(crate) fn diff(arguments: &Arguments) -> Result<Exit, String> {
    let runs = output::read(&[arguments.before.clone(), arguments.after.clone()])?;
    let [before, after] = &runs[..] else { return Err("two runs are compared".into()) };
    let diff = Diff::between(before, after);
    output::print(&if arguments.markdown { diff.markdown() } else { diff.text() });
    Ok(if diff.is_regression() { Exit::NotAsExpected } else { Exit::AsExpected })
}

#[derive(clap::Args)]
pub(crate) struct BlessArguments {
    /// The label of the back end: the name of its recorded run and of its baseline, like wine-8.0.
    label: String,
    /// Why the new entries are as they are.
    #[arg(long)]
    reason: Option<String>,
}

pub(crate) fn bless(root: &Root, arguments: &BlessArguments) -> Result<Exit, String> {
    let run = root.output().join(format!("{}.jsonl", arguments.label));
    if !run.exists() {
        let label = &arguments.label;
        return Err(format!(
            "no run of all cases is recorded of {label}: `conform run` without a filter makes one"
        ));
    }
    let run = Run::read(&run).map_err(|error| error.to_string())?;
    let path = root.baseline(&arguments.label);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let reason = arguments.reason.as_deref();
    let blessed =
        baseline::bless(&text, &arguments.label, &run.header.filters, &run.footer, &run.results, reason)
            .map_err(|error| error.to_string())?;
    if blessed == text {
        output::print(&format!("{} is up to date\n", path.display()));
    } else {
        // Written beside and renamed, so that a full disk cannot cost the baseline.
        let beside = path.with_extension("yaml.new");
        let written = fs::write(&beside, blessed).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
        output::print(&format!(
            "{} is rewritten: look at the difference before you commit it\n",
            path.display()
        ));
    }
    Ok(Exit::AsExpected)
}
