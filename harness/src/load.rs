//! From files to cases: every error of every file, each with its place.

mod expand;
mod parse;
pub mod words;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::case::{Case, Source};
use crate::diagnostics::{Diagnostic, FileErrors};
use crate::yaml::{self, Key, Kind, Node};

/// A larger file is no case file.
const SIZE_LIMIT: u64 = 1 << 20;

/// A longer id fits neither a terminal nor a table.
const ID_LIMIT: usize = 150;

/// What was loaded and what was wrong; a file with an error gives no cases.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The cases, in the order of the paths and of each file.
    pub cases: Vec<Case>,
    /// The errors, a file each.
    pub errors: Vec<FileErrors>,
}

/// Loads every `.yaml` file below `folder`; `root` is what paths are shown relative to.
#[must_use]
pub fn load(root: &Path, folder: &Path) -> Loaded {
    let mut loaded = Loaded::default();
    let mut files = Vec::new();
    collect(folder, &mut files, &mut loaded.errors);
    files.sort();
    if files.is_empty() && loaded.errors.is_empty() {
        loaded.errors.push(unreadable(folder, "there is no .yaml file in this folder".to_owned()));
    }
    for path in files {
        match load_file(root, folder, &path) {
            Ok(cases) => loaded.cases.extend(cases),
            Err(errors) => loaded.errors.push(errors),
        }
    }
    loaded
}

/// Loads one file below `folder`.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn load_file(root: &Path, folder: &Path, path: &Path) -> Result<Vec<Case>, FileErrors> {
    let id = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    let id = id.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    let shown = shown(root, path);
    read(path).and_then(|text| parse_file(&id, &shown, text)).map_err(|problem| problem.of(shown))
}

/// Loads one text as the file `id`: for tests, tools and fuzzers.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn load_text(id: &str, path: &str, text: &str) -> Result<Vec<Case>, FileErrors> {
    parse_file(id, path, text.to_owned()).map_err(|problem| problem.of(path.to_owned()))
}

/// A path as readers see it.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

struct Problem {
    text: String,
    diagnostics: Vec<Diagnostic>,
}

impl Problem {
    fn of(self, path: String) -> FileErrors {
        FileErrors { path, text: self.text, diagnostics: self.diagnostics }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>, errors: &mut Vec<FileErrors>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return errors.push(unreadable(folder, error.to_string())),
    };
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok((path, kind)) if kind.is_dir() => collect(&path, files, errors),
            Ok((path, _)) if path.extension().is_some_and(|extension| extension == "yaml") => {
                files.push(path)
            }
            Ok((path, _)) if path.extension().is_some_and(|extension| extension == "yml") => {
                errors.push(unreadable(&path, "case files end in .yaml".to_owned()));
            }
            Ok(_) => {}
            Err(error) => errors.push(unreadable(folder, error.to_string())),
        }
    }
}

fn unreadable(path: &Path, message: String) -> FileErrors {
    let path = path.to_string_lossy().into_owned();
    FileErrors { path, text: String::new(), diagnostics: vec![Diagnostic::of_file(message)] }
}

fn read(path: &Path) -> Result<String, Problem> {
    let problem =
        |message: String| Problem { text: String::new(), diagnostics: vec![Diagnostic::of_file(message)] };
    let file = File::open(path).map_err(|error| problem(error.to_string()))?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells a large file without reading it all.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| problem(error.to_string()))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(problem(format!("larger than {} KiB: a case file is a page", SIZE_LIMIT / 1024)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        Problem { text, diagnostics: vec![Diagnostic::at(at..at + 3, "not UTF-8 from here on")] }
    })
}

fn parse_file(id: &str, path: &str, text: String) -> Result<Vec<Case>, Problem> {
    let root = match yaml::read(&text) {
        Ok(root) => root,
        Err(diagnostics) => return Err(Problem { text, diagnostics }),
    };
    let mut problems = Vec::new();
    let cases = file(id, path, &text, &root, &mut problems);
    if problems.is_empty() {
        return Ok(cases);
    }
    // The same mistake shows in every combination of axes; it is one mistake.
    let mut unique: Vec<Diagnostic> = Vec::new();
    problems.sort_by_key(|problem| problem.span.as_ref().map_or(0, |span| span.start));
    for problem in problems {
        if !unique.contains(&problem) {
            unique.push(problem);
        }
    }
    Err(Problem { text, diagnostics: unique })
}

fn file(id: &str, path: &str, text: &str, root: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Case> {
    let Kind::Map(entries) = &root.value else {
        problems
            .push(Diagnostic::at(root.span.clone(), "a case file is a mapping with `covers` and `cases`"));
        return Vec::new();
    };
    for (key, _) in entries {
        parse::known(key, words::FILE, "a case file", problems);
    }
    let defaults: Vec<&(Key, Node)> = entries
        .iter()
        .filter(|(key, _)| ["covers", "origin", "ipv6", "isolated"].contains(&&*key.text))
        .collect();
    let Some((_, cases)) = entries.iter().find(|(key, _)| key.text == "cases") else {
        problems.push(Diagnostic::at(root.span.clone(), "the file has no `cases`"));
        return Vec::new();
    };
    let Kind::Map(cases) = &cases.value else {
        problems.push(Diagnostic::at(cases.span.clone(), "`cases` is a mapping from names to cases"));
        return Vec::new();
    };
    let mut loaded: Vec<Case> = Vec::new();
    for (name, body) in cases {
        parse::check_name(name, problems);
        let Kind::Map(body) = &body.value else {
            problems.push(Diagnostic::at(
                name.span.clone(),
                format!("the case `{}` is a mapping with `steps`", name.text),
            ));
            continue;
        };
        let source = Source { file: path.to_owned(), line: line_of(text, name.span.start) };
        for variant in expand::expand(body, problems) {
            let mut entries = variant.case;
            for default in &defaults {
                if !entries.iter().any(|(key, _)| key.text == default.0.text) {
                    entries.push((*default).clone());
                }
            }
            let id = format!("{id}/{}{}", name.text, variant.suffix);
            if id.len() > ID_LIMIT {
                let message = format!("the id `{id}` is longer than {ID_LIMIT} characters");
                problems.push(Diagnostic::at(name.span.clone(), message).help(
                    "name the row (`as: short`), or the values of the axis (a mapping from names to values)",
                ));
            }
            // Ids of other files begin otherwise.
            if loaded.iter().any(|case| case.id == id) {
                let message = format!("two combinations of the axes of `{}` give the id `{id}`", name.text);
                problems.push(Diagnostic::at(name.span.clone(), message));
            }
            let case = parse::case(name, &entries, problems);
            loaded.push(Case { id, source: Some(source.clone()), ..case });
        }
    }
    loaded
}

fn line_of(text: &str, at: usize) -> u32 {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() as u32 + 1
}
