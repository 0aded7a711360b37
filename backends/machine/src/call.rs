//! The jump: one generic caller for every arity.
#![allow(unsafe_code)]

use crate::table::Address;

/// The most arguments a call can have; winhttp.h's longest function has eleven.
pub(crate) const MAX_ARGUMENTS: usize = 12;

/// Calls `address` with `words`; `None` if there are too many.
///
/// # Safety
///
/// `address` is a function as [`crate::Table::new`] demands; what the words mean to it is the plan's business:
/// a plan may be wrong on purpose, and the process may die of it.
pub(crate) unsafe fn call(address: Address, words: &[usize]) -> Option<usize> {
    macro_rules! arity {
        ($($index:literal)*) => {{
            type Function = extern "system" fn($(arity!(@word $index)),*) -> usize;
            // SAFETY: the caller vouches for an `extern "system"` function over machine words.
            let function = unsafe { std::mem::transmute::<*const (), Function>(address.0) };
            function($(words[$index]),*)
        }};
        (@word $index:literal) => { usize };
    }
    Some(match words.len() {
        0 => arity!(),
        1 => arity!(0),
        2 => arity!(0 1),
        3 => arity!(0 1 2),
        4 => arity!(0 1 2 3),
        5 => arity!(0 1 2 3 4),
        6 => arity!(0 1 2 3 4 5),
        7 => arity!(0 1 2 3 4 5 6),
        8 => arity!(0 1 2 3 4 5 6 7),
        9 => arity!(0 1 2 3 4 5 6 7 8),
        10 => arity!(0 1 2 3 4 5 6 7 8 9),
        11 => arity!(0 1 2 3 4 5 6 7 8 9 10),
        MAX_ARGUMENTS => arity!(0 1 2 3 4 5 6 7 8 9 10 11),
        _ => return None,
    })
}
