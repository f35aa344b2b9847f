//! Tests in a topology: counts that are given, and counts that must come out.

use super::id::{ItemId, LocationId, Name, QuantityId, SystemId};
use super::item::Thing;
use crate::source::Span;

/// One `test` node.
#[derive(Debug, Clone)]
pub struct Test {
    /// What it is called.
    pub name: Name,
    /// What the owners show. A count that no `given` names is 0.
    pub given: Vec<Given>,
    /// What must come out.
    pub expect: Vec<Expect>,
    /// Where it is written.
    pub origin: Span,
}

/// `given erp on-hand at=paris { TSHIRT-M 10 }`.
#[derive(Debug, Clone)]
pub struct Given {
    /// The owner's system.
    pub system: SystemId,
    /// The base quantity.
    pub quantity: QuantityId,
    /// The place.
    pub location: LocationId,
    /// Counts in base units; `None`: the owner does not report the cell.
    pub counts: Vec<(ItemId, Option<i64>, Span)>,
    /// Bundles that are given counts, which nobody can count, with the place of each name.
    pub bundles: Vec<(Thing, Span)>,
    /// Where it is written.
    pub origin: Span,
}

/// `expect web available at=paris { GIFT-BOX 0; MUG 1 }`.
#[derive(Debug, Clone)]
pub struct Expect {
    /// The target.
    pub system: SystemId,
    /// The quantity that is published.
    pub quantity: QuantityId,
    /// The place or pool.
    pub location: LocationId,
    /// What must be shown.
    pub counts: Vec<Expected>,
    /// Where it is written.
    pub origin: Span,
}

/// One count that must come out.
#[derive(Debug, Clone)]
pub struct Expected {
    /// What is published.
    pub thing: Thing,
    /// The code that is meant, as the target calls it, where the test names a code instead of the thing.
    pub code: Option<Name>,
    /// The count in the unit that the target shows; `None`: it is held.
    pub count: Option<i64>,
    /// Where it is written.
    pub origin: Span,
}
