//! Every case of the suite, asked of the back end that `WINHTTP_BACKEND` names (the Rust re-implementation if none).

fn main() -> std::process::ExitCode {
    winhttp_conformance::trials::main()
}
