//! What the systems of a test show: complete, fresh reads, made from its given counts.

use crate::graph::Graph;
use crate::model::counts::Counts;
use crate::model::item::Thing;
use crate::model::observation::{About, Column, Levels, Lines, Observations, OpenLine};
use crate::model::quantity::{BASE, Decimal, Ratio};
use crate::model::test::Test;
use crate::model::time::Moment;
use crate::model::{BundleId, CodeId, ItemId, LocationId, Model, Name, QuantityId, SystemId};
use std::collections::{BTreeMap, BTreeSet};

/// When every read of a test is made, and what it shows was true.
pub(super) const NOW: Moment = Moment(0);

/// What the reads of all tests of a topology have in common.
#[derive(Debug)]
pub(super) struct Stage<'m> {
    model: &'m Model,
    /// For each system the columns that owners show there, and those that flows write.
    columns: Vec<BTreeSet<Name>>,
    /// For each system its locations, in order.
    places: Vec<Vec<LocationId>>,
    /// For each item the bundles that take it; empty where no shelf is divided.
    over: Vec<Vec<BundleId>>,
}

/// The given counts by cell, in base units; `None`: absent.
type Cells = BTreeMap<(SystemId, LocationId, ItemId), BTreeMap<QuantityId, Option<i64>>>;

impl<'m> Stage<'m> {
    pub(super) fn of(model: &'m Model) -> Stage<'m> {
        let mut columns = vec![BTreeSet::new(); model.systems.len()];
        for owner in &model.owners {
            let names = owner.quantities.iter().map(|(quantity, _)| model.quantity(*quantity).name.clone());
            columns[owner.system.index()].extend(names);
        }
        for flow in &model.flows {
            let names = flow.write.iter().flat_map(|write| write.bridge.iter().chain([&write.column]));
            columns[flow.to.index()].extend(names.cloned());
        }
        let mut places = vec![Vec::new(); model.systems.len()];
        for (at, location) in model.locations.iter().enumerate() {
            location.codes.iter().for_each(|code| places[code.system.index()].push(LocationId::at(at)));
        }
        let mut over = vec![Vec::new(); model.items.len()];
        // Only a divided shelf makes one number depend on what else is sold from it.
        for (at, bundle) in model.bundles.iter().enumerate().filter(|_| !model.allocations.is_empty()) {
            bundle.components.iter().for_each(|c| over[c.item.index()].push(BundleId::at(at)));
        }
        Stage { model, columns, places, over }
    }

    /// What all systems show in a test: of the things that its expectations depend on, every cell.
    pub(super) fn observe(&self, test: &Test) -> Observations {
        let mut cells = Cells::new();
        for given in &test.given {
            for (item, count, _) in &given.counts {
                let cell = cells.entry((given.system, given.location, *item)).or_default();
                cell.insert(given.quantity, *count);
            }
        }
        let things = self.things(test);
        let mut seen = Observations::default();
        for system in (0..self.model.systems.len()).map(SystemId::at) {
            seen.levels.insert(system, self.levels(system, &things, &cells));
            if let Some(quantity) = self.model.system(system).lines_are() {
                seen.lines.insert(system, self.lines(system, quantity, &cells));
            }
        }
        seen
    }

    /// What the expectations name, its components, and all that is sold from the same shelves.
    fn things(&self, test: &Test) -> BTreeSet<Thing> {
        let expected = test.expect.iter().flat_map(|expect| &expect.counts);
        let mut open: Vec<Thing> = expected.map(|expected| expected.thing).collect();
        let mut things = BTreeSet::new();
        while let Some(thing) = open.pop() {
            if !things.insert(thing) {
                continue;
            }
            match thing {
                Thing::Item(item) => {
                    open.extend(self.over[item.index()].iter().map(|bundle| Thing::Bundle(*bundle)));
                }
                Thing::Bundle(bundle) => {
                    let components = &self.model.bundle(bundle).components;
                    open.extend(components.iter().map(|component| Thing::Item(component.item)));
                }
            }
        }
        things
    }

    fn levels(&self, system: SystemId, things: &BTreeSet<Thing>, cells: &Cells) -> Levels {
        let model = self.model;
        let mut levels = Levels { about: about(), ..Levels::default() };
        let columns = &self.columns[system.index()];
        let column = |name: &Name| Column { name: name.clone(), values: Counts::default() };
        levels.columns = columns.iter().map(column).collect();
        if columns.is_empty() {
            return levels;
        }
        for place in &self.places[system.index()] {
            for thing in things {
                let cell = match thing {
                    Thing::Item(item) => cells.get(&(system, *place, *item)),
                    Thing::Bundle(_) => None,
                };
                let codes = model.codes_of_thing(system, *thing).map(CodeId);
                let valid = codes.filter(|code| model.code(*code).at.is_none_or(|only| only == *place));
                for (nth, code) in valid.enumerate() {
                    self.row(&mut levels, (code, *place), cell, nth == 0);
                }
            }
        }
        levels.about.rows = levels.codes.len() as u64;
        levels
    }

    /// Adds the row of a code. All that is given stands in the row of the first code of a thing, since the
    /// codes of a thing add up.
    fn row(
        &self,
        levels: &mut Levels,
        (code, place): (CodeId, LocationId),
        cell: Option<&BTreeMap<QuantityId, Option<i64>>>,
        first: bool,
    ) {
        let absent = |cell: &BTreeMap<_, Option<i64>>| cell.values().all(Option::is_none);
        if cell.is_some_and(absent) {
            return;
        }
        levels.codes.push(code);
        levels.locations.push(place);
        levels.records.push(levels.codes.len() as u32);
        let ratio = self.model.code(code).measure.ratio;
        for column in &mut levels.columns {
            let quantity = BASE.iter().position(|base| **base == *column.name).map(QuantityId::at);
            let given = quantity.and_then(|quantity| cell?.get(&quantity));
            column.values.push(match given {
                None => Some(Decimal::whole(0)),
                Some(count) => count.map(|count| in_unit(if first { count } else { 0 }, ratio)),
            });
        }
    }

    /// Open lines that add up to what is given of the quantity that the system lists in that way.
    fn lines(&self, system: SystemId, quantity: &str, cells: &Cells) -> Lines {
        let model = self.model;
        let mut lines = Lines { about: about(), ..Lines::default() };
        for ((owner, place, item), cell) in cells.iter().filter(|((owner, ..), _)| *owner == system) {
            let mut listed = cell.iter().filter(|(own, _)| *model.quantity(**own).name == *quantity);
            let mut codes = model.codes_of_thing(*owner, Thing::Item(*item)).map(CodeId);
            let valid = |code: &CodeId| model.code(*code).at.is_none_or(|only| only == *place);
            let (Some((_, Some(count))), Some(code)) = (listed.next(), codes.find(valid)) else { continue };
            lines.lines.push(OpenLine {
                document: Name::from("given"),
                line: (lines.lines.len() + 1).to_string().into(),
                code,
                location: Some(*place),
                open: in_unit(*count, model.code(code).measure.ratio),
                unit: None,
                cause: None,
            });
        }
        lines
    }
}

fn about() -> About {
    About { source: Name::from("the test"), as_of: Some(NOW), ..About::default() }
}

/// A count of base units in a unit of `ratio`. What is no whole number there gets as many decimals as are
/// needed to lead back to it.
fn in_unit(base: i64, ratio: Ratio) -> Decimal {
    const SCALE: u8 = 12;
    let top = i128::from(base) * i128::from(ratio.denominator);
    let bottom = i128::from(ratio.numerator);
    let fine = (top % bottom != 0).then(|| top.checked_mul(10_i128.pow(u32::from(SCALE)))).flatten();
    match fine {
        Some(fine) => Decimal { digits: fine / bottom, scale: SCALE },
        None => Decimal { digits: top / bottom, scale: 0 },
    }
}

/// Whether a system owns a base quantity of an item at a place.
pub(super) fn owns(
    model: &Model,
    graph: &Graph,
    system: SystemId,
    (item, location, quantity): (ItemId, LocationId, QuantityId),
) -> bool {
    let owner = graph.owner_of(item, location, quantity);
    owner.is_some_and(|owner| model.owners[owner.index()].system == system)
}
