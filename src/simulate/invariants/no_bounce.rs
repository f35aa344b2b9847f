//! A count never rises because of a sale that was not seen: what a raise shows is there, less all that was
//! sold in that channel, and in others before the run began.
//!
//! What a run could not know is not held against it: goods that have left for a sale that it could not see;
//! where the target does not compare, what its own orders gave back or took along while it was written; and
//! where it adds, what they gave back of a shelf that was short: 0 was to be shown of less than nothing. All
//! are the exposure that a plan states.

use crate::model::capability::WriteClass;
use crate::model::movement::Movement;
use crate::model::{ItemId, LocationId};
use crate::simulate::order::Order;
use crate::simulate::world::World;

/// The name of the invariant.
pub const NAME: &str = "no-bounce";

/// Why a cell that was written bounces; `None` where it does not.
pub fn broken(world: &World, cell: usize, (before, since): (i64, i64)) -> Option<String> {
    let (own, shown) = (&world.layout.cells[cell], world.levels[cell].shown());
    let [place] = own.places.as_slice() else { return None };
    if shown <= before || !own.sells {
        return None;
    }
    let class = world.model.system(own.system).kind.class;
    // What compares, or adds, sees every sale of its own; anybody else sees what was sold before it read.
    let sees_own = matches!(class, WriteClass::CompareAndSet | WriteClass::KeyedDelta);
    let from_here = |order: &&Order| order.place == Some(*place);
    let seen = |order: &&Order| {
        let sold = &world.layout.cells[order.cell];
        let collected = world.layout.ways[sold.system.index()].collect.is_some();
        // A file shows what was true when it was made.
        let read = world.keeper_of(order).map_or(since, |keeper| world.read_ms[keeper.index()].min(since));
        let known = collected || order.taken_ms.is_some_and(|taken| taken < read);
        known && (order.placed_ms < since || (sees_own && sold.system == own.system && collected))
    };
    for (item, each) in &own.parts {
        let spot = world.layout.spot_of.get(&(*item, *place))?;
        let sold = world.live.iter().map(|at| &world.orders[*at]).filter(from_here).filter(seen);
        let open: i64 = sold.map(|order| each_of(world, order, *item) * order.open).sum();
        let there = world.shelves[*spot].good - open;
        if shown * each <= there.max(0) {
            continue;
        }
        let unseen = world.orders.iter().filter(from_here).filter(|order| !seen(order));
        let left: i64 = unseen.map(|order| each_of(world, order, *item) * order.shipped).sum();
        let own_moved = || each * moved_since(world, (cell, *place), since);
        let moved = match class {
            WriteClass::CompareAndSet => 0,
            WriteClass::KeyedDelta => Some(own_moved()).filter(|moved| there < *moved).unwrap_or(0),
            WriteClass::Absolute | WriteClass::BareDelta | WriteClass::ReadOnly => own_moved(),
        };
        if shown * each > (there + left).max(0) + moved {
            let (name, item) = (world.name(cell), &world.model.item(*item).name);
            return Some(format!(
                "{name} rose from {before} to {shown}, and of {item} only {there} are there beside what was \
                 sold"
            ));
        }
    }
    None
}

/// How much of an item one unit of an order takes.
fn each_of(world: &World, order: &Order, item: ItemId) -> i64 {
    let parts = &world.layout.cells[order.cell].parts;
    parts.iter().find(|(own, _)| *own == item).map_or(0, |(_, each)| *each)
}

/// How many units of a cell's own orders at a place were cancelled or shipped since a moment.
fn moved_since(world: &World, (cell, place): (usize, LocationId), since: i64) -> i64 {
    let first = world.events.partition_point(|event| event.at_ms < since);
    let own = world.events[first..].iter().filter(|event| {
        let order = &world.orders[event.order];
        let moves = matches!(event.movement, Movement::Cancellation | Movement::Shipment);
        moves && order.cell == cell && order.place == Some(place)
    });
    own.map(|event| event.units).sum()
}
