//! The ledger: every testable promise of a page, in our own words, with an id that cases name.
//!
//! One YAML file a documentation page under `spec/requirements`, and, for the cells of the option table,
//! requirements derived from [`crate::options::OPTIONS`].
