//! Functions of the system that WinHTTP's pages send a caller to: a case may call them too.

use winhttp_spec::functions::{Direction, Function, Param, Returns, Type};

/// `HGLOBAL GlobalFree(HGLOBAL hMem)`: `NULL` on success. Texts that WinHTTP allocates are freed with it.
static GLOBAL_FREE: Function = Function {
    name: "GlobalFree",
    params: &[Param {
        name: "hMem",
        ty: Type::DwordPtr,
        direction: Direction::In,
        optional: false,
        length_of: None,
    }],
    returns: Returns::Code,
    since: None,
    errors: &[],
};

/// The system function of that name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    (name == GLOBAL_FREE.name).then_some(&GLOBAL_FREE)
}
