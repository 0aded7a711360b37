//! What was found, and the case file that shows it.

use winhttp_reports::record::Verdict;
use winhttp_spec::requirements::ledger;

use super::look::{Look, Symptom};
use crate::case::{Case, Expect, Step};
use crate::matrix::open;
use crate::write;

/// What makes two failures the same: one defect is told once, and hides no other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature {
    /// The function that was called.
    pub function: String,
    /// The option it was called with; empty where there is none.
    pub option: String,
    /// What kind of difference it is: the rule that was broken, `crash`, `hang`.
    pub kind: String,
}

impl Signature {
    /// As a case's name.
    fn name(&self) -> String {
        let option = self.option.trim_start_matches("WINHTTP_OPTION_");
        let words = format!("{} {option} {}", kebab(&self.function), self.kind).to_ascii_lowercase();
        let mut name = String::new();
        for c in words.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => name.push(c),
                _ if name.ends_with('-') => {}
                _ => name.push('-'),
            }
        }
        name.trim_matches('-').to_owned()
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.function)?;
        if !self.option.is_empty() {
            write!(out, " {}", self.option)?;
        }
        write!(out, ": {}", self.kind)
    }
}

/// `WinHttpSetOption` as `win-http-set-option`.
fn kebab(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// One failure, shrunk.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was found.
    pub signature: Signature,
    /// The number of the program that showed it first; the same seed makes it again.
    pub program: u64,
    /// Expected and observed, in one line.
    pub reason: String,
    /// The case's name, and that of its file.
    pub name: String,
    /// A case file that fails in the same way.
    pub text: String,
    /// How many calls are left in it, set-ups apart.
    pub calls: usize,
    /// Whether the case file, read back and put to a fresh process, failed in the same way.
    pub reproduced: bool,
}

/// The case that states what was broken.
pub(super) fn case(look: &Look, symptom: &Symptom, seed: u64, number: u64) -> (String, Case) {
    let name = symptom.signature.name();
    let mut case = Case { id: format!("fuzz/{name}"), deadline_ms: None, ..look.case.clone() };
    let calls = case.steps.iter_mut().filter_map(|step| match step {
        Step::Call(call) => Some(call),
        _ => None,
    });
    for (at, call) in calls.enumerate() {
        if look.verdict != Verdict::Fail {
            // Nothing is known of what the calls before came to.
            call.expect = open();
        } else if look
            .symptoms
            .iter()
            .any(|other| other.call == Some(at) && other.signature != symptom.signature)
            && symptom.call != Some(at)
        {
            // Another finding's.
            call.expect = Expect::default();
        }
    }
    case.covers = covers(look, symptom);
    case.about = Some(format!(
        "Found by the fuzzer (seed {seed}, program {number}): {}: {}",
        symptom.signature, symptom.reason
    ));
    (name, case)
}

/// The file.
pub(super) fn text(name: &str, case: &Case) -> String {
    write::case_file(name, case)
}

fn covers(look: &Look, symptom: &Symptom) -> Vec<String> {
    let function = &*symptom.signature.function;
    let own = match (&*symptom.signature.kind, function) {
        ("crash" | "hang", "WinHttpCloseHandle") => Some("WinHttpCloseHandle/closes-one-handle".to_owned()),
        ("crash" | "hang", "WinHttpSetStatusCallback") => {
            Some("WinHttpSetStatusCallback/any-handle".to_owned())
        }
        ("crash" | "hang", function) => Some(format!("{function}/option-from-option-flags")),
        ("invariant: last error", "WinHttpSetStatusCallback") => {
            Some("WinHttpSetStatusCallback/invalid-callback-on-failure".to_owned())
        }
        ("invariant: last error", function) => Some(format!("{function}/false-sets-last-error")),
        ("invariant: callbacks", _) => Some("WinHttpCloseHandle/handle-closing-last".to_owned()),
        (kind, "WinHttpQueryOption") if kind.starts_with("invariant") => {
            Some("WinHttpQueryOption/buffer-length-in-bytes".to_owned())
        }
        (kind, "WinHttpSetOption") if kind.starts_with("invariant") || kind == WRITES => {
            Some("WinHttpSetOption/buffer-holds-setting".to_owned())
        }
        _ => None,
    };
    let mut covers: Vec<String> = own.into_iter().filter(|id| ledger().requirement(id).is_some()).collect();
    if covers.is_empty() {
        let promise = symptom.call.and_then(|call| look.promises.get(call));
        covers.extend(promise.into_iter().flat_map(|promise| promise.covers.iter().cloned()));
    }
    if covers.is_empty() {
        covers.push("hinternet-handles/kinds".to_owned());
    }
    covers
}

/// The kind of a finding where memory that is only to be read was written.
pub(super) const WRITES: &str = "the buffer is only read";
