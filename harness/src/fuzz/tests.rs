//! What the fuzzer writes is what it asked.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use winhttp_spec::requirements::ledger;
use winhttp_spec::structs::Width;

use super::program::{Needed, Program};
use super::{oracle, strategy};
use crate::compile::compile;
use crate::load::load_text;
use crate::presence::Inventory;
use crate::write::case_file;

const PORT: u16 = 4711;

/// A program as a case that states all that is promised of it.
fn case(program: &Program) -> (crate::case::Case, Vec<oracle::Promise>) {
    let mut case = program.case(&Needed::new());
    let mut compiled = compile(&case, PORT, Width::W64).unwrap();
    let promises = oracle::promise(program, &mut case, &mut compiled, None, &Inventory::default());
    case.covers = vec!["WinHttpCloseHandle/returns-true".to_owned()];
    (case, promises)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_case_is_read_back_as_the_same_plan(program in strategy::programs()) {
        let (case, _) = case(&program);
        let text = case_file("a-case", &case);
        let read = load_text("fuzz", "a.yaml", &text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(read.len(), 1);
        let plan = compile(&case, PORT, Width::W64).unwrap().plan;
        prop_assert_eq!(&compile(&read[0], PORT, Width::W64).unwrap().plan, &plan);
        prop_assert_eq!(case_file("a-case", &read[0]), text);
    }

    #[test]
    fn every_promise_names_requirements_of_the_ledger(program in strategy::programs()) {
        for promise in case(&program).1 {
            prop_assert!(!promise.covers.is_empty(), "{} covers nothing", promise.rule);
            for id in &promise.covers {
                prop_assert!(ledger().requirement(id).is_some(), "{}: no requirement {}", promise.rule, id);
            }
        }
    }
}
