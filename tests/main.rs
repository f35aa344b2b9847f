//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped.
#![allow(clippy::print_stdout)]

mod apply;
mod architecture;
mod connectors;
mod count;
mod diagnostic;
mod plan;
mod state;
mod support;
mod syntax;
