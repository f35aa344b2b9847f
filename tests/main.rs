//! All tests, one binary.

mod connectors;
mod support;
//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped.
#![allow(clippy::print_stdout)]

mod apply;
mod architecture;
mod check;
mod count;
mod diagnostic;
mod plan;
mod state;
mod syntax;
