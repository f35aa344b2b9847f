//! Every kind of system, against one list of cases and against its own traps.

// Helpers of tests fail by a panic too.
#![allow(clippy::unwrap_used)]

pub mod conformance;
mod csv;
mod memory;
mod pages;
mod sql;
pub mod tryton;
pub mod vendure;
mod wire;
