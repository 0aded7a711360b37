//! `conform run`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use winhttp_conformance::campaign::{Campaign, CampaignError, Ended};
use winhttp_conformance::case::Case;
use winhttp_conformance::run::default_jobs;
use winhttp_conformance::suite::{self, Root};
use winhttp_host::Backend;
use winhttp_host::wine::Wine;
use winhttp_reports::run::NotRun;

use crate::{Exit, load, output};

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Only these cases: parts of ids, or patterns with `*` for whole ids.
    filters: Vec<String>,
    /// Whom to ask: rust, wine, native, library:PATH, command:PROGRAM. Several times for several. By default rust, and
    /// wine where it is set up.
    #[arg(short, long = "backend", value_name = "BACKEND")]
    backends: Vec<Backend>,
    /// How many agents at once; by default three a processor.
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// Hold the run against this baseline instead of reports/baselines/<label>.yaml.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Ask slow cases, too, of a back end without a clock of its own; so does WINHTTP_SLOW=1.
    #[arg(long)]
    slow: bool,
    /// Write no report files, only the recorded run.
    #[arg(long)]
    no_reports: bool,
}

pub(crate) fn run(root: &Root, arguments: &Arguments) -> Result<Exit, String> {
    let cases = chosen(root, &arguments.filters)?;
    let stop = Arc::new(AtomicBool::new(false));
    catch_interrupts(&stop)?;
    let (backends, not_run) = backends(root, &arguments.backends);
    if backends.contains(&Backend::Wine) {
        warn_of_an_old_agent(root);
    }
    let mut runs = Vec::new();
    for backend in &backends {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let campaign = Campaign {
            backend,
            root,
            cases: &cases,
            filters: &arguments.filters,
            jobs: arguments.jobs.unwrap_or_else(default_jobs),
            baseline: arguments.baseline.clone(),
            slow: arguments.slow,
            recorded: true,
            stop: &stop,
        };
        let ended = with_progress(&campaign, &backend.to_string());
        runs.extend(ended.map_err(|error| format!("{backend}: {error}"))?.path);
    }
    let runs = output::read(&runs)?;
    output::show(&runs, &not_run);
    if !arguments.no_reports {
        output::write(root, &runs, &not_run)?;
    }
    Ok(if stop.load(Ordering::Relaxed) {
        Exit::Interrupted
    } else if runs.iter().all(|run| run.footer.gate) {
        Exit::AsExpected
    } else {
        Exit::NotAsExpected
    })
}

/// The cases that the filters choose: one at least.
pub(crate) fn chosen(root: &Root, filters: &[String]) -> Result<Vec<Case>, String> {
    let cases = suite::select(load(root)?, filters);
    if cases.is_empty() {
        return Err(format!("no case fits {}: `conform list` shows them all", filters.join(", ")));
    }
    Ok(cases)
}

/// Who is asked, and who is not and why.
pub(crate) fn backends(root: &Root, wanted: &[Backend]) -> (Vec<Backend>, Vec<NotRun>) {
    let not_run = |backend: &str, reason: String| NotRun { backend: backend.to_owned(), reason };
    let native = || not_run("native", "only Windows has one".to_owned());
    if !wanted.is_empty() {
        return (wanted.to_vec(), Vec::new());
    }
    let mut backends = vec![Backend::Rust];
    let mut missing = Vec::new();
    if cfg!(windows) {
        backends.push(Backend::Native);
    } else {
        missing.push(native());
        match Wine::find(root.path()) {
            Ok(_) => backends.push(Backend::Wine),
            Err(why) => missing.push(not_run("wine", why.to_string())),
        }
    }
    (backends, missing)
}

/// What was built for Windows stays as it was until it is built again.
fn warn_of_an_old_agent(root: &Root) {
    if let Ok(wine) = Wine::find(root.path())
        && let Some(newer) = wine.stale()
    {
        let newer = newer.display();
        eprintln!("wine: {newer} is newer than the agent: `conform setup wine` builds it again");
    }
}

pub(crate) fn catch_interrupts(stop: &Arc<AtomicBool>) -> Result<(), String> {
    let stop = Arc::clone(stop);
    ctrlc::set_handler(move || {
        // The second time the user means it.
        if stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("\ninterrupted: finishing the cases that are running (again to stop at once)");
    })
    .map_err(|error| format!("interrupts cannot be caught: {error}"))
}

/// A bar on a terminal, plain lines elsewhere; both on standard error.
fn with_progress(campaign: &Campaign<'_>, name: &str) -> Result<Ended, CampaignError> {
    let total = campaign.cases.len() as u64;
    if !std::io::stderr().is_terminal() {
        eprintln!("{name}: {total} cases");
        let (mut done, mut bad) = (0_u64, 0_u64);
        let ended = campaign.run(|result| {
            done += 1;
            bad += u64::from(!result.gate);
            if done.is_multiple_of((total / 10).max(500)) {
                eprintln!("{name}: {done}/{total}, {bad} not as expected");
            }
        })?;
        eprintln!("{name}: {done} cases in {:.1} s", ended.footer.millis as f64 / 1000.0);
        return Ok(ended);
    }
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {eta} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style).with_prefix(name.to_owned());
    let mut bad = 0_u64;
    let ended = campaign.run(|result| {
        bar.inc(1);
        if !result.gate {
            bad += 1;
            bar.set_message(format!("{bad} not as expected"));
        }
    });
    bar.finish_and_clear();
    ended
}
