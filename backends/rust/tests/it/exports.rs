//! The table, the C header, and the shared library agree.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use rstest::rstest;
use socket2::{Domain, Socket, Type};

use winhttp::{Entry, State, table};

use crate::{
    constants::{CONSTANTS, OTHERS},
    peer::Peer,
};

const HEADER: &str = include_str!("../../include/winhttp.h");

/// The functions of the table that a library exports.
fn exported() -> impl Iterator<Item = &'static Entry> {
    table().iter().filter(|entry| entry.state != State::Control)
}

/// The functions that the header declares: what stands before the first parenthesis of a line with WINAPI.
fn declared() -> BTreeSet<&'static str> {
    let lines = HEADER.lines().filter(|line| line.contains(" WINAPI ") && !line.starts_with('#'));
    lines.filter_map(|line| line.split('(').next()?.split(' ').next_back()).collect()
}

#[test]
fn the_header_declares_what_the_table_has() {
    let names: BTreeSet<&str> = exported().map(|entry| entry.name).collect();
    assert_eq!(names, declared());
    assert_eq!(names.len(), exported().count(), "a name twice");
}

#[test]
fn every_function_of_the_table_does_its_work() {
    let stubs: Vec<&str> =
        table().iter().filter(|entry| entry.state == State::Stub).map(|entry| entry.name).collect();
    assert_eq!(stubs, Vec::<&str>::new());
    assert!(table().iter().all(|entry| !entry.address.is_null()));
}

#[test]
fn the_headers_constants_have_the_values_of_windows() {
    let number = |text: &str| {
        let text = text.trim_end_matches('u');
        match text.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    };
    let defined: BTreeMap<&str, i64> = HEADER
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split_once(' '))
        .filter(|(name, _)| !["TRUE", "FALSE"].contains(name))
        .filter_map(|(name, value)| Some((name, number(value)?)))
        .collect();
    assert_eq!(defined, CONSTANTS.iter().chain(OTHERS).copied().collect());
}

/// The C compiler, or `None` with a note: a machine may lack one.
fn compiler() -> Option<Command> {
    let present = Command::new("cc").arg("--version").output().is_ok_and(|output| output.status.success());
    if !present {
        eprintln!("skipped: no C compiler named cc");
    }
    present.then(|| {
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I"]).arg(folder("include"));
        compiler
    })
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The shared library beside this test, if this build made one.
fn library() -> Option<PathBuf> {
    let library = std::env::current_exe().ok()?.with_file_name("libwinhttp.so");
    let found = library.exists();
    if !found {
        eprintln!("skipped: libwinhttp.so was not built");
    }
    found.then_some(library)
}

/// A C source or program of one test, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        // Two tests may want the same example.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        Scratch(std::env::temp_dir().join(format!("winhttp-{}-{nth}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been written.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Compiles a source against the header and the library.
fn link(mut compiler: Command, source: &Path, library: &Path, program: &Path) {
    let folder = library.parent().unwrap().display();
    let path = format!("-Wl,-rpath,{folder}");
    let output = compiler.arg(source).arg(library).arg(path).arg("-o").arg(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn structures_are_laid_out_as_windows_has_them() {
    use crate::api::*;
    let Some(mut compiler) = compiler() else { return };
    let sizes = [
        ("WINHTTP_PROXY_INFO", size_of::<WINHTTP_PROXY_INFO>()),
        ("HTTP_VERSION_INFO", size_of::<HTTP_VERSION_INFO>()),
        ("WINHTTP_ASYNC_RESULT", size_of::<WINHTTP_ASYNC_RESULT>()),
        ("WINHTTP_WEB_SOCKET_STATUS", size_of::<WINHTTP_WEB_SOCKET_STATUS>()),
        ("WINHTTP_WEB_SOCKET_ASYNC_RESULT", size_of::<WINHTTP_WEB_SOCKET_ASYNC_RESULT>()),
        ("SYSTEMTIME", size_of::<SYSTEMTIME>()),
        ("WINHTTP_REQUEST_TIMES", size_of::<WINHTTP_REQUEST_TIMES>()),
        ("WINHTTP_REQUEST_STATS", size_of::<WINHTTP_REQUEST_STATS>()),
        ("URL_COMPONENTS", size_of::<URL_COMPONENTS>()),
        ("WINHTTP_EXTENDED_HEADER", size_of::<WINHTTP_EXTENDED_HEADER>()),
        ("WINHTTP_HEADER_NAME", size_of::<WINHTTP_HEADER_NAME>()),
        ("WINHTTP_CURRENT_USER_IE_PROXY_CONFIG", size_of::<WINHTTP_CURRENT_USER_IE_PROXY_CONFIG>()),
        ("WINHTTP_AUTOPROXY_OPTIONS", size_of::<WINHTTP_AUTOPROXY_OPTIONS>()),
        ("WINHTTP_PROXY_RESULT_ENTRY", size_of::<WINHTTP_PROXY_RESULT_ENTRY>()),
        ("WINHTTP_PROXY_RESULT", size_of::<WINHTTP_PROXY_RESULT>()),
        ("WINHTTP_PROXY_SETTINGS_PARAM", size_of::<WINHTTP_PROXY_SETTINGS_PARAM>()),
        ("WINHTTP_PROXY_SETTINGS_EX", size_of::<WINHTTP_PROXY_SETTINGS_EX>()),
        ("WINHTTP_CONNECTION_GROUP", size_of::<WINHTTP_CONNECTION_GROUP>()),
        ("WINHTTP_HOST_CONNECTION_GROUP", size_of::<WINHTTP_HOST_CONNECTION_GROUP>()),
        ("WINHTTP_QUERY_CONNECTION_GROUP_RESULT", size_of::<WINHTTP_QUERY_CONNECTION_GROUP_RESULT>()),
    ];
    let checks: String = sizes
        .iter()
        .map(|(name, size)| format!("_Static_assert(sizeof({name}) == {size}, \"{name}\");\n"))
        .collect();
    let source = Scratch::new("layout.c");
    std::fs::write(&source.0, format!("#include <winhttp.h>\n{checks}")).unwrap();
    let output = compiler.arg("-fsyntax-only").arg(&source.0).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_shared_library_exports_what_the_table_has() {
    let (Some(compiler), Some(library)) = (compiler(), library()) else { return };
    let addresses: String = exported().map(|entry| format!("(uintptr_t){},\n", entry.name)).collect();
    let (source, program) = (Scratch::new("exports.c"), Scratch::new("exports"));
    let text = format!(
        "#include <winhttp.h>\nuintptr_t all[] = {{ {addresses} }};\nint main(void) {{ return 0; }}\n"
    );
    std::fs::write(&source.0, text).unwrap();
    link(compiler, &source.0, &library, &program.0);
}

/// An example, ready to run against a server on this port; `None` where it cannot be compiled.
fn example(name: &str, port: u16) -> Option<(Scratch, Command)> {
    let (mut compiler, library) = (compiler()?, library()?);
    let program = Scratch::new(name);
    compiler.arg("-pthread");
    link(compiler, &folder("examples").join(format!("{name}.c")), &library, &program.0);
    let mut command = Command::new(&program.0);
    command.args(["127.0.0.1", &port.to_string(), "/"]);
    Some((program, command))
}

#[rstest]
#[case::downloads("get")]
#[case::downloads_asynchronously("async")]
fn an_example_prints_status_and_body(#[case] name: &str) {
    let peer = Peer::answering("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnope\n");
    let Some((_program, mut command)) = example(name, peer.port) else { return peer.give_up() };
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "status 404\nnope\n");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_example_uploads_in_chunks() {
    let peer = Peer::new(|client| {
        let head = client.head();
        assert!(head.starts_with("PUT / HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nTransfer-Encoding: chunked\r\n"), "{head}");
        assert_eq!(client.exactly(13), b"3\r\nabc\r\n0\r\n\r\n");
        client.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
    let Some((_program, mut command)) = example("put", peer.port) else { return peer.give_up() };
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"abc").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "status 201\n");
}

#[test]
fn an_example_tells_what_fails() {
    // A port that is taken, but nobody listens there.
    let taken = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    taken.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    let port = taken.local_addr().unwrap().as_socket().unwrap().port();
    for name in ["get", "put", "async"] {
        let Some((_program, mut command)) = example(name, port) else { return };
        let output = command.stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.ends_with("error 12029\n"), "{told}");
        assert_eq!(output.status.code(), Some(1));
    }
}
