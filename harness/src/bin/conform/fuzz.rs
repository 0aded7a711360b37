//! `conform fuzz`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use winhttp_conformance::fuzz::{Ended, Finding, Fuzz};
use winhttp_conformance::run::default_jobs;
use winhttp_conformance::suite::Root;
use winhttp_host::{Backend, BackendError, Subject};

use crate::output::print;
use crate::{Exit, ask};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Whom to ask: rust, wine, native, library:PATH, command:PROGRAM.
    #[arg(short, long, value_name = "BACKEND", default_value = "rust")]
    backend: Backend,
    /// For how long.
    #[arg(short, long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// At most this many programs.
    #[arg(short, long, value_name = "NUMBER")]
    programs: Option<u64>,
    /// Which programs are made: the same seed makes the same ones. By default another one each time.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many agents at once; by default three a processor.
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// Where the cases of what is found are written; by default target/conform/fuzz/<backend>.
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn fuzz(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let stop = Arc::new(AtomicBool::new(false));
    ask::catch_interrupts(&stop)?;
    let backend = &arguments.backend;
    let start =
        || -> Result<Box<dyn Subject + Send>, BackendError> { Ok(Box::new(backend.start(root.path())?)) };
    let seed = arguments.seed.unwrap_or_else(any_seed);
    let jobs = arguments.jobs.unwrap_or_else(default_jobs);
    let label = start().map_err(|error| error.to_string()).map(|subject| backend.label(subject.about()))?;
    let folder = arguments.out.clone().unwrap_or_else(|| root.output().join("fuzz").join(label));
    eprintln!("{backend}: seed {seed}, {} s, {jobs} agents", arguments.seconds);
    let fuzz = Fuzz {
        start: &start,
        seed,
        jobs,
        programs: arguments.programs,
        time: Some(Duration::from_secs(arguments.seconds)),
        stop: &stop,
    };
    let mut unwritten = None;
    let mut count = 0;
    let ended = fuzz
        .run(|finding| {
            count += 1;
            match save(&folder, finding) {
                Ok(path) => show(count, finding, &path),
                Err(error) => unwritten = Some(error),
            }
        })
        .map_err(|error| format!("{backend}: {error}"))?;
    summary(&ended, seed);
    match unwritten {
        Some(error) => Err(error),
        None if stop.load(Ordering::Relaxed) => Ok(Exit::Interrupted),
        None if ended.programs == ended.not_asked => {
            Err(format!("{backend}: no program could be asked: {}", ended.why_not))
        }
        None if ended.findings.is_empty() => Ok(Exit::AsExpected),
        None => Ok(Exit::NotAsExpected),
    }
}

fn any_seed() -> u64 {
    // Short enough to be typed again.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::from(since.subsec_nanos() % 1_000_000))
}

fn save(folder: &Path, finding: &Finding) -> Result<PathBuf, String> {
    let path = folder.join(format!("{}.yaml", finding.name));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, &finding.text));
    written.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn show(count: usize, finding: &Finding, path: &Path) {
    let again = if finding.reproduced { "" } else { "; the case alone did not fail again" };
    print(&format!(
        "{count}. {}\n   {}\n   program {}, shrunk to {} calls{again}\n   {}\n",
        finding.signature,
        finding.reason,
        finding.program,
        finding.calls,
        path.display()
    ));
}

fn summary(ended: &Ended, seed: u64) {
    let seconds = ended.took.as_secs_f64().max(0.001);
    print(&format!(
        "{} programs in {seconds:.1} s ({:.0} a second), {} found, seed {seed}\n",
        ended.programs,
        ended.programs as f64 / seconds,
        ended.findings.len()
    ));
    if ended.not_asked != 0 {
        print(&format!("{} programs could not be asked; the first: {}\n", ended.not_asked, ended.why_not));
    }
}
