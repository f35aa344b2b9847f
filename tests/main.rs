//! All tests, one binary.

mod state;
//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

mod architecture;
mod diagnostic;
mod syntax;
