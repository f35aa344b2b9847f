//! What systems showed: columns of counts as they came, with the rows that could not be read.

pub use super::about::{About, RowFailure, UNASKED};
use super::counts::Counts;
use super::demand::Demand;
use super::id::{CodeId, ItemId, LocationId, Name, SystemId};
use super::moved::{Found, Movements};
use super::quantity::Decimal;
use super::row_locations::RowLocations;
use super::time::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that one plan or apply has read, by system.
#[derive(Debug, Default)]
pub struct Observations {
    /// Levels, by system.
    pub levels: BTreeMap<SystemId, Levels>,
    /// Open order lines, by system.
    pub lines: BTreeMap<SystemId, Lines>,
    /// Documents of ours that were found where orders are posted, by system.
    pub found: BTreeMap<SystemId, Vec<Found>>,
    /// Movements, by the system that they come from.
    pub movements: BTreeMap<SystemId, Movements>,
    /// What channels have sold, as the ledger has it after these movements.
    pub demand: Demand,
    /// The last owner value that an earlier apply used, for cells that the owner no longer reports.
    pub last_known: BTreeMap<LastKnownKey, i64>,
    /// When those values were true, where anybody knows: an older row of an owner is ignored.
    pub last_known_at: BTreeMap<LastKnownKey, Moment>,
    /// The `as_of` of the last observation used, by system: an older one is ignored.
    pub last_used: BTreeMap<SystemId, Moment>,
    /// Cells that an allocation left undivided when they were counted last, since there was enough.
    pub pooled: BTreeSet<(ItemId, LocationId)>,
}

/// Names an owner's cell across runs: system, item, location, quantity, as the topology names them.
pub type LastKnownKey = (SystemId, u32, LocationId, u32);

/// The counts of one system, column by column; entry `n` of each vector is row `n`. Rows come sorted by
/// location, then by code, and each (code, location) at most once.
#[derive(Debug, Default, Clone)]
pub struct Levels {
    /// The code of each row.
    pub codes: Vec<CodeId>,
    /// The location of each row.
    pub locations: RowLocations,
    /// How people find each row at the source: a line of a file, an id.
    pub records: Vec<u32>,
    /// Index into `words` of the unit that each row names; empty where the source names no units.
    pub units: Vec<Option<u32>>,
    /// The words for units met.
    pub words: Vec<Name>,
    /// The counts.
    pub columns: Vec<Column>,
    /// When each row was true; empty where `about` says one moment for all.
    pub row_as_of: Vec<Option<Moment>>,
    /// Rows that could not be read.
    pub failures: Vec<RowFailure>,
    /// About the read as a whole.
    pub about: About,
}

/// One column of counts.
#[derive(Debug, Clone)]
pub struct Column {
    /// As the kind or `levels` calls it: a quantity's name, or a term such as `allocated`.
    pub name: Name,
    /// The value of each row, in the row's unit; `None` where the row does not show it.
    pub values: Counts,
}

/// Open order lines of one system.
#[derive(Debug, Default, Clone)]
pub struct Lines {
    /// The lines, sorted by document, line.
    pub lines: Vec<OpenLine>,
    /// Lines that could not be read.
    pub failures: Vec<RowFailure>,
    /// About the read as a whole.
    pub about: About,
}

/// One open order line: so much is promised and still on the shelf.
#[derive(Debug, Clone)]
pub struct OpenLine {
    /// The document, as the system names it.
    pub document: Name,
    /// The line in the document.
    pub line: Name,
    /// What is promised.
    pub code: CodeId,
    /// Where it will leave from; `None` where the document does not say.
    pub location: Option<LocationId>,
    /// How much is still open, in the unit of `unit`.
    pub open: Decimal,
    /// The word for the unit, where the system names one.
    pub unit: Option<Name>,
    /// What caused it: a sale's number, an order of another system.
    pub cause: Option<Name>,
}

impl Levels {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| &*column.name == name)
    }

    /// The row of a cell, by binary search.
    pub fn find(&self, code: CodeId, location: LocationId) -> Option<usize> {
        let rows = self.locations.rows_of(location);
        self.codes[rows.clone()].binary_search(&code).ok().map(|at| rows.start + at)
    }

    /// When row `row` was true, where anybody knows.
    pub fn as_of(&self, row: usize) -> Option<Moment> {
        self.row_as_of.get(row).copied().unwrap_or(self.about.as_of)
    }
}
