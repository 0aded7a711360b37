//! How a user names a back end.

use std::path::{Path, PathBuf};

use rstest::rstest;
use winhttp_agent::About;
use winhttp_host::Backend;

#[rstest]
#[case("rust", Backend::Rust, "rust")]
#[case("wine", Backend::Wine, "wine-8.0")]
#[case("native", Backend::Native, "native")]
#[case("library:/tmp/a b.so", Backend::Library(PathBuf::from("/tmp/a b.so")), "library")]
#[case("library:C:\\a.dll", Backend::Library(PathBuf::from("C:\\a.dll")), "library")]
#[case("command:ssh  host agent", Backend::Command(vec!["ssh".into(), "host".into(), "agent".into()]), "command")]
fn names(#[case] name: &str, #[case] backend: Backend, #[case] label: &str) {
    assert_eq!(name.parse::<Backend>(), Ok(backend.clone()));
    assert_eq!(
        backend.to_string().parse::<Backend>(),
        Ok(backend.clone()),
        "what is shown can be given back"
    );
    let about = About { wine: Some("8.0".into()), ..About::default() };
    assert_eq!(backend.label(&about), label);
}

#[rstest]
#[case("")]
#[case("Rust")]
#[case("rust:")]
#[case("library")]
#[case("library:")]
#[case("command:")]
#[case("command:  ")]
fn no_names(#[case] name: &str) {
    let error = name.parse::<Backend>().expect_err("no back end").to_string();
    assert!(error.starts_with(&format!("no back end `{name}`; there are rust, wine, native, library:PATH")));
}

#[rstest]
#[case("library:/nowhere/winhttp.so", "/nowhere/winhttp.so: No such file")]
#[case("command:/nowhere/agent", "/nowhere/agent: No such file")]
#[case("native", "there is no winhttp.dll here, because this is not Windows")]
#[cfg(target_os = "linux")]
fn a_back_end_that_is_not_there_says_so(#[case] name: &str, #[case] said: &str) {
    let backend: Backend = name.parse().expect("a back end");
    let error = backend.start(Path::new("/")).err().expect("it does not start").to_string();
    assert!(error.starts_with(said), "{error}");
}
