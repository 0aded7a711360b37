//! Cases that do next to nothing, so that what is measured is the harness.

use std::borrow::Cow;

use winhttp_conformance::case::{
    Argument, CallStep, Case, Expect, Number, Outcome as Allowed, OutcomeKind, Scalar, Step,
};
use winhttp_conformance::run::default_jobs;
use winhttp_conformance::suite::Root;
use winhttp_host::Backend;
use winhttp_host::wine::Wine;
use winhttp_spec::{constants, functions};

use crate::figure::{Figure, Task, best_of};
use crate::table::Table;
use crate::{Outcome, pipeline};

const FEW: usize = 1_000;
const MANY: usize = 100_000;
const TIMES: usize = 3;

/// Prints the table.
pub(crate) fn report() -> Outcome<()> {
    let title = format!("cases that do next to nothing, {} agents", default_jobs());
    let mut table = Table::new(&title, "case");
    for backend in backends(&mut table) {
        let [few, many] = [FEW, MANY].map(|cases| Task::NoOp { backend: backend.clone(), cases });
        for figure in best_of(TIMES, &[&|| few.command(), &|| many.command()])? {
            table.rate(&format!("{backend}, {} cases", figure.count), figure);
        }
    }
    table.goal("20,000 a second through two Linux agents, 5,000 through Wine; memory flat");
    table.print();
    Ok(())
}

/// Those that can be asked here; a note for the other.
pub(crate) fn backends(table: &mut Table) -> Vec<Backend> {
    match Wine::find(Root::default().path()) {
        Ok(_) => vec![Backend::Rust, Backend::Wine],
        Err(missing) => {
            table.note(&format!("no Wine: {missing}"));
            vec![Backend::Rust]
        }
    }
}

/// Asks so many.
pub(crate) fn measure(backend: &Backend, cases: usize) -> Outcome<Figure> {
    let pattern = case()?;
    let (figure, footer) = pipeline::measure(backend, cases, &|index| {
        let mut case = pattern.clone();
        case.id = format!("bench/no-op/{index}");
        Cow::Owned(case)
    })?;
    if footer.counts.pass != cases as u64 {
        return Err(format!("not every case passed: {:?}", footer.counts).into());
    }
    Ok(figure)
}

/// `WinHttpCloseHandle(NULL)` fails.
fn case() -> Outcome<Case> {
    let function =
        functions::find("WinHttpCloseHandle").ok_or("the function table lacks WinHttpCloseHandle")?;
    let name = "ERROR_INVALID_HANDLE";
    let error = constants::value(name).ok_or("the constants lack ERROR_INVALID_HANDLE")?;
    let number = |value, text: &str| Number { value, text: text.to_owned() };
    let fails = OutcomeKind::Fails(vec![number(error, name)]);
    let call = CallStep {
        function,
        arguments: vec![(0, Argument::Word(Scalar::Number(number(0, "NULL"))))],
        name: None,
        last_error: None,
        expect: Expect { outcomes: vec![Allowed { kind: fails, because: None }], ..Expect::default() },
    };
    let covers = vec!["bench/no-op".to_owned()];
    Ok(Case { covers, steps: vec![Step::Call(Box::new(call))], ..Case::default() })
}
