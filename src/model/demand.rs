//! What channels have sold and owners may not know of yet: the order lines behind pending.

use super::id::{CollectId, ItemId, LocationId, Name, SystemId};
use super::moved::Posting;
use super::time::Moment;
use std::collections::BTreeMap;

/// Everything sold that is not settled on both sides.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Order lines, taken apart into items; by system, document, line, item.
    pub lines: Vec<DemandLine>,
    /// Channels of which not every open line has been read yet, and why: what their orders draw on may only
    /// fall.
    pub unknown: BTreeMap<SystemId, String>,
    /// Items of which a channel may have sold more than is known, and why: they may only fall at its places.
    pub doubtful: BTreeMap<(SystemId, ItemId), String>,
    /// Movements that do not fit what is in the books.
    pub misfits: Vec<Misfit>,
    /// What is to be posted to the systems that take movements in, in the order in which it is due.
    pub due: Vec<Due>,
}

/// A movement that does not fit, or that cannot be posted: it is booked nowhere, and a person has to look at
/// it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misfit {
    /// The flow that collects it.
    pub flow: String,
    /// The system that showed it, or that is to take it in.
    pub system: String,
    /// The item; empty where nobody knows.
    pub item: String,
    /// The movement, as the system names it: `shipment 77/1`.
    pub record: String,
    /// The field at fault: `quantity`, or what it refers to (`order`).
    pub field: &'static str,
    /// What does not fit, and to what; one line.
    pub reason: String,
}

/// What an owner turned out to have taken in of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenIn {
    /// The line, by its place in the demand.
    pub line: usize,
    /// How much, in base units.
    pub amount: i64,
}

/// One document that is to be made or brought further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What names it in a plan: flow, document, movement and how much of it there is then. It is another one
    /// once more has happened.
    pub id: String,
    /// The flow that posts it.
    pub flow: CollectId,
    /// The system that takes it in.
    pub to: SystemId,
    /// The order, as the channel names it.
    pub document: Name,
    /// What is posted; its further fields are filled in when it leaves.
    pub posting: Posting,
}

/// One item of one order line, with all that is known of it. Amounts are in base units and add up:
/// `ordered` = open + `cancelled` + `shipped`, and `returned` is at most `shipped`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandLine {
    /// The channel.
    pub system: SystemId,
    /// The order, as the channel names it.
    pub document: Name,
    /// The line in the order.
    pub line: Name,
    /// The item; a bundle has one entry for each component.
    pub item: ItemId,
    /// Where it was sold from; may be a pool. `None` where the order does not say.
    pub location: Option<LocationId>,
    /// How much was ordered.
    pub ordered: i64,
    /// How much of it was cancelled, as far as it may be counted: what was cancelled since the first step of
    /// reading counts as open.
    pub cancelled: i64,
    /// How much has left, as the channel says.
    pub shipped: i64,
    /// How much has come back, as the channel says.
    pub returned: i64,
    /// When it was ordered; when it was first seen, where the order does not say.
    pub placed: Moment,
    /// When it was first seen here.
    pub seen: Moment,
    /// The flow that collects it.
    pub flow: Option<CollectId>,
    /// How the system that takes orders in names the document.
    pub reference: Option<Name>,
    /// How much of it an owner is known to have taken in, now or earlier.
    pub taken_in: i64,
    /// How much of it a person has closed.
    pub closed: i64,
    /// Whether the line was already shut (nothing open) when it was seen first: nobody knows whether its
    /// owner had taken it in before.
    pub late: bool,
}

impl DemandLine {
    /// How much is open at the channel.
    pub fn open(&self) -> i64 {
        self.ordered - self.cancelled - self.shipped
    }

    /// The line as people name it: `web#1001/1`.
    pub fn name(&self, channel: &str) -> String {
        line_name(channel, &self.document, &self.line)
    }
}

/// An order line as people name it: `web#1001/1`.
pub fn line_name(channel: &str, document: &str, line: &str) -> String {
    format!("{channel}#{document}/{line}")
}
