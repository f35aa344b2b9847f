//! Onhand: an inventory sync compiler.
#![allow(clippy::disallowed_methods)]

#[deny(clippy::disallowed_methods)]
pub mod catalog;
#[deny(clippy::disallowed_methods)]
pub mod check;
#[deny(clippy::disallowed_methods)]
pub mod compile;
pub mod connectors;
#[deny(clippy::disallowed_methods)]
pub mod diagnostic;
#[deny(clippy::disallowed_methods)]
pub mod model;
#[deny(clippy::disallowed_methods)]
pub mod resolve;
#[deny(clippy::disallowed_methods)]
pub mod source;
#[deny(clippy::disallowed_methods)]
pub mod syntax;
pub mod world;
