//! Bundles: virtual kits, never counted, always computed from their components.

use super::id::{ItemId, Name};
use crate::source::Span;

/// A bundle.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Its name.
    pub name: Name,
    /// What one of it takes from the shelves: nested bundles opened, packs in base units, an item that
    /// is reached twice with the sum of both; sorted by item.
    pub components: Vec<Component>,
    /// Its tags.
    pub tags: Vec<Name>,
    /// The name it had before.
    pub was: Option<Name>,
    /// Where it is written.
    pub origin: Span,
}

/// How much of one item a bundle takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// The item.
    pub item: ItemId,
    /// Base units in one bundle; above 0.
    pub quantity: i64,
}
