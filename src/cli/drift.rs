//! Looking for drift: what the state keeps of some cells, beside what their systems show now.

use super::topology::Topology;
use crate::apply::Observed;
use crate::apply::books::Books;
use crate::model::item::Thing;
use crate::model::{ItemId, Model, SystemId};
use crate::plan::explain::Cell;
use crate::report::drift::{Ask, Drifts, Looked, Record, drifts, looks_back};
use crate::state::{StateError, Store};
use std::collections::BTreeSet;

/// Where the numbers of some cells differ from what is expected: one answer a cell, in their order. Without a
/// state nothing is expected.
pub async fn look(
    store: Option<&mut Box<dyn Store>>,
    topology: &Topology,
    (observed, books): (&Observed, &Books),
    asked: &[Ask],
) -> Result<Vec<Drifts>, StateError> {
    let Some(store) = store else { return Ok(vec![Drifts::default(); asked.len()]) };
    let (model, graph) = (&*topology.model, &*topology.graph);
    let cells: Vec<Cell> = asked.iter().map(|ask| ask.cell).collect();
    let record = record(store.as_mut(), model, books, &cells).await?;
    let looked = Looked { seen: &observed.observations, began: observed.began };
    Ok(drifts(model, graph, looked, &record, asked))
}

async fn record(
    store: &mut dyn Store,
    model: &Model,
    books: &Books,
    cells: &[Cell],
) -> Result<Record, StateError> {
    let codes: BTreeSet<&str> = cells.iter().map(|(_, code, _)| &*model.code(*code).code).collect();
    let things: BTreeSet<Thing> = cells.iter().map(|(_, code, _)| model.code(*code).thing).collect();
    let items: BTreeSet<ItemId> = things.into_iter().flat_map(|thing| model.items_of(thing)).collect();
    let named: BTreeSet<&str> = items.iter().map(|item| &*model.item(*item).name).collect();
    let targets: BTreeSet<SystemId> = cells.iter().map(|(flow, ..)| model.flow(*flow).to).collect();
    let mut record = Record { fresh: books.fresh().to_vec(), ..Record::default() };
    for target in targets {
        let written = store.written(&model.system(target).name).await?;
        record.written.extend(written.into_iter().filter(|own| codes.contains(&*own.code)));
    }
    for owner in model.owners.iter().map(|own| own.system).collect::<BTreeSet<_>>() {
        let known = store.known(&model.system(owner).name).await?;
        record.known.extend(known.into_iter().filter(|own| named.contains(&*own.item)));
    }
    let runs: BTreeSet<&String> = record.written.iter().map(|own| &own.run).collect();
    for run in runs {
        record.began.extend(store.run(run).await?.map(|own| (own.id, own.began)));
    }
    if model.collects.is_empty() {
        return Ok(record);
    }
    if let Some(since) = looks_back(&record) {
        let was = items.iter().filter_map(|item| model.item(*item).was().map(|was| &**was));
        let names: Vec<String> = named.iter().copied().chain(was).map(str::to_owned).collect();
        record.booked = store.movements_since(Some(&names), since).await?;
    }
    record.open = store.waiting().await?;
    record.open.retain(|line| line.settled.is_none());
    record.cursors = store.cursors().await?;
    Ok(record)
}
