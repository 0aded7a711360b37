//! What an implementation has, before how it behaves.

use crate::record::{Has, Header, Presence};
use crate::words::version;

/// One list of a header, sorted out.
pub(crate) struct Inventory<'a> {
    pub(crate) all: usize,
    pub(crate) present: usize,
    /// Lacking, although the Windows that the subject claims to be has it.
    pub(crate) lacking: Vec<&'a Presence>,
    /// Lacking, and newer than that Windows.
    pub(crate) excused: Vec<&'a Presence>,
    pub(crate) unknown: Vec<&'a Presence>,
}

impl<'a> Inventory<'a> {
    pub(crate) fn of(list: &'a [Presence], header: &Header) -> Self {
        let those = |has| list.iter().filter(move |presence| presence.has == has);
        let (excused, lacking) = those(Has::No).partition(|presence| is_newer(presence, header));
        Self {
            all: list.len(),
            present: those(Has::Yes).count(),
            lacking,
            excused,
            unknown: those(Has::Unknown).collect(),
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
