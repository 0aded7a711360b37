//! The C programs that are measured, compiled when they are needed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use winhttp_conformance::suite::Root;
use winhttp_host::wine::Wine;

use crate::Outcome;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/speed");
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");
/// What a program exits with when what it measures is not there.
const NOT_THERE: i32 = 77;

/// A program that takes a mode, a port and an amount, and prints figures.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    program: PathBuf,
    wine: Option<Wine>,
}

/// What one run came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) wall: Duration,
    pub(crate) processor: Duration,
    /// The most memory, in KiB; 0 where that is not known.
    pub(crate) peak: u64,
}

impl Program {
    /// On this workspace's libwinhttp.so.
    pub(crate) fn rust() -> Outcome<Program> {
        let root = Root::default();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let build = ["build", "--quiet", "--release", "-p", "winhttp-rust"];
        succeed(Command::new(cargo).current_dir(root.path()).args(build))?;
        let program = Path::new(FOLDER).join("speed-rust");
        let library = Path::new(FOLDER).with_file_name("release");
        let mut search = OsString::from("-Wl,-rpath,");
        search.push(&library);
        let mut compiler = compiler("cc", "winhttp.c", &program);
        compiler.args(["-std=c11", "-pthread", "-I"]).arg(root.path().join("backends/rust/include"));
        compiler.arg("-L").arg(&library).arg("-lwinhttp").arg(search);
        succeed(&mut compiler)?;
        Ok(Program { name: "rust", program, wine: None })
    }

    /// On the libcurl of the system.
    pub(crate) fn libcurl() -> Outcome<Program> {
        let program = Path::new(FOLDER).join("speed-curl");
        succeed(compiler("cc", "curl.c", &program).arg("-ldl"))?;
        Ok(Program { name: "libcurl", program, wine: None })
    }

    /// For Windows, to be run under Wine with Wine's own library.
    pub(crate) fn wine() -> Outcome<Program> {
        let wine = Wine::find(Root::default().path())?;
        let program = Path::new(FOLDER).join("speed-wine.exe");
        let mut compiler = compiler("x86_64-w64-mingw32-gcc", "winhttp.c", &program);
        succeed(compiler.args(["-static", "-lwinhttp", "-lwinpthread"]))?;
        wine.ensure_server()?;
        Ok(Program { name: "wine", program, wine: Some(wine) })
    }

    /// Runs it once; `None` where what it measures is not there.
    pub(crate) fn run(&self, mode: &str, port: u16, amount: u64) -> Outcome<Option<Figure>> {
        let mut command = match &self.wine {
            None => Command::new(&self.program),
            Some(wine) => {
                wine.ensure_server()?;
                let mut command = Command::new(wine.loader());
                let prefix = wine.prefix();
                command.env("WINEPREFIX", prefix).env("WINEDEBUG", "-all").env("HOME", prefix);
                command.arg(&self.program);
                command
            }
        };
        command.args([mode, &port.to_string(), &amount.to_string()]);
        let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        if done.status.code() == Some(NOT_THERE) {
            return Ok(None);
        }
        let printed = String::from_utf8_lossy(&done.stdout);
        let numbers: Result<Vec<u64>, _> = printed.split_whitespace().map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[wall, processor, peak]) if done.status.success() => Ok(Some(Figure {
                wall: Duration::from_nanos(wall),
                processor: Duration::from_nanos(processor),
                peak,
            })),
            _ => {
                Err(format!("{} {mode}: {printed}{}", self.name, String::from_utf8_lossy(&done.stderr))
                    .into())
            }
        }
    }
}

impl Figure {
    /// The best of both.
    pub(crate) fn better(self, other: Figure) -> Figure {
        Figure {
            wall: self.wall.min(other.wall),
            processor: self.processor.min(other.processor),
            peak: self.peak.max(other.peak),
        }
    }
}

fn compiler(name: &str, source: &str, program: &Path) -> Command {
    let mut compiler = Command::new(name);
    compiler.args(["-O2", "-Wall", "-o"]).arg(program).arg(Path::new(SOURCES).join(source));
    compiler
}

fn succeed(command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
