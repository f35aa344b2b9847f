//! What is shown of a shelf that an allocation divides is there: if everything shown were sold at once,
//! nothing would be missing.

use crate::simulate::world::World;

/// The name of the invariant.
pub const NAME: &str = "within-pool";

/// Why more is shown of a cell's shelves than is there; `None` where it is not, or where nobody promises it:
/// shelves that are not divided, targets that cannot compare, orders that are not collected.
pub fn broken(world: &World, cell: usize) -> Option<String> {
    for (item, _) in &world.layout.cells[cell].parts {
        let mut spots = world.layout.spots.iter().filter(|spot| spot.item == *item);
        if !spots.all(|spot| spot.divided) || !world.protects(*item) || !collected(world, *item) {
            continue;
        }
        let missing = world.missing(*item, true);
        if missing > 0 {
            let item = &world.model.item(*item).name;
            return Some(format!("{missing} of {item} are shown or promised and not there"));
        }
    }
    None
}

fn collected(world: &World, item: crate::model::ItemId) -> bool {
    let sold = world.layout.cells.iter().filter(|cell| cell.sells);
    let mut sold = sold.filter(|cell| cell.parts.iter().any(|(own, _)| *own == item));
    sold.all(|cell| world.layout.ways[cell.system.index()].collect.is_some())
}
