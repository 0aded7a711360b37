//! What the machine is asked to do. Plain data: one plan is one line of the agent protocol.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bytes::Bytes;

/// One question, ready to be executed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The memory the steps use; allocated before the first step, watched until the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buffers: Vec<Buffer>,
    /// Executed in order; a call with `require` that does not succeed ends the list.
    pub steps: Vec<Step>,
    /// Executed in any case, after the steps: what gives handles back. Numbered on from the steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finally: Vec<Step>,
    /// How the information of a callback is read where its own length is not to be trusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payloads: Vec<Payload>,
}

/// A piece of guarded memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Buffer {
    /// The declared length in bytes. What lies behind it is watched.
    pub length: u32,
    /// Initial contents; the rest of the length holds a fill pattern.
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    pub bytes: Bytes,
    /// How it is guarded.
    #[serde(default, skip_serializing_if = "Place::is_watched")]
    pub place: Place,
}

/// How a buffer is guarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Between two strips of known bytes: a write outside is seen and the run goes on.
    #[default]
    Watched,
    /// Right before an unmapped page: a read or write past the end faults.
    Edge,
}

impl Place {
    fn is_watched(&self) -> bool {
        *self == Self::Watched
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Calls a function of the table.
    Call(Call),
    /// Writes a word into a buffer (a pointer or handle that is known only now).
    Put(Put),
    /// Waits for a callback.
    Wait(Wait),
    /// The next steps are not for now: they are executed when a callback comes, on its thread.
    When(When),
    /// The next steps, so many, are executed on a thread of their own, from now on.
    Start(u32),
    /// Waits until the steps behind a [`Step::When`] or a [`Step::Start`] are done.
    Join(Join),
    /// Lets time pass, in milliseconds: the subject's own, if it exports a way to do that.
    Pass(u32),
}

/// A call by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The exported name.
    pub function: String,
    /// The arguments, one machine word each.
    pub arguments: Vec<Word>,
    /// The last error is set to this before the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<u32>,
    /// What is copied into the observation after the call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copy: Vec<Copy>,
    /// What a success looks like: a return value of zero (`false`) or other than zero (`true`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The steps end here unless the call succeeds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require: bool,
    /// The call is left out when this word is zero (a handle that was never obtained).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless_zero: Option<Word>,
}

/// What to copy after a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copy {
    /// `[buffer, offset, length]`: these bytes.
    Range(u32, u32, u32),
    /// `[buffer, [offset, …], shape]`: what lies behind the pointer that is stored at the first offset of the buffer;
    /// with a second offset, behind the pointer that is stored there, so many bytes on; and so forth. Followed only if
    /// the call succeeds; where a pointer on the way is NULL, there is nothing.
    Behind(u32, Vec<u32>, Shape),
}

/// A word written into a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// Which buffer.
    pub buffer: u32,
    /// Where in it, in bytes.
    pub offset: u32,
    /// What; pointer-sized.
    pub word: Word,
}

/// Waits until callbacks have been seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The statuses (`dwInternetStatus`) waited for: any of them.
    pub statuses: Vec<u32>,
    /// Only on this handle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Word>,
    /// How many of them, counted from the plan's begin.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: u32,
    /// How long, in milliseconds.
    pub timeout_ms: u32,
}

/// What to do in a callback, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// The statuses: any of them.
    pub statuses: Vec<u32>,
    /// Only on this handle, which must be known by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Word>,
    /// In which of these callbacks, counted from now.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub nth: u32,
    /// How many of the next steps it is.
    pub steps: u32,
}

/// Waits for other steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The [`Step::When`] or [`Step::Start`] in front of them.
    pub step: u32,
    /// How long, in milliseconds.
    pub timeout_ms: u32,
}

fn one() -> u32 {
    1
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

/// How the information of callbacks with this status is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The status.
    pub status: u32,
    /// What lies there.
    pub shape: Shape,
}

/// What lies behind a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Zero-terminated UTF-16 text; its terminator is not kept.
    Text,
    /// Zero-terminated text of single bytes; its terminator is not kept.
    NarrowText,
    /// That many bytes.
    Bytes(u32),
}

/// A machine word, known now or when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// `7`: a number.
    Number(u64),
    /// `"$3"`: what step 3 returned; 0 if it was not reached.
    Kept(u32),
    /// `"&0+8"`: the address of byte 8 of buffer 0.
    Pointer(u32, u32),
    /// `"*0+8"`: the pointer-sized word stored at byte 8 of buffer 0.
    Load(u32, u32),
    /// `"@1"`: the address of the recording callback number 1.
    Callback(u8),
    /// `"^"`: the handle that the callback was called with in which the step is executed.
    Called,
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Kept(step) => write!(formatter, "${step}"),
            Self::Pointer(buffer, offset) => write!(formatter, "&{buffer}+{offset}"),
            Self::Load(buffer, offset) => write!(formatter, "*{buffer}+{offset}"),
            Self::Callback(number) => write!(formatter, "@{number}"),
            Self::Called => formatter.write_str("^"),
        }
    }
}

impl FromStr for Word {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str =
            "a word is a number, \"$STEP\", \"&BUFFER+OFFSET\", \"*BUFFER+OFFSET\", \"@CALLBACK\" or \"^\"";
        let place = |rest: &str| {
            let (buffer, offset) = rest.split_once('+')?;
            Some((buffer.parse().ok()?, offset.parse().ok()?))
        };
        let word = match text.split_at_checked(1) {
            Some(("$", rest)) => rest.parse().ok().map(Self::Kept),
            Some(("&", rest)) => place(rest).map(|(buffer, offset)| Self::Pointer(buffer, offset)),
            Some(("*", rest)) => place(rest).map(|(buffer, offset)| Self::Load(buffer, offset)),
            Some(("@", rest)) => rest.parse().ok().map(Self::Callback),
            Some(("^", "")) => Some(Self::Called),
            _ => None,
        };
        word.ok_or(FORMS)
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            symbolic => serializer.collect_str(symbolic),
        }
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl Visitor<'_> for Form {
            type Value = Word;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number or a symbolic word")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Word, E> {
                Ok(Word::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Word, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Form)
    }
}
