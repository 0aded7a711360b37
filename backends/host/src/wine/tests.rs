use rstest::rstest;

use super::*;
use crate::toolchain::{Built, Lack};

fn wine() -> Wine {
    Wine::new(Stamp {
        format: stamp::FORMAT,
        version: "wine-8.0".into(),
        loader: Loader { path: "/wine/wine64".into(), server: "/wine/wineserver64".into() },
        prefix: "/made/prefix".into(),
        agent: "/made/agent.exe".into(),
        built: Built { agent: "/made/cargo/agent.exe".into(), library: "/made/cargo/winhttp.dll".into() },
    })
}

fn variable(command: &Command, name: &str) -> Option<String> {
    let (_, value) = command.get_envs().find(|(other, _)| *other == name)?;
    value.map(|value| value.to_string_lossy().into_owned())
}

/// An empty folder that stands for a workspace.
struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Workspace {
        let root = std::env::temp_dir().join(format!("winhttp-workspace-{}-{name}", std::process::id()));
        fs::create_dir_all(stamp::folder(&root)).unwrap();
        Workspace(root)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // It is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_agent_is_started_by_the_loader_in_the_projects_own_prefix() {
    let command = wine().command(["--library", "winhttp.dll"]);
    assert_eq!(command.get_program(), "/wine/wine64");
    assert_eq!(command.get_args().collect::<Vec<_>>(), ["/made/agent.exe", "--library", "winhttp.dll"]);
    assert_eq!(variable(&command, "WINEPREFIX").as_deref(), Some("/made/prefix"));
    assert_eq!(variable(&command, "WINESERVER").as_deref(), Some("/wine/wineserver64"));
    assert!(command.get_envs().any(|(name, value)| name == "DISPLAY" && value.is_none()));
}

#[rstest]
#[case::wines_own(wine(), "winhttp.dll", false)]
#[case::another(wine().with_native_dll("/made/ours/winhttp.dll"), r"Z:\made\ours\winhttp.dll", true)]
fn the_library_is_wines_own_or_another(#[case] wine: Wine, #[case] library: &str, #[case] native: bool) {
    assert_eq!(wine.library(), library);
    let overrides = variable(&wine.command([""; 0]), "WINEDLLOVERRIDES").unwrap();
    assert_eq!(overrides.ends_with(";winhttp=n"), native, "{overrides}");
}

#[test]
fn without_a_set_up_nothing_is_found() {
    let workspace = Workspace::new("empty");
    let missing = Wine::find(&workspace.0).unwrap_err();
    assert_eq!(missing, Missing::NeverSetUp);
    assert!(missing.to_string().contains("setup wine"));
}

#[test]
fn what_was_removed_after_the_set_up_is_named() {
    let workspace = Workspace::new("gone");
    let mut stamp = wine().stamp;
    stamp.prefix = stamp::prefix(&workspace.0.canonicalize().unwrap());
    stamp.write(&workspace.0).unwrap();
    assert_eq!(Wine::find(&workspace.0).unwrap_err(), Missing::Gone("/wine/wine64".into()));
}

#[test]
fn a_copied_workspace_does_not_use_the_other_ones_wine() {
    let workspace = Workspace::new("copied");
    wine().stamp.write(&workspace.0).unwrap();
    assert_eq!(Wine::find(&workspace.0).unwrap_err(), Missing::NeverSetUp);
}

#[rstest]
#[case("{}")]
#[case("")]
fn another_versions_note_is_not_believed(#[case] note: &str) {
    let workspace = Workspace::new(&format!("other-{}", note.len()));
    fs::write(stamp::folder(&workspace.0).join("setup.json"), note).unwrap();
    assert_eq!(Wine::find(&workspace.0).unwrap_err(), Missing::OtherVersion);
}

#[rstest]
#[case("", &[])]
#[case("/out/agent.exe: /src/main.rs /src/a\\ b.rs\n\n/src/main.rs:\n", &["/src/main.rs", "/src/a b.rs"])]
fn cargo_lists_the_sources(#[case] rule: &str, #[case] expected: &[&str]) {
    assert_eq!(
        stamp::sources(rule).collect::<Vec<_>>(),
        expected.iter().map(PathBuf::from).collect::<Vec<_>>()
    );
}

#[test]
fn a_source_that_is_not_there_any_more_makes_the_agent_stale() {
    let workspace = Workspace::new("stale");
    let mut wine = wine();
    wine.stamp.built.agent = workspace.0.join("agent.exe");
    let (kept, removed) = (workspace.0.join("kept.rs"), workspace.0.join("removed.rs"));
    fs::write(&kept, "").unwrap();
    fs::write(&wine.stamp.built.agent, "").unwrap();
    let rule =
        |sources: &str| fs::write(workspace.0.join("agent.d"), format!("agent.exe: {sources}\n")).unwrap();
    rule(&kept.to_string_lossy());
    assert_eq!(wine.stale(), None);
    rule(&format!("{} {}", kept.display(), removed.display()));
    assert_eq!(wine.stale(), Some(removed));
}

#[test]
fn everything_that_is_to_be_installed_is_named_at_once() {
    let error = SetupError::Install { wine: true, lacks: vec![Lack::Linker, Lack::Std(None)] };
    let text = error.to_string();
    for package in ["wine64", "gcc-mingw-w64-x86-64", "rust-web-src", "rustup target add"] {
        assert!(text.contains(package), "{text}");
    }
}
