//! One system's observations, prepared for reading cells: is the read usable, how old, which rows broke.

use crate::model::convert::{Misfit, Words, to_base};
use crate::model::item::Thing;
use crate::model::observation::{Column, Levels, Observations, RowFailure, UNASKED};
use crate::model::time::Moment;
use crate::model::{CodeId, LocationId, Model, QuantityId, SystemId};
use std::ops::Range;
use std::time::Duration;

/// Whether anything may be used of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// It may.
    Open,
    /// The system was not read.
    Unread,
    /// The read is not complete: nothing is written from it.
    Incomplete,
    /// It is older than the last one used, so it is ignored.
    Older,
}

impl Gate {
    /// Whether nothing at all may be written from it.
    pub(super) fn closed(self) -> bool {
        matches!(self, Gate::Unread | Gate::Incomplete)
    }
}

/// The gate of a read that says this about itself; `newest` is the newest moment in it.
fn gate(incomplete: bool, newest: Option<Moment>, last_used: Option<Moment>) -> Gate {
    match (newest, last_used) {
        _ if incomplete => Gate::Incomplete,
        (Some(newest), Some(last)) if newest < last => Gate::Older,
        _ => Gate::Open,
    }
}

/// Whether a count of this age may only lower. A moment as far ahead says nothing about the age: a clock
/// there is wrong.
pub(super) fn is_stale(limit: Option<Duration>, as_of: Option<Moment>, now: Moment) -> bool {
    let far = |then: Moment, limit| now.since(then) > limit || then.since(now) > limit;
    limit.is_some_and(|limit| as_of.is_none_or(|then| far(then, limit)))
}

/// Rows that could not be read, by what is known of them.
#[derive(Debug, Default)]
pub(super) struct Broken {
    /// Known by code and place; sorted.
    cells: Vec<(LocationId, CodeId)>,
    /// Known by code alone: broken everywhere; sorted.
    codes: Vec<CodeId>,
    /// Codes that nobody asked for, at some place at least; sorted.
    unasked: Vec<CodeId>,
    /// Whether a row broke of which not even the code is known.
    pub(super) blind: bool,
}

impl Broken {
    pub(super) fn new(failures: &[RowFailure]) -> Broken {
        let mut broken = Broken::default();
        for failure in failures {
            broken.unasked.extend(failure.code.filter(|_| failure.source == UNASKED));
            match (failure.code, failure.location) {
                (Some(code), Some(location)) => broken.cells.push((location, code)),
                (Some(code), None) => broken.codes.push(code),
                (None, _) => broken.blind = true,
            }
        }
        broken.cells.sort_unstable();
        broken.codes.sort_unstable();
        broken.unasked.sort_unstable();
        broken
    }

    /// Whether nobody asked for a code, at some place at least.
    pub(super) fn unasked(&self, code: CodeId) -> bool {
        self.unasked.binary_search(&code).is_ok()
    }

    pub(super) fn has(&self, code: CodeId, location: LocationId) -> bool {
        self.codes.binary_search(&code).is_ok() || self.cells.binary_search(&(location, code)).is_ok()
    }
}

/// Why an owned cell has no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// The owner's system does not know the item at that place.
    Unmapped,
    /// The owner did not report this code there.
    Absent(CodeId),
    /// Its row does not show the quantity.
    Empty(CodeId),
    /// Its row could not be read; the connector says why.
    Broken(CodeId),
    /// Its row was read, but its number is no count; the row's place.
    Misfit(CodeId, usize, Misfit),
    /// An open line of the item could not be used.
    Line,
    /// The whole read is older than the last one used.
    Older,
}

/// An owned count, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// So many base units; `dim` where they may only lower what is shown. `as_of` is when they were true,
    /// where the rows of the read differ in that.
    Known { value: i64, dim: bool, as_of: Option<Moment> },
    /// No number.
    Gap(Gap),
}

/// The levels of one system.
#[derive(Debug)]
pub(super) struct Source<'m> {
    model: &'m Model,
    pub(super) system: SystemId,
    pub(super) levels: Option<&'m Levels>,
    pub(super) gate: Gate,
    words: Words,
    pub(super) broken: Broken,
    absent_zero: bool,
    adds_up: bool,
    now: Moment,
}

impl<'m> Source<'m> {
    pub(super) fn new(model: &'m Model, seen: &'m Observations, system: SystemId, now: Moment) -> Source<'m> {
        let levels = seen.levels.get(&system);
        let last_used = seen.last_used.get(&system).copied();
        let of_rows = |l: &Levels| l.row_as_of.iter().copied().flatten().max();
        let newest = |l: &Levels| of_rows(l).or(l.about.as_of).or(l.about.changed);
        let open = |l: &Levels| gate(l.about.incomplete.is_some(), newest(l), last_used);
        let node = model.system(system).levels.as_ref();
        Source {
            model,
            system,
            levels,
            gate: levels.map_or(Gate::Unread, open),
            words: levels.map_or_else(Words::default, |l| Words::new(model, system, &l.words)),
            broken: levels.map_or_else(Broken::default, |l| Broken::new(&l.failures)),
            absent_zero: node.is_some_and(|node| node.absent_zero.is_some()),
            adds_up: node.is_some_and(|node| node.rows_add_up),
            now,
        }
    }

    /// The rows of one location, in the order of their codes.
    pub(super) fn rows_at(&self, location: LocationId) -> Range<usize> {
        self.levels.map_or(0..0, |levels| levels.locations.rows_of(location))
    }

    /// The column that shows a quantity.
    pub(super) fn column(&self, quantity: QuantityId) -> Option<&'m Column> {
        self.levels?.column(&self.model.quantity(quantity).name)
    }

    /// What the source shows of one item at one place: its codes there, added up; with `taken_off` no row may
    /// be below 0. `find` gives the row of a code; it is asked in rising order.
    pub(super) fn read(
        &self,
        (column, taken_off): (Option<&Column>, bool),
        codes: Range<u32>,
        location: LocationId,
        mut find: impl FnMut(CodeId) -> Option<usize>,
    ) -> Reading {
        let (mut total, mut dim, mut any) = (0_i64, false, false);
        let mut oldest: Option<Moment> = None;
        for code in codes.map(CodeId) {
            if self.model.code(code).at.is_some_and(|only| only != location) {
                continue;
            }
            any = true;
            if self.broken.has(code, location) {
                return Reading::Gap(Gap::Broken(code));
            }
            let row = find(code);
            match (self.read_row(column, code, row), row) {
                (Reading::Known { value, .. }, Some(row)) if taken_off && value < 0 => {
                    return Reading::Gap(Gap::Misfit(code, row, Misfit::Negative));
                }
                (Reading::Known { value, dim: row_dim, as_of }, _) => {
                    total = total.saturating_add(value);
                    dim |= row_dim;
                    oldest = as_of.into_iter().chain(oldest).min();
                }
                (gap, _) => return gap,
            }
        }
        match any {
            true => Reading::Known { value: total, dim, as_of: oldest },
            false => Reading::Gap(Gap::Unmapped),
        }
    }

    fn read_row(&self, column: Option<&Column>, code: CodeId, row: Option<usize>) -> Reading {
        let (Some(levels), Some(row)) = (self.levels, row) else {
            // A row that broke without a code may be this one: then absence says nothing.
            if !self.absent_zero || self.broken.blind {
                return Reading::Gap(Gap::Absent(code));
            }
            let dim = self.dim(self.levels.and_then(|l| l.about.as_of));
            return Reading::Known { value: 0, dim, as_of: None };
        };
        let Some(value) = column.and_then(|column| column.values.get(row)) else {
            return Reading::Gap(Gap::Empty(code));
        };
        let ratio = match self.ratio(levels, code, row) {
            Ok(ratio) => ratio,
            Err(misfit) => return Reading::Gap(Gap::Misfit(code, row, misfit)),
        };
        match to_base(value, ratio, true) {
            Ok(value) => {
                let as_of = levels.row_as_of.get(row).copied().flatten();
                Reading::Known { value, dim: self.dim(levels.as_of(row)), as_of }
            }
            Err(misfit) => Reading::Gap(Gap::Misfit(code, row, misfit)),
        }
    }

    /// Whether a row broke without a code where several rows add up to one cell: then any cell may lack it.
    pub(super) fn partial(&self) -> bool {
        self.adds_up && self.broken.blind
    }

    /// Base units in one of the unit in which a row counts.
    pub(super) fn ratio(
        &self,
        levels: &Levels,
        code: CodeId,
        row: usize,
    ) -> Result<crate::model::quantity::Ratio, Misfit> {
        let code = self.model.code(code);
        let Thing::Item(item) = code.thing else { return Ok(code.measure.ratio) };
        let Some(word) = levels.units.get(row) else { return Ok(code.measure.ratio) };
        let named = word.map(|index| (index, &levels.words[index as usize]));
        self.words.ratio(self.model, code, self.model.item(item), named)
    }

    /// Whether a row may only lower: it is too old, or a row that broke without a code may be part of it.
    fn dim(&self, as_of: Option<Moment>) -> bool {
        if self.partial() {
            return true;
        }
        let limit = self.model.system(self.system).stale_after.map(|(limit, _)| limit);
        is_stale(limit, as_of, self.now)
    }
}

/// How people find a row at its source: `row 17` of a file or table, `id 17` elsewhere.
pub(super) fn record_name(model: &Model, system: SystemId, levels: &Levels, row: usize) -> String {
    let word = if model.system(system).kind.generic { "row" } else { "id" };
    levels.records.get(row).map_or_else(String::new, |record| format!("{word} {record}"))
}

/// The name of a quantity's column as the source calls it.
pub(super) fn field_name(model: &Model, system: SystemId, quantity: QuantityId) -> String {
    let node = model.system(system).levels.as_ref();
    let column = node.and_then(|node| node.counts.iter().find(|(q, _)| *q == quantity));
    column.map_or(&model.quantity(quantity).name, |(_, column)| column).to_string()
}
