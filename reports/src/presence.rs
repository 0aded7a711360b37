//! What an implementation has, before how it behaves.

use crate::record::{Has, Header, Presence};
use crate::words::version;

/// One list of a header, sorted out.
pub(crate) struct Inventory<'a> {
    pub(crate) all: usize,
    pub(crate) present: usize,
    pub(crate) lacking: Vec<&'a Presence>,
    pub(crate) unknown: Vec<&'a Presence>,
}

impl<'a> Inventory<'a> {
    pub(crate) fn of(list: &'a [Presence]) -> Self {
        let those = |has| list.iter().filter(|presence| presence.has == has).collect::<Vec<_>>();
        Self {
            all: list.len(),
            present: those(Has::Yes).len(),
            lacking: those(Has::No),
            unknown: those(Has::Unknown),
        }
    }
}

/// Whether the documentation makes it younger than the Windows the subject claims to be, so that the subject
/// owes it to nobody.
pub(crate) fn is_newer(presence: &Presence, header: &Header) -> bool {
    matches!((presence.since, header.windows), (Some(since), Some(claimed)) if since > claimed)
}

/// `NAME`, or `NAME (since 10.0.22000)` where it is newer than what the subject claims to be.
pub(crate) fn named(presence: &Presence, header: &Header) -> String {
    match presence.since {
        Some(since) if is_newer(presence, header) => format!("{} (since {})", presence.name, version(since)),
        _ => presence.name.clone(),
    }
}
