//! The counts of one place for one flow, one number an item: its owned quantities added up, densely.

use super::lines::Open;
use super::source::{Gap, Reading, Source};
use super::{Counter, fault, source::Gate};
use crate::graph::Sum;
use crate::model::item::Thing;
use crate::model::observation::LastKnownKey;
use crate::model::set::Bits;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, ItemId, LocationId, QuantityId, SystemId};
use std::collections::BTreeMap;
use std::ops::Range;

/// No number: an owner did not report it, and nobody knows an earlier one.
pub(super) const MISSING: u8 = 1;
/// Computed with an owner's last known number: it may only lower what is shown.
pub(super) const GUESSED: u8 = 2;
/// Computed from counts that are too old to raise anything.
pub(super) const DIM: u8 = 4;
/// Nothing may be written: an owner could not be read, or only in part.
pub(super) const CLOSED: u8 = 8;
/// Nothing may be written: a row of a catalog about it, or about what it is made of, is bad.
pub(super) const DOUBT: u8 = 16;
/// A target with which it shares a divided shelf may show more of it than its part.
pub(super) const BLIND: u8 = 32;

/// The counts of one place.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The count of each item, in base units, less what is pending from here alone, before anything is kept
    /// back.
    pub(super) values: Vec<i64>,
    /// What is pending from here or from another place: by item.
    spread: BTreeMap<ItemId, i64>,
    /// What is wrong with it, by item.
    pub(super) flags: Vec<u8>,
    /// Rows that were read but are no counts.
    pub(super) faults: Vec<fault::CellFault>,
}

/// One owned quantity of some items at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'p> {
    pub(super) location: LocationId,
    pub(super) quantity: QuantityId,
    /// How often it is added; below 0: taken off.
    pub(super) times: i64,
    pub(super) owner: SystemId,
    pub(super) items: &'p Bits,
}

/// One number of an owner's cell, or what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// In base units; 0 where there is none.
    pub(super) value: i64,
    pub(super) flags: u8,
    /// Why the owner's own number was not used.
    pub(super) gap: Option<Gap>,
}

impl Shelf {
    /// Adds up one place for one flow.
    pub(super) fn fill(counter: &Counter<'_>, flow: FlowId, location: LocationId) -> Shelf {
        let count = counter.model.items.len();
        let mut shelf = Shelf {
            values: vec![0; count],
            spread: BTreeMap::new(),
            flags: vec![0; count],
            faults: Vec::new(),
        };
        for sum in counter.graph.flow(flow).sums.iter().filter(|sum| sum.location == location) {
            for (quantity, times) in terms(sum) {
                for (owner, items) in counter.graph.owners().split(location, quantity, &sum.items) {
                    let owner = counter.model.owners[owner.index()].system;
                    let pass = Pass { location, quantity, times, owner, items: &items };
                    shelf.run(counter, pass);
                }
            }
        }
        if counter.takes_off(counter.model.flow(flow)) {
            shelf.take_off(counter, location);
        }
        shelf
    }

    /// Takes off what channels have sold from here and owners do not show yet.
    fn take_off(&mut self, counter: &Counter<'_>, location: LocationId) {
        for (item, amount) in counter.pending.exact_at(location) {
            let value = &mut self.values[item.index()];
            *value = value.saturating_sub(amount);
        }
        self.spread = counter.pending.spread_at(location);
        if counter.pending.unknown_at(location).is_some() {
            self.flags.iter_mut().for_each(|flags| *flags |= DIM);
        }
        counter.pending.doubtful_at(location).for_each(|item| self.flags[item.index()] |= DIM);
    }

    /// The count of an item less all that may leave from here.
    pub(super) fn alone(&self, item: ItemId) -> i64 {
        let spread = self.spread.get(&item).copied().unwrap_or(0);
        self.values[item.index()].saturating_sub(spread)
    }

    /// Adds one owned quantity.
    fn run(&mut self, counter: &Counter<'_>, pass: Pass<'_>) {
        let open = counter.open_lines(pass.owner, pass.quantity);
        let source = counter.source(pass.owner);
        if open.map_or(source.gate, |open| open.gate).closed() {
            pass.items.iter().for_each(|item| self.flags[item] |= CLOSED);
            return;
        }
        match open {
            Some(open) => self.run_lines(counter, pass, open),
            None => self.run_levels(counter, pass, source),
        }
    }

    fn run_lines(&mut self, counter: &Counter<'_>, pass: Pass<'_>, open: &Open<'_>) {
        for item in pass.items.iter().map(ItemId::at) {
            let reading = match open.gate {
                Gate::Older => Reading::Gap(Gap::Older),
                _ => open.read(item, pass.location),
            };
            self.add(counter, pass, item, reading);
        }
    }

    /// Walks the codes and the rows of one place side by side: both come sorted by code.
    fn run_levels(&mut self, counter: &Counter<'_>, pass: Pass<'_>, source: &Source<'_>) {
        let column = source.column(pass.quantity);
        let rows = source.rows_at(pass.location);
        let codes_of_row = source.levels.map_or(&[][..], |levels| &levels.codes);
        let mut cursor = rows.start;
        let mut find = |code: CodeId| {
            while cursor < rows.end && codes_of_row[cursor] < code {
                cursor += 1;
            }
            (cursor < rows.end && codes_of_row[cursor] == code).then_some(cursor)
        };
        let mut met = Bits::default();
        for (thing, codes) in Groups::new(counter, pass.owner) {
            let Thing::Item(item) = thing else { continue };
            if !pass.items.contains(item.index()) {
                continue;
            }
            met.insert(item.index());
            let reading = match source.gate {
                Gate::Older => Reading::Gap(Gap::Older),
                _ => source.read((column, pass.times < 0), codes, pass.location, &mut find),
            };
            if let Reading::Gap(Gap::Misfit(code, row, why)) = reading {
                self.faults.push(fault::of_row(counter.model, source, (pass.quantity, code), (row, why)));
            }
            self.add(counter, pass, item, reading);
        }
        let mut unmapped = pass.items.clone();
        unmapped.subtract(&met);
        for item in unmapped.iter().map(ItemId::at) {
            self.add(counter, pass, item, Reading::Gap(Gap::Unmapped));
        }
    }

    fn add(&mut self, counter: &Counter<'_>, pass: Pass<'_>, item: ItemId, reading: Reading) {
        let number = counter.number(pass, item, reading);
        let value = &mut self.values[item.index()];
        *value = value.saturating_add(number.value.saturating_mul(pass.times));
        self.flags[item.index()] |= number.flags;
    }
}

/// The owned quantities that a sum adds up, with how often.
pub(super) fn terms(sum: &Sum) -> impl Iterator<Item = (QuantityId, i64)> {
    let all = sum.terms.iter().enumerate().filter(|(_, times)| **times != 0);
    all.map(|(index, times)| (QuantityId::at(index), *times))
}

impl Counter<'_> {
    /// Whether one cell of a read is older than what was used of it last, though the read as a whole is not.
    pub(super) fn is_older(&self, key: &LastKnownKey, as_of: Option<Moment>) -> bool {
        as_of.is_some_and(|at| self.seen.last_known_at.get(key).is_some_and(|last| at < *last))
    }

    /// What counts for an owner's cell: its number, or the last known one, or none.
    pub(super) fn number(&self, pass: Pass<'_>, item: ItemId, reading: Reading) -> Number {
        let key: LastKnownKey = (pass.owner, item.0, pass.location, pass.quantity.0);
        let reading = match reading {
            Reading::Known { as_of, .. } if self.is_older(&key, as_of) => Reading::Gap(Gap::Older),
            reading => reading,
        };
        match reading {
            Reading::Known { value, dim, .. } => {
                Number { value, flags: if dim { DIM } else { 0 }, gap: None }
            }
            Reading::Gap(gap) => {
                let known = self.seen.last_known.get(&key).copied();
                let flags = if known.is_some() { GUESSED } else { MISSING };
                // What is taken off never adds, whatever was remembered.
                let least = if pass.times < 0 { 0 } else { i64::MIN };
                Number { value: known.unwrap_or(0).max(least), flags, gap: Some(gap) }
            }
        }
    }
}

/// The codes of one system, thing by thing.
struct Groups<'c> {
    counter: &'c Counter<'c>,
    rest: Range<u32>,
}

impl<'c> Groups<'c> {
    fn new(counter: &'c Counter<'c>, system: SystemId) -> Groups<'c> {
        Groups { counter, rest: counter.model.codes_of(system) }
    }
}

impl Iterator for Groups<'_> {
    type Item = (Thing, Range<u32>);

    fn next(&mut self) -> Option<(Thing, Range<u32>)> {
        let start = self.rest.next()?;
        let codes = &self.counter.model.codes;
        let thing = codes[start as usize].thing;
        let same = codes[start as usize + 1..self.rest.end as usize].iter();
        let end = start + 1 + same.take_while(|code| code.thing == thing).count() as u32;
        self.rest.start = end;
        Some((thing, start..end))
    }
}
