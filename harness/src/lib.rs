//! From question to verdict.
//!
//! ```text
//! load ──▶ (expand) ──▶ compile ──▶ back end: machine ──▶ judge ──▶ record
//! ```
//!
//! [`load`] reads case files, [`matrix`] makes cases of the option table, [`fuzz`] makes them by chance; [`compile`]
//! turns each into a plan, [`run`] puts the plans to a back end, [`judge`] holds the facts against the expectations,
//! [`baseline`] against what is known. Only [`judge`] has opinions.
#![forbid(unsafe_code)]

pub mod baseline;
mod behind;
pub mod campaign;
pub mod case;
pub mod compile;
pub mod coverage;
pub mod diagnostics;
mod display;
mod excerpt;
pub mod fill;
pub mod filter;
pub mod fuzz;
pub mod gate;
pub mod judge;
mod late;
pub mod lint;
pub mod load;
mod make;
pub mod matrix;
pub mod presence;
pub mod recorded;
pub mod recorder;
pub mod repro;
pub mod run;
pub mod scaffold;
pub mod schema;
mod setup;
pub mod suite;
mod system_functions;
pub mod trials;
pub mod write;
pub mod yaml;
