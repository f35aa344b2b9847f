//! Of which systems enough is known to judge a number by: what is not known is no drift.

use super::{Looked, Record};
use crate::ledger::SKEW;
use crate::model::item::Thing;
use crate::model::movement::Movement;
use crate::model::quantity::Ratio;
use crate::model::system::{Orders, Role};
use crate::model::time::Moment;
use crate::model::{CodeId, ItemId, Model, Name, SystemId};
use std::collections::BTreeSet;

/// What may be judged.
#[derive(Debug)]
pub(super) struct Gate<'r> {
    model: &'r Model,
    looked: Looked<'r>,
    /// Systems of which the books have ever had a whole read.
    booked: BTreeSet<&'r str>,
    /// What does not fit the books: nobody knows what it did to a count. By system and item.
    misfits: BTreeSet<(&'r str, &'r str)>,
    /// Codes of which a row of counts could not be read; `None`: nobody knows of which.
    broken: BTreeSet<(SystemId, Option<CodeId>)>,
}

impl<'r> Gate<'r> {
    pub fn new(model: &'r Model, looked: Looked<'r>, record: &'r Record) -> Gate<'r> {
        let misfits = looked.seen.demand.misfits.iter().map(|own| (&*own.system, &*own.item));
        let booked = record.cursors.iter().map(|own| &*own.system);
        let rows = looked
            .seen
            .levels
            .iter()
            .flat_map(|(system, levels)| levels.failures.iter().map(|failure| (*system, failure.code)));
        let (booked, misfits) = (booked.collect(), misfits.collect());
        Gate { model, looked, booked, misfits, broken: rows.collect() }
    }

    /// Whether a row of a code could not be read.
    pub fn is_broken(&self, system: SystemId, code: CodeId) -> bool {
        self.broken.contains(&(system, Some(code)))
    }

    /// Whether a row could not be read that may be of any code: where rows add up, any count may lack it.
    pub fn is_blind(&self, system: SystemId) -> bool {
        self.broken.contains(&(system, None))
    }

    /// Whether a flow collects these movements from a system.
    pub fn collects(&self, system: SystemId, movement: Movement) -> bool {
        let own = |flow: &&crate::model::collect::Collect| flow.from == system;
        self.model.collects.iter().filter(own).any(|flow| flow.collects(movement).is_some())
    }

    /// Whether the movements of a system are known as they were at a moment.
    pub fn knows_movements(&self, system: SystemId, until: Moment) -> bool {
        let own = self.model.system(system);
        let Some(read) = self.looked.seen.movements.get(&system) else { return false };
        let about = &read.about;
        let whole = about.incomplete.is_none() && !self.looked.seen.demand.unknown.contains_key(&system);
        // An export of movements that is older than that of the counts lacks what the counts have.
        let young = match about.as_of.or(about.changed) {
            Some(at) => at.after(SKEW) >= until,
            None => own.kind.dated,
        };
        whole && young && self.booked.contains(&*own.name)
    }

    /// Whether nothing that is known of an item in a system is in doubt.
    pub fn sure_of(&self, system: SystemId, thing: Thing) -> bool {
        let name = &*self.model.system(system).name;
        let demand = &self.looked.seen.demand;
        let item = |item: ItemId| {
            let doubtful = demand.doubtful.contains_key(&(system, item));
            !doubtful && !self.misfits.contains(&(name, &*self.model.item(item).name))
        };
        let own = !self.misfits.contains(&(name, &**self.model.thing_name(thing)));
        own && !self.model.is_doubtful(thing) && self.model.items_of(thing).into_iter().all(item)
    }

    /// Whether what happens at a target is known: `Some(true)` where its movements are collected,
    /// `Some(false)` where there are none. `None`: it changes its counts unseen.
    pub fn target(&self, system: SystemId, ships: bool) -> Option<bool> {
        let own = self.model.system(system);
        let sells = self.collects(system, Movement::Order);
        match &own.orders {
            _ if sells => (!ships || self.collects(system, Movement::Shipment)).then_some(true),
            Some((Orders::Nothing, _)) => Some(false),
            None if own.role == Role::Reporting => Some(false),
            _ => None,
        }
    }
}

/// The units in which a thing is counted anywhere, each ratio once: its base unit, its packs, those of codes.
pub(super) fn units(model: &Model, thing: Thing) -> Vec<(Name, Ratio)> {
    let Thing::Item(id) = thing else { return Vec::new() };
    let item = model.item(id);
    let base = (model.units.get(item.unit).name.clone(), Ratio::ONE);
    let packs = item.packs().iter().map(|pack| (pack.name.clone(), pack.ratio));
    let systems = (0..model.systems.len()).map(SystemId::at);
    let codes = systems.flat_map(|system| model.codes_of_thing(system, thing));
    let codes = codes
        .map(|code| &model.codes[code as usize])
        .map(|code| (code.measure.unit.clone(), code.measure.ratio));
    let mut units: Vec<(Name, Ratio)> = Vec::new();
    for unit in std::iter::once(base).chain(packs).chain(codes) {
        if units.iter().all(|(_, ratio)| *ratio != unit.1) {
            units.push(unit);
        }
    }
    units
}
