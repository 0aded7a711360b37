//! The loop: a line in, a line out.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use winhttp_machine::{Machine, Mark};

use crate::fault;
use crate::progress::Progress;
use crate::protocol::{About, Ask, Hello, PROTOCOL, Reply};

/// Serves until the end of `input`.
///
/// # Errors
///
/// A broken pipe, or a line that is not a question: the host is not ours, so there is nothing left to do.
pub fn serve(
    about: About,
    machine: &mut Machine,
    progress: Option<Progress>,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    let progress = progress.map(Arc::new);
    fault::install(progress.clone());
    let mark: Arc<dyn Mark> = match &progress {
        Some(progress) => Arc::clone(progress) as Arc<dyn Mark>,
        None => Arc::new(()),
    };
    say(&mut output, &Hello { protocol: PROTOCOL, about })?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let reply = match serde_json::from_slice(&line)? {
            Ask::Exports(names) => Reply::Exports(machine.exports(&names)),
            Ask::Plan { number, plan } => {
                if let Some(progress) = &progress {
                    progress.plan(number);
                }
                match machine.run(&plan, &mark) {
                    Ok(observation) => Reply::Observation { number, observation },
                    Err(reason) => Reply::Refused { number, reason },
                }
            }
        };
        say(&mut output, &reply)?;
    }
}

fn say(output: &mut impl Write, message: &impl serde::Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    output.write_all(&line)?;
    output.flush()
}
