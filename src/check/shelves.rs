//! Shelves from which several things are sold, and the allocations that divide them.

use super::Facts;
use super::cells::Cells;
use crate::graph::{Draw, Graph};
use crate::model::allocation::Allocation;
use crate::model::set::Bits;
use crate::model::{FlowId, LocationId, SystemId};
use std::collections::BTreeMap;

/// Items that two flows draw on: both as such, and at least one through a bundle.
pub fn between(one: &Draw, other: &Draw) -> (Bits, Bits) {
    let mut bundled = one.components.common(&other.needed());
    bundled.union(&other.components.common(&one.items));
    (one.items.common(&other.items), bundled)
}

/// Items that one flow draws on twice: under two codes, and at least once through a bundle.
pub fn within(draw: &Draw) -> (Bits, Bits) {
    let mut bundled = draw.components.common(&draw.items);
    bundled.union(&draw.components_twice);
    (draw.twice.clone(), bundled)
}

/// What one allocation divides.
pub struct Divided<'m> {
    /// The allocation.
    pub allocation: &'m Allocation,
    /// The flows for which it divides: those that sell, into its targets.
    pub flows: Vec<FlowId>,
    /// At each place, the items from which those sell two things or more.
    places: BTreeMap<LocationId, Bits>,
}

/// What each allocation divides, in reading order.
pub fn divided<'m>(facts: &Facts<'m>) -> Vec<Divided<'m>> {
    facts.model.allocations.iter().map(|allocation| Divided::of(facts, allocation)).collect()
}

impl<'m> Divided<'m> {
    fn of(facts: &Facts<'m>, allocation: &'m Allocation) -> Divided<'m> {
        let own = |flow: &FlowId| {
            let flow = facts.model.flow(*flow);
            allocation.has(flow.to) && facts.sells(flow) && facts.can_write(flow)
        };
        let flows: Vec<FlowId> = facts.flows().map(|(id, _)| id).filter(own).collect();
        let mut places: BTreeMap<LocationId, Bits> = BTreeMap::new();
        for (at, flow) in flows.iter().enumerate() {
            for draw in &facts.graph.flow(*flow).draws {
                let twice = places.entry(draw.location).or_default();
                let (plain, bundled) = within(draw);
                twice.union(&plain);
                twice.union(&bundled);
                let same = |other: &&FlowId| Graph::same_stock(facts.model, **other, *flow);
                for other in flows[..at].iter().filter(same) {
                    twice.union(&drawn(facts, *other, draw.location).common(&draw.needed()));
                }
            }
        }
        Divided { allocation, flows, places }
    }

    /// The items of one place that it divides.
    pub fn at(&self, place: LocationId) -> Option<&Bits> {
        self.places.get(&place)
    }

    /// Whether a target sells from a shelf that it divides.
    pub fn reaches(&self, facts: &Facts, system: SystemId) -> bool {
        let own = self.flows.iter().filter(|flow| facts.model.flow(**flow).to == system);
        own.into_iter().any(|flow| {
            let mut draws = facts.graph.flow(*flow).draws.iter();
            draws.any(|draw| self.at(draw.location).is_some_and(|items| items.meets(&draw.needed())))
        })
    }

    /// The cells that it divides and on which a flow outside of it draws.
    pub fn drawn_outside(&self, facts: &Facts, flow: FlowId) -> Cells {
        let mut cells = Cells::default();
        for draw in &facts.graph.flow(flow).draws {
            let Some(items) = self.at(draw.location) else { continue };
            cells.add(draw.location, &self.shared(facts, flow, draw).common(items));
        }
        cells
    }

    /// The cells that another allocation would divide as well.
    pub fn claimed_with(&self, facts: &Facts, other: &Divided<'_>) -> Cells {
        let mut cells = Cells::default();
        let mut places: BTreeMap<LocationId, Bits> = BTreeMap::new();
        for flow in &other.flows {
            for draw in &facts.graph.flow(*flow).draws {
                places.entry(draw.location).or_default().union(&self.shared(facts, *flow, draw));
            }
        }
        places.iter().for_each(|(place, items)| cells.add(*place, items));
        cells
    }

    /// The items of a draw on which its own flows draw, too.
    fn shared(&self, facts: &Facts, flow: FlowId, draw: &Draw) -> Bits {
        let mut shared = Bits::default();
        let same = |own: &&FlowId| Graph::same_stock(facts.model, **own, flow);
        for own in self.flows.iter().filter(same) {
            shared.union(&drawn(facts, *own, draw.location).common(&draw.needed()));
        }
        shared
    }
}

/// The items that a flow needs at a place.
fn drawn(facts: &Facts, flow: FlowId, place: LocationId) -> Bits {
    let mut draws = facts.graph.flow(flow).draws.iter();
    draws.find(|draw| draw.location == place).map_or_else(Bits::default, Draw::needed)
}
