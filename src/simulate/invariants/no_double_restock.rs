//! What comes back, and what leaves, is booked once: no document holds more than happened, and once the world
//! has stood still every book says what lies on its shelf.

use crate::simulate::world::World;

/// The name of the invariant.
pub const NAME: &str = "no-double-restock";

/// Why the document of an order says more than has happened to it; `None` where it does not.
pub fn posted_twice(world: &World, order: usize) -> Option<String> {
    let own = &world.orders[order];
    own.document_off(&world.layout.cells[own.cell].parts, |posted, happened| posted > happened)
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
