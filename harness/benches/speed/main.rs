//! How fast the re-implementation is: `cargo bench -p winhttp-conformance --bench speed [-- one|many|down|up|idle]`.
//!
//! A C program on libwinhttp.so, against one on libcurl, and against the first one on Wine's winhttp.dll, all with the
//! same peer on loopback:
//!
//! - `one`: small requests on one connection that is kept;
//! - `many`: small requests, 64 at once;
//! - `down`, `up`: a body of 1 GiB;
//! - `idle`: the processor's time of an open session with which nothing happens.
//!
//! What is not there (libcurl, Wine, a compiler) is said to be missing. The programs take turns and each has its best
//! run shown; figures are ratios within one run. The processor's time is the program's own: on a machine that is busy
//! with something else it is the one to read.
#![allow(clippy::print_stdout)]

mod peer;
mod program;

use std::process::ExitCode;

use program::{Figure, Program};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const GIB: u64 = 1 << 30;
const RUNS: usize = 5;

/// What is measured: its name, what it does, and how much of it.
const MODES: [(&str, &str, u64); 4] = [
    ("one", "small requests, one connection", 20_000),
    ("many", "small requests, 64 at once", 40_000),
    ("down", "1 GiB download", GIB),
    ("up", "1 GiB upload", GIB),
];
/// Milliseconds.
const IDLE: u64 = 3_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    // Cargo says `--bench`, which is nothing new.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let wants = |mode: &str| wanted.is_empty() || wanted.iter().any(|argument| argument == mode);
    let port = peer::start(GIB)?;
    let rust = Program::rust()?;
    let others = [("libcurl", Program::libcurl()), ("wine", Program::wine())];
    let mut programs = vec![&rust];
    for (name, program) in &others {
        match program {
            Ok(program) => programs.push(program),
            Err(error) => println!("{name}: not there: {error}"),
        }
    }
    println!("{:<34} {:>14} {:>14} {:>9} {:>9} {:>10}", "", "wall", "CPU", "by wall", "by CPU", "memory");
    for (mode, does, amount) in MODES.into_iter().filter(|(mode, ..)| wants(mode)) {
        println!("{mode}: {does}");
        show(&measure(&programs, mode, port, amount)?, amount);
    }
    if wants("idle") {
        println!("idle: {IDLE} ms of an open session");
        for program in programs.iter().filter(|program| program.name != "libcurl") {
            if let Some(figure) = program.run("idle", port, IDLE)? {
                println!("  {:<32} {:>14} {:>11} µs", program.name, "", figure.processor.as_micros());
            }
        }
    }
    println!("\ngoal: libcurl nowhere faster than 1.00 × rust, rust under 64 MiB, no time when idle");
    Ok(())
}

/// The best of several runs of each program; they take turns, so that a busy while hits all of them.
fn measure<'a>(
    programs: &[&'a Program],
    mode: &str,
    port: u16,
    amount: u64,
) -> Outcome<Vec<(&'a str, Option<Figure>)>> {
    let mut best: Vec<(&str, Option<Figure>)> = programs.iter().map(|program| (program.name, None)).collect();
    for _ in 0..RUNS {
        for (program, (_, best)) in programs.iter().zip(&mut best) {
            if let Some(figure) = program.run(mode, port, amount)? {
                *best = Some(best.map_or(figure, |best| best.better(figure)));
            }
        }
    }
    Ok(best)
}

/// A line a program: requests or bytes a second, and its speed as a multiple of the first program's.
fn show(figures: &[(&str, Option<Figure>)], amount: u64) {
    let first = figures.iter().find_map(|(_, figure)| *figure);
    for (name, figure) in figures {
        let (Some(figure), Some(first)) = (figure, first) else {
            println!("  {name:<32} not there");
            continue;
        };
        let (wall, processor) = (figure.wall.as_secs_f64(), figure.processor.as_secs_f64());
        let rate = |seconds: f64| match amount {
            GIB => format!("{:.2} GiB/s", 1.0 / seconds),
            requests => format!("{:.0} /s", requests as f64 / seconds),
        };
        println!(
            "  {name:<32} {:>14} {:>14} {:>7.2} × {:>7.2} × {:>6.1} MiB",
            rate(wall),
            rate(processor),
            first.wall.as_secs_f64() / wall,
            first.processor.as_secs_f64() / processor,
            figure.peak as f64 / 1024.0,
        );
    }
}
