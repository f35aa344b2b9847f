//! All tests, one binary.

mod connectors;
mod support;
