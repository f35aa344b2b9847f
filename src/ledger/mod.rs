//! Movements as double entry: what was sold, cancelled, shipped and returned, each counted exactly once.
//!
//! ```text
//!  Moved ──explode──► Booked, one for each item ──fit──► accounts and order lines ──► Demand
//! ```
//!
//! A movement is known by its system, kind, document and line, so reading it twice changes nothing. A
//! reversal refers to its order line and takes at most what is there; what does not fit is told with both
//! records, and booked nowhere.

mod account;
mod book;
mod demand;
mod due;
mod entry;
mod explode;
mod fit;
mod parked;

pub use account::{Bucket, Leg, legs};
pub use book::{Book, Taken};
pub use demand::{Cycle, Opened, SKEW, demand, reference};
pub use due::{Owed, Sought, due};
pub use entry::{Booked, BookedKey, Cursor, LineKey, OrderLine, Page, Parked, ParkedKey, Totals};
pub use parked::{Parking, record_of};
