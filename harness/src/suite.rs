//! All cases: those of the files and those made of the option table.

use std::path::{Path, PathBuf};

use winhttp_spec::options::OPTIONS;

use crate::baseline::Glob;
use crate::case::Case;
use crate::coverage::Floor;
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

    /// Where it stands how much was covered.
    #[must_use]
    pub fn coverage(&self) -> PathBuf {
        self.0.join("reports/coverage.yaml")
    }

    /// How much was covered; nothing, if that was never written.
    ///
    /// # Errors
    ///
    /// The file is malformed.
    pub fn floor(&self) -> Result<Floor, String> {
        let path = self.coverage();
        match std::fs::read_to_string(&path) {
            Ok(text) => Floor::parse(&text).map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Floor::default()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Where runs and reports are written.
    #[must_use]
    pub fn output(&self) -> PathBuf {
        self.0.join("target/conform")
    }

    /// Where those go that are no run of the whole suite.
    #[must_use]
    pub fn part(&self) -> PathBuf {
        self.output().join("part")
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

/// The case of that id, read from the one place where it can be: for a process that asks a single case.
///
/// # Errors
///
/// Every error of the file.
pub fn find(root: &Root, id: &str) -> Result<Option<Case>, Vec<FileErrors>> {
    let name = id.split('[').next().unwrap_or(id);
    let Some((place, _)) = name.rsplit_once('/') else { return Ok(None) };
    let cases = match place.strip_prefix("matrix/").and_then(|rest| rest.split('/').next()) {
        Some("handles") => matrix::handles::cases(),
        Some(slug) => OPTIONS.iter().filter(|option| option.slug() == slug).flat_map(matrix::of).collect(),
        None => {
            let path = root.cases().join(format!("{place}.yaml"));
            if !path.is_file() {
                return Ok(None);
            }
            load::load_file(root.path(), &root.cases(), &path).map_err(|errors| vec![errors])?
        }
    };
    Ok(cases.into_iter().find(|case| case.id == id))
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
