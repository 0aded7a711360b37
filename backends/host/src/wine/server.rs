//! The wineserver: one for all agents, gone a minute after the last.

use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Wine;
use crate::toolchain::bounded;

/// How long the server stays after the last program ended, in seconds.
const STAYS: u64 = 60;

/// For how long a server that was seen is taken to run: well below what it stays.
const TRUSTED: Duration = Duration::from_secs(STAYS / 2);

/// How long the first program of a server may take: it boots the prefix, and updates it after an upgrade of Wine.
const BOOT: Duration = Duration::from_secs(120);

impl Wine {
    /// Makes sure that a server runs, so that the next agent need not boot one and no background process of Wine's
    /// inherits an agent's streams. Call it before each spawn: it costs nothing within half a minute of the last
    /// call, about 2 ms where the server runs, 0.2 s where it does not.
    ///
    /// The server leaves by itself a minute after its last program.
    ///
    /// # Errors
    ///
    /// The server cannot be started, or does not boot in two minutes.
    pub fn ensure_server(&self) -> io::Result<()> {
        // A poisoned lock holds a time all the same.
        let mut served = self.served.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if served.is_some_and(|at| at.elapsed() < TRUSTED) {
            return Ok(());
        }
        // It puts itself into the background, in a session of its own. Where one runs already it says so and fails.
        let started =
            self.stamp.loader.server(&self.stamp.prefix).arg(format!("-p{STAYS}")).status()?.success();
        if started {
            self.boot()?;
        }
        *served = Some(Instant::now());
        Ok(())
    }

    /// Runs an agent that is asked nothing, with all streams on the null device: the first program of a server
    /// starts the background processes, which inherit its streams. Whether *it* succeeds will show itself when a
    /// real one is started, which can say why not.
    fn boot(&self) -> io::Result<()> {
        let mut command = self.command(["--library", &self.library()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match bounded::wait(&mut command.spawn()?, BOOT)? {
            Some(_) => Ok(()),
            None => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("Wine did not start a program within {} s", BOOT.as_secs()),
            )),
        }
    }
}
