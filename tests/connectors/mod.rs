//! Every kind of system, against one list of cases and against its own traps.

pub mod conformance;
mod csv;
mod memory;
mod pages;
mod sql;
pub mod tryton;
pub mod vendure;
mod wire;
