//! When the world stands still, nothing is left to do after a few cycles, and what was posted says all that
//! has happened.

use crate::plan::Plan;
use crate::simulate::world::World;

/// The name of the invariant.
pub const NAME: &str = "converges";

/// What a plan still has to do; `None` where nothing is left.
pub fn left(plan: &Plan) -> Option<String> {
    if plan.incomplete() {
        return Some("a read is not complete".to_owned());
    }
    if plan.summary.changes > plan.summary.shadow {
        let change = plan.changes.first()?;
        let (item, system) = (&change.item, &change.system);
        let (before, after) = (change.before.unwrap_or(0), change.after);
        return Some(format!("{item} in {system} shows {before} and is to show {after}"));
    }
    let due = plan.movements.first()?;
    Some(format!("{} of {} is still to be posted to {}", due.movement, due.document, due.system))
}

/// Why the document of an order says less, or more, than has happened to it, though nothing is left to do;
/// `None` where none does.
pub fn behind(world: &World) -> Option<String> {
    for order in world.orders.iter().filter(|own| !own.document.is_empty()) {
        let cell = &world.layout.cells[order.cell];
        // Where a movement is not collected, nobody posts it.
        if world.layout.ways[cell.system.index()].posts != [true; 3] {
            continue;
        }
        if let Some(why) = order.document_off(&cell.parts, |posted, happened| posted != happened) {
            return Some(why);
        }
    }
    None
}
