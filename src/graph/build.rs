//! Works the facts out from a model.

use super::lag::{Lags, lags};
use super::owners::Ownership;
use super::{Draw, FlowFacts, Graph, Shown, Sum, Terms, order};
use crate::model::item::Thing;
use crate::model::quantity::BASE;
use crate::model::set::{Bits, Things};
use crate::model::{CodeId, FlowId, ItemId, LocationId, Model, QuantityId, SystemId};
use std::collections::{BTreeMap, BTreeSet};

/// The facts about a model.
pub fn build(model: &Model) -> Graph {
    let owners = Ownership::of(model);
    let known = known(model);
    let members = members(model);
    let flows: Vec<FlowFacts> = (0..model.flows.len())
        .map(|index| {
            let flow = FlowId::at(index);
            let shown = shown(model, &known, flow);
            let draws = draws(model, &members, (model.flow(flow).to, &shown));
            let asked = Graph::asked(model, flow);
            let sums: Vec<Sum> = draws.iter().flat_map(|draw| sums(model, &owners, &asked, draw)).collect();
            let sources = sources(model, &owners, &sums);
            let reads = sources.iter().copied().chain([model.flow(flow).to]).collect::<BTreeSet<_>>();
            FlowFacts { shown, draws, sums, sources, reads: reads.into_iter().collect() }
        })
        .collect();
    let needs: Vec<&[SystemId]> = flows.iter().map(|facts| &facts.sources[..]).collect();
    let (order, cycles) = order::order(model, &needs);
    let mut graph = Graph { owners, known, members, flows, order, cycles, lags: Lags::default() };
    graph.lags = lags(model, &graph);
    graph
}

/// Things, and which items of them were added twice or more.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    pub(super) things: Things,
    pub(super) twice: Bits,
}

impl Counted {
    fn add(&mut self, thing: Thing) {
        match thing {
            Thing::Item(id) if self.things.items.contains(id.index()) => self.twice.insert(id.index()),
            Thing::Item(id) => self.things.items.insert(id.index()),
            Thing::Bundle(id) => self.things.bundles.insert(id.index()),
        }
    }

    fn merge(&mut self, other: &Counted) {
        self.twice.union(&self.things.items.common(&other.things.items));
        self.twice.union(&other.twice);
        self.things.items.union(&other.things.items);
        self.things.bundles.union(&other.things.bundles);
    }

    fn keep(&mut self, things: &Things) {
        self.things.items.intersect(&things.items);
        self.things.bundles.intersect(&things.bundles);
        self.twice.intersect(&things.items);
    }
}

/// The things for which one system has codes.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    everywhere: Counted,
    only_at: BTreeMap<LocationId, Counted>,
}

impl Known {
    /// The things with a code that is valid at a location.
    pub(super) fn at(&self, location: LocationId) -> Counted {
        let mut all = self.everywhere.clone();
        if let Some(here) = self.only_at.get(&location) {
            all.merge(here);
        }
        all
    }
}

fn known(model: &Model) -> Vec<Known> {
    let mut known = vec![Known::default(); model.systems.len()];
    for code in &model.codes {
        let system = &mut known[code.system.index()];
        match code.at {
            None => system.everywhere.add(code.thing),
            Some(location) => system.only_at.entry(location).or_default().add(code.thing),
        }
    }
    known
}

fn members(model: &Model) -> Vec<Vec<LocationId>> {
    let members = model.locations.iter().enumerate().map(|(index, location)| match location.pool.len() {
        0 => vec![LocationId::at(index)],
        _ => location.pool.clone(),
    });
    members.collect()
}

fn shown(model: &Model, known: &[Known], flow: FlowId) -> Vec<Shown> {
    let flow = model.flow(flow);
    let mut seen = BTreeSet::new();
    let here = flow.at.iter().map(|(location, _)| *location).filter(|location| seen.insert(*location));
    let here = here.filter(|location| model.location(*location).code_in(flow.to).is_some());
    here.map(|location| {
        let mut counted = known[flow.to.index()].at(location);
        counted.keep(&flow.things);
        Shown { location, things: counted.things, twice: counted.twice }
    })
    .collect()
}

fn draws(model: &Model, members: &[Vec<LocationId>], (to, shown): (SystemId, &[Shown])) -> Vec<Draw> {
    let mut draws: BTreeMap<LocationId, Draw> = BTreeMap::new();
    let mut seen: BTreeMap<LocationId, Vec<&Shown>> = BTreeMap::new();
    for shown in shown.iter().filter(|shown| !shown.things.is_empty()) {
        let components = components(model, &shown.things.bundles);
        for member in &members[shown.location.index()] {
            let fresh = || Draw { location: *member, ..Draw::default() };
            let draw = draws.entry(*member).or_insert_with(fresh);
            // A pool and its member, shown side by side.
            for other in seen.get(member).into_iter().flatten() {
                let both = shown.things.items.common(&other.things.items);
                let apart = |item: &usize| differ(model, (to, ItemId::at(*item)), [shown, other]);
                both.iter().filter(apart).for_each(|item| draw.twice.insert(item));
            }
            seen.entry(*member).or_default().push(shown);
            draw.items.union(&shown.things.items);
            draw.twice.union(&shown.twice);
            draw.components.union(&components.things.items);
            draw.components_twice.union(&components.twice);
        }
    }
    draws.into_values().collect()
}

/// Whether a system has two codes of an item for two places, and not one for both.
fn differ(model: &Model, (to, item): (SystemId, ItemId), places: [&Shown; 2]) -> bool {
    let codes = |shown: &Shown| -> BTreeSet<&str> {
        let here = |code: &&crate::model::item::Code| code.at.is_none_or(|only| only == shown.location);
        let all = model.codes_of_thing(to, Thing::Item(item)).map(|code| model.code(CodeId(code)));
        all.filter(here).map(|code| &*code.code).collect()
    };
    codes(places[0]) != codes(places[1])
}

/// The items that bundles take, and which of them two bundles take.
fn components(model: &Model, bundles: &Bits) -> Counted {
    let mut taken = Counted::default();
    for bundle in bundles.iter() {
        for component in &model.bundles[bundle].components {
            taken.add(Thing::Item(ItemId(component.item.0)));
        }
    }
    taken
}

/// Splits the items of a place by what their owners' counts are net of.
fn sums(model: &Model, owners: &Ownership, asked: &Terms, draw: &Draw) -> Vec<Sum> {
    let sum = |items, terms| Sum { location: draw.location, items, asked: *asked, terms };
    let mut sums = vec![sum(draw.needed(), *asked)];
    for (index, times) in asked.iter().enumerate().filter(|(_, times)| **times != 0) {
        let quantity = QuantityId::at(index);
        let parts = owners.split(draw.location, quantity, &draw.needed());
        for (owner, part) in parts {
            let net = net_of(model, model.owners[owner.index()].system, quantity);
            if net.is_empty() {
                continue;
            }
            for at in 0..sums.len() {
                let inside = sums[at].items.common(&part);
                if inside.is_empty() {
                    continue;
                }
                let mut terms = sums[at].terms;
                net.iter().for_each(|off| terms[*off] += times);
                sums[at].items.subtract(&inside);
                sums.push(sum(inside, terms));
            }
        }
    }
    sums.retain(|sum| !sum.items.is_empty());
    sums
}

/// The base quantities that are already off what a system shows of a quantity.
fn net_of(model: &Model, system: SystemId, quantity: QuantityId) -> Vec<usize> {
    let shows = model.system(system).shows.iter().find(|shows| shows.quantity == quantity);
    let names = shows.map_or(&[][..], |shows| &shows.net_of);
    let mut net: Vec<usize> =
        names.iter().filter_map(|name| BASE.iter().position(|base| *base == &**name)).collect();
    net.sort_unstable();
    net.dedup();
    net
}

fn sources(model: &Model, owners: &Ownership, sums: &[Sum]) -> Vec<SystemId> {
    let mut sources = BTreeSet::new();
    for sum in sums {
        for (index, _) in sum.terms.iter().enumerate().filter(|(_, times)| **times != 0) {
            let parts = owners.split(sum.location, QuantityId::at(index), &sum.items);
            sources.extend(parts.iter().map(|(owner, _)| model.owners[owner.index()].system));
        }
    }
    sources.into_iter().collect()
}
