//! All tests, one binary.

mod state;
