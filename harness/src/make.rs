//! Makes parts of cases in code: for set-ups, the generated matrix and the fuzzer.
//!
//! Names are written in this program, not read from a user: one that the tables lack is a mistake in the program, and
//! a test that makes every case finds it.

use winhttp_spec::constants;
use winhttp_spec::functions;
use winhttp_spec::structs::{self, Width};

use crate::case::{
    Argument, CallStep, Content, Data, Expect, FieldValue, Member, Number, Reference, Scalar, Setup,
    SetupKind, Step,
};

pub(crate) fn setup(kind: SetupKind, name: &str) -> Step {
    Step::Setup(Setup { kind, name: name.to_owned(), from: None, asynchronous: false })
}

pub(crate) fn call(function: &str, arguments: Vec<(&str, Argument)>) -> CallStep {
    let function = functions::find(function).unwrap_or_else(|| panic!("the function table lacks {function}"));
    let index = |name: &str| {
        let found = function.params.iter().position(|param| param.name == name);
        found.unwrap_or_else(|| panic!("{} has no parameter {name} in the function table", function.name))
    };
    let mut arguments: Vec<_> =
        arguments.into_iter().map(|(name, argument)| (index(name), argument)).collect();
    arguments.sort_by_key(|(index, _)| *index);
    CallStep { function, arguments, name: None, last_error: None, expect: Expect::default() }
}

pub(crate) fn reference(name: &str) -> Scalar {
    Scalar::Reference(Reference { path: name.split('.').map(str::to_owned).collect() })
}

pub(crate) fn constant(name: &str) -> Number {
    let value = constants::value(name).unwrap_or_else(|| panic!("the constants lack {name}"));
    Number { value, text: name.to_owned() }
}

pub(crate) fn number(value: u64) -> Number {
    Number { value, text: value.to_string() }
}

/// A number as a word.
pub(crate) fn scalar(value: u32) -> Scalar {
    Scalar::Number(number(u64::from(value)))
}

pub(crate) fn null() -> Scalar {
    Scalar::Number(Number { value: 0, text: "NULL".to_owned() })
}

pub(crate) fn word(scalar: Scalar) -> Argument {
    Argument::Word(scalar)
}

pub(crate) fn data(content: Content) -> Argument {
    Argument::Data(Data { content, size: None, edge: false })
}

/// Uninitialised memory.
pub(crate) fn space(size: u32) -> Argument {
    data(Content::Space(size))
}

pub(crate) fn text(text: &str) -> Argument {
    data(Content::Text { text: text.to_owned(), terminated: true })
}

/// A struct with these members; the others are zero.
pub(crate) fn structure(name: &str, members: Vec<(&str, FieldValue)>) -> Argument {
    let definition = structs::find(name).unwrap_or_else(|| panic!("the struct table lacks {name}"));
    let member = |path: &str| {
        let found = definition.member(path, Width::W64);
        let (ty, _) = found.unwrap_or_else(|| panic!("{} has no member {path}", definition.name));
        Member { path: path.to_owned(), ty }
    };
    let members = members.into_iter().map(|(path, value)| (member(path), value)).collect();
    data(Content::Struct(definition, members))
}
