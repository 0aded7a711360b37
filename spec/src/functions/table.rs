//! One row a function.

use super::{Direction, Function, Param, Returns, Type, Unit};
use crate::windows::Windows;

/// Every function with a page of its own.
pub static FUNCTIONS: &[Function] = &[Function {
    name: "WinHttpSetOption",
    params: &[
        Param {
            name: "hInternet",
            ty: Type::Handle,
            direction: Direction::In,
            optional: true,
            length_of: None,
        },
        Param {
            name: "dwOption",
            ty: Type::Dword,
            direction: Direction::In,
            optional: false,
            length_of: None,
        },
        Param {
            name: "lpBuffer",
            ty: Type::Buffer,
            direction: Direction::In,
            optional: false,
            length_of: None,
        },
        Param {
            name: "dwBufferLength",
            ty: Type::Dword,
            direction: Direction::In,
            optional: false,
            length_of: Some(("lpBuffer", Unit::ByOption)),
        },
    ],
    returns: Returns::Bool,
    since: Windows::XP,
    errors: &["ERROR_WINHTTP_INVALID_OPTION"],
}];
