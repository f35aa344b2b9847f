//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped.
#![allow(clippy::print_stdout)]

mod architecture;
mod count;
mod diagnostic;
mod plan;
mod support;
mod syntax;
