//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

// Tests say what they measured or skipped, and a test that unwraps has failed.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod apply;
mod architecture;
mod bad_rows;
mod by_text;
mod check;
mod cli;
mod compile;
mod connectors;
mod corpus;
mod count;
mod diagnostic;
mod docs;
mod fuzz;
mod graph;
mod hands;
mod ledger;
mod live;
mod lsp;
mod mutation;
mod pages;
mod plan;
mod readme;
mod reference;
mod report;
mod row_locations;
mod rules;
mod scan;
mod simulation;
mod source;
mod state;
mod support;
mod syntax;
mod time;
