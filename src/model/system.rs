//! Systems: how each is reached, what it shows, and where its orders go.

use super::capability::Descriptor;
use super::id::{Name, QuantityId, SystemId};
use super::movement::Movement;
use super::quantity::Ratio;
use super::time::{Date, Rate};
use crate::source::Span;
use std::collections::BTreeMap;
use std::time::Duration;

/// One system.
#[derive(Debug, Clone)]
pub struct System {
    /// Its name.
    pub name: Name,
    /// Its kind.
    pub kind: &'static Descriptor,
    /// Its part in the whole.
    pub role: Role,
    /// Connection fields by name.
    pub settings: BTreeMap<&'static str, (Setting, Span)>,
    /// Folder of the file that names it, relative to the topology: its paths start there.
    pub dir: String,
    /// Its `levels` node, for a generic kind.
    pub levels: Option<Levels>,
    /// The statement that writes one row (`set`), for sql.
    pub set: Option<(Name, Span)>,
    /// The statement that creates one row (`create`), for sql.
    pub create: Option<(Name, Span)>,
    /// The file that is written (`publish`), for csv.
    pub publish: Option<(Setting, Span)>,
    /// The counts that it shows, from its kind or its `levels`.
    pub shows: Vec<Shows>,
    /// Where the orders of a channel go.
    pub orders: Option<(Orders, Span)>,
    /// Where its open order lines are read (`lines`), for a generic kind.
    pub lines: Option<Lines>,
    /// Where its movements are read (`movements`), for a generic kind.
    pub movements: Option<Movements>,
    /// How it shows that it has taken an order in, where the text says; see [`System::acknowledges`].
    pub acknowledges: Option<(Acknowledges, Span)>,
    /// How many requests it bears.
    pub limit: Limit,
    /// How long a request may take.
    pub timeout: Option<Duration>,
    /// How often a request is tried again.
    pub retry: Option<Retry>,
    /// The day on which its credentials run out, with the place of the date.
    pub expires: Option<(Date, Span)>,
    /// The age from which its counts only lower.
    pub stale_after: Option<(Duration, Span)>,
    /// IANA name of the zone of its stamps, where it says one.
    pub timezone: Option<Name>,
    /// The name it had before.
    pub was: Option<Name>,
    /// Where it is written.
    pub origin: Span,
}

impl System {
    /// Whether it lists open order lines: by its kind, or where a `lines` node says.
    pub fn lists_lines(&self) -> bool {
        self.kind.lists_lines || self.lines.is_some()
    }

    /// The base quantity that its open lines add up to. Those of a `lines` node add up to none: they only
    /// name what the system has taken in, and `reserved` there has a column of its own.
    pub fn lines_are(&self) -> Option<&'static str> {
        self.kind.lines_are.filter(|_| self.kind.lists_lines)
    }

    /// How it shows that it has taken an order in: as the text says, else by its lines where it lists any.
    /// `None`: nobody knows.
    pub fn acknowledges(&self) -> Option<Acknowledges> {
        let own = self.acknowledges.map(|(way, _)| way);
        own.or_else(|| self.lists_lines().then_some(Acknowledges::Lines))
    }

    /// The movements that it shows.
    pub fn collects(&self) -> &'static [Movement] {
        match self.kind.movements_named && self.movements.is_none() {
            true => &[],
            false => self.kind.collects,
        }
    }
}

/// A value, or where to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Written into the topology.
    Literal(Name),
    /// `(env)NAME`.
    Env(Name),
    /// `(file)"PATH"`.
    File(Name),
}

impl Default for Setting {
    /// The default state file.
    fn default() -> Setting {
        Setting::Literal(Name::from("sqlite:.onhand/state.db"))
    }
}

/// A system's part in the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Keeps the books.
    Erp,
    /// Keeps shelves.
    Warehouse,
    /// Sells.
    Channel,
    /// Only looks.
    Reporting,
}

/// One count that a system shows.
#[derive(Debug, Clone)]
pub struct Shows {
    /// The quantity.
    pub quantity: QuantityId,
    /// What is already taken off, by quantity name or `own-sales`.
    pub net_of: Vec<Name>,
    /// The place in the topology that says so; `None` where the kind does.
    pub origin: Option<Span>,
}

/// Where the orders of a channel go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orders {
    /// Nothing is sold there.
    Nothing,
    /// An owner takes them by itself, this late at most.
    Direct {
        /// The owner.
        to: SystemId,
        /// How late.
        within: Duration,
    },
}

/// How a system shows that it has taken an order in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledges {
    /// It lists the line.
    Lines,
    /// A count that is so much younger than the order contains it.
    Counts(Duration),
    /// It never does: a person closes the line.
    Never,
}

/// How many requests a system bears. What the text leaves out is as its kind says.
#[derive(Debug, Clone, Default)]
pub struct Limit {
    /// Requests in a time.
    pub rate: Option<Rate>,
    /// How many may go at once after a pause.
    pub burst: Option<u32>,
    /// How many may be under way at once.
    pub concurrency: Option<u32>,
    /// The usual time of one request.
    pub takes: Option<Duration>,
    /// Writes of one cell in a time.
    pub writes: Option<Rate>,
    /// Rows in one page of a read.
    pub page: Option<u32>,
    /// Rows in one write.
    pub batch: Option<u32>,
    /// Where it is written.
    pub origin: Option<Span>,
}

/// How often a request is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often it is sent in all.
    pub attempts: Option<u32>,
    /// Within which time.
    pub within: Option<Duration>,
    /// Where it is written.
    pub origin: Span,
}

/// A `lines` node: where a generic kind's open order lines are read, and which column is which.
#[derive(Debug, Clone)]
pub struct Lines {
    /// A glob of files (csv) or a query (sql).
    pub source: Setting,
    /// Which of several files are read.
    pub files: Files,
    /// Between fields; `,` by default.
    pub delimiter: u8,
    /// Text encoding, as in [`ENCODINGS`]; UTF-8 by default.
    pub encoding: &'static str,
    /// Between a number's whole and its fraction; `.` by default.
    pub decimal: u8,
    /// Column of the document's number.
    pub document: Name,
    /// Column of the line's number.
    pub line: Name,
    /// Column of the code.
    pub code: Name,
    /// Column of the location, where there is one.
    pub location: Option<Name>,
    /// Column of the unit's word, where there is one.
    pub unit: Option<Name>,
    /// Column of the quantity that is still open.
    pub open: Name,
    /// Column of the moment at which that was true.
    pub as_of: Option<Name>,
    /// Where it is written.
    pub origin: Span,
}

/// A `movements` node: where a generic kind's movements are read, and which column is which.
#[derive(Debug, Clone)]
pub struct Movements {
    /// A glob of files (csv) or a query (sql), which may bind `:since`.
    pub source: Setting,
    /// Which of several files are read.
    pub files: Files,
    /// Between fields; `,` by default.
    pub delimiter: u8,
    /// Text encoding, as in [`ENCODINGS`]; UTF-8 by default.
    pub encoding: &'static str,
    /// Between a number's whole and its fraction; `.` by default.
    pub decimal: u8,
    /// Column of the word that says what happened.
    pub kind: Name,
    /// Column of the document's number.
    pub document: Name,
    /// Column of the line's number.
    pub line: Name,
    /// Column of the number of the order that is cancelled, shipped or returned. Without it such a document
    /// bears the number of its order.
    pub of_document: Option<Name>,
    /// Column of the line of that order. Without it the lines of the two bear the same number.
    pub of_line: Option<Name>,
    /// Column of the code.
    pub code: Name,
    /// Column of the location, where there is one.
    pub location: Option<Name>,
    /// Column of the location that a transfer goes to, where there is one.
    pub to: Option<Name>,
    /// Column of the quantity.
    pub quantity: Name,
    /// Column of the unit's word, where there is one.
    pub unit: Option<Name>,
    /// Column of the moment at which it happened, where there is one.
    pub at: Option<Name>,
    /// The source's own words for what happened, sorted, beside those of the language. `None`: no movement.
    pub words: BTreeMap<Name, Option<Movement>>,
    /// Where it is written.
    pub origin: Span,
}

/// A `levels` node: where a generic kind's counts are read, and which column is which.
#[derive(Debug, Clone)]
pub struct Levels {
    /// A glob of files (csv) or a query (sql).
    pub source: Setting,
    /// Which of several files are read.
    pub files: Files,
    /// Between fields; `,` by default.
    pub delimiter: u8,
    /// Text encoding, as in [`ENCODINGS`]; UTF-8 by default.
    pub encoding: &'static str,
    /// Between a number's whole and its fraction; `.` by default.
    pub decimal: u8,
    /// Column of the code.
    pub code: Name,
    /// Column of the location, where there is one.
    pub location: Option<Name>,
    /// Column of the unit's word, where there is one.
    pub unit: Option<Name>,
    /// Column of the moment at which the count was true.
    pub as_of: Option<Name>,
    /// Column of the moment at which the row last moved.
    pub changed: Option<Name>,
    /// Count columns: the quantity, and the column's name in the source.
    pub counts: Vec<(QuantityId, Name)>,
    /// What a complete read must hold.
    pub complete: Option<Complete>,
    /// Where the text says that a cell that a complete read does not show counts as 0.
    pub absent_zero: Option<Span>,
    /// Whether two rows for one cell add up.
    pub rows_add_up: bool,
    /// Only rows whose column has this value.
    pub only: Vec<(Name, Name)>,
    /// Where it is written.
    pub origin: Span,
}

/// The text encodings of catalogs and feeds.
pub const ENCODINGS: [&str; 4] = ["utf-8", "utf-16", "latin1", "windows-1252"];

/// Which of several files that match are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// The newest by its time of change, then by name.
    Newest,
    /// All of them, in the order of their names.
    All,
}

/// What a complete read must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complete {
    /// Nothing more than its end.
    Whole,
    /// At least so many rows.
    Rows(u64),
    /// At least this share of the cells that the topology maps there.
    Share(Ratio),
}

/// What a statement of sql may bind.
pub const PARAMETERS: [&str; 6] = ["before", "after", "code", "location", "unit", "key"];

/// The names that a statement binds, as `:name`, outside of texts, quoted names and comments.
pub fn parameters(statement: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = statement;
    while let Some(at) = rest.find(['\'', '"', '`', ':', '-', '/']) {
        let (mark, after) = rest[at..].split_at(1);
        rest = match mark {
            ":" => {
                // `::name` is a cast, `:1` the end of a slice.
                let cast = after.strip_prefix(':');
                let name = cast.unwrap_or(after);
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
                if cast.is_none() && !name.starts_with(|c: char| c.is_ascii_digit()) && end > 0 {
                    found.push(&name[..end]);
                }
                &name[end..]
            }
            "-" => after.strip_prefix('-').map_or(after, |comment| past(comment, "\n")),
            "/" => after.strip_prefix('*').map_or(after, |comment| past(comment, "*/")),
            quote => past(after, quote),
        };
    }
    found
}

fn past<'t>(text: &'t str, end: &str) -> &'t str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}
