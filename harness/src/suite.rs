//! All cases: those of the files and those made of the option table.

use std::path::{Path, PathBuf};

use crate::baseline::Glob;
use crate::case::Case;
use crate::diagnostics::FileErrors;
use crate::load;
use crate::matrix;

/// Where the workspace's own folders are.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Default for Root {
    /// The workspace this program was built from.
    fn default() -> Self {
        let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self(harness.parent().unwrap_or(harness).to_owned())
    }
}

impl Root {
    /// Another workspace.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The workspace itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The case files.
    #[must_use]
    pub fn cases(&self) -> PathBuf {
        self.0.join("cases")
    }

    /// The baseline of a back end.
    #[must_use]
    pub fn baseline(&self, label: &str) -> PathBuf {
        self.0.join("reports/baselines").join(format!("{label}.yaml"))
    }

    /// Where runs and reports are written.
    #[must_use]
    pub fn output(&self) -> PathBuf {
        self.0.join("target/conform")
    }
}

/// Loads everything.
///
/// # Errors
///
/// Every error of every file.
pub fn load(root: &Root) -> Result<Vec<Case>, Vec<FileErrors>> {
    let load::Loaded { mut cases, errors } = load::load(root.path(), &root.cases());
    if !errors.is_empty() {
        return Err(errors);
    }
    cases.extend(matrix::cases());
    Ok(cases)
}

/// The cases that one of the filters names: a filter with `*` is a pattern for the whole id, any other is a part of it.
/// No filter names all.
#[must_use]
pub fn select(cases: Vec<Case>, filters: &[String]) -> Vec<Case> {
    if filters.is_empty() {
        return cases;
    }
    let globs: Vec<Glob> = filters
        .iter()
        .map(
            |filter| if filter.contains('*') { Glob::new(filter) } else { Glob::new(&format!("*{filter}*")) },
        )
        .collect();
    cases.into_iter().filter(|case| globs.iter().any(|glob| glob.matches(&case.id))).collect()
}
