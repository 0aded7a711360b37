//! The ledger: every testable promise of a page, in our own words, with an id that cases name.
//!
//! One YAML file a documentation page under `spec/requirements`, and, for the cells of the option table,
//! requirements derived from [`crate::options::OPTIONS`].

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

mod derived;
mod read;

pub use read::Malformed;

/// Everything the documentation promises, and where it contradicts itself.
#[derive(Debug)]
pub struct Ledger {
    pages: Vec<Page>,
    defects: Vec<Defect>,
    /// Id to the places of its page and of the requirement on it.
    places: HashMap<String, (usize, usize)>,
}

/// One documentation page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The prefix of its requirements' ids: a function's name, or the page's in kebab case.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// Where readers find it.
    pub url: String,
    /// Repository and path of its source.
    pub source: String,
    /// The commit of that repository that was read.
    pub commit: String,
    /// Why no case asks about it yet: excuses those of its requirements that have [`Requirement::pending`], and these
    /// are of those that take a peer.
    pub pending: Option<String>,
    /// What it promises, in the order of the file.
    pub requirements: Vec<Requirement>,
}

/// One promise.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// `<page>/<slug>`, as cases and baselines write it.
    pub id: String,
    /// The page's name, the first part of the id.
    pub page: String,
    /// The promise, in one sentence of our own.
    pub says: String,
    /// The heading or parameter under which the page makes it.
    pub section: String,
    /// How binding it is.
    pub level: Level,
    /// What a test of it needs.
    pub test: Testability,
    /// Why no case asks it and none will: always given where it cannot be tested, or on Windows only.
    pub why: Option<String>,
    /// Why no case asks it yet: its page's word, where it has no reason of its own.
    pub pending: Option<String>,
    /// Requirements that contradict this one.
    pub conflicts: Vec<String>,
}

/// A place where the documentation contradicts itself, leaves a question open or is wrong.
#[derive(Clone, Debug)]
pub struct Defect {
    /// `<page>/<slug>`, the page being the one whose ledger tells of it.
    pub id: String,
    /// The pages that take part.
    pub pages: Vec<String>,
    /// The ways to read them.
    pub readings: Vec<String>,
    /// The requirements whose meaning depends on the reading.
    pub touches: Vec<String>,
}

/// How binding a requirement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The page states it as a fact.
    Must,
    /// The page advises it, or allows it.
    Should,
    /// Seen on Windows; the documentation is silent.
    Observed,
}

/// What a test of a requirement needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Testability {
    /// Nothing but the implementation.
    Offline,
    /// A peer on loopback.
    Loopback,
    /// A TLS peer.
    Tls,
    /// A proxy.
    Proxy,
    /// A peer that asks for credentials.
    Auth,
    /// A WebSocket peer.
    Websocket,
    /// An HTTP/2 peer.
    Http2,
    /// An HTTP/3 peer.
    Http3,
    /// A registry value.
    Registry,
    /// Windows itself.
    WindowsOnly,
    /// More than an observer of the API can arrange or see.
    Untestable,
}

/// The ledger of this build, read on first use.
///
/// # Panics
/// Where an embedded file is malformed, naming it: the fault is in this repository, `cargo test -p winhttp-spec`
/// finds it, and no caller could go on without the ledger.
pub fn ledger() -> &'static Ledger {
    static LEDGER: OnceLock<Ledger> = OnceLock::new();
    LEDGER.get_or_init(|| Ledger::read(read::FILES).unwrap_or_else(|malformed| panic!("{malformed}")))
}

impl Ledger {
    /// Reads the files of a ledger (name and text of each) and adds what the option table promises.
    ///
    /// # Errors
    /// The first file that is not a page of a ledger, or an id that is taken twice.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, Malformed> {
        let mut ledger = Self { pages: Vec::new(), defects: Vec::new(), places: HashMap::new() };
        for (file, text) in files {
            let (mut page, defects) = read::page(file, text)?;
            if page.name == derived::PAGE {
                page.requirements.extend(derived::requirements());
            }
            ledger.add(file, page)?;
            ledger.defects.extend(defects);
        }
        Ok(ledger)
    }

    /// The requirement of that id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.places.get(id).map(|&(page, at)| &self.pages[page].requirements[at])
    }

    /// Every page, in the order of the files' names.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Every requirement, page by page.
    pub fn all(&self) -> impl Iterator<Item = &Requirement> {
        self.pages.iter().flat_map(|page| &page.requirements)
    }

    /// Every defect of the documentation.
    #[must_use]
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    fn add(&mut self, file: &str, page: Page) -> Result<(), Malformed> {
        for (at, requirement) in page.requirements.iter().enumerate() {
            if self.places.insert(requirement.id.clone(), (self.pages.len(), at)).is_some() {
                return Err(Malformed::new(
                    file,
                    format!("the requirement {} exists already", requirement.id),
                ));
            }
        }
        self.pages.push(page);
        Ok(())
    }
}

impl Level {
    /// The word in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Observed => "observed",
        }
    }
}

impl Testability {
    /// Whether something has to answer the implementation.
    #[must_use]
    pub const fn needs_peer(self) -> bool {
        match self {
            Self::Loopback
            | Self::Tls
            | Self::Proxy
            | Self::Auth
            | Self::Websocket
            | Self::Http2
            | Self::Http3 => true,
            Self::Offline | Self::Registry | Self::WindowsOnly | Self::Untestable => false,
        }
    }

    /// The word in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Loopback => "loopback",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Auth => "auth",
            Self::Websocket => "websocket",
            Self::Http2 => "http2",
            Self::Http3 => "http3",
            Self::Registry => "registry",
            Self::WindowsOnly => "windows-only",
            Self::Untestable => "untestable",
        }
    }
}
