//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

mod compile;
// Tests say what they measured or skipped.
#![allow(clippy::print_stdout)]

mod architecture;
mod diagnostic;
mod syntax;
