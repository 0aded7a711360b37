//! What has to be installed, and how.

use std::fmt;

use super::{LINKER, TARGET};

/// Something that has to be installed before anything can be built for Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// mingw-w64's gcc is not on `PATH`.
    Linker,
    /// No Rust has a standard library for the target, nor the source of one. Holds what rustup said, where it
    /// was asked.
    Std(Option<String>),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lack::Linker => write!(
                f,
                "{LINKER}, the linker for 64-bit Windows, is not on PATH.\n\
                 \x20 Debian, Ubuntu:  apt-get install gcc-mingw-w64-x86-64\n\
                 \x20 Fedora:          dnf install mingw64-gcc\n\
                 \x20 Arch:            pacman -S mingw-w64-gcc"
            ),
            Lack::Std(said) => {
                writeln!(f, "no Rust here has a standard library for {TARGET}, nor the source of one.")?;
                match said {
                    Some(said) => writeln!(f, "  rustup was asked to fetch it, and failed: {said}")?,
                    None => f.write_str("  There is no rustup on PATH.\n")?,
                }
                write!(
                    f,
                    "\x20 with rustup:     rustup target add {TARGET}\n\
                     \x20 Debian:          apt-get install cargo-web rustc-web rust-web-src\n\
                     \x20 Fedora:          dnf install rust-std-static-{TARGET}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Lack::Linker, &["gcc-mingw-w64-x86-64"])]
    #[case(Lack::Std(None), &["no rustup", "rustup target add x86_64-pc-windows-gnu", "rust-web-src"])]
    #[case(Lack::Std(Some("could not resolve host".into())), &["could not resolve host", "rust-web-src"])]
    fn what_is_missing_comes_with_the_command_that_installs_it(#[case] lack: Lack, #[case] words: &[&str]) {
        let text = lack.to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
}
