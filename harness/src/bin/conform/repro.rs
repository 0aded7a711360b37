//! `conform repro`.

use winhttp_conformance::repro::program;
use winhttp_conformance::suite::Root;

use crate::{Exit, load, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The id of a case.
    id: String,
}

pub(crate) fn repro(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let cases = load(root)?;
    let case = cases.iter().find(|case| case.id == arguments.id).ok_or_else(|| {
        format!("no case is called `{0}`; `conform list {0}` finds cases by a part of their id", arguments.id)
    })?;
    output::print(&program(case)?);
    Ok(Exit::AsExpected)
}
