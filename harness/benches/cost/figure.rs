//! One measurement, made in a process of its own: the processor's time is then what that process and those it waited
//! for have used, and its peak of memory is nobody else's.

use std::fmt;
use std::process::Command;
use std::str::FromStr;
use std::time::Duration;

use winhttp_host::Backend;

use crate::{Outcome, calls, no_op, suite};

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    /// How many calls or cases.
    pub(crate) count: usize,
    pub(crate) wall: Duration,
    /// The processor's time, agents included.
    pub(crate) processor: Duration,
    /// The most memory that the measuring process itself had, in KiB; 0 where nobody wants to know.
    pub(crate) peak: u64,
}

impl Figure {
    /// Per call or case.
    pub(crate) fn wall_each(&self) -> Duration {
        self.wall.div_f64(self.count as f64)
    }

    /// Per call or case.
    pub(crate) fn processor_each(&self) -> Duration {
        self.processor.div_f64(self.count as f64)
    }

    fn better(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            processor: self.processor.min(other.processor),
            peak: self.peak.max(other.peak),
            ..self
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wall, processor) = (self.wall.as_nanos(), self.processor.as_nanos());
        write!(out, "{} {wall} {processor} {}", self.count, self.peak)
    }
}

impl FromStr for Figure {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = line.split_whitespace().map(str::parse).collect();
        match numbers.as_deref() {
            Ok([count, wall, processor, peak @ ..]) if *count > 0 => Ok(Self {
                count: *count as usize,
                wall: Duration::from_nanos(*wall),
                processor: Duration::from_nanos(*processor),
                peak: peak.first().copied().unwrap_or(0),
            }),
            _ => Err(format!("a measurement printed: {line:?}")),
        }
    }
}

/// The best of `times` runs of each program; they take turns, so that a busy while hits all of them.
pub(crate) fn best_of(times: usize, programs: &[&dyn Fn() -> Outcome<Command>]) -> Outcome<Vec<Figure>> {
    let mut best: Vec<Option<Figure>> = vec![None; programs.len()];
    for _ in 0..times {
        for (program, best) in programs.iter().zip(&mut best) {
            let figure = run(&mut program()?)?;
            *best = Some(best.map_or(figure, |best| best.better(figure)));
        }
    }
    Ok(best.into_iter().flatten().collect())
}

fn run(command: &mut Command) -> Outcome<Figure> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !done.status.success() {
        return Err(format!("{command:?}: {}{}", done.status, String::from_utf8_lossy(&done.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&done.stdout).parse()?)
}

/// What a process is started to measure.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Calls in plans of so many; without a back end in process.
    Calls { backend: Option<Backend>, calls_a_plan: usize },
    /// So many cases that do next to nothing.
    NoOp { backend: Backend, cases: usize },
    /// All cases.
    Suite { backend: Backend },
}

impl Task {
    /// The command that measures it.
    pub(crate) fn command(&self) -> Outcome<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        match self {
            Self::Calls { backend, calls_a_plan } => {
                let backend = backend.as_ref().map_or_else(|| "in-process".to_owned(), Backend::to_string);
                command.args(["measure", "calls", &backend, &calls_a_plan.to_string()])
            }
            Self::NoOp { backend, cases } => {
                command.args(["measure", "no-op", &backend.to_string(), &cases.to_string()])
            }
            Self::Suite { backend } => command.args(["measure", "suite", &backend.to_string()]),
        };
        Ok(command)
    }

    /// What this process was started to measure, if it was.
    pub(crate) fn of_this_process(arguments: &[String]) -> Option<Outcome<Self>> {
        let [measure, rest @ ..] = arguments else { return None };
        (measure == "measure").then(|| Self::parse(rest))
    }

    fn parse(arguments: &[String]) -> Outcome<Self> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Ok(match arguments[..] {
            ["calls", "in-process", count] => Self::Calls { backend: None, calls_a_plan: count.parse()? },
            ["calls", backend, count] => {
                Self::Calls { backend: Some(backend.parse()?), calls_a_plan: count.parse()? }
            }
            ["no-op", backend, count] => Self::NoOp { backend: backend.parse()?, cases: count.parse()? },
            ["suite", backend] => Self::Suite { backend: backend.parse()? },
            _ => return Err(format!("no such measurement: {arguments:?}").into()),
        })
    }

    /// Measures it, here and now.
    pub(crate) fn measure(&self) -> Outcome<Figure> {
        match self {
            Self::Calls { backend, calls_a_plan } => calls::measure(backend.as_ref(), *calls_a_plan),
            Self::NoOp { backend, cases } => no_op::measure(backend, *cases),
            Self::Suite { backend } => suite::measure(backend),
        }
    }
}
