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
mod tell;
pub mod test;
pub mod undo;

use change::{Change, Header, Held, Line, Movement, Read, RowFault, Summary, Verdict};
pub use demand::{is_of_movement, never_acknowledged};
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
    /// Every line, in the order of the file.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> + '_ {
        let first = std::iter::once(Line::Plan(&self.header));
        first
            .chain(self.reads.iter().map(Line::Read))
            .chain(self.changes.iter().map(Line::Change))
            .chain(self.movements.iter().map(Line::Movement))
            .chain(self.held.iter().map(Line::Held))
            .chain(self.failures.iter().map(Line::Failure))
            .chain(self.guards.iter().map(Line::Guard))
            .chain(std::iter::once(Line::Summary(&self.summary)))
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
