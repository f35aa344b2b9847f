//! Reversals and shipments that do not fit: they are kept, and tried again in every cycle, so that reading
//! goes on past them. Meanwhile they count for nothing, which leaves what they are about promised.

use super::book::{Taken, opens};
use super::entry::{Parked, ParkedKey};
use super::fit;
use crate::model::collect::Collect;
use crate::model::demand::Misfit;
use crate::model::moved::{Moved, Movements};
use crate::model::movement::Movement;
use crate::model::quantity::Decimal;
use crate::model::{Model, Name, SystemId};
use std::collections::{BTreeMap, BTreeSet};

/// A record as people name it: `cancellation 77/1`.
pub fn record_of(key: &ParkedKey) -> String {
    fit::record(key.movement, &key.document, &key.line)
}

fn parked(model: &Model, system: SystemId, moved: &Moved) -> Parked {
    Parked {
        key: key(model, system, moved),
        of: moved.of.as_ref().map(|(document, line)| (document.to_string(), line.to_string())),
        code: model.code(moved.code).code.to_string(),
        location: moved.location.map(|place| model.location(place).name.to_string()),
        quantity: moved.quantity.to_string(),
        unit: moved.unit.as_ref().map(Name::to_string),
        at: moved.at,
        closed: None,
    }
}

/// The record as it was read; `None` where the topology no longer knows its code or place.
fn moved(model: &Model, system: SystemId, own: &Parked) -> Option<Moved> {
    let location = match &own.location {
        Some(name) => Some(model.location_named(name)?),
        None => None,
    };
    Some(Moved {
        movement: own.key.movement,
        document: Name::from(&*own.key.document),
        line: Name::from(&*own.key.line),
        of: own.of.as_ref().map(|(document, line)| (Name::from(&**document), Name::from(&**line))),
        code: model.find_code(system, &own.code)?,
        location,
        to: None,
        quantity: Decimal::parse(&own.quantity).ok()?,
        unit: own.unit.as_deref().map(Name::from),
        at: own.at,
    })
}

/// Whether both say the same, whatever a person said of either.
fn same(one: &Parked, other: &Parked) -> bool {
    Parked { closed: None, ..one.clone() } == Parked { closed: None, ..other.clone() }
}

fn key(model: &Model, system: SystemId, moved: &Moved) -> ParkedKey {
    ParkedKey {
        system: model.system(system).name.to_string(),
        movement: moved.movement,
        document: moved.document.to_string(),
        line: moved.line.to_string(),
    }
}

/// What waits, in the course of one cycle.
#[derive(Debug, Clone, Default)]
pub struct Parking {
    known: BTreeMap<ParkedKey, Parked>,
    changed: BTreeMap<ParkedKey, Parked>,
    gone: BTreeSet<ParkedKey>,
}

impl Parking {
    /// Opens it at what is kept.
    pub fn open(parked: Vec<Parked>) -> Parking {
        let known = parked.into_iter().map(|own| (own.key.clone(), own)).collect();
        Parking { known, ..Parking::default() }
    }

    /// Adds what waits to what a system showed. What it shows anew is told as it is now, and what it has
    /// withdrawn waits no more.
    pub fn join(&mut self, model: &Model, system: SystemId, read: &mut Movements) {
        let name = &model.system(system).name;
        let own: Vec<&Parked> = self.known.values().filter(|own| *own.key.system == **name).collect();
        if own.is_empty() {
            return;
        }
        let shown: BTreeSet<ParkedKey> = read.moved.iter().map(|moved| key(model, system, moved)).collect();
        let all = read.whole && read.failures.is_empty() && read.about.incomplete.is_none();
        let withdrawn = |parked: &Parked| {
            // An order that a whole read shows comes with all that has happened to it. A source without a
            // clock shows all that there is each time.
            let order = parked.of.as_ref().map(|(document, line)| ParkedKey {
                system: parked.key.system.clone(),
                movement: Movement::Order,
                document: document.clone(),
                line: line.clone(),
            });
            all && (read.next.is_none() || order.is_some_and(|order| shown.contains(&order)))
        };
        let (mut more, mut gone) = (Vec::new(), Vec::new());
        for parked in own.into_iter().filter(|own| !shown.contains(&own.key)) {
            match withdrawn(parked) {
                true => gone.push(parked.key.clone()),
                false if parked.closed.is_none() => more.extend(moved(model, system, parked)),
                false => {}
            }
        }
        read.moved.extend(more);
        self.gone.extend(gone);
    }

    /// Keeps what did not fit, forgets what now did, and answers what a person has to hear of: whatever did
    /// not fit, but for what a person has closed. The flag says whether anything of it cannot wait here, so
    /// that reading may not go past it: what opens a line has to be read until it fits.
    pub fn sort(
        &mut self,
        model: &Model,
        flow: &Collect,
        read: &Movements,
        taken: &Taken,
    ) -> (Vec<Misfit>, bool) {
        let (mut told, mut holds) = (Vec::new(), false);
        let mut unfit: BTreeSet<ParkedKey> = BTreeSet::new();
        for (misfit, moved) in taken.misfits.iter().zip(&taken.unfit) {
            if opens(moved.movement) {
                holds = true;
                told.push(misfit.clone());
                continue;
            }
            let now = parked(model, flow.from, moved);
            unfit.insert(now.key.clone());
            let known = self.known.get(&now.key).filter(|known| same(known, &now));
            if known.is_none_or(|known| known.closed.is_none()) {
                told.push(misfit.clone());
            }
            if known.is_none() {
                self.changed.insert(now.key.clone(), now);
            }
        }
        let wanted = |moved: &&Moved| flow.collects(moved.movement).is_some() && !opens(moved.movement);
        // In nearly every cycle nothing waits, and no movement has to be named for it.
        if !self.known.is_empty() {
            let fit = read.moved.iter().filter(wanted).map(|moved| key(model, flow.from, moved));
            self.gone.extend(fit.filter(|own| self.known.contains_key(own) && !unfit.contains(own)));
        }
        (told, holds)
    }

    /// What is to be kept from now on, and what no longer.
    pub fn close(self) -> (Vec<Parked>, Vec<ParkedKey>) {
        (self.changed.into_values().collect(), self.gone.into_iter().collect())
    }
}
