//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped, and a panic is how a helper of theirs fails.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod architecture;
mod connectors;
mod diagnostic;
mod support;
mod syntax;
