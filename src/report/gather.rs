//! What the state keeps, read for a report. It only reads, and asks no system.

use super::sold::{KEPT, Record};
use super::status::{Fact, Kept, LATELY, What};
use crate::graph::Graph;
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::model::{FlowId, ItemId, LocationId, Model, Name, SystemId};
use crate::state::{Known, Sold, StateError, Store, Turned};
use std::collections::BTreeMap;

/// A name and the one that it had before.
fn names<'n>(name: &'n Name, was: Option<&'n Name>) -> impl Iterator<Item = &'n str> {
    was.into_iter().chain([name]).map(|name| &**name)
}

/// All that the status of the flows of a topology rests on.
pub async fn gather(
    store: &mut dyn Store,
    (model, graph): (&Model, &Graph),
    now: Moment,
) -> Result<Kept, StateError> {
    let mut kept = Kept { queue: store.queue(true).await?, ..Kept::default() };
    let flows = model.flows.iter().map(|own| (&own.name, &own.was));
    let flows: Vec<_> = flows.chain(model.collects.iter().map(|own| (&own.name, &own.was))).collect();
    for (name, was) in flows {
        let mut turns: Vec<Turned> = Vec::new();
        for own in names(name, was.as_ref()) {
            turns.extend(store.turns(own, now.before(LATELY)).await?);
        }
        turns.sort_by_key(|(turn, _)| turn.began);
        kept.turns.insert(name.to_string(), turns);
    }
    kept.running = store.lease().await?.filter(|lease| lease.expires > now).map(|lease| lease.run);
    let mut known: BTreeMap<SystemId, Vec<Known>> = BTreeMap::new();
    for (at, system) in model.systems.iter().enumerate() {
        for own in names(&system.name, system.was.as_ref()) {
            known.entry(SystemId::at(at)).or_default().extend(store.known(own).await?);
            let moved = store.last_moved(own).await?;
            let newest = kept.moved.get(&SystemId::at(at)).copied().max(moved);
            kept.moved.extend(newest.map(|newest| (SystemId::at(at), newest)));
        }
    }
    kept.counted = counted(model, graph, &known);
    kept.record = record(store, (model, &[]), now).await?;
    Ok(kept)
}

/// The orders in the books of the last weeks: of some items, or of all where none is named.
pub async fn record(
    store: &mut dyn Store,
    (model, items): (&Model, &[ItemId]),
    now: Moment,
) -> Result<Record, StateError> {
    let named = items.iter().flat_map(|id| {
        let item = model.item(*id);
        names(&item.name, item.was()).map(str::to_owned)
    });
    let named: Vec<String> = named.collect();
    let mut systems: Vec<SystemId> = Vec::new();
    for flow in model.collects.iter().filter(|flow| flow.collects(Movement::Order).is_some()) {
        systems.push(flow.from);
    }
    systems.sort_unstable();
    systems.dedup();
    let mut sold: Vec<(SystemId, Sold)> = Vec::new();
    for id in systems {
        let system = model.system(id);
        for own in names(&system.name, system.was.as_ref()) {
            sold.push((id, store.sold(own, &named, now.before(KEPT)).await?));
        }
    }
    Ok(Record::of(model, &sold))
}

/// The newest count behind each flow that publishes, of the cells that it adds up.
fn counted(model: &Model, graph: &Graph, known: &BTreeMap<SystemId, Vec<Known>>) -> BTreeMap<String, Fact> {
    let items = model.items.iter().enumerate().map(|(at, item)| (&*item.name, ItemId::at(at)));
    let items: BTreeMap<&str, ItemId> = items.collect();
    let places = model.locations.iter().enumerate().map(|(at, own)| (&*own.name, LocationId::at(at)));
    let places: BTreeMap<&str, LocationId> = places.collect();
    let mut facts = BTreeMap::new();
    for (at, flow) in model.flows.iter().enumerate() {
        let facts_of = graph.flow(FlowId::at(at));
        let adds = |cell: &Known| {
            let (item, place) = (items.get(&*cell.item)?, places.get(&*cell.location)?);
            let sums = &facts_of.sums;
            sums.iter().find(|sum| sum.location == *place && sum.items.contains(item.index()))
        };
        let mut newest: Option<Fact> = None;
        for system in &facts_of.sources {
            let cells = known.get(system).into_iter().flatten().filter(|cell| adds(cell).is_some());
            let Some(last) = cells.filter_map(|cell| cell.as_of).max() else { continue };
            if newest.as_ref().is_none_or(|own| own.at < last) {
                let system = model.system(*system).name.to_string();
                newest = Some(Fact { what: What::Count, system, at: last });
            }
        }
        facts.extend(newest.map(|newest| (flow.name.to_string(), newest)));
    }
    facts
}
