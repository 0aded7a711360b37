//! What shows only when files are read: their bytes, their size, their names, and each other.

use std::fs;
use std::path::{Path, PathBuf};

use winhttp_conformance::load::{Loaded, load};

use crate::snapshot;

const GOOD: &str = "covers: [WinHttpResetAutoProxy/success]
cases:
  a-case:
    steps: [{ WinHttpCloseHandle: { hInternet: NULL }, fails: true }]
";

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnostics").join(name);
    // It may be left from an earlier run.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn loaded(folder: &Path) -> Loaded {
    load(folder, folder)
}

fn shown(folder: &Path) -> String {
    let text: String = loaded(folder).errors.iter().map(ToString::to_string).collect();
    text.replace(&*folder.to_string_lossy(), "<folder>").replace('\\', "/")
}

#[test]
fn invalid_utf_8() {
    let folder = folder("utf-8");
    let mut bytes = GOOD.as_bytes().to_vec();
    bytes.splice(9..10, [0xFF, 0xFE]);
    fs::write(folder.join("a.yaml"), bytes).expect("a file");
    snapshot(&shown(&folder));
}

/// A hundred megabytes that take no room on the disk, and no time.
#[test]
fn a_huge_file() {
    let folder = folder("huge");
    fs::File::create(folder.join("a.yaml")).and_then(|file| file.set_len(100 << 20)).expect("a file");
    snapshot(&shown(&folder));
}

#[test]
fn zeros() {
    let folder = folder("zeros");
    fs::write(folder.join("a.yaml"), [0; 64]).expect("a file");
    assert!(loaded(&folder).cases.is_empty());
    assert_eq!(loaded(&folder).errors.len(), 1);
}

#[test]
fn no_files() {
    snapshot(&shown(&folder("none")));
}

#[test]
fn no_folder() {
    let text = shown(&folder("nowhere").join("there"));
    assert!(text.starts_with("error: No such file") || cfg!(windows), "{text}");
}

#[test]
fn the_other_ending() {
    let folder = folder("ending");
    fs::write(folder.join("a.yml"), GOOD).expect("a file");
    snapshot(&shown(&folder));
}

/// The folder `a` with the file `b` and the file `a/b/a-case` cannot give one id twice, but links and odd names can.
#[test]
fn one_id_in_two_files() {
    let folder = folder("twice");
    fs::create_dir(folder.join("a")).expect("a folder");
    fs::write(folder.join("a").join("b.yaml"), GOOD).expect("a file");
    fs::write(folder.join("a").join("b.x.yaml"), GOOD.replace("a-case", "b")).expect("a file");
    let Loaded { cases, errors } = loaded(&folder);
    assert!(errors.is_empty(), "{}", errors[0]);
    let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["a/b.x/b", "a/b/a-case"]);
}

#[test]
fn a_good_file_beside_a_bad_one_is_loaded_all_the_same() {
    let folder = folder("beside");
    fs::write(folder.join("bad.yaml"), "cases: 7").expect("a file");
    fs::write(folder.join("good.yaml"), GOOD).expect("a file");
    let Loaded { cases, errors } = loaded(&folder);
    assert_eq!((cases.len(), errors.len()), (1, 1));
    assert_eq!(errors[0].path, "bad.yaml");
}
