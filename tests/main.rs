//! All tests, one binary. A file of `tests/` that is not declared fails `architecture`.

mod architecture;
mod check;
mod diagnostic;
mod syntax;
