//! Real case files with bytes flipped, cut out and doubled: the loader never panics, and what it points at is there.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use winhttp_conformance::load::load_text;
use winhttp_conformance::suite::Root;

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(&Root::default().cases(), &mut files);
    files.sort();
    files
});

fn collect(folder: &Path, files: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the cases are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(fs::read(path).expect("a case file"));
        }
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Insert(Index, u8),
    Delete(Index, usize),
    Double(Index, usize, Index),
    /// Cuts the rest off.
    Cut(Index),
}

/// Bytes that mean something in YAML, more often than others.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(b"\n -:{}[],#&*!|>'\"%@`?$\t\\~".to_vec())]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (any::<Index>(), byte()).prop_map(|(at, byte)| Mutation::Flip(at, byte)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        (any::<Index>(), 1..60_usize).prop_map(|(at, length)| Mutation::Delete(at, length)),
        (any::<Index>(), 1..200_usize, any::<Index>())
            .prop_map(|(at, length, to)| Mutation::Double(at, length, to)),
        any::<Index>().prop_map(Mutation::Cut),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    let length = bytes.len();
    if length == 0 {
        return;
    }
    match mutation {
        Mutation::Flip(at, byte) => bytes[at.index(length)] = *byte,
        Mutation::Insert(at, byte) => bytes.insert(at.index(length), *byte),
        Mutation::Delete(at, count) => {
            let at = at.index(length);
            bytes.drain(at..length.min(at + count));
        }
        Mutation::Double(at, count, to) => {
            let at = at.index(length);
            let copy = bytes[at..length.min(at + count)].to_vec();
            let to = to.index(length);
            bytes.splice(to..to, copy);
        }
        Mutation::Cut(at) => bytes.truncate(at.index(length)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn give_cases_or_errors_with_their_places(
        file in any::<Index>(),
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let mut bytes = file.get(&FILES).clone();
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text_gives_cases_or_errors_with_their_places(text in ".{0,200}") {
        check(&text);
    }
}

fn check(text: &str) {
    match load_text("folder/file", "file.yaml", text) {
        Ok(cases) => assert!(cases.iter().all(|case| case.id.starts_with("folder/file/"))),
        Err(errors) => {
            assert!(!errors.diagnostics.is_empty());
            for diagnostic in &errors.diagnostics {
                assert!(!diagnostic.message.is_empty());
                if let Some(span) = &diagnostic.span {
                    assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
                }
            }
            assert!(errors.to_string().contains("file.yaml"));
        }
    }
}
