//! What a topology implies: who owns which count, what each flow needs, and in which order flows run.
//!
//! Facts only: the words about them are in `check`. Everything is worked out on sets of items, one bit an
//! item, so that a catalog of a million rows costs a few passes over bits for each flow and place.

mod build;
pub mod dot;
pub mod faults;
pub mod json;
mod label;
pub mod lag;
mod layout;
mod meant;
pub mod mermaid;
mod order;
mod owners;
pub mod picture;
mod requests;
pub mod svg;

use crate::model::set::{Bits, Things};
use crate::model::{FlowId, ItemId, LocationId, Model, OwnerId, QuantityId, SystemId, quantity::BASE};
pub use build::build;
pub use dot::dot;
pub use faults::{Alarm, Fault, Faults, Part};
pub use json::json;
pub use meant::{Meant, Published};
pub use mermaid::mermaid;
pub use owners::{Claim, Ownership};
pub use picture::{Picture, picture};
pub use svg::svg;

/// How often each base quantity is added to a sum (below 0: taken off), by quantity id.
pub type Terms = [i64; BASE.len()];

/// The facts about one model.
#[derive(Debug, Default)]
pub struct Graph {
    owners: Ownership,
    known: Vec<build::Known>,
    members: Vec<Vec<LocationId>>,
    flows: Vec<FlowFacts>,
    order: Vec<FlowId>,
    cycles: Vec<Vec<FlowId>>,
    lags: lag::Lags,
}

/// What one flow writes, draws on and reads.
#[derive(Debug, Default)]
pub struct FlowFacts {
    /// What it writes: one for each location that the flow names and the target has, in the flow's order.
    pub shown: Vec<Shown>,
    /// What it draws on: one for each place where stock stands, by location.
    pub draws: Vec<Draw>,
    /// What it adds up: one for each place and each set of items that are added up alike.
    pub sums: Vec<Sum>,
    /// The systems that own counts which it needs; by id, each once.
    pub sources: Vec<SystemId>,
    /// The same and its target: what must be read to compute what is written.
    pub reads: Vec<SystemId>,
}

/// The cells of one location that a flow writes.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The target's location, which may be a pool.
    pub location: LocationId,
    /// The things that the flow publishes and for which the target has a code there.
    pub things: Things,
    /// The items of those with two codes or more.
    pub twice: Bits,
}

/// The shelves of one place that a flow draws on.
#[derive(Debug, Clone, Default)]
pub struct Draw {
    /// The place; never a pool.
    pub location: LocationId,
    /// Items that are published themselves.
    pub items: Bits,
    /// The items of those that are published under two codes or more.
    pub twice: Bits,
    /// Items that published bundles take.
    pub components: Bits,
    /// The items that two published bundles or more take.
    pub components_twice: Bits,
}

/// How items of one place are added up.
#[derive(Debug, Clone)]
pub struct Sum {
    /// The place; never a pool.
    pub location: LocationId,
    /// The items, published themselves or as components.
    pub items: Bits,
    /// The terms of the quantity that the flow names.
    pub asked: Terms,
    /// The same over counts as their owners show them: what is already off is not taken off again.
    pub terms: Terms,
}

impl Draw {
    /// All items that are needed there.
    pub fn needed(&self) -> Bits {
        let mut all = self.items.clone();
        all.union(&self.components);
        all
    }
}

impl Graph {
    /// Who owns which counts.
    pub fn owners(&self) -> &Ownership {
        &self.owners
    }

    /// The owner of a base quantity of an item at a place; the first one where several claim it.
    pub fn owner_of(&self, item: ItemId, location: LocationId, quantity: QuantityId) -> Option<OwnerId> {
        self.owners.owner_of(item, location, quantity)
    }

    /// The facts about a flow.
    pub fn flow(&self, flow: FlowId) -> &FlowFacts {
        &self.flows[flow.index()]
    }

    /// All flows in the order in which they run: one that writes into a system before those that need
    /// counts of that system; flows that wait for each other, and all else, in reading order.
    pub fn flow_order(&self) -> &[FlowId] {
        &self.order
    }

    /// Flows that write into systems whose counts the others need, in a circle; each circle by flow.
    pub fn cycles(&self) -> &[Vec<FlowId>] {
        &self.cycles
    }

    /// How late each flow can be.
    pub fn lags(&self) -> &lag::Lags {
        &self.lags
    }

    /// The systems that a flow reads: owners of counts that it needs, and its target; by id, each once.
    pub fn reads(&self, flow: FlowId) -> &[SystemId] {
        &self.flow(flow).reads
    }

    /// The places where the stock of a location stands: a pool's members, or the location itself.
    pub fn locations_of(&self, location: LocationId) -> &[LocationId] {
        &self.members[location.index()]
    }

    /// The items for which a system has a code that is valid at a location.
    pub fn items_known(&self, system: SystemId, location: LocationId) -> Bits {
        self.known[system.index()].at(location).things.items
    }

    /// Whether two flows add up some of the same counts: a channel that shows what is on its way does not
    /// draw on the shelf.
    pub fn same_stock(model: &Model, first: FlowId, second: FlowId) -> bool {
        let (one, other) = (Graph::asked(model, first), Graph::asked(model, second));
        one.iter().zip(&other).any(|(one, other)| *one > 0 && *other > 0)
    }

    /// The base quantities that a flow's quantity names.
    pub fn asked(model: &Model, flow: FlowId) -> Terms {
        let mut terms = Terms::default();
        for (quantity, times) in &model.quantity(model.flow(flow).quantity).terms {
            if let Some(term) = terms.get_mut(quantity.index()) {
                *term += times;
            }
        }
        terms
    }
}
