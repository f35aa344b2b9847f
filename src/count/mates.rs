//! Which cells of owners several targets divide, and who draws on them.

use super::division::shelves_of;
use crate::graph::Graph;
use crate::model::{CodeId, FlowId, ItemId, LocationId, Model};

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
