//! The owners' numbers as they are now, to be remembered for a day on which one of them is not reported.

use super::source::{Gate, Reading};
use super::{Counter, ItemId};
use crate::model::item::Thing;
use crate::model::observation::{LastKnownKey, Levels};
use crate::model::time::Moment;

/// One owner's cell that has a number now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCell {
    /// Which cell.
    pub key: LastKnownKey,
    /// The number, in base units.
    pub value: i64,
    /// When it was true, where anybody knows; never later than the moment of counting.
    pub as_of: Option<Moment>,
}

impl Counter<'_> {
    /// Every owned cell that a usable read shows as a level, by owner, then place, quantity and item.
    /// Quantities that are added up from open lines are not among them: no line is no gap.
    pub fn known(&self) -> Vec<KnownCell> {
        let mut cells = Vec::new();
        for owner in &self.model.owners {
            let source = self.source(owner.system);
            let Some(levels) = source.levels else { continue };
            if source.gate.closed() || source.gate == Gate::Older {
                continue;
            }
            for (location, _) in &owner.at {
                let quantities = owner.quantities.iter().map(|(quantity, _)| *quantity);
                for quantity in quantities.filter(|q| self.open_lines(owner.system, *q).is_none()) {
                    let column = source.column(quantity);
                    // A number in a unit that is in doubt must not outlive the mending of its row.
                    let sure = |item: &ItemId| !self.model.is_doubtful(Thing::Item(*item));
                    for item in owner.items.iter().map(ItemId::at).filter(sure) {
                        let codes = self.model.codes_of_thing(owner.system, Thing::Item(item));
                        let find = |code| levels.find(code, *location);
                        let reading = source.read((column, false), codes, *location, find);
                        let Reading::Known { value, as_of, .. } = reading else { continue };
                        let key = (owner.system, item.0, *location, quantity.0);
                        if !self.is_older(&key, as_of) {
                            cells.push(KnownCell { key, value, as_of: self.moment(levels, &key, as_of) });
                        }
                    }
                }
            }
        }
        cells
    }

    /// The moment to remember of a cell. One ahead of our clock would make every later read too old.
    fn moment(&self, levels: &Levels, key: &LastKnownKey, of_row: Option<Moment>) -> Option<Moment> {
        let earlier = || self.seen.last_known_at.get(key).copied();
        let at = match levels.row_as_of.is_empty() {
            true => levels.about.as_of.or(levels.about.changed),
            false => of_row.or_else(earlier),
        };
        at.map(|at| at.min(self.now))
    }
}
