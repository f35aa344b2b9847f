//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped, and an `unwrap` that fails is a failed test.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod apply;
mod architecture;
mod check;
mod compile;
mod connectors;
mod corpus;
mod count;
mod diagnostic;
mod docs;
mod graph;
mod live;
mod pages;
mod plan;
mod readme;
mod state;
mod support;
mod syntax;
