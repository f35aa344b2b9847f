//! What the rules about cells mean, cell by cell: slow, plain, and written apart from the rules.

use super::Found;
use onhand::graph::Graph;
use onhand::model::flow::Flow;
use onhand::model::item::{Code, Thing};
use onhand::model::quantity::{BASE, ON_HAND, RESERVED};
use onhand::model::system::Role;
use onhand::model::*;
use std::collections::{BTreeMap, BTreeSet};

type Cell = (ItemId, LocationId);
type Count = (ItemId, LocationId, QuantityId);

fn members(model: &Model, at: LocationId) -> Vec<LocationId> {
    match model.location(at).pool.is_empty() {
        true => vec![at],
        false => model.location(at).pool.clone(),
    }
}

/// Every code that a flow writes, and where.
fn shown<'m>(model: &'m Model, flow: &Flow) -> Vec<(&'m Code, LocationId)> {
    let mut shown = Vec::new();
    for code in model.codes.iter().filter(|c| c.system == flow.to && flow.things.contains(c.thing)) {
        for (at, _) in &flow.at {
            let valid = code.at.is_none_or(|only| only == *at);
            if valid && model.location(*at).code_in(flow.to).is_some() {
                shown.push((code, *at));
            }
        }
    }
    shown
}

/// What each code draws on: the code, and whether through a bundle.
fn draws<'m>(model: &'m Model, flow: &Flow) -> BTreeMap<Cell, Vec<(&'m Code, bool)>> {
    let mut draws: BTreeMap<Cell, Vec<(&Code, bool)>> = BTreeMap::new();
    for (code, at) in shown(model, flow) {
        for member in members(model, at) {
            let items: Vec<ItemId> = match code.thing {
                Thing::Item(item) => vec![item],
                Thing::Bundle(id) => model.bundle(id).components.iter().map(|c| c.item).collect(),
            };
            let bundled = matches!(code.thing, Thing::Bundle(_));
            items.iter().for_each(|item| draws.entry((*item, member)).or_default().push((code, bundled)));
        }
    }
    draws
}

/// Who owns a count; with `named`, only by naming the place itself and not a pool over it.
fn owners(model: &Model, (item, at, quantity): Count, named: bool) -> Vec<OwnerId> {
    let owns = |owner: &&owner::Owner| {
        let here = owner.at.iter().any(|(place, span)| match model.location(*place).is_pool() {
            true => !named && *span != owner.origin && members(model, *place).contains(&at),
            false => *place == at,
        });
        let counts = owner.quantities.iter().any(|(q, _)| *q == quantity);
        here && counts && owner.items.contains(item.index())
    };
    (0..model.owners.len()).map(OwnerId::at).filter(|id| owns(&&model.owners[id.index()])).collect()
}

fn owner(model: &Model, count: Count) -> Option<&owner::Owner> {
    owners(model, count, false).first().map(|id| &model.owners[id.index()])
}

/// Whether several systems own a count.
fn contested(model: &Model, count: Count) -> bool {
    let systems = owners(model, count, true).into_iter().map(|id| model.owners[id.index()].system);
    systems.collect::<BTreeSet<_>>().len() > 1
}

fn shows(model: &Model, system: SystemId, quantity: QuantityId) -> bool {
    model.system(system).shows.iter().any(|shows| shows.quantity == quantity)
}

fn asked(model: &Model, flow: &Flow, quantity: QuantityId) -> i64 {
    let terms = &model.quantity(flow.quantity).terms;
    terms.iter().filter(|(id, _)| *id == quantity).map(|(_, times)| times).sum()
}

/// How often a base quantity counts, given what the owners' counts are net of.
fn effective(model: &Model, flow: &Flow, (item, at, quantity): Count) -> i64 {
    let mut times = asked(model, flow, quantity);
    for gross in (0..BASE.len()).map(QuantityId::at) {
        let Some(owner) = owner(model, (item, at, gross)) else { continue };
        let shows = model.system(owner.system).shows.iter().filter(|shows| shows.quantity == gross);
        if shows.into_iter().any(|s| s.net_of.iter().any(|name| **name == *BASE[quantity.index()])) {
            times += asked(model, flow, gross);
        }
    }
    times
}

/// Counts that a flow needs and nobody owns.
fn gaps(model: &Model, flow: &Flow) -> BTreeSet<Count> {
    if flow.write.is_none() {
        return BTreeSet::new();
    }
    let cells: Vec<Cell> = draws(model, flow).into_keys().collect();
    let mut gaps = BTreeSet::new();
    for (item, at) in &cells {
        for quantity in (0..BASE.len()).map(QuantityId::at).filter(|q| asked(model, flow, *q) != 0) {
            let count = (*item, *at, quantity);
            if owner(model, count).is_some() || effective(model, flow, count) == 0 {
                continue;
            }
            let alone = asked(model, flow, ON_HAND) == 0;
            let elsewhere = cells.iter().any(|(i, l)| owner(model, (*i, *l, quantity)).is_some());
            let on_hand = owner(model, (*item, *at, ON_HAND));
            let could = on_hand.is_some_and(|owner| shows(model, owner.system, quantity));
            let contested = contested(model, (*item, *at, ON_HAND));
            if quantity == ON_HAND || alone || (elsewhere && could && !contested) {
                gaps.insert(count);
            }
        }
    }
    gaps
}

/// Whether the target takes the count as it is: not where it has taken off what the count still has.
fn writable(model: &Model, flow: &Flow) -> bool {
    let mut shows = model.system(flow.to).shows.iter().filter(|shows| shows.quantity == flow.quantity);
    flow.write.is_some() && shows.all(|shows| shows.net_of.is_empty())
}

fn collide(model: &Model, first: usize, second: usize) -> (usize, usize) {
    let (one, other) = (&model.flows[first], &model.flows[second]);
    if one.to != other.to {
        return (0, 0);
    }
    let column = |flow: &Flow| flow.write.as_ref().map(|write| write.column.clone());
    let (mut same, mut doubled) = (BTreeSet::new(), BTreeSet::new());
    for (code, at) in shown(model, one) {
        for (beside, place) in shown(model, other) {
            if code.thing != beside.thing {
                continue;
            }
            if first != second && at == place && column(one).is_some() && column(one) == column(other) {
                same.insert((code.thing, at));
            }
            let pool = model.location(at).is_pool() || model.location(place).is_pool();
            let shared = members(model, at).iter().any(|member| members(model, place).contains(member));
            if at != place && pool && shared {
                doubled.insert((code.thing, at.min(place), at.max(place)));
            }
        }
    }
    (same.len(), doubled.len())
}

fn shelves(model: &Model, first: usize, second: usize) -> (usize, usize) {
    let (one, other) = (&model.flows[first], &model.flows[second]);
    if !sells(model, one) || !sells(model, other) || collide(model, first, second) != (0, 0) {
        return (0, 0);
    }
    let within = |flow: &Flow| {
        let to = flow.to;
        model.allocations.iter().filter(move |own| own.has(to))
    };
    if within(one).next().is_some() && within(other).next().is_some() {
        return (0, 0);
    }
    let divided: BTreeSet<Cell> =
        within(one).chain(within(other)).flat_map(|own| divided(model, own)).collect();
    let shared = shared(model, first, second);
    let left = || shared.iter().filter(|(cell, _)| !divided.contains(cell)).map(|(_, kinds)| kinds);
    (left().filter(|kinds| kinds.0).count(), left().filter(|kinds| kinds.1).count())
}

fn sells(model: &Model, flow: &Flow) -> bool {
    model.system(flow.to).role == Role::Channel && writable(model, flow)
}

/// The cells on which two flows, or one, draw twice: as such, and through a bundle.
fn shared(model: &Model, first: usize, second: usize) -> BTreeMap<Cell, (bool, bool)> {
    let (one, other) = (&model.flows[first], &model.flows[second]);
    let mut cells = BTreeMap::new();
    if !alike(model, one, other) {
        return cells;
    }
    let theirs = draws(model, other);
    for (cell, mine) in draws(model, one) {
        let Some(theirs) = theirs.get(&cell) else { continue };
        let pairs = || mine.iter().flat_map(|a| theirs.iter().map(move |b| (a, b)));
        let apart = |(a, b): &(&(&Code, bool), &(&Code, bool))| {
            first != second || (a.0.code != b.0.code && !(a.1 && b.1 && a.0.thing == b.0.thing))
        };
        let plain = pairs().filter(apart).any(|(a, b)| !a.1 && !b.1);
        let bundled = pairs().filter(apart).any(|(a, b)| a.1 || b.1);
        if plain || bundled {
            cells.insert(cell, (plain, bundled));
        }
    }
    cells
}

/// Whether two flows add up some of the same counts.
fn alike(model: &Model, one: &Flow, other: &Flow) -> bool {
    let added = |q: &QuantityId| asked(model, one, *q) > 0 && asked(model, other, *q) > 0;
    (0..BASE.len()).map(QuantityId::at).any(|q| added(&q))
}

/// The flows for which an allocation divides.
fn flows_of(model: &Model, own: &allocation::Allocation) -> Vec<usize> {
    let here = |at: &usize| own.has(model.flows[*at].to) && sells(model, &model.flows[*at]);
    (0..model.flows.len()).filter(here).collect()
}

/// The cells of which an allocation's targets sell two things or more.
fn divided(model: &Model, own: &allocation::Allocation) -> BTreeSet<Cell> {
    let flows = flows_of(model, own);
    let pairs = flows.iter().flat_map(|one| flows.iter().map(move |other| (*one, *other)));
    pairs.flat_map(|(one, other)| shared(model, one, other).into_keys()).collect()
}

fn outside(model: &Model, add: &mut impl FnMut(&'static str, u32, usize)) {
    let mut add = |start: u32, cells: usize| add("allocation-outside", start, cells);
    let on = |at: usize| -> BTreeSet<Cell> { draws(model, &model.flows[at]).into_keys().collect() };
    for (at, own) in model.allocations.iter().enumerate() {
        let divided = divided(model, own);
        for (system, place) in &own.among {
            let flows: Vec<usize> =
                (0..model.flows.len()).filter(|flow| model.flows[*flow].to == *system).collect();
            let judged = flows.iter().all(|f| writable(model, &model.flows[*f]) && !on(*f).is_empty());
            let reaches = flows_of(model, own)
                .iter()
                .any(|f| flows.contains(f) && on(*f).iter().any(|cell| divided.contains(cell)));
            let sells = model.system(*system).role == Role::Channel && !flows.is_empty();
            add(place.start, usize::from(!sells || (judged && !reaches)));
        }
        let theirs = |others: Vec<usize>, flow: usize| -> BTreeSet<Cell> {
            let alike = others.into_iter().filter(|f| alike(model, &model.flows[*f], &model.flows[flow]));
            let drawn: BTreeSet<Cell> = alike.flat_map(on).collect();
            on(flow).intersection(&drawn).copied().collect()
        };
        for earlier in &model.allocations[..at] {
            let flows = flows_of(model, own);
            let both = flows.iter().flat_map(|flow| theirs(flows_of(model, earlier), *flow));
            add(own.origin.start, both.collect::<BTreeSet<Cell>>().len());
        }
        for (flow, text) in model.flows.iter().enumerate() {
            let inside = model.allocations.iter().any(|other| other.has(text.to));
            if !inside && sells(model, text) {
                let cells = theirs(flows_of(model, own), flow);
                add(text.origin.start, cells.intersection(&divided).count());
            }
        }
    }
}

/// All findings, by what the rules say.
pub fn found(model: &Model) -> Found {
    let mut found = Found::new();
    let mut add = |slug, start: u32, cells: usize| {
        if cells > 0 {
            found.entry((slug, start)).or_default().push(cells);
        }
    };
    overlaps(model, &mut add);
    outside(model, &mut add);
    let direct: BTreeSet<Cell> = model
        .flows
        .iter()
        .flat_map(|flow| draws(model, flow))
        .filter(|(_, codes)| codes.iter().any(|(_, bundled)| !bundled))
        .map(|(cell, _)| cell)
        .collect();
    for flow in &model.flows {
        let start = flow.origin.start;
        let gaps = gaps(model, flow);
        let items = gaps.iter().filter(|(item, at, _)| direct.contains(&(*item, *at))).count();
        add("owner-gap", start, items);
        add("component-unowned", start, gaps.len() - items);
        let draws = draws(model, flow);
        add("owner-unmapped", start, draws.keys().filter(|cell| unmapped(model, flow, **cell)).count());
        if !writable(model, flow) {
            continue;
        }
        let written = |(item, at): &&Cell| -> usize {
            let added = (0..BASE.len()).map(QuantityId::at).filter(|q| asked(model, flow, *q) > 0);
            added.filter(|q| owner(model, (*item, *at, *q)).is_some_and(|o| o.system == flow.to)).count()
        };
        add("writes-to-owner", start, draws.keys().map(|cell| written(&cell)).sum());
        let reserved = |(item, at): &&Cell| {
            let count = (*item, *at, RESERVED);
            let on_hand = owner(model, (*item, *at, ON_HAND)).is_some();
            let unowned = owner(model, count).is_none() && !gaps.contains(&count);
            let sure = on_hand && !contested(model, (*item, *at, ON_HAND));
            sure && unowned && asked(model, flow, RESERVED) < 0 && effective(model, flow, count) < 0
        };
        if model.system(flow.to).role == Role::Channel {
            add("reserved-unowned", start, draws.keys().filter(reserved).count());
        }
    }
    for second in 0..model.flows.len() {
        for first in 0..=second {
            let start = model.flows[second].origin.start;
            let (same, doubled) = collide(model, first, second);
            add("two-flows-one-cell", start, same);
            add("pool-beside-member", start, doubled);
            let (plain, bundled) = shelves(model, first, second);
            add("shared-pool", start, plain);
            add("bundle-beside-component", start, bundled);
        }
    }
    found
}

fn overlaps(model: &Model, add: &mut impl FnMut(&'static str, u32, usize)) {
    let mut pairs: BTreeMap<(OwnerId, OwnerId), usize> = BTreeMap::new();
    for item in (0..model.items.len()).map(ItemId::at) {
        for at in (0..model.locations.len()).map(LocationId::at) {
            for quantity in (0..BASE.len()).map(QuantityId::at) {
                let owners = owners(model, (item, at, quantity), true);
                for (index, second) in owners.iter().enumerate() {
                    for first in &owners[..index] {
                        let system = |id: &OwnerId| model.owners[id.index()].system;
                        if system(first) != system(second) && !model.location(at).is_pool() {
                            *pairs.entry((*first, *second)).or_default() += 1;
                        }
                    }
                }
            }
        }
    }
    for ((_, second), cells) in pairs {
        add("owner-overlap", model.owners[second.index()].origin.start, cells);
    }
}

fn unmapped(model: &Model, flow: &Flow, (item, at): Cell) -> bool {
    (0..BASE.len()).map(QuantityId::at).any(|quantity| {
        let count = (item, at, quantity);
        let Some(owner) = owner(model, count) else { return false };
        let knows = |code: &Code| {
            code.system == owner.system
                && code.thing == Thing::Item(item)
                && code.at.is_none_or(|only| only == at)
        };
        effective(model, flow, count) != 0
            && shows(model, owner.system, quantity)
            && model.location(at).code_in(owner.system).is_some()
            && !model.codes.iter().any(knows)
    })
}

/// Compares what a graph says about owners, members and reads.
pub fn facts(model: &Model, graph: &Graph, seed: u64) {
    for item in (0..model.items.len()).map(ItemId::at) {
        for at in (0..model.locations.len()).map(LocationId::at) {
            assert_eq!(graph.locations_of(at), members(model, at), "seed {seed}");
            if model.location(at).is_pool() {
                continue;
            }
            for quantity in (0..BASE.len()).map(QuantityId::at) {
                let count = (item, at, quantity);
                let owner = owners(model, count, false).first().copied();
                assert_eq!(graph.owner_of(item, at, quantity), owner, "seed {seed}: {count:?}");
            }
        }
    }
    for (index, flow) in model.flows.iter().enumerate() {
        let mut reads = BTreeSet::from([flow.to]);
        for (item, at) in draws(model, flow).into_keys() {
            for quantity in (0..BASE.len()).map(QuantityId::at) {
                if effective(model, flow, (item, at, quantity)) != 0 {
                    reads.extend(owner(model, (item, at, quantity)).map(|owner| owner.system));
                }
            }
        }
        let reads: Vec<SystemId> = reads.into_iter().collect();
        assert_eq!(graph.reads(FlowId::at(index)), reads, "seed {seed}: flow {index}");
    }
}
