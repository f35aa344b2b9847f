//! Systems inside the process: what kind `memory` reads and writes, and how a test tells it to misbehave.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// All such systems, by the name of the system in the topology; shared with whoever drives them.
pub type Stores = Rc<RefCell<BTreeMap<String, Store>>>;

/// A cell: the system's own code, and its own code of the location (`None` in a system without locations).
pub type Place = (String, Option<String>);

/// One system: its counts, its habits, and what will go wrong.
#[derive(Debug, Clone)]
pub struct Store {
    /// The counts of each cell, by column, as decimal text.
    pub cells: BTreeMap<Place, BTreeMap<String, String>>,
    /// The unit's word of a cell, where the system names one.
    pub units: BTreeMap<Place, String>,
    /// Open order lines.
    pub lines: Vec<StoredLine>,
    /// What has happened, in the order in which it did.
    pub moves: Vec<StoredMove>,
    /// Documents that were posted, by the reference that they were given.
    pub documents: BTreeMap<String, StoredDocument>,
    /// Whether what is still open of those documents is listed among the open lines.
    pub lists_documents: bool,
    /// Whether what is posted moves the counts: `reserved`, `on-hand` and `damaged`, each where the cell
    /// shows it.
    pub books: bool,
    /// Whether a write compares `before` with what stands there.
    pub compares: bool,
    /// Whether a cell that is not there can be created.
    pub creates: bool,
    /// Whether it keeps a log of movements, whose length [`Store::logged`] counts for each code.
    pub logs: bool,
    /// Movements so far, by code.
    pub logged: BTreeMap<String, u64>,
    /// When its counts were true, in milliseconds since 1970; `None` for the moment of reading.
    pub as_of_ms: Option<i64>,
    /// Why the next reads of levels are cut; `None` when they are whole.
    pub cut: Option<String>,
    /// Codes whose rows are refused, with the reason.
    pub refuses: BTreeMap<String, String>,
    /// What is to happen, each at the next call of its kind; see [`Event`].
    pub script: VecDeque<Event>,
    /// Every row written, in order.
    pub written: Vec<WrittenRow>,
    /// Every call, in order.
    pub calls: Vec<Call>,
}

impl Default for Store {
    /// An empty system that compares and creates.
    fn default() -> Store {
        Store {
            cells: BTreeMap::new(),
            units: BTreeMap::new(),
            lines: Vec::new(),
            moves: Vec::new(),
            documents: BTreeMap::new(),
            lists_documents: false,
            books: false,
            compares: true,
            creates: true,
            logs: false,
            logged: BTreeMap::new(),
            as_of_ms: None,
            cut: None,
            refuses: BTreeMap::new(),
            script: VecDeque::new(),
            written: Vec::new(),
            calls: Vec::new(),
        }
    }
}

/// One open order line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// The document.
    pub document: String,
    /// The line in it.
    pub line: String,
    /// The system's own code.
    pub code: String,
    /// The system's own code of the location, where the line names one.
    pub location: Option<String>,
    /// How much is open, as decimal text.
    pub open: String,
    /// The unit's word.
    pub unit: Option<String>,
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredMove {
    /// What happened: `order`, `cancellation`, `shipment`, `return`, `transfer`, `adjustment`, `receipt`.
    pub kind: String,
    /// The document.
    pub document: String,
    /// The line in it.
    pub line: String,
    /// The document and line of the order that it is about.
    pub of: Option<(String, String)>,
    /// The system's own code.
    pub code: String,
    /// The system's own code of the location, where the movement names one.
    pub location: Option<String>,
    /// The system's own code of the location that a transfer goes to.
    pub to: Option<String>,
    /// How much, as decimal text.
    pub quantity: String,
    /// The unit's word.
    pub unit: Option<String>,
    /// When it happened, in milliseconds since 1970; `None` where the system does not say.
    pub at_ms: Option<i64>,
    /// From when on the system shows it, in milliseconds since 1970: what a read of changes goes by.
    pub shown_ms: i64,
}

/// One document that was posted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredDocument {
    /// How the system names it.
    pub number: String,
    /// What it holds, by the system's own code and location (`None` where nobody said).
    pub lines: BTreeMap<Place, StoredPart>,
}

/// What a document says of one code at one place, in the unit of the code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredPart {
    /// Ordered in all, as decimal text.
    pub ordered: String,
    /// Of that, gone from the shelf.
    pub shipped: String,
    /// Of that, taken off before it left.
    pub cancelled: String,
    /// Of what was shipped, come back.
    pub returned: String,
}

/// One row that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenRow {
    /// Where.
    pub place: Place,
    /// Which column.
    pub column: String,
    /// The number.
    pub after: i64,
    /// The key of the write.
    pub key: String,
}

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Opening a session.
    Open,
    /// Reading lines.
    Lines,
    /// Reading levels.
    Levels,
    /// Reading cells again.
    Inspect,
    /// Writing.
    Write,
    /// Reading movements.
    Movements,
    /// Posting one document, or bringing it further: one call for each.
    Post,
    /// Finding documents.
    Find,
}

/// Something that happens at a call. Events of one call happen in order: all changes up to and including
/// the first trouble (or [`What::Pass`]) happen at its next occurrence, what stands behind it at the one
/// after.
#[derive(Debug, Clone)]
pub struct Event {
    /// At which call.
    pub at: Call,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum What {
    /// Before the call is carried out, somebody else sets a column of a cell, or removes the cell.
    Change {
        /// Where.
        place: Place,
        /// Which column.
        column: String,
        /// The new count; `None` removes the cell.
        value: Option<String>,
    },
    /// Before the call is carried out, this has happened there, and is shown.
    Move(StoredMove),
    /// The call fails.
    Fail {
        /// How.
        trouble: Trouble,
        /// Whether it is carried out nevertheless (the answer is lost).
        carried_out: bool,
    },
    /// Nothing: what stands behind it waits for the call after.
    Pass,
    /// Somebody else does this right after the call was carried out.
    After(Box<What>),
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Asking again later helps.
    Retry(Option<Duration>),
    /// It does not.
    Rejected,
    /// The credentials are refused.
    Denied,
    /// The answer never came.
    Unknown,
}

impl Store {
    /// Sets one column of a cell, or removes the cell; counts as a movement.
    pub fn change(&mut self, place: &Place, column: &str, value: Option<&str>) {
        match value {
            None => drop(self.cells.remove(place)),
            Some(value) => {
                let columns = self.cells.entry(place.clone()).or_default();
                columns.insert(column.to_owned(), value.to_owned());
            }
        }
        *self.logged.entry(place.0.clone()).or_default() += 1;
    }

    /// Notes a call and does what the script has for it up to the call itself. Answers the trouble that
    /// the call meets, with whether it is carried out, and what somebody does right after it.
    pub fn begin(&mut self, call: Call) -> (Option<(Trouble, bool)>, Vec<What>) {
        self.calls.push(call);
        let mut afterwards = Vec::new();
        while let Some(at) = self.script.iter().position(|event| event.at == call) {
            let Some(event) = self.script.remove(at) else { break };
            match event.what {
                What::Fail { trouble, carried_out } => return (Some((trouble, carried_out)), afterwards),
                What::Pass => return (None, afterwards),
                What::After(what) => afterwards.push(*what),
                change @ (What::Change { .. } | What::Move(_)) => self.happen(change),
            }
        }
        (None, afterwards)
    }

    /// Carries out one change.
    pub fn happen(&mut self, what: What) {
        match what {
            What::Change { place, column, value } => self.change(&place, &column, value.as_deref()),
            What::Move(moved) => self.moves.push(moved),
            What::After(what) => self.happen(*what),
            What::Fail { .. } | What::Pass => {}
        }
    }
}
