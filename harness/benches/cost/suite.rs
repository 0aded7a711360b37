//! Every case, as `conform run` asks them.

use std::borrow::Cow;

use winhttp_conformance::suite::{self, Root};
use winhttp_host::Backend;

use crate::figure::{Figure, Task, best_of};
use crate::no_op::backends;
use crate::table::Table;
use crate::{Outcome, pipeline};

const TIMES: usize = 3;

/// Prints the table.
pub(crate) fn report() -> Outcome<()> {
    let mut table = Table::new("the whole suite", "case");
    for backend in backends(&mut table) {
        let task = Task::Suite { backend: backend.clone() };
        for figure in best_of(TIMES, &[&|| task.command()])? {
            table.rate(&format!("{backend}, {} cases", figure.count), figure);
        }
    }
    table.print();
    Ok(())
}

/// Asks them all; loading them is not part of it.
pub(crate) fn measure(backend: &Backend) -> Outcome<Figure> {
    let cases = suite::load(&Root::default())
        .map_err(|errors| format!("{} case files are malformed", errors.len()))?;
    let (figure, _) = pipeline::measure(backend, cases.len(), &|index| Cow::Borrowed(&cases[index]))?;
    Ok(figure)
}
