//! All tests, one binary. A file that is not listed here fails `architecture::no_test_is_forgotten`.

mod compile;
mod diagnostic;
mod syntax;
