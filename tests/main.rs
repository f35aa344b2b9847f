//! All tests, one binary.

mod connectors;
mod live;
mod support;
