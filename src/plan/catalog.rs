//! Rows of catalogs that cannot be used, as failures of the flows that would publish what they are about.

use super::change::RowFault;
use crate::graph::Graph;
use crate::model::item::Thing;
use crate::model::set::Things;
use crate::model::{BadRow, FlowId, Model};
use std::collections::BTreeSet;

/// The bad rows that concern one flow: each about a thing that it publishes, or about what one of its
/// bundles is made of, `only` these if given. A row of nobody knows what concerns every flow.
pub(super) fn bad_rows(
    model: &Model,
    graph: &Graph,
    only: Option<&Things>,
    flow: FlowId,
) -> impl Iterator<Item = RowFault> {
    let shown = &graph.flow(flow).shown;
    let published = |thing: Thing| shown.iter().any(|shown| shown.things.contains(thing));
    let chosen = |thing: Thing| only.is_none_or(|items| items.contains(thing));
    let doubts = model.doubts.iter().filter(|(thing, _)| chosen(**thing) && published(**thing));
    let behind: BTreeSet<Thing> = doubts.flat_map(|(_, doubt)| doubt.because.iter().copied()).collect();
    let concerned = move |row: &&BadRow| row.thing.is_none_or(|thing| behind.contains(&thing));
    model.bad_rows.iter().filter(concerned).map(move |row| failure(model, flow, row))
}

fn failure(model: &Model, flow: FlowId, row: &BadRow) -> RowFault {
    let flow = model.flow(flow);
    let why = match row.thing {
        Some(_) => "it and the bundles over it are not written until the row is mended",
        None => "what the row is about is not written until it is mended",
    };
    RowFault {
        flow: flow.name.to_string(),
        system: model.system(flow.to).name.to_string(),
        location: None,
        item: row.thing.map_or_else(String::new, |thing| model.thing_name(thing).to_string()),
        code: String::new(),
        record: format!("row {}", row.record),
        source: row.file.to_string(),
        field: row.field.to_string(),
        reason: format!("{}: {why}", row.reason),
    }
}
