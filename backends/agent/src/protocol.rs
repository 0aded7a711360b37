//! The messages.

use serde::{Deserialize, Serialize};
use winhttp_machine::{Observation, Plan};

/// The version of the protocol.
pub const PROTOCOL: u32 = 3;

/// The agent's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Who answers.
    pub about: About,
}

/// Who answers: facts about the subject and its system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What was loaded: a path, or the name of a built-in table.
    pub library: String,
    /// The version of Windows that the system claims to be, `[major, minor, build]`; `None` where the subject is
    /// not on Windows and claims nothing.
    pub windows: Option<[u32; 3]>,
    /// `linux`, `windows`, …
    pub system: String,
    /// Width of a pointer in bits.
    pub pointer: u32,
    /// Wine's own version, where the system is Wine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wine: Option<String>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask<'a> {
    /// Which of these functions does the subject export?
    Exports(Vec<String>),
    /// Execute this.
    Plan {
        /// Comes back in the answer and stands in the progress file.
        number: u32,
        /// The plan.
        plan: std::borrow::Cow<'a, Plan>,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// To [`Ask::Exports`], in its order.
    Exports(Vec<bool>),
    /// To [`Ask::Plan`].
    Observation {
        /// The plan's number.
        number: u32,
        /// What happened.
        observation: Observation,
    },
    /// To an [`Ask::Plan`] that could not be executed.
    Refused {
        /// The plan's number.
        number: u32,
        /// Why.
        reason: String,
    },
}

impl About {
    /// This process, with a library of that name loaded.
    #[must_use]
    pub fn this_process(library: String) -> Self {
        Self {
            library,
            windows: crate::windows_version(),
            system: std::env::consts::OS.to_owned(),
            pointer: usize::BITS,
            wine: crate::system::wine_version(),
        }
    }
}
