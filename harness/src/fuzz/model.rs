//! What a program has done so far, as far as it was seen to succeed: which handles are closed, and what was set.

use std::collections::{BTreeMap, BTreeSet};

use winhttp_spec::handles::HandleKind;
use winhttp_spec::options::WinHttpOption;

use super::program::{Call, Target, Verb};
use crate::case::{Content, SetupKind};

/// What a handle is by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Open, or `NULL`.
    Kind(HandleKind),
    /// Closed.
    Closed,
    /// One that it was made from is closed.
    Orphan,
    /// Never was one.
    Forged,
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Model {
    closed: BTreeSet<Target>,
    values: BTreeMap<(Target, &'static str), Content>,
    /// The last URL was taken apart.
    apart: bool,
}

impl Model {
    pub(super) fn state(&self, target: Target) -> State {
        let (root, kind) = match target {
            Target::Null => return State::Kind(HandleKind::Null),
            Target::Forged => return State::Forged,
            Target::Of(root, kind) => (root, kind),
        };
        // A WebSocket lives on without the request that it was made from.
        let is_needed = |above: &SetupKind| !(*above == SetupKind::Request && kind == SetupKind::WebSocket);
        if self.closed.contains(&target) {
            State::Closed
        } else if kind
            .above()
            .iter()
            .filter(|above| is_needed(above))
            .any(|above| self.closed.contains(&Target::Of(root, *above)))
        {
            State::Orphan
        } else {
            State::Kind(match kind {
                SetupKind::Session => HandleKind::Session,
                SetupKind::Connect => HandleKind::Connect,
                SetupKind::Request => HandleKind::Request,
                SetupKind::WebSocket => HandleKind::WebSocket,
                SetupKind::Resolver => {
                    unreachable!("no program makes one: the option table does not know them")
                }
            })
        }
    }

    /// The value that was set, if it was one whose meaning is documented.
    pub(super) fn value(&self, target: Target, option: &WinHttpOption) -> Option<&Content> {
        self.values.get(&(target, option.name))
    }

    /// Whether there are components of a URL to be put together.
    pub(super) const fn is_apart(&self) -> bool {
        self.apart
    }

    /// Learns from a call that failed.
    pub(super) fn failed(&mut self, call: Call<'_>) {
        self.apart &= call.function() != "WinHttpCrackUrl";
    }

    /// Learns from a call that succeeded.
    pub(super) fn succeeded(&mut self, call: Call<'_>) {
        match (call.verb, call.choice.option()) {
            (Verb::ThereAndBack(..), _) if !call.second => self.apart = true,
            (Verb::Close, _) => {
                self.closed.insert(call.target);
            }
            (Verb::Set(given), Some(option)) => {
                let key = (call.target, option.name);
                match given.value(option) {
                    Some(value) => self.values.insert(key, value),
                    // Whatever that was taken for.
                    None => self.values.remove(&key),
                };
            }
            _ => {}
        }
    }
}
