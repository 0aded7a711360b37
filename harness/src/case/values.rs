//! What a call is given.

use winhttp_spec::structs::{FieldType, Struct};

/// A named thing of an earlier step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `$name`, `$name.session`, or `$call.parameter[.field]`.
    pub path: Vec<String>,
}

/// A number and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its value.
    pub value: u64,
    /// `WINHTTP_FLAG_ASYNC`, `0x10`, `A | B`.
    pub text: String,
}

/// A machine word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A number or constant.
    Number(Number),
    /// What an earlier step gave.
    Reference(Reference),
    /// A handle that was never returned by the subject.
    Forged,
    /// A recording callback, by number.
    Recorder(u8),
    /// The peer's port.
    Port,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Passed by value.
    Word(Scalar),
    /// A pointer to memory of the case's own.
    Data(Data),
}

/// Memory that the case provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// What is in it.
    pub content: Content,
    /// Its size in bytes, where it is not that of the content.
    pub size: Option<u32>,
    /// Placed right before an unmapped page.
    pub edge: bool,
}

/// What is in the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing yet: that many bytes of a fill pattern.
    Space(u32),
    /// A 32-bit number; the word is `DWORD` or `BOOL`.
    Dword(&'static str, Scalar),
    /// A pointer-sized number, handle or pointer; the word is `DWORD_PTR`, `HINTERNET` or `LPVOID`.
    Pointer(&'static str, Scalar),
    /// UTF-16 text.
    Text {
        /// The characters.
        text: String,
        /// With a terminator.
        terminated: bool,
    },
    /// These bytes.
    Bytes(Vec<u8>),
    /// A struct; members that are not given are zero.
    Struct(&'static Struct, Members),
    /// An array of structs.
    Structs(&'static Struct, Vec<Members>),
}

/// The members of a struct that are given.
pub type Members = Vec<(Member, FieldValue)>;

/// A member of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `member`, `outer.inner`, `array[3]`.
    pub path: String,
    /// Its type.
    pub ty: FieldType,
}

/// A member's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// A number or pointer.
    Scalar(Scalar),
    /// A pointer to text.
    Text(String),
}
