//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped.
#![allow(clippy::print_stdout)]

mod architecture;
mod compile;
mod corpus;
mod diagnostic;
mod pages;
mod syntax;
