//! Cases through the whole pipeline: compiled, asked, judged, recorded to a file.

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;

use winhttp_conformance::baseline::Baseline;
use winhttp_conformance::case::Case;
use winhttp_conformance::gate::Gate;
use winhttp_conformance::recorder::Recorder;
use winhttp_conformance::run::{Worker, default_jobs, run};
use winhttp_conformance::suite::Root;
use winhttp_host::{Backend, BackendError, Subject};
use winhttp_reports::record::{Footer, Header};

use crate::Outcome;
use crate::clock::Clock;
use crate::figure::Figure;

/// Asks them with an agent a processor. What the implementation has is asked before the clock starts.
pub(crate) fn measure<'a>(
    backend: &Backend,
    count: usize,
    case: &(dyn Fn(usize) -> Cow<'a, Case> + Sync),
) -> Outcome<(Figure, Footer)> {
    let root = Root::default();
    let start =
        || -> Result<Box<dyn Subject + Send>, BackendError> { Ok(Box::new(backend.start(root.path())?)) };
    let mut worker = Worker::start(&start)?;
    let inventory = worker.inventory()?;
    drop(worker);
    let written = Root::new(env!("CARGO_TARGET_TMPDIR").into());
    let header = Header { backend: backend.to_string(), ..Header::default() };
    let clock = Clock::start();
    let mut recorder = Recorder::create(&written, &header)?;
    let mut gate = Gate::new(Baseline::default());
    let stop = AtomicBool::new(false);
    run(&start, default_jobs(), &inventory, count, case, &stop, |mut result| {
        gate.check(&mut result);
        recorder.record(&result);
    })?;
    let footer = gate.footer(false, false);
    recorder.finish(&footer)?;
    Ok((clock.stop(count), footer))
}
