//! Plans: what will be written and why, as inert data.

pub mod again;
mod catalog;
pub mod change;
mod demand;
pub mod diff;
pub mod explain;
pub mod feed;
pub mod file;
pub mod gate;
mod given;
pub mod guard;
pub mod judge;
pub mod jump;
pub mod lift;
pub mod permit;
pub mod refusal;
pub mod render;
pub mod replay;
pub mod revisions;
pub mod rollout;
pub mod shelves;
pub mod standing;
mod sum;
pub mod test;
pub mod undo;

use change::{Change, Header, Held, Movement, Read, Record, RowFault, Summary, Verdict};
pub use demand::never_acknowledged;
pub use diff::{Selection, Stamp, build};
pub use standing::Standing;
pub use sum::{cause, steps};

/// A plan: its records by kind, in the order in which its file lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The first line.
    pub header: Header,
    /// The reads, in the order in which they were made.
    pub reads: Vec<Read>,
    /// Cells to be written.
    pub changes: Vec<Change>,
    /// Movements to be posted, in the order in which they are.
    pub movements: Vec<Movement>,
    /// Cells that are not written.
    pub held: Vec<Held>,
    /// Rows that could not be read or computed.
    pub failures: Vec<RowFault>,
    /// What the guards say.
    pub guards: Vec<Verdict>,
    /// The last line.
    pub summary: Summary,
}

impl Plan {
    /// Every record, in the order of the file.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let first = std::iter::once(Record::Plan(self.header.clone()));
        first
            .chain(self.reads.iter().cloned().map(Record::Read))
            .chain(self.changes.iter().cloned().map(Record::Change))
            .chain(self.movements.iter().cloned().map(Record::Movement))
            .chain(self.held.iter().cloned().map(Record::Held))
            .chain(self.failures.iter().cloned().map(Record::Failure))
            .chain(self.guards.iter().cloned().map(Record::Guard))
            .chain(std::iter::once(Record::Summary(self.summary.clone())))
    }

    /// Whether a read did not come to its end: nothing is written from it.
    pub fn incomplete(&self) -> bool {
        self.reads.iter().any(|read| !read.complete)
    }

    /// Whether a guard stops a flow, and nobody has lifted it.
    pub fn tripped(&self) -> bool {
        self.guards.iter().any(Verdict::stops)
    }
}
