//! `conform setup`.

use winhttp_conformance::suite::Root;
use winhttp_host::wine;

use crate::{Exit, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to prepare.
    what: What,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// Builds the agent for Windows and makes a Wine prefix of the project's own.
    Wine,
}

pub(crate) fn setup(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    match arguments.what {
        What::Wine => {
            let setup = wine::setup(root.path(), &mut |line| eprintln!("{line}"))
                .map_err(|error| error.to_string())?;
            output::print(&format!(
                "{} is set up ({} prefix): `conform run --backend wine` asks it\n",
                setup.wine.version(),
                if setup.fresh_prefix { "a fresh" } else { "the existing" }
            ));
            Ok(Exit::AsExpected)
        }
    }
}
