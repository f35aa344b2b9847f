//! How much of each shelf is promised more than once.
//!
//! For an owner's cell (item and place) the exposure is max(0, promised − max(0, count)), in base units.
//! `promised` adds up, over the channels' sellables that draw on the cell, what each shows once the plan
//! is carried out times the base units that one of it takes; one that is not written counts with what it
//! shows now. A sellable that is published from a pool draws on each member with at most what that
//! member had for it. `count` is the cell's count before anything is kept back; where flows publish
//! different quantities of it, the smallest. A cell whose count is not known has no exposure.
//! On a shelf that an allocation divides, a pool draws on each member with what the division gave it
//! there, so nothing is exposed.

use super::combine::per_bundle;
use super::shelf::{CLOSED, MISSING, Shelf};
use super::target::sells;
use super::{Cell, FlowCounts, combine};
use crate::model::item::Thing;
use crate::model::{CodeId, ItemId, LocationId, Model};
use std::collections::BTreeMap;

/// What is promised of one place's cells, by item.
#[derive(Debug)]
struct Place {
    promised: Vec<i64>,
    /// The smallest count of each cell; [`i64::MAX`] where no flow knows one.
    count: Vec<i64>,
}

/// Promises on all shelves.
#[derive(Debug, Default)]
pub struct Exposure {
    places: BTreeMap<LocationId, Place>,
}

impl Exposure {
    /// Adds what the cells of one flow promise; flows into anything but a channel promise nothing. Every cell
    /// is shown to `visit` on the way, in the order of [`FlowCounts::each`]: to walk them all a second time
    /// takes as long.
    pub fn add(&mut self, model: &Model, counts: &FlowCounts<'_>, mut visit: impl FnMut(Cell)) {
        if !sells(model, counts.flow) {
            return counts.each(visit);
        }
        for (location, shelf) in &counts.shelves {
            let fresh =
                || Place { promised: vec![0; model.items.len()], count: vec![i64::MAX; model.items.len()] };
            let place = self.places.entry(*location).or_insert_with(fresh);
            let draw = counts.counter.graph.flow(counts.id).draws.iter().find(|d| d.location == *location);
            for item in draw.iter().flat_map(|draw| draw.items.iter().chain(draw.components.iter())) {
                let sure = !model.is_doubtful(Thing::Item(ItemId::at(item)));
                if sure && shelf.flags[item] & (CLOSED | MISSING) == 0 {
                    place.count[item] = place.count[item].min(shelf.alone(ItemId::at(item)).max(0));
                }
            }
        }
        counts.each(|cell| {
            self.add_cell(model, counts, cell);
            visit(cell);
        });
    }

    fn add_cell(&mut self, model: &Model, counts: &FlowCounts<'_>, cell: Cell) {
        let shown = cell.may.finally(cell.verdict).unwrap_or(0).max(0);
        if shown == 0 {
            return;
        }
        let places = counts.counter.places(cell.location);
        let pooled = places.len() > 1;
        for location in places {
            let (Some(shelf), Some(place)) = (counts.shelf(*location), self.places.get_mut(location)) else {
                continue;
            };
            each_draw(model, cell.code, |item, quantity| {
                let given = counts.given(cell, *location).filter(|_| pooled);
                let most = match given {
                    Some(given) => quantity.of(given.max(0)),
                    None if pooled => quantity.of_count(part_of(model, counts, shelf, cell.code)),
                    None => i64::MAX,
                };
                let units = quantity.of(shown).min(most);
                let promised = &mut place.promised[item.index()];
                *promised = promised.saturating_add(units);
            });
        }
    }

    /// The exposure of one cell, in base units.
    pub fn of(&self, item: ItemId, location: LocationId) -> i64 {
        self.places.get(&location).map_or(0, |place| place.exposed(item.index()))
    }

    /// The largest exposure of the cells behind a sellable at some places, in base units.
    pub fn behind(&self, model: &Model, code: CodeId, places: &[LocationId]) -> i64 {
        let mut most = 0;
        for location in places {
            each_draw(model, code, |item, _| most = most.max(self.of(item, *location)));
        }
        most
    }

    /// The exposure of all cells, added up.
    pub fn total(&self) -> u64 {
        let cells =
            self.places.values().flat_map(|place| (0..place.count.len()).map(|item| place.exposed(item)));
        cells.fold(0_u64, |sum, exposed| sum.saturating_add(exposed.unsigned_abs()))
    }
}

impl Place {
    fn exposed(&self, item: usize) -> i64 {
        match self.count[item] {
            i64::MAX => 0,
            count => self.promised[item].saturating_sub(count).max(0),
        }
    }
}

/// How many base units of an item one sellable takes: `top` / `bottom`.
#[derive(Debug, Clone, Copy)]
struct Takes {
    top: i64,
    bottom: i64,
    /// Whether a count of the sellable is in bundles; else in base units.
    bundle: bool,
}

impl Takes {
    /// Base units in so many sellables, rounded up.
    fn of(self, shown: i64) -> i64 {
        let units = i128::from(shown) * i128::from(self.top) + i128::from(self.bottom - 1);
        i64::try_from(units / i128::from(self.bottom)).unwrap_or(i64::MAX)
    }

    /// Base units in a count as a shelf has it: of bundles, or already in base units.
    fn of_count(self, count: i64) -> i64 {
        if self.bundle { count.saturating_mul(self.top) } else { count }
    }
}

fn each_draw(model: &Model, code: CodeId, mut visit: impl FnMut(ItemId, Takes)) {
    let code = model.code(code);
    match code.thing {
        Thing::Item(item) => {
            let takes = Takes {
                top: code.measure.ratio.numerator,
                bottom: code.measure.ratio.denominator,
                bundle: false,
            };
            visit(item, takes);
        }
        Thing::Bundle(bundle) => {
            for component in &model.bundle(bundle).components {
                visit(component.item, Takes { top: component.quantity, bottom: 1, bundle: true });
            }
        }
    }
}

/// What one member of a pool has for a sellable, at least 0: base units, or bundles.
fn part_of(model: &Model, counts: &FlowCounts<'_>, shelf: &Shelf, code: CodeId) -> i64 {
    let kept = |item: ItemId| combine::kept(counts.flow, item, shelf.alone(item));
    let part = match model.code(code).thing {
        Thing::Item(item) => kept(item),
        Thing::Bundle(bundle) => {
            let components = model.bundle(bundle).components.iter();
            components.map(|c| per_bundle(kept(c.item), c.quantity)).min().unwrap_or(0)
        }
    };
    part.max(0)
}
