//! The shelves that allocations divide, as numbers: which changes draw on the same one.

use super::change::Change;
use super::permit::cell_of;
use crate::count::{Mates, MatesCell};
use crate::graph::Graph;
use crate::model::{CodeId, FlowId, LocationId, Model};
use std::collections::BTreeMap;

/// The divided cells on which changes draw, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelves {
    cells: BTreeMap<(FlowId, CodeId, LocationId), Vec<u32>>,
}

impl Shelves {
    /// Those of some changes. Only changes that draw on a divided cell cost anything.
    pub fn of<'c>(model: &Model, graph: &Graph, changes: impl Iterator<Item = &'c Change>) -> Shelves {
        let mut shelves = Shelves::default();
        if model.allocations.is_empty() {
            return shelves;
        }
        let mates = Mates::new(model, graph);
        let mut numbers: BTreeMap<MatesCell, u32> = BTreeMap::new();
        for cell in changes.filter_map(|change| cell_of(model, change)) {
            let (flow, code, location) = cell;
            let mut own: Vec<u32> = Vec::new();
            for mate in mates.cells(flow, code, location) {
                let next = numbers.len() as u32;
                own.push(*numbers.entry(mate).or_insert(next));
            }
            own.sort_unstable();
            own.dedup();
            if !own.is_empty() {
                shelves.cells.insert(cell, own);
            }
        }
        shelves
    }

    /// The divided cells on which a change draws, sorted; none where it shares with nobody.
    pub fn cells(&self, model: &Model, change: &Change) -> &[u32] {
        let cell = if self.cells.is_empty() { None } else { cell_of(model, change) };
        cell.and_then(|cell| self.cells.get(&cell)).map_or(&[], Vec::as_slice)
    }
}
