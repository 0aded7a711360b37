//! `conform steady`: whether the verdicts are the same again and again, on a machine that has other things to do.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use winhttp_conformance::campaign::Campaign;
use winhttp_conformance::run::{default_jobs, processors};
use winhttp_conformance::suite::Root;
use winhttp_host::Backend;
use winhttp_reports::record::Verdict;

use crate::{Exit, ask, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these cases: parts of ids, or patterns with `*` for whole ids.
    filters: Vec<String>,
    /// Whom to ask, as with `run`.
    #[arg(short, long = "backend", value_name = "BACKEND")]
    backends: Vec<Backend>,
    /// How often every case is asked.
    #[arg(long, default_value_t = 20, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(2..))]
    times: u32,
    /// How many threads keep the machine busy meanwhile; by default one a processor.
    #[arg(long, value_name = "NUMBER")]
    load: Option<usize>,
}

/// How often a case had each verdict.
#[derive(Default)]
struct Verdicts {
    counts: BTreeMap<Verdict, u32>,
    /// The baseline allows all of them.
    expected: bool,
}

pub(crate) fn steady(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let cases = ask::chosen(root, &arguments.filters)?;
    let stop = Arc::new(AtomicBool::new(false));
    ask::catch_interrupts(&stop)?;
    let (backends, _) = ask::backends(root, &arguments.backends);
    let _load = Load::start(arguments.load.unwrap_or_else(processors));
    let mut all_steady = true;
    for backend in &backends {
        let mut seen: BTreeMap<String, Verdicts> = BTreeMap::new();
        for time in 1..=arguments.times {
            let campaign = Campaign {
                slow: false,
                backend,
                root,
                cases: &cases,
                filters: &arguments.filters,
                jobs: default_jobs(),
                baseline: None,
                recorded: false,
                stop: &stop,
            };
            let ended = campaign.run(|result| {
                let verdicts = seen
                    .entry(result.id.clone())
                    .or_insert_with(|| Verdicts { expected: true, ..Verdicts::default() });
                *verdicts.counts.entry(result.verdict).or_default() += 1;
                verdicts.expected &= result.gate;
            });
            let ended = ended.map_err(|error| format!("{backend}: {error}"))?;
            eprintln!(
                "{backend}: run {time} of {}, {:.1} s",
                arguments.times,
                ended.footer.millis as f64 / 1000.0
            );
            if stop.load(Ordering::Relaxed) {
                return Ok(Exit::Interrupted);
            }
        }
        seen.retain(|_, verdicts| verdicts.counts.len() > 1);
        let (known, unsteady): (Vec<_>, Vec<_>) = seen.iter().partition(|(_, verdicts)| verdicts.expected);
        output::print(&tell(backend, cases.len(), arguments.times, &known, &unsteady));
        all_steady &= unsteady.is_empty();
    }
    Ok(if all_steady { Exit::AsExpected } else { Exit::NotAsExpected })
}

fn tell(
    backend: &Backend,
    cases: usize,
    times: u32,
    known: &[(&String, &Verdicts)],
    unsteady: &[(&String, &Verdicts)],
) -> String {
    let mut text = format!(
        "{backend}: {cases} cases, {times} times: {} not always the same, {} more as the baseline says\n",
        unsteady.len(),
        known.len()
    );
    for (id, verdicts) in unsteady.iter().chain(known) {
        let counts: Vec<String> =
            verdicts.counts.iter().map(|(verdict, count)| format!("{count} {}", verdict.name())).collect();
        let note = if verdicts.expected { " (as the baseline says)" } else { "" };
        text.push_str(&format!("  {id}: {}{note}\n", counts.join(", ")));
    }
    text
}

/// Threads that do nothing useful, until this is dropped.
struct Load {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(threads: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let busy = |_| {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                let mut count = 0_u64;
                while !over.load(Ordering::Relaxed) {
                    count = black_box(count.wrapping_add(1));
                }
            })
        };
        let threads = (0..threads).map(busy).collect();
        Self { over, threads }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that counts cannot panic.
            let _ = thread.join();
        }
    }
}
