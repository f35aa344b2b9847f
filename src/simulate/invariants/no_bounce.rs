//! A count never rises because of a sale that was not seen: what a raise shows is there, less all that was
//! sold in that channel, and in others before the run began.

use crate::model::capability::WriteClass;
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
    let seen = |order: &&Order| {
        let sold = &world.layout.cells[order.cell];
        let collected = world.layout.ways[sold.system.index()].collect.is_some();
        let known = collected || order.taken_ms.is_some_and(|taken| taken < since);
        let there = order.place.is_some_and(|own| own == *place);
        there && known && (order.placed_ms < since || (sees_own && sold.system == own.system && collected))
    };
    for (item, each) in &own.parts {
        let spot = world.layout.spot_of.get(&(*item, *place))?;
        let sold = world.live.iter().map(|at| &world.orders[*at]).filter(seen);
        let of_item = |order: &Order| {
            let parts = &world.layout.cells[order.cell].parts;
            parts.iter().find(|(own, _)| own == item).map_or(0, |(_, each)| each * order.open)
        };
        let open: i64 = sold.map(of_item).sum();
        let there = world.shelves[*spot].good - open;
        if shown * each > there.max(0) {
            let (name, item) = (world.name(cell), &world.model.item(*item).name);
            return Some(format!(
                "{name} rose from {before} to {shown}, and of {item} only {there} are there beside what was \
                 sold"
            ));
        }
    }
    None
}
