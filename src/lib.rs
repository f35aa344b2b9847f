//! Onhand: an inventory sync compiler.
#![allow(clippy::disallowed_methods)]

pub mod connectors;
#[deny(clippy::disallowed_methods)]
pub mod count;
#[deny(clippy::disallowed_methods)]
pub mod diagnostic;
#[deny(clippy::disallowed_methods)]
pub mod graph;
#[deny(clippy::disallowed_methods)]
pub mod model;
#[deny(clippy::disallowed_methods)]
pub mod plan;
#[deny(clippy::disallowed_methods)]
pub mod source;
pub mod state;
pub mod world;
