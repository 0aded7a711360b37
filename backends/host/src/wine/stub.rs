//! The one function that Rust's standard library wants and an old Wine lacks.
//!
//! Rust's std for Windows takes random bytes from `bcryptprimitives.dll!ProcessPrng`. Wine 8 has no such library;
//! a stub of it beside the program is enough. It is for Wine only, and never stands beside a program on Windows.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::toolchain::LINKER;

const NAME: &str = "bcryptprimitives.dll";
const SOURCE: &str = include_str!("bcryptprimitives.c");

/// Puts the stub into `folder` where the Wine of `prefix` needs it, and takes it away where it does not.
///
/// # Errors
///
/// The compiler's, with what it said.
pub(super) fn place(prefix: &Path, folder: &Path) -> io::Result<()> {
    let stub = folder.join(NAME);
    let own = fs::read(prefix.join("drive_c/windows/system32").join(NAME)).unwrap_or_default();
    if exports_process_prng(&own) {
        return match fs::remove_file(stub) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    compile(&stub)
}

fn exports_process_prng(library: &[u8]) -> bool {
    const NAME: &[u8] = b"ProcessPrng\0";
    library.windows(NAME.len()).any(|window| window == NAME)
}

fn compile(stub: &Path) -> io::Result<()> {
    let mut child = Command::new(LINKER)
        .args(["-shared", "-O2", "-s", "-x", "c", "-", "-ladvapi32", "-o"])
        .arg(stub)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(SOURCE.as_bytes())?;
    }
    let done = child.wait_with_output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{LINKER} could not make {NAME}: {}",
        String::from_utf8_lossy(&done.stderr)
    )))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"", false)]
    #[case(b"MZ..ProcessPrngX\0", false)]
    #[case(b"MZ..\0ProcessPrng\0..", true)]
    fn a_library_that_has_the_function_needs_no_stub(#[case] library: &[u8], #[case] has: bool) {
        assert_eq!(exports_process_prng(library), has);
    }
}
