//! The plan machine behind standard input and output.
//!
//! # The protocol, version 3
//!
//! One JSON value a line, UTF-8, both ways. Standard output carries the protocol and nothing else; whatever a
//! subject prints to standard error is kept as a note by the host and means nothing.
//!
//! 1. The agent speaks first: [`Hello`]: `{"protocol":3,"about":{…}}`. A host that finds another version stops.
//! 2. The host asks ([`Ask`]), the agent answers ([`Reply`]), one answer to one question, in order:
//!
//!    | question | answer |
//!    | --- | --- |
//!    | `{"exports":["WinHttpOpen",…]}` | `{"exports":[true,…]}`: which names the subject exports |
//!    | `{"plan":{"number":7,"plan":{…}}}` | `{"observation":{"number":7,"observation":{…}}}` |
//!    | | `{"refused":{"number":7,"reason":"…"}}`: the plan is malformed, nothing was called |
//!
//! 3. End of input ends the agent.
//!
//! The agent is expected to die: a subject may crash, exit or hang it. So that the host can tell where, an agent
//! that is given a progress file ([`progress`]) keeps the number of the running plan and step in it, and what became
//! of the steps before.
//!
//! Any program that speaks this is a back end (`command:`), at the far end of ssh, for example.

mod fault;
mod library;
pub mod progress;
mod protocol;
mod serve;
mod system;

pub use library::{LoadError, load};
pub use protocol::{About, Ask, Hello, PROTOCOL, Reply};
pub use serve::serve;
pub use system::windows_version;
