//! Which cells of owners several targets divide, and who draws on them.

use super::target::sells;
use crate::graph::Graph;
use crate::model::allocation::Allocation;
use crate::model::{CodeId, FlowId, ItemId, LocationId, Model};
use std::collections::BTreeSet;

/// A cell that is divided: for which of the sets of flows that share stock, where, and what.
pub type MatesCell = (usize, LocationId, ItemId);

/// The sets of flows among which allocations divide.
#[derive(Debug)]
pub struct Mates<'m> {
    model: &'m Model,
    graph: &'m Graph,
    sets: Vec<Vec<FlowId>>,
}

impl<'m> Mates<'m> {
    /// Those of a model.
    pub fn new(model: &'m Model, graph: &'m Graph) -> Mates<'m> {
        let sets = model.allocations.iter().flat_map(|allocation| shelves_of(model, allocation));
        Mates { model, graph, sets: sets.collect() }
    }

    /// The divided cells on which a cell of a target draws: those of its item, or of each component, at
    /// each place whose stock it shows. None where nothing is divided for it.
    pub fn cells(&self, flow: FlowId, code: CodeId, location: LocationId) -> Vec<MatesCell> {
        let items = self.model.items_of(self.model.code(code).thing);
        let places = self.graph.locations_of(location);
        let sets = self.sets.iter().enumerate().filter(|(_, set)| set.contains(&flow));
        let mut cells = Vec::new();
        for (set, _) in sets {
            for place in places {
                cells.extend(items.iter().map(|item| (set, *place, *item)));
            }
        }
        cells
    }
}

/// The flows for which an allocation divides, in sets that draw on the same stock: a channel that shows
/// what is on its way does not share a shelf with one that shows what is there.
pub(super) fn shelves_of(model: &Model, allocation: &Allocation) -> Vec<Vec<FlowId>> {
    let own = |flow: &FlowId| {
        let flow = model.flow(*flow);
        allocation.has(flow.to) && sells(model, flow) && flow.write.is_some()
    };
    let mut sets: Vec<Vec<FlowId>> = Vec::new();
    for flow in (0..model.flows.len()).map(FlowId::at).filter(own) {
        let (mut joined, apart): (Vec<_>, Vec<_>) =
            sets.into_iter().partition(|set| set.iter().any(|other| Graph::same_stock(model, *other, flow)));
        joined.push(vec![flow]);
        let mut set: Vec<FlowId> = joined.into_iter().flatten().collect();
        set.sort_unstable();
        sets = apart;
        sets.push(set);
    }
    sets
}

/// Some flows, and those with which allocations divide their shelves: what these show must be known, too,
/// before a part can rise. Each once, in the order of the topology.
pub fn with_shelf_mates(model: &Model, flows: &[FlowId]) -> Vec<FlowId> {
    let mut all: BTreeSet<FlowId> = flows.iter().copied().collect();
    for set in model.allocations.iter().flat_map(|allocation| shelves_of(model, allocation)) {
        if set.iter().any(|flow| flows.contains(flow)) {
            all.extend(set);
        }
    }
    all.into_iter().collect()
}
