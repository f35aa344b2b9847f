//! Who sells from one shelf beside a flow's target, and which of those sales can oversell it.

use crate::graph::{Draw, Graph};
use crate::model::capability::WriteClass;
use crate::model::flow::Flow;
use crate::model::movement::Movement;
use crate::model::system::{Orders, Role, System, parameters};
use crate::model::{FlowId, ItemId, LocationId, Model, SystemId};

/// One shelf as a flow's target sells from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// Whether the target refuses a write, or adds it up, where something was sold meanwhile.
    pub compares: bool,
    /// The target itself, where it sells the shelf as two things or more: a sale of the one leaves the other
    /// as it is.
    pub twice: Option<SystemId>,
    /// Whether an allocation divides it for the target.
    pub divided: bool,
    /// The count above which that allocation leaves it undivided.
    pub pooled_above: Option<i64>,
    /// The systems of which sales between a read and the write that follows can oversell it here, by id.
    pub counted: Vec<SystemId>,
    /// The systems with which the allocation divides it, by id.
    pub mates: Vec<SystemId>,
    /// The systems that sell from it and whose orders nobody collects here, by id.
    pub unrecorded: Vec<SystemId>,
}

/// Whether a flow publishes to something that sells.
pub fn sells(model: &Model, flow: &Flow) -> bool {
    model.system(flow.to).role == Role::Channel && flow.write.is_some()
}

/// What a flow draws on at a place, where it needs the item there.
pub fn draw(graph: &Graph, flow: FlowId, (item, place): (ItemId, LocationId)) -> Option<&Draw> {
    let needs = |draw: &&Draw| {
        draw.location == place
            && (draw.items.contains(item.index()) || draw.components.contains(item.index()))
    };
    graph.flow(flow).draws.iter().find(needs)
}

/// Whether a write to a system cannot undo a sale that it has not seen: it is compared, or adds to what
/// stands there under a key. A statement without `:before` compares nothing, whatever its kind could do.
fn compares(system: &System) -> bool {
    let asks = system.set.as_ref().is_none_or(|(statement, _)| parameters(statement).contains(&"before"));
    match system.kind.class {
        WriteClass::CompareAndSet => asks,
        WriteClass::KeyedDelta => true,
        WriteClass::Absolute | WriteClass::BareDelta | WriteClass::ReadOnly => false,
    }
}

/// Whether one target sells an item of a place as two things or more.
fn sold_twice(draw: &Draw, item: ItemId) -> bool {
    let item = item.index();
    draw.twice.contains(item)
        || draw.components_twice.contains(item)
        || (draw.items.contains(item) && draw.components.contains(item))
}

/// Whether a flow collects the orders of a system.
pub fn is_recorded(model: &Model, system: SystemId) -> bool {
    model.collects.iter().any(|own| own.from == system && own.collects(Movement::Order).is_some())
}

/// Those of some systems whose orders nobody collects here.
fn unrecorded(model: &Model, systems: &[SystemId]) -> Vec<SystemId> {
    systems.iter().copied().filter(|system| !is_recorded(model, *system)).collect()
}

impl Shelf {
    /// The shelf of an item at a place as a flow sells from it; `sellers` are the systems that the record
    /// shows to have sold from it. `None` where the flow does not sell it.
    pub fn of(
        (model, graph): (&Model, &Graph),
        id: FlowId,
        cell: (ItemId, LocationId),
        sellers: &[SystemId],
    ) -> Option<Shelf> {
        let flow = model.flow(id);
        let own = draw(graph, id, cell).filter(|_| sells(model, flow))?;
        let allocation = model.allocations.iter().find(|own| own.has(flow.to));
        let (compares, divided) = (compares(model.system(flow.to)), allocation.is_some());
        let mut others: Vec<SystemId> = sellers.to_vec();
        for (at, other) in model.flows.iter().enumerate() {
            let at = FlowId::at(at);
            let same = sells(model, other) && Graph::same_stock(model, at, id);
            if same && draw(graph, at, cell).is_some() {
                others.push(other.to);
            }
        }
        let may_sell = |system: &SystemId| {
            let nothing = matches!(model.system(*system).orders, Some((Orders::Nothing, _)));
            !nothing || sellers.contains(system)
        };
        others.retain(|other| *other != flow.to && may_sell(other));
        others.sort_unstable();
        others.dedup();
        let (mates, outside): (Vec<SystemId>, Vec<SystemId>) =
            others.into_iter().partition(|other| allocation.is_some_and(|own| own.has(*other)));
        let twice = Some(flow.to).filter(|to| sold_twice(own, cell.0) && may_sell(to));
        let mut counted = outside;
        if may_sell(&flow.to) && (!compares || (twice.is_some() && !divided)) {
            counted.push(flow.to);
            counted.sort_unstable();
        }
        let pooled_above = allocation.and_then(|own| own.pooled_above);
        let unrecorded = unrecorded(model, &counted);
        Some(Shelf { compares, twice, divided, pooled_above, counted, mates, unrecorded })
    }

    /// The same as it is while the allocation leaves it undivided: then whatever its mates sell counts, too.
    pub fn undivided(&self, model: &Model) -> Shelf {
        let mut all = self.clone();
        all.counted.extend(self.mates.iter().chain(&self.twice));
        all.counted.sort_unstable();
        all.counted.dedup();
        all.unrecorded = unrecorded(model, &all.counted);
        all
    }
}
