//! Owners: which system wins for which counts, where.

use super::id::{BundleId, LocationId, QuantityId, SystemId};
use super::set::Bits;
use crate::source::Span;

/// One `owner` node.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The system that wins.
    pub system: SystemId,
    /// The base quantities that it owns, with the place of each word.
    pub quantities: Vec<(QuantityId, Span)>,
    /// Where; for an owner without `at`, every location mapped in the system, with the node's place.
    pub at: Vec<(LocationId, Span)>,
    /// Of which items, by item id.
    pub items: Bits,
    /// Bundles that its `items` names one by one, with the place of each word: no owner can count them.
    pub bundles: Vec<(BundleId, Span)>,
    /// Where it is written.
    pub origin: Span,
}
