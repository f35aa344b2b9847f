//! Movements as systems show them, and as they are posted to the system that takes them in.

use super::about::{About, RowFailure};
use super::id::{CodeId, LocationId, Name};
use super::movement::Movement;
use super::quantity::Decimal;
use super::time::Moment;
use std::collections::BTreeMap;

/// The movements that one read of one system has shown.
#[derive(Debug, Default, Clone)]
pub struct Movements {
    /// An order line before what reverses or ships it, where one read shows both; else in any order.
    pub moved: Vec<Moved>,
    /// Rows that could not be read. One without a code may be of any item.
    pub failures: Vec<RowFailure>,
    /// About the read as a whole. `ignored` counts lines of codes and places that the topology does not know.
    pub about: About,
    /// Whether every order line that is open now is among them, with all that has happened to it, whenever
    /// it changed last; else only what has changed since the moment asked for.
    pub whole: bool,
    /// From which moment, by the source's own clock, the next read of changes is to begin. It overlaps with
    /// this read, so that nothing falls in between. `None`: the next read has to be a whole one, too.
    pub next: Option<Moment>,
}

/// One movement as a system shows it. Its movement, document and line name it: read twice, it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What happened.
    pub movement: Movement,
    /// The document, as the system names it: an order's code, a shipment's number.
    pub document: Name,
    /// The line in the document.
    pub line: Name,
    /// The document and line of the order that is cancelled, shipped or returned. An order has none.
    pub of: Option<(Name, Name)>,
    /// What moved, as the system calls it.
    pub code: CodeId,
    /// Where from, or, for a return or receipt, where to; may be a pool. `None` where nobody says.
    pub location: Option<LocationId>,
    /// Where a transfer goes; `None` for any other movement.
    pub to: Option<LocationId>,
    /// How much, in the unit of `unit`. Never below 0, but for an adjustment.
    pub quantity: Decimal,
    /// The word for the unit; `None` for the unit of the code.
    pub unit: Option<Name>,
    /// When it happened.
    pub at: Option<Moment>,
}

/// A document to be made, or to be brought further, in the system that takes movements in. It is named by
/// `reference`, under which it can be found again after a lost answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// How the document there names the order here. All postings of one order bear the same.
    pub reference: Name,
    /// What is posted. A shipment, cancellation or return is of the document of the same reference.
    pub movement: Movement,
    /// As what an order is taken in (`sale`).
    pub kind: &'static str,
    /// What moves. Bundles have been taken apart.
    pub lines: Vec<PostLine>,
    /// When it happened in the system that it comes from.
    pub at: Option<Moment>,
    /// Whether a return can be sold again; else it is damaged.
    pub sellable: bool,
    /// Further fields of the `post` node, by name, with their values read.
    pub fields: BTreeMap<&'static str, String>,
}

/// One line of a posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostLine {
    /// The system's own code.
    pub code: CodeId,
    /// The place that it leaves, or comes back to. `None` where nobody knows: the system decides.
    pub location: Option<LocationId>,
    /// How much, in the unit of the code; above 0.
    pub quantity: Decimal,
    /// How much of that line the document is to hold after this posting, of this movement and all before
    /// it: a system that already holds so much has it, and posts nothing more.
    pub total: Decimal,
}

/// What came of one posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// It is there, under this number; also where it was there before.
    Done {
        /// How the system names the document.
        number: String,
    },
    /// The system refuses it.
    Rejected {
        /// The field at fault, as the system calls it; empty if it does not say.
        field: String,
        /// What it said, and what to do; one line, no secrets.
        message: String,
    },
}

/// A document that was found under a reference of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The reference.
    pub reference: Name,
    /// How the system names it.
    pub number: String,
    /// What it holds: one entry for each code and place.
    pub lines: Vec<FoundLine>,
}

/// What a found document says of one code at one place, each in the unit of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLine {
    /// The code.
    pub code: CodeId,
    /// Where it leaves from, where the system says.
    pub location: Option<LocationId>,
    /// Still on the shelf, and promised.
    pub open: Decimal,
    /// Gone from the shelf.
    pub shipped: Decimal,
    /// Taken off the order before it left.
    pub cancelled: Decimal,
    /// Come back.
    pub returned: Decimal,
}
