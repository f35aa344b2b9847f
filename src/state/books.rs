//! The part of [`super::Store`] that keeps the books of movements.

use super::Kept;
use crate::ledger::{Booked, Cursor, LineKey, OrderLine, Page, Parked, ParkedKey};
use crate::model::time::Moment;

/// What one account holds: a bucket of an item at a place, in base units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Balance {
    /// The item.
    pub item: String,
    /// The place; empty where nobody says.
    pub place: String,
    /// The bucket, by its word.
    pub bucket: String,
    /// How much.
    pub amount: i64,
}

/// What was ordered at one system since a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sold {
    /// When the first order of that time was seen here, of whatever item: before, nobody knows how much was
    /// ordered. `None` where none is in the books.
    pub seen_since: Option<Moment>,
    /// The orders, by item, place and time.
    pub sales: Vec<Sale>,
}

/// One item of one order line. Bundles and packs are taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sale {
    /// The item.
    pub item: String,
    /// The place that it was sold from; empty where nobody says.
    pub place: String,
    /// When it was ordered, as the system says; else when it was first seen.
    pub at: Moment,
    /// How much, in base units.
    pub amount: i64,
}

/// The part of [`super::Store`] that keeps the books of movements.
pub trait Books {
    /// The lines of every document of which one waits for something, by system, movement, document, line and
    /// item.
    fn waiting(&mut self) -> Kept<'_, Vec<OrderLine>>;

    /// The order lines of some documents of a system, settled or not, in the same order.
    fn lines_of<'a>(&'a mut self, system: &'a str, documents: &'a [String]) -> Kept<'a, Vec<OrderLine>>;

    /// The movements that belong to some documents of a system, by what names them.
    fn booked_of<'a>(&'a mut self, system: &'a str, documents: &'a [String]) -> Kept<'a, Vec<Booked>>;

    /// The movements that were first seen here at a moment or later, of some items or of all, by what names
    /// them.
    fn movements_since<'a>(&'a mut self, items: Option<&'a [String]>, since: Moment)
    -> Kept<'a, Vec<Booked>>;

    /// How far the movements of each system have been read.
    fn cursors(&mut self) -> Kept<'_, Vec<Cursor>>;

    /// Writes a page into the books, all or none, and only while the lease with this fencing number holds:
    /// [`super::StateError::Locked`] where it no longer does. A movement that is booked already, or whose
    /// parts do not add up, is refused whole.
    fn book<'a>(&'a mut self, fence: i64, page: &'a Page) -> Kept<'a, ()>;

    /// Closes a line by hand: nothing of it is pending any more. Answers whether there was one.
    fn shut<'a>(&'a mut self, line: &'a LineKey, at: Moment) -> Kept<'a, bool>;

    /// The records that do not fit and wait, by system, movement, document and line.
    fn parked(&mut self) -> Kept<'_, Vec<Parked>>;

    /// Says by hand that nothing is to come of a record that waits. Answers whether there was one.
    fn dismiss<'a>(&'a mut self, parked: &'a ParkedKey, at: Moment) -> Kept<'a, bool>;

    /// What every account holds, by item, place and bucket.
    fn balances(&mut self) -> Kept<'_, Vec<Balance>>;

    /// The orders of a system that were placed at or after a moment: of some items, or of all where none is
    /// named. One that was cancelled later is among them.
    fn sold<'a>(&'a mut self, system: &'a str, items: &'a [String], since: Moment) -> Kept<'a, Sold>;

    /// When the newest movement of a system happened, of those of which the system says when.
    fn last_moved<'a>(&'a mut self, system: &'a str) -> Kept<'a, Option<Moment>>;
}
