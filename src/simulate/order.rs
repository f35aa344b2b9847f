//! Orders of a simulated world: what was promised, what became of it, and what an owner's books say of it.

use crate::model::movement::Movement;
use crate::model::{ItemId, LocationId, Name, SystemId};

/// What a book says of one item of an order, in base units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Ordered in all.
    pub ordered: i64,
    /// Gone from the shelf.
    pub shipped: i64,
    /// Taken off before it left.
    pub cancelled: i64,
    /// Come back.
    pub returned: i64,
}

impl Part {
    /// Still promised.
    pub fn open(self) -> i64 {
        self.ordered - self.shipped - self.cancelled
    }
}

/// One order of one line, in units of its cell.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its number: the channel's name for it is `S` and this.
    pub number: usize,
    /// What was sold.
    pub cell: usize,
    /// How many were ordered.
    pub ordered: i64,
    /// How many are still promised.
    pub open: i64,
    /// How many have left.
    pub shipped: i64,
    /// How many were cancelled.
    pub cancelled: i64,
    /// How many have come back.
    pub returned: i64,
    /// When it was placed.
    pub placed_ms: i64,
    /// When anything happened to it last.
    pub last_ms: i64,
    /// Whether the channel says from where it was sold.
    pub named: bool,
    /// Where it may leave from.
    pub scope: Vec<LocationId>,
    /// Where it will leave from, once somebody has decided.
    pub place: Option<LocationId>,
    /// How the system that takes orders in names it.
    pub reference: Name,
    /// By when its keeper takes it in, where the topology promises that.
    pub due_ms: Option<i64>,
    /// When its keeper has taken it in.
    pub taken_ms: Option<i64>,
    /// What its keeper's books say, one entry for each part of its cell.
    pub book: Vec<Part>,
    /// What the document says that was posted of it, by the same parts; empty before it is posted.
    pub document: Vec<Part>,
}

impl Order {
    /// Whether nothing is left to happen to it, at the channel and in books.
    pub fn settled(&self) -> bool {
        self.open == 0 && self.book.iter().all(|part| part.open() == 0)
    }

    /// Why its document is wrong, by each number that was posted and what happened of that; `parts` are those
    /// of its cell. `None` where it is not.
    pub fn document_off(&self, parts: &[(ItemId, i64)], wrong: fn(i64, i64) -> bool) -> Option<String> {
        for (part, (_, each)) in self.document.iter().zip(parts) {
            let happened =
                [self.ordered, self.shipped, self.cancelled, self.returned].map(|units| units * each);
            let posted = [part.ordered, part.shipped, part.cancelled, part.returned];
            if posted.iter().zip(&happened).any(|(posted, happened)| wrong(*posted, *happened)) {
                return Some(format!(
                    "the document of S{} has {posted:?} ordered, shipped, cancelled, returned, and \
                     {happened:?} happened",
                    self.number
                ));
            }
        }
        None
    }
}

/// Something that happened to an order, as its channel shows it.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at_ms: i64,
    /// The channel.
    pub channel: SystemId,
    /// The order, by its place.
    pub order: usize,
    /// What.
    pub movement: Movement,
    /// How many units.
    pub units: i64,
}

/// Goods that went from one place to another.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// When.
    pub at_ms: i64,
    /// Which item leaves from where, by its spot.
    pub from: usize,
    /// Where it goes, by its spot.
    pub to: usize,
    /// How many base units.
    pub amount: i64,
}
