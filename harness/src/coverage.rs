//! Which promises are asked about.

use std::collections::BTreeSet;

use winhttp_spec::requirements::{Requirement, Testability};

use crate::case::Case;

/// Which requirements the cases cover.
pub struct Coverage<'a>(BTreeSet<&'a str>);

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A case covers it.
    Covered,
    /// None does, and the ledger says why.
    Reason,
    /// None does.
    Uncovered,
}

impl<'a> Coverage<'a> {
    /// The coverage of a suite.
    #[must_use]
    pub fn of(cases: &'a [Case]) -> Self {
        Self(cases.iter().flat_map(|case| case.covers.iter().map(String::as_str)).collect())
    }

    /// How a requirement stands.
    #[must_use]
    pub fn standing(&self, requirement: &Requirement) -> Standing {
        if self.0.contains(requirement.id.as_str()) {
            return Standing::Covered;
        }
        let reason = requirement.why.is_some() || !within_reach(requirement.test);
        if reason { Standing::Reason } else { Standing::Uncovered }
    }
}

/// Whether the peer and the case language can put the question today. The others' reason is the kind of test that they
/// need, and the ledger names it.
fn within_reach(test: Testability) -> bool {
    matches!(test, Testability::Offline | Testability::Loopback | Testability::Websocket)
}
