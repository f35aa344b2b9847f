//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

mod apply;
mod architecture;
mod diagnostic;
mod state;
mod syntax;
