//! Finding a Rust that can build for Windows.

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Std, TARGET, Toolchain, bounded, on_path};

/// How long rustup may try to fetch the target: 30 MB, on a slow line.
const FETCH: Duration = Duration::from_secs(180);

/// rustup's active toolchain, with the target.
///
/// # Errors
///
/// What rustup said; `None` where there is no rustup.
pub(super) fn rustup(root: &Path, progress: &mut dyn FnMut(&str)) -> Result<Toolchain, Option<String>> {
    let rustup = on_path("rustup").ok_or(None)?;
    let which = |name| {
        let found = Command::new(&rustup).current_dir(root).args(["which", name]).output().ok()?;
        let path = String::from_utf8(found.stdout).ok()?;
        found.status.success().then(|| PathBuf::from(path.trim_end()))
    };
    let (Some(cargo), Some(rustc)) = (which("cargo"), which("rustc")) else {
        return Err(Some("it has no active toolchain".into()));
    };
    if let Some(toolchain) = with_std(&cargo, &rustc) {
        return Ok(toolchain);
    }
    progress(&format!("fetching the target {TARGET} with rustup"));
    fetch(&rustup, root).map_err(Some)?;
    with_std(&cargo, &rustc)
        .ok_or_else(|| Some(format!("rustup added the target, but {} does not have it", rustc.display())))
}

fn fetch(rustup: &Path, root: &Path) -> Result<(), String> {
    let mut child = Command::new(rustup)
        .current_dir(root)
        .args(["target", "add", TARGET])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", rustup.display()))?;
    match bounded::wait(&mut child, FETCH) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(_)) => {
            let mut said = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                // What cannot be read is not worth a second error.
                let _ = stderr.read_to_string(&mut said);
            }
            Err(said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it gave no reason").into())
        }
        Ok(None) => Err(format!("no answer within {} s", FETCH.as_secs())),
        Err(error) => Err(error.to_string()),
    }
}

/// The first Rust on `PATH` or in `/usr/bin` that is not rustup's and can build for the target.
pub(super) fn system() -> Option<Toolchain> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin")])
        .filter(|folder| !folder.join("rustup").exists())
        .map(|folder| (folder.join("cargo"), folder.join("rustc")))
        .filter(|(cargo, rustc)| cargo.is_file() && rustc.is_file())
        .find_map(|(cargo, rustc)| with_std(&cargo, &rustc))
}

fn with_std(cargo: &Path, rustc: &Path) -> Option<Toolchain> {
    // An outer cargo has put its own toolchain's libraries there.
    let asked =
        Command::new(rustc).env_remove("LD_LIBRARY_PATH").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(asked.stdout).ok()?;
    let std = std_in(Path::new(sysroot.trim_end()))?;
    Some(Toolchain { cargo: cargo.into(), rustc: rustc.into(), std })
}

fn std_in(sysroot: &Path) -> Option<Std> {
    let libraries = sysroot.join("lib").join("rustlib");
    if libraries.join(TARGET).join("lib").is_dir() {
        Some(Std::Installed)
    } else if libraries.join("src/rust/library/std/Cargo.toml").is_file() {
        Some(Std::Source)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing("nothing", &[], None)]
    #[case::another_target("other", &["lib/rustlib/x86_64-unknown-linux-gnu/lib/x"], None)]
    #[case::compiled("compiled", &["lib/rustlib/x86_64-pc-windows-gnu/lib/libstd.rlib"], Some(Std::Installed))]
    #[case::source("source", &["lib/rustlib/src/rust/library/std/Cargo.toml"], Some(Std::Source))]
    #[case::compiled_goes_before_source(
        "both",
        &["lib/rustlib/src/rust/library/std/Cargo.toml", "lib/rustlib/x86_64-pc-windows-gnu/lib/libstd.rlib"],
        Some(Std::Installed),
    )]
    fn a_sysroot_tells_how_std_is_had(#[case] name: &str, #[case] files: &[&str], #[case] std: Option<Std>) {
        let sysroot = env::temp_dir().join(format!("winhttp-sysroot-{}-{name}", std::process::id()));
        fs::create_dir_all(&sysroot).unwrap();
        for file in files {
            fs::create_dir_all(sysroot.join(file).parent().unwrap()).unwrap();
            fs::write(sysroot.join(file), "").unwrap();
        }
        let found = std_in(&sysroot);
        fs::remove_dir_all(&sysroot).unwrap();
        assert_eq!(found, std);
    }
}
