//! The plan machine: a [`Plan`] in, an [`Observation`] out.
//!
//! The machine executes a plan over a [`Table`] of function pointers: it allocates buffers, writes bytes,
//! calls functions by name with machine words, keeps results, copies ranges back, waits for callbacks. It
//! knows no function's meaning and sees no expectation. The same machine runs in process, in a child
//! process, inside Wine and on Windows.
//!
//! All `unsafe` on the caller's side of the API is in this crate: [`buffer`] owns the memory, [`call`] jumps,
//! [`callback`] is jumped into, [`thread`] makes the calls, [`follow`] reads what the subject points to.

mod buffer;
mod bytes;
mod call;
mod callback;
mod check;
mod follow;
mod observation;
mod plan;
mod run;
mod shared;
mod state;
mod table;
mod thread;

pub use buffer::FILL;
pub use bytes::Bytes;
pub use observation::{Notification, Observation, Overrun, Seen};
pub use plan::{Buffer, Call, Copy, Join, Payload, Place, Plan, Put, Shape, Step, Wait, When, Word};
pub use run::{Machine, Mark};
pub use table::{Address, Table};
pub use thread::PASS_TIME;
