//! Who answers: where an implementation is found, and how it is asked.
//!
//! A [`Backend`] says where the function table comes from; [`Backend::start`] gives a [`Subject`], which takes a
//! plan and gives an [`Answer`]. Nothing here sees an expectation.
//!
//! | back end | the table comes from | module |
//! | --- | --- | --- |
//! | `rust` | the re-implementation built into this program, in a child process | [`agent_mode`] |
//! | `wine` | Wine's winhttp.dll, in the agent that `conform setup wine` built | [`wine`] |
//! | `native` | System32's winhttp.dll, on Windows | [`agent_mode`] |
//! | `library:PATH` | any shared object with the ABI, in a child process | [`agent_mode`] |
//! | `command:PROGRAM ARGUMENTS` | any program that speaks the agent protocol | [`process`] |
//! | | a function table of the caller's own, in process | [`in_process`] |

pub mod agent_mode;
mod answer;
mod backend;
pub mod in_process;
pub mod process;
pub mod toolchain;
mod watchdog;
pub mod wine;

pub use answer::{Answer, Left, Subject};
pub use backend::{Backend, BackendError};
