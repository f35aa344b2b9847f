//! What comes back, and what leaves, is booked once: no document holds more than happened, and once the world
//! has stood still every book says what lies on its shelf.

use crate::simulate::world::World;

/// The name of the invariant.
pub const NAME: &str = "no-double-restock";

/// Why the document of an order says more than has happened to it; `None` where it does not.
pub fn posted_twice(world: &World, order: usize) -> Option<String> {
    let own = &world.orders[order];
    let parts = &world.layout.cells[own.cell].parts;
    for (part, (_, each)) in own.document.iter().zip(parts) {
        let happened = [own.ordered, own.shipped, own.cancelled, own.returned].map(|units| units * each);
        let posted = [part.ordered, part.shipped, part.cancelled, part.returned];
        if posted.iter().zip(&happened).any(|(posted, happened)| posted > happened) {
            return Some(format!(
                "the document of S{} has {posted:?} ordered, shipped, cancelled, returned, and {happened:?} \
                 happened",
                own.number
            ));
        }
    }
    None
}

/// Why a book and its shelf differ at the end; `None` where none do.
pub fn off(world: &World) -> Option<String> {
    for (spot, shelf) in world.layout.spots.iter().zip(&world.shelves) {
        if shelf.on_hand != shelf.good {
            let (item, place) = (&world.model.item(spot.item).name, &world.model.location(spot.place).name);
            return Some(format!(
                "the book of {item} at {place} says {} on hand, and {} lie there",
                shelf.on_hand, shelf.good
            ));
        }
    }
    None
}
