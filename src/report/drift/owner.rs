//! The cells of owners: the number that an apply used last, and the movements that reached its owner since.

use super::effect::{Effect, Stretch, Track, Weight};
use super::gate::{Gate, units};
use super::judge::Judged;
use super::record::{Names, Record};
use super::words::Told;
use super::{Drift, Looked};
use crate::graph::Graph;
use crate::ledger::{Booked, Bucket, LineKey, OrderLine, Totals, legs};
use crate::model::convert::{Words, to_base};
use crate::model::item::Thing;
use crate::model::movement::Movement;
use crate::model::quantity::{DAMAGED, ON_HAND, RESERVED, Ratio};
use crate::model::time::Moment;
use crate::model::{CodeId, ItemId, LocationId, Lookup, Model, QuantityId, SystemId};
use crate::plan::explain;
use crate::state::Known;
use std::collections::{BTreeMap, BTreeSet};

/// One owned count: owner, item, place, quantity.
pub(super) type Cell = (SystemId, ItemId, LocationId, QuantityId);

/// The owned counts that a published cell is made from.
pub(super) fn cells(model: &Model, graph: &Graph, (flow, code, location): explain::Cell) -> Vec<Cell> {
    let mut found = BTreeSet::new();
    for item in model.items_of(model.code(code).thing) {
        for place in graph.locations_of(location) {
            let sums = graph.flow(flow).sums.iter();
            for sum in sums.filter(|sum| sum.location == *place && sum.items.contains(item.index())) {
                let terms = sum.terms.iter().enumerate().filter(|(_, times)| **times != 0);
                for quantity in terms.map(|(at, _)| QuantityId::at(at)) {
                    if let Some(owner) = graph.owner_of(item, *place, quantity) {
                        found.insert((model.owners[owner.index()].system, item, *place, quantity));
                    }
                }
            }
        }
    }
    found.into_iter().collect()
}

/// How the movements of an owner are known.
#[derive(Debug)]
struct Watched {
    /// Whether what channels sold reaches it by our postings; else it shows its sales itself.
    posted: bool,
    /// Its places.
    places: Vec<LocationId>,
}

/// Names an owner's number: system, location, item, quantity.
type KnownKey<'r> = (&'r str, &'r str, &'r str, &'r str);

/// The cells of owners, with what moves them.
#[derive(Debug)]
pub(super) struct Owners<'r> {
    model: &'r Model,
    looked: Looked<'r>,
    record: &'r Record,
    names: &'r Names<'r>,
    gate: Gate<'r>,
    known: Lookup<KnownKey<'r>, &'r Known>,
    open: Lookup<&'r LineKey, &'r OrderLine>,
    watched: BTreeMap<SystemId, Watched>,
    effects: Lookup<Cell, Vec<Effect<'r>>>,
}

impl<'r> Owners<'r> {
    pub fn new(
        model: &'r Model,
        looked: Looked<'r>,
        (record, names): (&'r Record, &'r Names<'r>),
    ) -> Owners<'r> {
        let gate = Gate::new(model, looked, record);
        let key = |own: &'r Known| -> KnownKey<'r> { (&own.system, &own.location, &own.item, &own.quantity) };
        let known = record.known.iter().map(|own| (key(own), own)).collect();
        let open = record.open.iter().map(|line| (&line.key, line)).collect();
        let watched = (0..model.systems.len()).map(SystemId::at);
        let watched = watched.filter_map(|system| Some((system, watch(model, &gate, system)?))).collect();
        Owners { model, looked, record, names, gate, known, open, watched, effects: Lookup::default() }
    }

    /// Hands every movement to the owned counts on which it acts.
    pub fn index(&mut self, all: &[&'r Booked], wanted: &BTreeSet<Cell>) {
        let fresh: BTreeSet<_> = self.record.fresh.iter().map(|own| &own.key).collect();
        for booked in all {
            let Some(item) = self.names.items.get(booked.key.item.as_str()).copied() else { continue };
            let Some(system) = self.names.systems.get(booked.key.system.as_str()).copied() else { continue };
            if self.watched.contains_key(&system) {
                self.hand_out((system, item), booked, wanted);
            }
            if !fresh.contains(&booked.key) && self.is_posted(booked) {
                for owner in posts(self.model, system).filter(|owner| *owner != system) {
                    if self.watched.get(&owner).is_some_and(|own| own.posted) {
                        self.hand_out((owner, item), booked, wanted);
                    }
                }
            }
        }
    }

    /// Whether a movement has reached the system that its flow posts to.
    fn is_posted(&self, booked: &Booked) -> bool {
        let key = LineKey {
            system: booked.key.system.clone(),
            movement: Movement::Order,
            document: booked.order.0.clone(),
            line: booked.order.1.clone(),
            item: booked.key.item.clone(),
        };
        let Some(line) = self.open.get(&key) else { return true };
        let part = |totals: Totals| match booked.key.movement {
            Movement::Order => totals.ordered,
            Movement::Cancellation => totals.cancelled,
            Movement::Shipment => totals.shipped,
            Movement::Return => totals.returned,
            Movement::Transfer | Movement::Adjustment | Movement::Receipt => 0,
        };
        part(line.posted) >= part(line.shown)
    }

    fn hand_out(&mut self, (owner, item): (SystemId, ItemId), booked: &'r Booked, wanted: &BTreeSet<Cell>) {
        let mut add = |place: LocationId, gains: [i64; 3], weight: Weight| {
            for quantity in [ON_HAND, RESERVED, DAMAGED] {
                let cell = (owner, item, place, quantity);
                let amount = change(self.model, owner, quantity, gains);
                if amount != 0 && wanted.contains(&cell) {
                    self.effects.entry(cell).or_default().push(Effect { booked, amount, weight });
                }
            }
        };
        let mut places: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
        for leg in legs(booked) {
            let gains = places.entry(leg.place).or_default();
            match leg.bucket {
                Bucket::Free => gains[0] += leg.gains,
                Bucket::Promised => gains[1] += leg.gains,
                Bucket::Damaged => gains[2] += leg.gains,
                Bucket::Transit | Bucket::Customer | Bucket::Supplier | Bucket::Adjusted => {}
            }
        }
        for (name, gains) in places {
            match self.names.locations.get(name) {
                Some(place) => add(*place, gains, Weight::Sure),
                // Nobody says where it stood: with one place it is that one.
                None => {
                    let all = self.watched.get(&owner).map_or(&[][..], |own| &own.places);
                    let weight = if all.len() == 1 { Weight::Likely } else { Weight::Elsewhere };
                    all.iter().for_each(|place| add(*place, gains, weight));
                }
            }
        }
        // A transfer arrives some time, and nobody says when.
        let there = booked.to.as_deref().filter(|_| booked.key.movement == Movement::Transfer);
        if let Some(place) = there.and_then(|name| self.names.locations.get(name)) {
            add(*place, [booked.amount, 0, 0], Weight::Unlikely);
        }
    }

    /// The drift of one owned count, if there is any.
    pub fn drift(&self, cell: Cell) -> Option<Drift> {
        let (owner, item, place, quantity) = cell;
        let model = self.model;
        let (system, own) = (model.system(owner), model.item(item));
        let (location, shows) = (model.location(place), model.quantity(quantity));
        let watched = self.watched.get(&owner)?;
        let known = self.known.get(&(&*system.name, &*location.name, &*own.name, &*shows.name))?;
        let since = known.as_of?;
        let (shown, end) = self.shown(cell)?;
        let thing = Thing::Item(item);
        if end <= since || !self.gate.sure_of(owner, thing) || !self.gate.knows_movements(owner, end) {
            return None;
        }
        let posting = posting_to(model, owner);
        let mut posting = posting.filter(|_| watched.posted);
        if !posting
            .all(|channel| self.gate.sure_of(channel, thing) && self.gate.knows_movements(channel, since))
        {
            return None;
        }
        let began = self.looked.began;
        let stretch = Stretch { from: since, to: since, seen_is_in: false, end, began };
        let effects = self.effects.get(&cell).map_or(&[][..], Vec::as_slice);
        let judged = Judged::of(Track { last: known.value, shown, stretch, effects })?;
        let wall = model.timezone.as_deref().unwrap_or("UTC");
        let base = model.units.get(own.unit).name.clone();
        let told = Told {
            system: &system.name,
            zone: model.zone_of(owner),
            wall,
            unit: &(base.clone(), Ratio::ONE),
            packs: &units(model, thing),
            last: since,
        };
        let (moved, causes) = judged.explain(&told);
        let expected = known.value.saturating_add(moved);
        let named = location.code_in(owner).is_none_or(|code| code.code.is_some());
        Some(Drift {
            system: system.name.to_string(),
            location: named.then(|| location.name.to_string()),
            item: own.name.to_string(),
            quantity: shows.name.to_string(),
            unit: base.to_string(),
            last: known.value,
            at: since.rfc3339(),
            run: None,
            moved,
            expected,
            shown,
            off: shown.saturating_sub(expected),
            causes,
            wall: since.on_the_wall(wall),
        })
    }

    /// What an owner shows now in base units, and when that was true; `None` where it does not show it.
    fn shown(&self, (owner, item, place, quantity): Cell) -> Option<(i64, Moment)> {
        let model = self.model;
        let levels = self.looked.seen.levels.get(&owner).filter(|own| own.about.incomplete.is_none())?;
        let column = levels.column(&model.quantity(quantity).name)?;
        let codes = model.codes_of_thing(owner, Thing::Item(item)).map(CodeId);
        let (mut total, mut oldest) = (None::<i64>, None::<Moment>);
        for code in codes.filter(|code| model.code(*code).at.is_none_or(|only| only == place)) {
            let broken = self.gate.is_blind(owner) || self.gate.is_broken(owner, code);
            let row = levels.find(code, place).filter(|_| !broken)?;
            let own = model.code(code);
            let word = levels.units.get(row).copied().flatten();
            let named = word.map(|index| (index, &levels.words[index as usize]));
            let ratio = match levels.units.is_empty() {
                true => own.measure.ratio,
                false => {
                    let words = Words::new(model, owner, &levels.words);
                    words.ratio(model, own, model.item(item), named).ok()?
                }
            };
            let value = to_base(column.values.get(row)?, ratio, true).ok()?;
            total = Some(total.unwrap_or(0).saturating_add(value));
            oldest = Some(levels.as_of(row)?).into_iter().chain(oldest).min();
        }
        Some((total?, oldest?.min(self.looked.began)))
    }
}

/// How the movements of an owner are known; `None` where it changes its counts unseen.
fn watch(model: &Model, gate: &Gate<'_>, system: SystemId) -> Option<Watched> {
    let places: Vec<LocationId> = (0..model.locations.len())
        .map(LocationId::at)
        .filter(|at| !model.location(*at).is_pool() && model.location(*at).code_in(system).is_some())
        .collect();
    let collects = |movement| gate.collects(system, movement);
    let moves = places.len() == 1 || collects(Movement::Transfer);
    let comes = collects(Movement::Receipt) && collects(Movement::Adjustment) && moves;
    // What leaves it is shown by itself, or is what we post to it.
    let posted = !collects(Movement::Order) && !collects(Movement::Shipment);
    let goes = !posted || posting_to(model, system).next().is_some();
    (comes && goes).then_some(Watched { posted, places })
}

/// The systems to which flows post what a channel has sold.
fn posts(model: &Model, channel: SystemId) -> impl Iterator<Item = SystemId> {
    let flows = model.collects.iter().filter(move |flow| flow.from == channel);
    flows.filter_map(|flow| flow.post.to).collect::<BTreeSet<_>>().into_iter()
}

/// The channels of which flows post to a system.
fn posting_to(model: &Model, owner: SystemId) -> impl Iterator<Item = SystemId> {
    let flows = model.collects.iter().filter(move |flow| flow.post.to == Some(owner));
    flows.map(|flow| flow.from)
}

/// What a count of a quantity gains, of free, promised and damaged goods: what it is net of is off it.
fn change(model: &Model, owner: SystemId, quantity: QuantityId, gains: [i64; 3]) -> i64 {
    let [free, promised, damaged] = gains;
    let of = |quantity: QuantityId| match quantity {
        ON_HAND => free.saturating_add(promised).saturating_add(damaged),
        RESERVED => promised,
        DAMAGED => damaged,
        _ => 0,
    };
    let shows = model.system(owner).shows.iter().find(|own| own.quantity == quantity);
    let off = shows.into_iter().flat_map(|own| &own.net_of).map(|name| match &**name {
        "reserved" | "own-sales" => of(RESERVED),
        "damaged" => of(DAMAGED),
        _ => 0,
    });
    off.fold(of(quantity), i64::saturating_sub)
}
