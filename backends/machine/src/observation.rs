//! What happened. Facts only: nothing here says whether it should have.

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;

/// The facts of one executed plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// When the plan began, in microseconds since 1970 by the system's clock: what happened elsewhere on this machine
    /// can be put beside it.
    #[serde(default)]
    pub began_unix_us: u64,
    /// One entry a step, in the plan's order, `finally` included.
    pub steps: Vec<Seen>,
    /// Every callback, in the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Notification>,
    /// Callbacks of earlier plans that came after those had ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Notification>,
    /// Writes outside of a buffer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overruns: Vec<Overrun>,
}

/// What became of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// An earlier requirement was not met, or the step's own condition.
    #[default]
    NotReached,
    /// The function is not in the table.
    NotExported,
    /// The call came back.
    Returned {
        /// The whole return register: a `BOOL` or `DWORD` is its low half.
        value: u64,
        /// The last error right after the call.
        error: u32,
        /// What the plan wanted copied, in its order; `None` where a pointer was `NULL`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        copies: Vec<Option<Bytes>>,
        /// When the call began and ended, in microseconds since the plan began.
        micros: (u64, u64),
        /// How many callbacks had come when the call began, and when it ended.
        #[serde(default, skip_serializing_if = "is_nothing")]
        callbacks: (u32, u32),
    },
    /// A word was written.
    Done,
    /// The wait's end: whether the callback came, or the steps were done. Of steps for a callback: whether it came.
    Waited(bool),
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_nothing(callbacks: &(u32, u32)) -> bool {
    *callbacks == (0, 0)
}

/// One callback.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Which recording callback was called.
    pub callback: u8,
    /// `hInternet`.
    pub handle: u64,
    /// `dwContext`.
    pub context: u64,
    /// `dwInternetStatus`.
    pub status: u32,
    /// `lpvStatusInformation`.
    pub information: u64,
    /// `dwStatusInformationLength`.
    pub length: u32,
    /// The buffer of the plan that `information` points into, and at which byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<(u32, u32)>,
    /// The bytes behind `information`: what the plan says, or else as many as `length` says, at most 256.
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    pub payload: Bytes,
    /// A number for the thread it came on; 0 is the thread that executes the plan.
    pub thread: u32,
    /// The step that was running.
    pub step: u32,
    /// When, in microseconds since the plan began.
    pub micros: u64,
    /// How many callbacks had come when it returned, if the plan had something to do in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u32>,
    /// How many plans ago its recording callback was given to the subject; 0 for the plan that is observed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ago: u32,
}

/// A write outside of a buffer's declared length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrun {
    /// Which buffer.
    pub buffer: u32,
    /// After which step it was seen.
    pub step: u32,
    /// The first byte that was changed, counted from the buffer's start; negative before it.
    pub offset: i64,
    /// How many bytes from there to the last changed one.
    pub length: u32,
}
