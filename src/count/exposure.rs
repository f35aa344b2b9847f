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
use crate::graph::Draw;
use crate::hands;
use crate::model::item::Thing;
use crate::model::{CodeId, ItemId, LocationId, Model};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

/// So many cells are worth a hand.
const CELLS: usize = 1 << 17;

/// What is promised of one place's cells.
#[derive(Debug)]
struct Place<'c> {
    /// By item. Every hand adds to it. No promise is below 0, so the sum is the same in whatever order they
    /// come.
    promised: Vec<AtomicI64>,
    /// What the flows that draw on it count there.
    drawn: Vec<Drawn<'c>>,
}

/// What a flow counts of the items that it draws from a place.
#[derive(Debug)]
struct Drawn<'c> {
    draw: &'c Draw,
    shelf: &'c Shelf,
}

/// Promises on all shelves.
#[derive(Debug)]
pub struct Exposure<'c> {
    model: &'c Model,
    places: BTreeMap<LocationId, Place<'c>>,
}

impl<'c> Exposure<'c> {
    /// Nothing is promised yet.
    pub fn new(model: &'c Model) -> Exposure<'c> {
        Exposure { model, places: BTreeMap::new() }
    }

    /// Adds what the cells of one flow promise; flows into anything but a channel promise nothing. Every cell
    /// is shown to `visit` on the way, as [`FlowCounts::each_by_hands`] does: to walk them all a second time
    /// takes as long.
    pub fn add<S: Default + Send>(
        &mut self,
        counts: &'c FlowCounts<'c>,
        visit: impl Fn(&mut S, Cell) + Sync,
    ) -> Vec<S> {
        if !sells(self.model, counts.flow) {
            return counts.each_by_hands(visit);
        }
        let items = self.model.items.len();
        for (location, shelf) in &counts.shelves {
            let fresh =
                || Place { promised: (0..items).map(|_| AtomicI64::new(0)).collect(), drawn: Vec::new() };
            let place = self.places.entry(*location).or_insert_with(fresh);
            let draw = counts.counter.graph.flow(counts.id).draws.iter().find(|d| d.location == *location);
            place.drawn.extend(draw.map(|draw| Drawn { draw, shelf }));
        }
        counts.each_by_hands(|came, cell| {
            self.add_cell(counts, cell);
            visit(came, cell);
        })
    }

    fn add_cell(&self, counts: &FlowCounts<'_>, cell: Cell) {
        let shown = cell.may.finally(cell.verdict).unwrap_or(0).max(0);
        if shown == 0 {
            return;
        }
        let places = counts.counter.places(cell.location);
        let pooled = places.len() > 1;
        for location in places {
            let (Some(shelf), Some(place)) = (counts.shelf(*location), self.places.get(location)) else {
                continue;
            };
            each_draw(self.model, cell.code, |item, quantity| {
                let most = match pooled.then(|| counts.given(cell, *location)) {
                    None => i64::MAX,
                    Some(Some(given)) => quantity.of(given.max(0)),
                    Some(None) => quantity.of_count(part_of(self.model, counts, shelf, cell.code)),
                };
                place.promise(item.index(), quantity.of(shown).min(most));
            });
        }
    }

    /// The exposure of one cell, in base units.
    pub fn of(&self, item: ItemId, location: LocationId) -> i64 {
        self.places.get(&location).map_or(0, |place| place.exposed(self.model, item))
    }

    /// The largest exposure of the cells behind a sellable at some places, in base units.
    pub fn behind(&self, code: CodeId, places: &[LocationId]) -> i64 {
        let mut most = 0;
        for location in places {
            each_draw(self.model, code, |item, _| most = most.max(self.of(item, *location)));
        }
        most
    }

    /// The exposure of all cells, added up: each hand takes some places.
    pub fn total(&self) -> u64 {
        let (places, items) = (Vec::from_iter(self.places.values()), self.model.items.len());
        let sum = |all: &mut dyn Iterator<Item = u64>| all.fold(0_u64, u64::saturating_add);
        let of_place = |at: usize| {
            let items = (0..items).map(ItemId::at);
            sum(&mut items.map(|item| places[at].exposed(self.model, item).unsigned_abs()))
        };
        let hands = hands::count(places.len() * items, CELLS);
        sum(&mut hands::each(places.len(), hands, of_place).into_iter())
    }
}

impl Place<'_> {
    /// Adds a promise.
    fn promise(&self, item: usize, units: i64) {
        let add = |promised: i64| Some(promised.saturating_add(units));
        // It always adds, so there is nothing to be told.
        let _ = self.promised[item].fetch_update(Relaxed, Relaxed, add);
    }

    fn exposed(&self, model: &Model, item: ItemId) -> i64 {
        let promised = self.promised[item.index()].load(Relaxed);
        if promised == 0 || model.is_doubtful(Thing::Item(item)) {
            return 0;
        }
        let least = self.drawn.iter().filter_map(|drawn| drawn.count(item)).min();
        least.map_or(0, |least| promised.saturating_sub(least).max(0))
    }
}

impl Drawn<'_> {
    /// What is there of an item, at least 0; `None` where that is not known, or the flow does not draw on it.
    fn count(&self, item: ItemId) -> Option<i64> {
        let at = item.index();
        let drawn = self.draw.items.contains(at) || self.draw.components.contains(at);
        let known = drawn && self.shelf.flags[at] & (CLOSED | MISSING) == 0;
        known.then(|| self.shelf.alone(item).max(0))
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
        if self.bottom == 1 {
            return shown.saturating_mul(self.top);
        }
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
