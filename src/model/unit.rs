//! Units of measure: families of units with exact ratios between them.

use super::id::{Name, SystemId, UnitId};
use super::quantity::Ratio;
use crate::source::Span;

/// One unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its name.
    pub name: Name,
    /// The unit at the root of its family, and how many of those one of this is. A unit that is defined
    /// by no other is its own root.
    pub root: UnitId,
    /// Root units in one of this unit.
    pub ratio: Ratio,
    /// The words by which systems call it.
    pub words: Vec<(SystemId, Name)>,
    /// Where it is written.
    pub origin: Span,
}

/// All units.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// In reading order; a [`UnitId`] indexes it.
    pub all: Vec<Unit>,
}

impl Units {
    /// The unit of an id.
    pub fn get(&self, id: UnitId) -> &Unit {
        &self.all[id.index()]
    }

    /// The unit of a name.
    pub fn find(&self, name: &str) -> Option<UnitId> {
        self.all.iter().position(|unit| &*unit.name == name).map(UnitId::at)
    }

    /// How many of `to` one of `from` is; `None` across families.
    pub fn ratio(&self, from: UnitId, to: UnitId) -> Option<Ratio> {
        let (from, to) = (self.get(from), self.get(to));
        if from.root != to.root {
            return None;
        }
        from.ratio.times(to.ratio.inverse())
    }

    /// Whether another unit of the family is larger than this one (`kg` beside `g`).
    pub fn has_larger(&self, id: UnitId) -> bool {
        let larger = |other: UnitId| self.ratio(other, id).is_some_and(Ratio::above_one);
        (0..self.all.len()).map(UnitId::at).any(larger)
    }
}
