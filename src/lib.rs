//! Onhand: an inventory sync compiler.
pub mod diagnostic;
pub mod source;
pub mod syntax;
