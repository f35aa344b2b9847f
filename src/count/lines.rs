//! Open order lines, added up by item and location: what is promised and still on the shelf.

use super::source::{Broken, Gap, Gate, Reading, is_stale};
use crate::model::convert::{Misfit, line_ratio, to_base};
use crate::model::item::Thing;
use crate::model::observation::{Lines, Observations, OpenLine};
use crate::model::time::Moment;
use crate::model::{ItemId, LocationId, Model, Name, SystemId};

/// One line's part in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Share {
    location: LocationId,
    item: ItemId,
    line: u32,
    amount: i64,
}

/// A line that was read, but whose number is no count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadLine {
    pub(super) line: usize,
    pub(super) why: Misfit,
}

/// The open lines of one system, by cell.
#[derive(Debug)]
pub(super) struct Open<'m> {
    model: &'m Model,
    pub(super) lines: Option<&'m Lines>,
    pub(super) gate: Gate,
    /// Sorted by location, item, line.
    shares: Vec<Share>,
    /// Cells that a bad line touches; sorted.
    spoilt: Vec<(LocationId, ItemId)>,
    pub(super) bad: Vec<BadLine>,
    broken: Broken,
    dim: bool,
    system: SystemId,
}

impl<'m> Open<'m> {
    /// Lines are read right before the counts that they belong to, so `counts`, the gate of those, says
    /// whether both are older than what was used last.
    pub(super) fn new(
        model: &'m Model,
        seen: &'m Observations,
        (system, counts): (SystemId, Gate),
        now: Moment,
    ) -> Open<'m> {
        let lines = seen.lines.get(&system);
        // A kind that does not date its lines read them right before its counts.
        let counts_as_of = seen.levels.get(&system).and_then(|levels| levels.about.as_of);
        let as_of = lines.and_then(|l| l.about.as_of).or(counts_as_of);
        let open = |l: &Lines| match counts {
            _ if l.about.incomplete.is_some() => Gate::Incomplete,
            Gate::Older => Gate::Older,
            _ => Gate::Open,
        };
        let limit = model.system(system).stale_after.map(|(limit, _)| limit);
        let mut found = Open {
            model,
            lines,
            gate: lines.map_or(Gate::Unread, open),
            shares: Vec::new(),
            spoilt: Vec::new(),
            bad: Vec::new(),
            broken: lines.map_or_else(Broken::default, |l| Broken::new(&l.failures)),
            dim: is_stale(limit, as_of, now),
            system,
        };
        let places = places(model, system);
        for (at, line) in lines.iter().flat_map(|l| &l.lines).enumerate() {
            found.add(at, line, &places);
        }
        found.shares.sort_unstable();
        found.spoilt.sort_unstable();
        found
    }

    /// A line without a location may leave from any place, so it is taken off in full at each.
    fn add(&mut self, at: usize, line: &OpenLine, places: &[LocationId]) {
        let code = self.model.code(line.code);
        let Thing::Item(item) = code.thing else { return };
        let one = line.location.map(|location| [location]);
        let places = one.as_ref().map_or(places, |one| one.as_slice());
        let ratio = line_ratio(self.model, code, self.model.item(item), line.unit.as_ref());
        match ratio.and_then(|ratio| to_base(line.open, ratio, true)) {
            Ok(amount) if amount >= 0 => {
                let share =
                    |location: &LocationId| Share { location: *location, item, line: at as u32, amount };
                self.shares.extend(places.iter().map(share));
            }
            wrong => {
                let why = wrong.err().unwrap_or(Misfit::Negative);
                self.bad.push(BadLine { line: at, why });
                self.spoilt.extend(places.iter().map(|location| (*location, item)));
            }
        }
    }

    /// What is promised of one item at one place.
    pub(super) fn read(&self, item: ItemId, location: LocationId) -> Reading {
        let codes = self.model.codes_of_thing(self.system, Thing::Item(item));
        if codes.is_empty() {
            return Reading::Gap(Gap::Unmapped);
        }
        let spoilt = self.spoilt.binary_search(&(location, item)).is_ok();
        if spoilt || codes.map(crate::model::CodeId).any(|code| self.broken.has(code, location)) {
            return Reading::Gap(Gap::Line);
        }
        let value = self.at(item, location).iter().fold(0_i64, |sum, share| sum.saturating_add(share.amount));
        // A line that nobody can assign might be of this item: then only lower.
        Reading::Known { value, dim: self.dim || self.broken.blind, as_of: None }
    }

    /// The lines behind one cell, as `document/line`.
    pub(super) fn names(&self, item: ItemId, location: LocationId) -> Vec<Name> {
        let lines = self.lines.map_or(&[][..], |lines| &lines.lines);
        let name = |share: &Share| line_name(&lines[share.line as usize]);
        self.at(item, location).iter().map(name).collect()
    }

    fn at(&self, item: ItemId, location: LocationId) -> &[Share] {
        let key = (location, item);
        let start = self.shares.partition_point(|share| (share.location, share.item) < key);
        let end = start + self.shares[start..].partition_point(|share| (share.location, share.item) == key);
        &self.shares[start..end]
    }

    /// Whether a line broke of which nobody knows the item.
    pub(super) fn blind(&self) -> bool {
        self.broken.blind
    }
}

/// A line as people name it.
pub(super) fn line_name(line: &OpenLine) -> Name {
    format!("{}/{}", line.document, line.line).into()
}

/// The real locations that are mapped in a system.
fn places(model: &Model, system: SystemId) -> Vec<LocationId> {
    let mapped =
        |(_, l): &(usize, &crate::model::location::Location)| !l.is_pool() && l.code_in(system).is_some();
    model.locations.iter().enumerate().filter(mapped).map(|(at, _)| LocationId::at(at)).collect()
}
