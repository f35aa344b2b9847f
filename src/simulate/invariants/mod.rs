//! What must hold in every simulated world, whatever goes wrong: one file each.

pub mod books_balance;
pub mod converges;
pub mod no_bounce;
pub mod no_double_restock;
pub mod one_outcome;
pub mod within_pool;

use super::world::World;

/// The names of all.
pub const ALL: [&str; 6] = [
    books_balance::NAME,
    within_pool::NAME,
    one_outcome::NAME,
    converges::NAME,
    no_bounce::NAME,
    no_double_restock::NAME,
];

/// After a cell was written that showed `shown` before, by a run that began at `since`.
pub fn after_write(world: &mut World, cell: usize, (shown, since): (i64, i64)) {
    if let Some(message) = no_bounce::broken(world, cell, (shown, since)) {
        world.break_with(no_bounce::NAME, message);
    }
    if let Some(message) = within_pool::broken(world, cell) {
        world.break_with(within_pool::NAME, message);
    }
}

/// After a step of an order was posted.
pub fn after_post(world: &mut World, order: usize) {
    if let Some(message) = no_double_restock::posted_twice(world, order) {
        world.break_with(no_double_restock::NAME, message);
    }
}
