//! The cells of targets: the number that was written last, and the movements of the channel since.

use super::effect::{Effect, Stretch, Track, Weight};
use super::gate::{Gate, units};
use super::judge::Judged;
use super::record::{Names, Record};
use super::words::Told;
use super::{Ask, Drift, Looked};
use crate::ledger::Booked;
use crate::model::capability::DecrementsOn;
use crate::model::convert::{Words, to_base};
use crate::model::flow::WriteAs;
use crate::model::item::Thing;
use crate::model::movement::Movement;
use crate::model::quantity::Ratio;
use crate::model::system::System;
use crate::model::time::Moment;
use crate::model::{BundleId, CodeId, FlowId, ItemId, LocationId, Lookup, Model, SystemId};
use crate::plan::explain::Cell;
use crate::state::Written;

/// Sales that the level has already, as a `net-of` names them.
const OWN_SALES: &str = "own-sales";

/// Names a number that was written: system, location, code, column.
type WrittenKey<'r> = (&'r str, &'r str, &'r str, &'r str);

/// The cells of targets, with what moves them.
#[derive(Debug)]
pub(super) struct Targets<'r> {
    model: &'r Model,
    looked: Looked<'r>,
    record: &'r Record,
    names: &'r Names<'r>,
    gate: Gate<'r>,
    written: Lookup<WrittenKey<'r>, &'r Written>,
    bundles: Lookup<Vec<ItemId>, Vec<BundleId>>,
    effects: Lookup<(CodeId, LocationId), Vec<Effect<'r>>>,
}

/// What one movement of one line took, item by item.
type Group<'g, 'r> = &'g [(ItemId, &'r Booked)];

impl<'r> Targets<'r> {
    pub fn new(
        model: &'r Model,
        looked: Looked<'r>,
        (record, names): (&'r Record, &'r Names<'r>),
    ) -> Targets<'r> {
        let key =
            |own: &'r Written| -> WrittenKey<'r> { (&own.system, &own.location, &own.code, &own.column) };
        let written = record.written.iter().map(|own| (key(own), own)).collect();
        let mut bundles: Lookup<Vec<ItemId>, Vec<BundleId>> = Lookup::default();
        for (at, bundle) in model.bundles.iter().enumerate() {
            let items = bundle.components.iter().map(|own| own.item).collect();
            bundles.entry(items).or_default().push(BundleId::at(at));
        }
        let gate = Gate::new(model, looked, record);
        let effects = Lookup::default();
        Targets { model, looked, record, names, gate, written, bundles, effects }
    }

    /// Hands every movement to the cells on which it acts. They come by what names them.
    pub fn index(&mut self, all: &[&'r Booked], asked: &[Ask]) {
        let mut flows: Lookup<(CodeId, LocationId), FlowId> = Lookup::default();
        let mut systems: Lookup<SystemId, ()> = Lookup::default();
        for (flow, code, location) in asked.iter().map(|ask| ask.cell) {
            flows.insert((code, location), flow);
            systems.insert(self.model.flow(flow).to, ());
        }
        for same in all.chunk_by(|a, b| same_line(a, b)) {
            let Some(system) = self.names.systems.get(same[0].key.system.as_str()).copied() else { continue };
            if !systems.contains_key(&system) {
                continue;
            }
            let named = same.iter().map(|own| Some((*self.names.items.get(own.key.item.as_str())?, *own)));
            let Some(mut group) = named.collect::<Option<Vec<(ItemId, &Booked)>>>() else { continue };
            group.sort_by_key(|(item, own)| (own.key.part, *item));
            for part in group.chunk_by(|(_, a), (_, b)| a.key.part == b.key.part) {
                self.hand_out(system, part, &flows);
            }
        }
    }

    fn hand_out(
        &mut self,
        system: SystemId,
        group: Group<'_, 'r>,
        flows: &Lookup<(CodeId, LocationId), FlowId>,
    ) {
        let booked = group[0].1;
        let codes = self.codes(system, group);
        let places = self.places(system, booked);
        // Whether twelve pieces were a case the books do not say. A case is likelier.
        let fewest = codes.iter().map(|(_, amount)| amount.abs()).min();
        for (code, amount) in &codes {
            for place in &places {
                let Some(flow) = flows.get(&(*code, *place)) else { continue };
                let Some(write) = &self.model.flow(*flow).write else { continue };
                let Some((sign, weight)) = acts(self.model.system(system), (write, self.model), booked)
                else {
                    continue;
                };
                let weight = match (codes.len(), places.len()) {
                    (1, 1) => weight,
                    (_, 1) if Some(amount.abs()) == fewest => weight.min(Weight::Likely),
                    _ => Weight::Elsewhere,
                };
                let effect = Effect { booked, amount: amount.saturating_mul(sign), weight };
                self.effects.entry((*code, *place)).or_default().push(effect);
            }
        }
    }

    /// The codes under which a channel may have sold something, with how many units of each it is.
    fn codes(&self, system: SystemId, group: Group<'_, 'r>) -> Vec<(CodeId, i64)> {
        let mut found = Vec::new();
        if let [(item, booked)] = group {
            for code in self.model.codes_of_thing(system, Thing::Item(*item)).map(CodeId) {
                let (units, whole) = self.model.code(code).measure.ratio.divide_floor(booked.amount);
                found.extend(whole.then_some((code, units)));
            }
        }
        let items: Vec<ItemId> = group.iter().map(|(item, _)| *item).collect();
        for bundle in self.bundles.get(&items).into_iter().flatten() {
            let each = self.model.bundle(*bundle).components.iter().zip(group);
            let kits = each.map(|(part, (_, own))| {
                (own.amount % part.quantity == 0).then_some(own.amount / part.quantity)
            });
            let Some(kits) = kits.collect::<Option<Vec<i64>>>() else { continue };
            if kits.windows(2).all(|two| two[0] == two[1]) {
                let codes = self.model.codes_of_thing(system, Thing::Bundle(*bundle)).map(CodeId);
                found.extend(codes.map(|code| (code, kits[0])));
            }
        }
        found
    }

    /// Where it may have acted: the place that it names, else every one that the channel has.
    fn places(&self, system: SystemId, booked: &Booked) -> Vec<LocationId> {
        let left = booked.to.as_ref().filter(|_| booked.key.movement == Movement::Shipment);
        if let Some(name) = left.or(booked.location.as_ref()) {
            return self.names.locations.get(name.as_str()).copied().into_iter().collect();
        }
        let mapped = self.model.locations.iter().enumerate();
        mapped.filter(|(_, own)| own.code_in(system).is_some()).map(|(at, _)| LocationId::at(at)).collect()
    }

    /// The drift of one cell, if there is any.
    pub fn drift(&self, (flow, code, location): Cell) -> Option<Drift> {
        let model = self.model;
        let (flow, own) = (model.flow(flow), model.code(code));
        let (write, system) = (flow.write.as_ref()?, model.system(flow.to));
        let place = model.location(location);
        let named = place.code_in(flow.to).is_none_or(|code| code.code.is_some());
        let place = named.then(|| place.name.to_string());
        let key: WrittenKey<'_> = (&system.name, place.as_deref().unwrap_or(""), &own.code, &write.column);
        let written = self.written.get(&key).copied().filter(|own| own.seen)?;
        if only_sent(system) || !self.gate.sure_of(flow.to, own.thing) {
            return None;
        }
        let (shown, bridge, end) = self.shown(flow.to, (code, location), write)?;
        let from = self.record.began.get(&written.run).copied().unwrap_or(written.at).min(written.at);
        // A row says to the second when it was true, or less exactly: older than the write it cannot show it.
        if end.0.saturating_add(1_000) < from.0 {
            return None;
        }
        let ships = !write.bridge.is_empty() || system.kind.decrements_on == DecrementsOn::Shipped;
        if self.gate.target(flow.to, ships)? && !self.gate.knows_movements(flow.to, end) {
            return None;
        }
        let stretch = Stretch { from, to: written.at, seen_is_in: true, end, began: self.looked.began };
        let effects = self.effects.get(&(code, location)).map_or(&[][..], Vec::as_slice);
        let judged = Judged::of(Track { last: written.value, shown, stretch, effects })?;
        let wall = model.timezone.as_deref().unwrap_or("UTC");
        let told = Told {
            system: &system.name,
            zone: model.zone_of(flow.to),
            wall,
            unit: &(own.measure.unit.clone(), own.measure.ratio),
            packs: &units(model, own.thing),
            last: written.at,
        };
        let (moved, causes) = judged.explain(&told);
        let last = written.value.saturating_sub(bridge);
        let (expected, shown) = (last.saturating_add(moved), shown.saturating_sub(bridge));
        Some(Drift {
            system: system.name.to_string(),
            location: place.clone(),
            item: model.thing_name(own.thing).to_string(),
            quantity: model.quantity(flow.quantity).name.to_string(),
            unit: own.measure.unit.to_string(),
            last,
            at: written.at.rfc3339(),
            run: Some(written.run.clone()),
            moved,
            expected,
            shown,
            off: shown.saturating_sub(expected),
            causes,
            wall: written.at.on_the_wall(wall),
        })
    }

    /// What the column that was written shows now, what the target takes off it by itself, and when that was
    /// true. `None` where that cannot be compared.
    fn shown(
        &self,
        system: SystemId,
        (code, location): (CodeId, LocationId),
        write: &WriteAs,
    ) -> Option<(i64, i64, Moment)> {
        let levels = self.looked.seen.levels.get(&system).filter(|own| own.about.incomplete.is_none())?;
        let row = levels.find(code, location).filter(|_| !self.gate.is_broken(system, code))?;
        let own = self.model.code(code);
        if let (Thing::Item(item), Some(word)) = (own.thing, levels.units.get(row)) {
            let named = word.map(|index| (index, &levels.words[index as usize]));
            let words = Words::new(self.model, system, &levels.words);
            let ratio = words.ratio(self.model, own, self.model.item(item), named).ok()?;
            if ratio != own.measure.ratio {
                return None;
            }
        }
        let value = |name| to_base(levels.column(name)?.values.get(row)?, Ratio::ONE, true).ok();
        let bridge: Option<Vec<i64>> = write.bridge.iter().map(|name| value(name)).collect();
        let bridge = bridge?.into_iter().fold(0, i64::saturating_add);
        let end = levels.as_of(row).map_or(self.looked.began, |at| at.min(self.looked.began));
        Some((value(&write.column)?, bridge, end))
    }
}

/// Whether two movements are of one line: the components of a bundle, or what it grew by.
fn same_line(one: &Booked, other: &Booked) -> bool {
    let (a, b) = (&one.key, &other.key);
    a.system == b.system && a.movement == b.movement && a.document == b.document && a.line == b.line
}

/// Whether numbers are put into a file that somebody else reads: nobody knows whether one was ever shown.
fn only_sent(system: &System) -> bool {
    let source = system.levels.as_ref().map(|own| &own.source);
    system.publish.as_ref().is_some_and(|(file, _)| Some(file) != source)
}

/// What a movement of a channel does to the column that is written there: its sign, and how sure that is.
/// `None` where it does nothing.
fn acts(system: &System, (write, model): (&WriteAs, &Model), booked: &Booked) -> Option<(i64, Weight)> {
    let (bridged, kind) = (!write.bridge.is_empty(), system.kind);
    let shows = system.shows.iter().find(|own| model.quantity(own.quantity).name == write.column);
    let own_sales = shows.is_some_and(|own| own.net_of.iter().any(|name| **name == *OWN_SALES));
    let restocks = if kind.restocks_on_cancel { Weight::Likely } else { Weight::Unlikely };
    match booked.key.movement {
        Movement::Order if bridged => None,
        Movement::Order => match kind.decrements_on {
            DecrementsOn::Placed if own_sales || !kind.generic => Some((-1, Weight::Sure)),
            DecrementsOn::Placed | DecrementsOn::Paid => Some((-1, Weight::Likely)),
            DecrementsOn::Shipped => None,
            DecrementsOn::Never => Some((-1, Weight::Unlikely)),
        },
        Movement::Shipment if bridged || kind.decrements_on == DecrementsOn::Shipped => {
            Some((-1, Weight::Sure))
        }
        Movement::Shipment => None,
        // What a generic system does by itself, its kind cannot know.
        Movement::Cancellation => Some((1, if bridged { Weight::Unlikely } else { restocks })),
        Movement::Return => {
            let back = kind.restocks_on_cancel || kind.generic;
            Some((1, if back && booked.sellable { Weight::Likely } else { Weight::Unlikely }))
        }
        Movement::Transfer => Some((-1, Weight::Likely)),
        Movement::Adjustment | Movement::Receipt => Some((1, Weight::Likely)),
    }
}
