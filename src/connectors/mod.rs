//! Connectors: how each kind of system is read and written. One kind, one file; the table is below.

mod count;
pub mod csv;
mod demand;
pub mod error;
mod gather;
mod happened;
mod header;
mod listed;
pub mod memory;
pub mod pace;
mod quota;
pub mod rate;
pub mod raw;
mod redact;
pub mod seen;
pub mod setting;
pub mod sql;
pub mod tryton;
mod units;
pub mod vendure;
mod wire;

use crate::model::capability::{DecrementsOn, Descriptor, WriteClass};
use crate::model::moved::{Found, Movements, Posted, Posting};
use crate::model::movement::Movement;
use crate::model::observation::{self, Lines};
use crate::model::system::{self, Levels};
use crate::model::time::Moment;
use crate::model::{CodeId, LocationId, Model, Name, SystemId};
use crate::world::{Task, World};
pub use error::Failure;
pub use pace::Pace;
pub use raw::Raw;
use std::rc::Rc;
pub use wire::TIMEOUT;

/// What the kinds have in common whose columns the topology names; each says where it differs.
const GENERIC: Descriptor = Descriptor {
    kind: "",
    summary: "",
    fields: &[],
    generic: true,
    shows: &[],
    takes: &[],
    lists_lines: false,
    lines_are: None,
    locations: true,
    class: WriteClass::CompareAndSet,
    key_seconds: 0,
    creates: true,
    batch: 500,
    batch_raises: 500,
    atomic: false,
    page: 0,
    rate_per_second: 1_000,
    request_ms: 1,
    integers_only: false,
    decrements_on: DecrementsOn::Placed,
    restocks_on_cancel: false,
    dated: true,
    collects: &Movement::ALL,
    movements_named: true,
    posts: &[],
    post_fields: &[],
    login_requests: 0,
    writes_per_cell: None,
};

/// Every kind, by its descriptor.
pub const KINDS: &[&Descriptor] =
    &[&csv::DESCRIPTOR, &sql::DESCRIPTOR, &tryton::DESCRIPTOR, &vendure::DESCRIPTOR, &memory::DESCRIPTOR];

/// What a session is opened with.
#[derive(Clone)]
pub struct Context {
    /// The topology: a session looks codes, locations and columns up in it.
    pub model: Rc<Model>,
    /// The system to reach.
    pub system: SystemId,
    /// The only way to the outside.
    pub world: Rc<World>,
    /// Whether the session may write. A preview session refuses every unsafe request.
    pub writes: bool,
    /// The topology's folder on disk: relative paths start there.
    pub dir: String,
    /// How fast it may be asked, and how many requests at once.
    pub pace: Rc<Pace>,
}

/// A conversation with one system.
pub trait Session {
    /// Reads open order lines. Kinds that list none answer with no lines, complete.
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>>;

    /// Reads all levels of every mapped code and location. An answer that was cut is `Ok` with
    /// `about.incomplete` set, so that what was read can still be shown.
    fn levels(&mut self) -> Task<'_, Result<observation::Levels, Failure>>;

    /// Reads what [`Session::levels`] would read, before the topology looks anything up in it. `None` for a
    /// kind that is asked for mapped codes only.
    fn raw(&mut self) -> Task<'_, Result<Option<Raw>, Failure>> {
        Box::pin(async { Ok(None) })
    }

    /// Reads some cells again, with everything that a write to them depends on: one answer a cell, in
    /// the order asked.
    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>>;

    /// Writes one batch, of at most the descriptor's size: one answer a row, in the order given. `Err`
    /// is about the batch as a whole: [`Failure::Unknown`] if it may have been carried out.
    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>>;

    /// Reads the movements of every mapped code: all that has changed since a moment, by the system's own
    /// clock; with `None` all of every order line that is open now, and of those that closed within
    /// [`HORIZON`]. A kind that shows none refuses.
    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        let _ = since;
        Box::pin(async { Err(unable("shows no movements, so nothing can be collected from it")) })
    }

    /// Makes documents, or brings them further, one after the other: one answer for each, in the order
    /// given. What a document already holds is not posted again. `Err` is about the first one:
    /// [`Failure::Unknown`] if it may have been carried out. Where a later one fails like that, the answers
    /// end before it: post the others again, and the same failure is told. A kind that takes none refuses.
    fn post<'s>(&'s mut self, postings: &'s [Posting]) -> Task<'s, Result<Vec<Posted>, Failure>> {
        let _ = postings;
        Box::pin(async { Err(unable("takes no movements in, so nothing can be posted to it")) })
    }

    /// Finds documents by the references that we gave them: those that are there, in any order. A kind that
    /// takes no movements in finds none.
    fn find<'s>(&'s mut self, references: &'s [Name]) -> Task<'s, Result<Vec<Found>, Failure>> {
        let _ = references;
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// How long after it closed an order line is still shown by a whole read of movements: a day, so that what an
/// owner has not taken in yet is never lost with the state.
pub const HORIZON: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

fn unable(what: &str) -> Failure {
    Failure::Rejected { message: format!("this kind of system {what}") }
}

/// A cell of a system: which code, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The code.
    pub code: CodeId,
    /// The location.
    pub location: LocationId,
}

/// What a cell shows right now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Whether the system shows the cell at all.
    pub exists: bool,
    /// Its columns, in the system's unit, by name, sorted by name.
    pub values: Vec<(String, i64)>,
    /// How many movements the system's own log holds for the code, where it has such a log.
    pub log: Option<u64>,
    /// Why the cell cannot be used, where it cannot (`trackInventory` off, lots).
    pub refused: Option<String>,
}

impl Seen {
    /// The value of a column.
    pub fn value(&self, column: &str) -> Option<i64> {
        self.values.iter().find(|(name, _)| name == column).map(|(_, value)| *value)
    }
}

/// One row to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRow {
    /// Where.
    pub cell: Cell,
    /// The column that is written.
    pub column: String,
    /// What the write depends on: the columns as last read, in the system's unit, sorted by name. Empty
    /// for a create.
    pub before: Vec<(String, i64)>,
    /// The number to write, in the system's unit. A kind that changes by an amount changes the column by
    /// this less what `before` says of it.
    pub after: i64,
    /// Whether the row is to be created.
    pub create: bool,
    /// A key that names this write, the same for every attempt of the identical request.
    pub key: String,
}

/// What came of one row of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowAnswer {
    /// Written. `compared`: the system itself made sure that `before` still stood.
    Written {
        /// Whether the system compared.
        compared: bool,
    },
    /// Written into a file that somebody else reads later.
    Sent,
    /// Not written: the system shows something else than `before`.
    Moved {
        /// What it shows, where it says so.
        found: Option<Seen>,
    },
    /// Not written: the system refuses this row.
    Rejected {
        /// The field at fault, as the system calls it; empty if it does not say.
        field: String,
        /// What it said, and what to do; one line, no secrets.
        message: String,
    },
}

/// Opens a session. Fails with [`Failure::Denied`] where credentials are missing or refused, and with
/// the other variants where the system cannot be reached.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    let kind = context.model.system(context.system).kind.kind;
    match kind {
        "csv" => csv::open(context),
        "sql" => sql::open(context),
        "tryton" => tryton::open(context),
        "vendure" => vendure::open(context),
        "memory" => memory::open(context),
        other => {
            let message = format!("kind `{other}` is in no table of kinds");
            Box::pin(async move { Err(Failure::Rejected { message }) })
        }
    }
}

/// Whether a batch may be written at all: the session is open for writing, and the batch is no larger
/// than the kind takes.
fn may_write(context: &Context, rows: usize) -> Result<(), Failure> {
    let system = context.model.system(context.system);
    if !context.writes {
        let message = format!("system `{}` was opened for reading only; nothing was written", system.name);
        return Err(Failure::Rejected { message });
    }
    if rows > system.kind.batch {
        let (name, most) = (&system.name, system.kind.batch);
        let message = format!("system `{name}`: {rows} rows in one batch, where {most} is the most");
        return Err(Failure::Rejected { message });
    }
    Ok(())
}

/// The `levels` node of a generic kind.
fn shape(context: &Context) -> Result<&Levels, Failure> {
    let system = context.model.system(context.system);
    system.levels.as_ref().ok_or_else(|| {
        let message = format!(
            "system `{}` has no `levels`, so nothing says where its counts are; add the node",
            system.name
        );
        Failure::Rejected { message }
    })
}

/// The `movements` node of a generic kind.
fn movements(context: &Context) -> Result<&system::Movements, Failure> {
    let system = context.model.system(context.system);
    system.movements.as_ref().ok_or_else(|| {
        let message = format!(
            "system `{}` has no `movements`, so nothing says where they are read; add the node",
            system.name
        );
        Failure::Rejected { message }
    })
}

/// Whether something that a write depends on no longer stands.
fn differs(before: &[(String, i64)], seen: &Seen) -> bool {
    before.iter().any(|(column, value)| seen.value(column) != Some(*value))
}

/// Rows in one page of a read, for a kind that reads in pages of `own` where the topology says nothing.
pub(crate) fn page(context: &Context, own: usize) -> usize {
    let told = context.model.system(context.system).limit.page;
    told.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(own)
}
