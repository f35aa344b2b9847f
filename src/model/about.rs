//! What a read says of itself, and of the rows that could not be read.

use super::id::{CodeId, LocationId, Name};
use super::time::Moment;

/// About one read.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The source as people know it: a file's name, a host.
    pub source: Name,
    /// Rows that the source sent, used or not.
    pub rows: u64,
    /// Rows that the topology does not know: counted, no failure.
    pub ignored: u64,
    /// Pages read.
    pub pages: u64,
    /// Requests sent.
    pub requests: u64,
    /// When the counts were true, where one moment holds for all.
    pub as_of: Option<Moment>,
    /// When the source last changed, where nothing in it says when its counts were true. It tells an older
    /// source from a newer one, and nothing about the age of its counts.
    pub changed: Option<Moment>,
    /// Why the read is not complete; `None` when it is.
    pub incomplete: Option<String>,
}

/// The source of a "row" that nobody asked for: a snapshot stands for the system, and was taken from a
/// topology that does not map the cell.
pub const UNASKED: &str = "the snapshot";

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// Which record: `row 17`, an id, a code.
    pub record: String,
    /// The source: a file's name, a host.
    pub source: String,
    /// The field at fault, as the source calls it.
    pub field: String,
    /// What was found, why it matters, what to do; one line.
    pub reason: String,
    /// The code that the row was for, where that much could be read.
    pub code: Option<CodeId>,
    /// The location, where that much could be read.
    pub location: Option<LocationId>,
}
