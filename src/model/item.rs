//! Items, their packs, and the codes by which systems know items and bundles.

use super::id::{BundleId, ItemId, LocationId, Name, SystemId, UnitId};
use super::quantity::Ratio;
use crate::source::Span;
use std::sync::Arc;

/// A thing that is kept on a shelf. Every count of it is a whole number of its base unit.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name.
    pub name: Name,
    /// Its base unit.
    pub unit: UnitId,
    /// What few items have; `None` where this one has nothing of it.
    pub more: Option<Box<More>>,
    /// Where it is written.
    pub origin: Span,
}

/// What few items have. Of a million items, most without, it would be half of what they take.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct More {
    /// Its own packaging.
    pub packs: Vec<Pack>,
    /// Its tags.
    pub tags: Vec<Name>,
    /// The name it had before.
    pub was: Option<Name>,
}

impl More {
    /// As an item keeps it: nothing of it takes nothing.
    pub fn kept(self) -> Option<Box<More>> {
        (self != More::default()).then(|| Box::new(self))
    }
}

impl Item {
    /// Its own packaging.
    pub fn packs(&self) -> &[Pack] {
        self.more.as_deref().map_or(&[], |more| &more.packs)
    }

    /// Its tags.
    pub fn tags(&self) -> &[Name] {
        self.more.as_deref().map_or(&[], |more| &more.tags)
    }

    /// The name it had before.
    pub fn was(&self) -> Option<&Name> {
        self.more.as_deref()?.was.as_ref()
    }
}

/// One packaging of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// Its name, known inside this item only.
    pub name: Name,
    /// Base units in one pack.
    pub ratio: Ratio,
    /// The words by which systems call it.
    pub words: Vec<(SystemId, Name)>,
    /// Where it is written.
    pub origin: Span,
}

/// An item or a bundle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Thing {
    /// An item.
    Item(ItemId),
    /// A bundle.
    Bundle(BundleId),
}

/// One `in SYSTEM CODE`: a thing that the system knows, and in which unit it counts it.
#[derive(Debug, Clone)]
pub struct Code {
    /// The system.
    pub system: SystemId,
    /// What the code stands for.
    pub thing: Thing,
    /// The code, letter for letter.
    pub code: Name,
    /// What it counts in there.
    pub measure: Arc<Measure>,
    /// The only location where the code is valid, where the topology says one.
    pub at: Option<LocationId>,
    /// Where it is written.
    pub origin: Span,
}

/// What a code counts in. Of a large catalog many codes share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Measure {
    /// The unit's or pack's name; `kit` for a bundle.
    pub unit: Name,
    /// Base units in one of that unit; 1 for a bundle.
    pub ratio: Ratio,
}
