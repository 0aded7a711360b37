//! A subject in a child process that speaks the agent protocol (see [`winhttp_agent`]).
//!
//! One bad case harms nobody: whatever the child does, the question gets an answer, and the next one goes to a
//! fresh child.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use winhttp_agent::progress::{Place, Progress};
use winhttp_agent::{About, Ask, Hello, PROTOCOL, Reply};
use winhttp_machine::Plan;

use crate::watchdog::Watchdog;
use crate::{Answer, BackendError, Left, Subject};

/// How long an agent may take to say hello. A first start under Wine can take seconds.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a child that has closed its output may take to end.
const END_LIMIT: Duration = Duration::from_secs(5);
/// How much noise is kept, in bytes.
const NOISE_LIMIT: usize = 4096;
/// How long the last words of an agent that is gone may take to arrive.
const NOISE_WAIT: Duration = Duration::from_secs(1);
/// The longest answer that is read, in bytes; a subject that prints for ever must not fill the memory.
const LINE_LIMIT: u64 = 64 << 20;

/// Makes the command for one more agent; it is given the path of the progress file.
pub type Launch = Box<dyn Fn(&Path) -> io::Result<Command> + Send>;

/// A child process, and how to get another.
pub struct Process {
    launch: Launch,
    about: About,
    progress: ProgressFile,
    agent: Option<Agent>,
    number: u32,
    noise: Arc<Mutex<VecDeque<u8>>>,
    here: bool,
}

struct Agent {
    watchdog: Watchdog,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Hangs up when standard error has ended.
    quiet: mpsc::Receiver<()>,
}

impl Process {
    /// Starts the first agent.
    ///
    /// # Errors
    ///
    /// It cannot be started, says nothing, or speaks another protocol.
    pub fn start(launch: Launch) -> Result<Self, BackendError> {
        let progress = ProgressFile::new().map_err(|error| BackendError::new("progress file", &error))?;
        let mut process = Self {
            launch,
            about: About::default(),
            progress,
            agent: None,
            number: 0,
            noise: Arc::default(),
            here: true,
        };
        let (agent, about) = process.spawn()?;
        process.about = about;
        process.agent = Some(agent);
        Ok(process)
    }

    /// Nobody knows on which machine the agent runs that this child is, or speaks for.
    #[must_use]
    pub fn anywhere(self) -> Self {
        Self { here: false, ..self }
    }

    /// The running agent, or a fresh one. An agent that has started before and does not start now is given another
    /// chance: no question has been put yet, and a Wine server that is just coming or going refuses one now and then.
    fn agent(&mut self) -> Result<&mut Agent, BackendError> {
        let agent = match self.agent.take() {
            Some(agent) => agent,
            None => self.spawn().or_else(|_| self.spawn()).or_else(|_| self.spawn())?.0,
        };
        Ok(self.agent.insert(agent))
    }

    fn spawn(&self) -> Result<(Agent, About), BackendError> {
        self.progress.map.clear();
        // Nothing that an earlier agent configured for good is there for the next one.
        let _ = std::fs::remove_file(configuration(&self.progress.path));
        let mut command =
            (self.launch)(&self.progress.path).map_err(|error| BackendError::new("agent", &error))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(|error| BackendError::new(&command.get_program().to_string_lossy(), &error))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(BackendError("the agent's pipes are not to be had".into()));
        };
        let noise = Arc::clone(&self.noise);
        let (noisy, quiet) = mpsc::channel();
        std::thread::spawn(move || {
            keep_noise(errors, &noise);
            drop(noisy);
        });
        let mut agent =
            Agent { watchdog: Watchdog::new(child), input, output: BufReader::new(output), quiet };
        agent.watchdog.arm(START_LIMIT);
        let line = agent.read_line();
        if agent.watchdog.disarm() {
            let limit = START_LIMIT.as_secs();
            return Err(BackendError(format!(
                "the agent said nothing within {limit} s{}",
                self.last_words()
            )));
        }
        let hello: Hello = match line {
            Ok(Some(line)) => serde_json::from_slice(&line).map_err(|_| {
                let shown = String::from_utf8_lossy(&line[..line.len().min(200)]).trim_end().to_owned();
                BackendError(format!("the agent did not say hello, but: {shown}"))
            })?,
            Ok(None) | Err(_) => {
                let end = agent.end();
                agent.bury();
                return Err(BackendError(format!(
                    "the agent {end} before it said hello{}",
                    self.last_words()
                )));
            }
        };
        if hello.protocol != PROTOCOL {
            return Err(BackendError(format!(
                "the agent speaks version {} of the protocol, this program version {PROTOCOL}: build both from the \
                 same source (for Wine: `conform setup wine`)",
                hello.protocol
            )));
        }
        Ok((agent, hello.about))
    }

    fn last_words(&self) -> String {
        let noise = String::from_utf8_lossy(
            self.noise.lock().unwrap_or_else(PoisonError::into_inner).make_contiguous(),
        )
        .trim()
        .to_owned();
        if noise.is_empty() { String::new() } else { format!("; it printed: {noise}") }
    }

    /// Sends a question and reads the line of the answer.
    fn exchange(&mut self, ask: &Ask<'_>, limit: Duration) -> Result<Result<Reply, Failure>, BackendError> {
        let agent = self.agent()?;
        agent.watchdog.arm(limit);
        // A subject that died in the meantime shows itself in the read.
        let _ = agent.send(ask);
        let line = agent.read_line();
        let late = agent.watchdog.disarm();
        if late {
            return Ok(Err(Failure::Late));
        }
        Ok(match line {
            Ok(Some(line)) => serde_json::from_slice(&line).map_err(|_| {
                let shown = String::from_utf8_lossy(&line[..line.len().min(120)]).trim_end().to_owned();
                Failure::Died(format!("wrote to standard output, where only answers go: {shown:?}"))
            }),
            Ok(None) | Err(_) => Err(Failure::Died(agent.end())),
        })
    }

    /// Ends the agent and tells where it was, and its fault.
    fn bury(&mut self, number: u32, plan: &Plan) -> (Option<Left>, u32) {
        let progress = &self.progress.map;
        let Place { plan: running, step, fault, began_unix_us } = progress.read();
        let steps = (plan.steps.len() + plan.finally.len()) as u32;
        let left =
            (running == number).then(|| Left { step, seen: progress.steps(number, steps), began_unix_us });
        if let Some(agent) = self.agent.take() {
            agent.bury();
        }
        (left, fault)
    }
}

enum Failure {
    Late,
    Died(String),
}

impl Subject for Process {
    fn ask(&mut self, plan: &Plan, deadline: Duration) -> Answer {
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        let ask = Ask::Plan { number, plan: std::borrow::Cow::Borrowed(plan) };
        match self.exchange(&ask, deadline) {
            Err(error) => Answer::NotAsked(error.to_string()),
            Ok(Ok(Reply::Observation { number: answered, observation })) if answered == number => {
                Answer::Observed(observation)
            }
            Ok(Ok(Reply::Refused { number: answered, reason })) if answered == number => {
                Answer::NotAsked(reason)
            }
            Ok(Ok(_)) => {
                let (left, _) = self.bury(number, plan);
                Answer::Crashed { left, how: "answered another question than it was asked".into() }
            }
            Ok(Err(Failure::Late)) => Answer::Hung { left: self.bury(number, plan).0 },
            Ok(Err(Failure::Died(how))) => {
                let (left, fault) = self.bury(number, plan);
                let how = if fault == 0 { how } else { format!("raised exception {fault:#010X}") };
                Answer::Crashed { left, how }
            }
        }
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn exports(&mut self, names: &[String]) -> Result<Vec<bool>, BackendError> {
        match self.exchange(&Ask::Exports(names.to_vec()), START_LIMIT)? {
            Ok(Reply::Exports(exported)) if exported.len() == names.len() => Ok(exported),
            _ => {
                self.agent = None;
                Err(BackendError("the agent did not say what the subject exports".into()))
            }
        }
    }

    fn renew(&mut self) {
        self.agent = None;
    }

    fn is_here(&self) -> bool {
        self.here
    }

    fn noise(&mut self) -> String {
        let mut noise = self.noise.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(noise.make_contiguous()).trim().to_owned();
        noise.clear();
        text
    }
}

impl Agent {
    fn send(&mut self, ask: &Ask<'_>) -> io::Result<()> {
        let mut line = serde_json::to_vec(ask)?;
        line.push(b'\n');
        self.input.write_all(&line)
    }

    /// The next line; `None` at the end, a line without an end included.
    fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::with_capacity(1024);
        Read::take(&mut self.output, LINE_LIMIT).read_until(b'\n', &mut line)?;
        // A line that is cut off at the limit is given as it is: it is no answer.
        let whole = line.last() == Some(&b'\n') || line.len() as u64 == LINE_LIMIT;
        Ok(whole.then_some(line))
    }

    /// How an agent ended whose output has.
    fn end(&self) -> String {
        let status = self.watchdog.wait(END_LIMIT).map_or_else(|error| error.to_string(), describe);
        if self.watchdog.disarm() { "closed its standard output and lived on".to_owned() } else { status }
    }

    /// Ends it and waits for its last words: what a dying subject prints belongs to the case that killed it.
    fn bury(self) {
        let Self { watchdog, quiet, .. } = self;
        drop(watchdog);
        // Nobody sends: this ends with an error, when the pipe does or when a process that outlived the agent keeps it.
        let _ = quiet.recv_timeout(NOISE_WAIT);
    }
}

/// The progress file and this side's mapping of it; removed at the end.
struct ProgressFile {
    path: PathBuf,
    map: Progress,
}

impl ProgressFile {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("winhttp-conformance-{}-{count}", std::process::id()));
        File::create(&path)?;
        let map = Progress::open(&path)?;
        Ok(Self { path, map })
    }
}

impl Drop for ProgressFile {
    fn drop(&mut self) {
        // Left behind they are some bytes in the folder for temporary files; the second is mostly not there.
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(configuration(&self.path));
    }
}

/// The configuration file of the agent that has this progress file.
pub(crate) fn configuration(progress: &Path) -> PathBuf {
    progress.with_extension("config")
}

fn keep_noise(mut errors: impl Read, noise: &Mutex<VecDeque<u8>>) {
    let mut chunk = [0; 1024];
    while let Ok(read @ 1..) = errors.read(&mut chunk) {
        let mut noise = noise.lock().unwrap_or_else(PoisonError::into_inner);
        noise.extend(&chunk[..read]);
        let surplus = noise.len().saturating_sub(NOISE_LIMIT);
        noise.drain(..surplus);
    }
}

fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = match signal {
            libc::SIGSEGV => "SIGSEGV",
            libc::SIGABRT => "SIGABRT",
            libc::SIGBUS => "SIGBUS",
            libc::SIGILL => "SIGILL",
            libc::SIGFPE => "SIGFPE",
            libc::SIGKILL => "SIGKILL",
            libc::SIGTRAP => "SIGTRAP",
            _ => return format!("was ended by signal {signal}"),
        };
        return format!("was ended by {name}");
    }
    status.code().map_or_else(|| "ended".to_owned(), |code| format!("exited with {code}"))
}
