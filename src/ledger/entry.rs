//! What the books are made of: movements by item, and the order lines that they add up to.

use crate::model::movement::Movement;
use crate::model::time::Moment;

/// Names one item of one movement, as the topology and the system name things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookedKey {
    /// The system that showed it.
    pub system: String,
    /// What happened.
    pub movement: Movement,
    /// The document.
    pub document: String,
    /// The line in the document.
    pub line: String,
    /// The item; a bundle has one entry for each component.
    pub item: String,
    /// 0, or more where an order line grew later: the growth is a record of its own.
    pub part: u32,
}

/// One item of one movement, in the books for good: what is wrong is put right by another movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// What names it.
    pub key: BookedKey,
    /// The document and line of the order that it belongs to; its own for an order.
    pub order: (String, String),
    /// The place, as the topology names it: for what belongs to an order the place of that order, for a
    /// return the place that it comes back to; `None` where nobody says.
    pub location: Option<String>,
    /// Where a transfer goes; for a shipment the place that it really left, where the order names another.
    pub to: Option<String>,
    /// How much, in base units; below 0 for a downward adjustment alone.
    pub amount: i64,
    /// When it happened, as the system says.
    pub at: Option<Moment>,
    /// When it was first seen here.
    pub seen: Moment,
    /// Whether a return can be sold again; else it is damaged.
    pub sellable: bool,
}

/// Names one item of one order line, or of a transfer or adjustment that lowers a count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey {
    /// The system that showed it.
    pub system: String,
    /// [`Movement::Order`], [`Movement::Transfer`] or [`Movement::Adjustment`].
    pub movement: Movement,
    /// The document.
    pub document: String,
    /// The line in the document.
    pub line: String,
    /// The item.
    pub item: String,
}

impl LineKey {
    /// Whether both are of one document.
    pub fn shares_document(&self, other: &LineKey) -> bool {
        self.document == other.document && self.movement == other.movement && self.system == other.system
    }
}

/// How much of a line was ordered, cancelled, shipped and returned, in base units. `cancelled` + `shipped` is
/// at most `ordered`, and `returned` at most `shipped`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Ordered.
    pub ordered: i64,
    /// Taken off before it left.
    pub cancelled: i64,
    /// Gone.
    pub shipped: i64,
    /// Come back.
    pub returned: i64,
}

impl Totals {
    /// What is still promised and on the shelf.
    pub fn open(self) -> i64 {
        self.ordered - self.cancelled - self.shipped
    }

    /// How much of one movement; what opens a line is what was ordered.
    pub fn of(self, movement: Movement) -> i64 {
        match movement {
            Movement::Cancellation => self.cancelled,
            Movement::Shipment => self.shipped,
            Movement::Return => self.returned,
            Movement::Order | Movement::Transfer | Movement::Adjustment | Movement::Receipt => self.ordered,
        }
    }

    /// Says how much of one movement.
    pub fn set(&mut self, movement: Movement, amount: i64) {
        match movement {
            Movement::Cancellation => self.cancelled = amount,
            Movement::Shipment => self.shipped = amount,
            Movement::Return => self.returned = amount,
            Movement::Order | Movement::Transfer | Movement::Adjustment | Movement::Receipt => {
                self.ordered = amount;
            }
        }
    }
}

/// One item of one order line, added up. A transfer is one as well, and a downward adjustment: what they take
/// is off its place at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// What names it.
    pub key: LineKey,
    /// The flow that collects it.
    pub flow: String,
    /// Where it was sold from.
    pub location: Option<String>,
    /// What the system says of it.
    pub shown: Totals,
    /// How much of it is posted to the system that takes orders in, and confirmed.
    pub posted: Totals,
    /// How much of it an owner is known to have taken in, now or earlier.
    pub taken_in: i64,
    /// How much of it a person has closed.
    pub closed: i64,
    /// When it was placed; when it was first seen, where nobody says.
    pub placed: Moment,
    /// When it was first seen here.
    pub seen: Moment,
    /// Whether nothing of it was open when it was first seen.
    pub late: bool,
    /// Since when nothing of it waits any more, on either side. It is not read again until it moves.
    pub settled: Option<Moment>,
}

impl OrderLine {
    /// Whether all of it was off again before anything of it was posted, as far as this state knows.
    pub fn is_off_unposted(&self) -> bool {
        self.posted.ordered == 0 && self.shown.cancelled == self.shown.ordered
    }
}

/// How far the movements of a system have been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The system.
    pub system: String,
    /// From when on, by its clock, changes are to be read.
    pub next: Moment,
    /// When all open lines were read last, by our clock.
    pub whole: Moment,
}

/// Names a record that waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParkedKey {
    /// The system that showed it.
    pub system: String,
    /// What happened.
    pub movement: Movement,
    /// The document.
    pub document: String,
    /// The line in the document.
    pub line: String,
}

/// A record that waits, as the system showed it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// What names it.
    pub key: ParkedKey,
    /// The document and line that it refers to.
    pub of: Option<(String, String)>,
    /// The system's code of what moved.
    pub code: String,
    /// The place, as the topology names it.
    pub location: Option<String>,
    /// How much, as a decimal number.
    pub quantity: String,
    /// The word for the unit.
    pub unit: Option<String>,
    /// When it happened.
    pub at: Option<Moment>,
    /// When a person said that nothing is to come of it. It stays, so that reading it once more is no news.
    pub closed: Option<Moment>,
}

/// What is written into the books at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// New movements.
    pub booked: Vec<Booked>,
    /// Lines that are new or have changed.
    pub lines: Vec<OrderLine>,
    /// How far has been read.
    pub cursors: Vec<Cursor>,
    /// Records that do not fit, new or changed.
    pub parked: Vec<Parked>,
    /// Records that wait no more.
    pub unparked: Vec<ParkedKey>,
}

impl Page {
    /// Whether it says nothing new.
    pub fn is_empty(&self) -> bool {
        self.booked.is_empty()
            && self.lines.is_empty()
            && self.cursors.is_empty()
            && self.parked.is_empty()
            && self.unparked.is_empty()
    }
}
