//! Time and memory, as Linux counts them. Elsewhere both are zero, and the tables say so by a dash.

use std::time::{Duration, Instant};

use crate::figure::Figure;

/// The kernel counts in hundredths of a second for programs, on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// Runs from its making to [`Clock::stop`].
pub(crate) struct Clock {
    began: Instant,
    processor: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { began: Instant::now(), processor: processor() }
    }

    /// Call it when the agents have ended: their time counts once they have been waited for.
    pub(crate) fn stop(self, count: usize) -> Figure {
        let wall = self.began.elapsed();
        Figure { count, wall, processor: processor().saturating_sub(self.processor), peak: peak_memory() }
    }
}

/// What this process and its ended children have used.
fn processor() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name, in brackets, may hold anything; the state is the first field behind it.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    // User and system time of the process, then of its children: 14th to 17th field of the line.
    let ticks: u32 =
        fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// The most memory this process has had, in KiB.
fn peak_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
