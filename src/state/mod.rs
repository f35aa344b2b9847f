//! What is kept between runs: runs, journal, queue, plans, and what was last written and seen.

use crate::model::time::Moment;
use crate::world::Task;

/// Why state could not be used; in words, with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// Another run holds the lease.
    Locked(String),
    /// It was written by a newer version.
    Newer(String),
    /// Anything else: not writable, damaged, disk full.
    Broken(String),
}

/// Where state is kept. All methods commit durably before they answer.
pub trait Store {
    /// Starts a run, and takes the lease of the topology for it.
    fn begin(&mut self, run: &Run) -> Task<'_, Result<(), StateError>>;

    /// Ends a run with its exit status, and gives the lease back.
    fn end(&mut self, run: &str, at: Moment, status: u8) -> Task<'_, Result<(), StateError>>;

    /// Appends entries to the journal, all or none.
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> Task<'a, Result<(), StateError>>;

    /// The entries of a run, in the order of writing.
    fn entries<'a>(&'a mut self, run: &'a str) -> Task<'a, Result<Vec<Entry>, StateError>>;

    /// The newest run that has no end.
    fn unfinished(&mut self) -> Task<'_, Result<Option<Run>, StateError>>;

    /// Remembers the digest of a plan that was written here.
    fn remember_plan<'a>(&'a mut self, plan: &'a PlanSeen) -> Task<'a, Result<(), StateError>>;

    /// What is known of a plan by its digest.
    fn plan<'a>(&'a mut self, digest: &'a str) -> Task<'a, Result<Option<PlanSeen>, StateError>>;

    /// Adds a failure to the queue, or counts one more attempt of the open entry with its key.
    fn report<'a>(&'a mut self, faults: &'a [Fault], at: Moment) -> Task<'a, Result<(), StateError>>;

    /// Closes the open entries of cells that went through; answers how many.
    fn settle<'a>(&'a mut self, cells: &'a [QueueKey], at: Moment) -> Task<'a, Result<u64, StateError>>;

    /// Queue entries, open ones only or all, by key.
    fn queue(&mut self, open_only: bool) -> Task<'_, Result<Vec<QueueEntry>, StateError>>;

    /// Closes one entry by hand, with a note.
    fn resolve<'a>(&'a mut self, id: i64, note: &'a str, at: Moment) -> Task<'a, Result<bool, StateError>>;

    /// Marks one entry to be tried again at the next run, whatever its waiting time.
    fn retry(&mut self, id: i64, at: Moment) -> Task<'_, Result<bool, StateError>>;

    /// The last number written to each cell of a system, and whether it has been seen there since.
    fn written<'a>(&'a mut self, system: &'a str) -> Task<'a, Result<Vec<Written>, StateError>>;

    /// Remembers numbers written or seen.
    fn remember_written<'a>(&'a mut self, cells: &'a [Written]) -> Task<'a, Result<(), StateError>>;

    /// The last owner values that an apply used.
    fn known<'a>(&'a mut self, system: &'a str) -> Task<'a, Result<Vec<Known>, StateError>>;

    /// Remembers owner values used.
    fn remember_known<'a>(&'a mut self, cells: &'a [Known]) -> Task<'a, Result<(), StateError>>;
}

/// One apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The plan's id.
    pub plan: String,
    /// The plan's digest.
    pub digest: String,
    /// The topology's digest.
    pub topology: String,
    /// Who runs it: user and host.
    pub actor: String,
    /// When it began.
    pub began: Moment,
    /// When it ended, and with which exit status.
    pub ended: Option<(Moment, u8)>,
}

/// One line of the journal: what we did. Written before the request leaves, and again when the answer
/// is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The run.
    pub run: String,
    /// The change of the plan.
    pub change: String,
    /// Which attempt of this row, from 1.
    pub attempt: u32,
    /// The idempotency key of the attempt.
    pub key: String,
    /// What happened.
    pub event: Event,
    /// When.
    pub at: Moment,
}

/// What happened to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It will be sent: what stands there, and what is to stand there, in the system's unit.
    Intent {
        /// The columns that the write depends on, by name.
        before: Vec<(String, i64)>,
        /// The number.
        after: i64,
    },
    /// The request has left.
    Sent,
    /// It is settled.
    Outcome {
        /// How.
        outcome: Outcome,
        /// Why, in words; empty where the outcome says it all.
        reason: String,
    },
}

/// How a planned row ends: in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Written, and the system compared, or its log shows only our movement.
    Verified,
    /// Written, and read back; a lost update would look the same.
    Unverified,
    /// It already showed the number.
    Unchanged,
    /// Written into a file that has not been read back yet.
    Sent,
    /// No longer what the plan permits.
    Moved,
    /// Not written, since something that it depends on is not known.
    Held,
    /// Refused or not answered; in the queue.
    Failed,
    /// Left alone for a stated reason.
    Skipped,
}

/// A plan that was written here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSeen {
    /// Its digest.
    pub digest: String,
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created: Moment,
    /// The run that applied it, if one has.
    pub applied_by: Option<String>,
}

/// What one queue entry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueKey {
    /// The flow.
    pub flow: String,
    /// The system.
    pub system: String,
    /// The location; empty where there is none.
    pub location: String,
    /// The item or bundle, or the record where no item is known.
    pub item: String,
    /// The field.
    pub field: String,
}

/// A failure to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is about.
    pub key: QueueKey,
    /// The system's code for the item; empty where not known.
    pub code: String,
    /// Which record, and of which source.
    pub record: String,
    /// What was found, and what to do.
    pub reason: String,
    /// The change of the plan that it belongs to; empty for a row that was only read.
    pub change: String,
    /// When it may be tried again by itself; `None`: at the next run.
    pub next: Option<Moment>,
}

/// One entry of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    /// Its number.
    pub id: i64,
    /// What failed.
    pub fault: Fault,
    /// How often.
    pub attempts: u32,
    /// When first.
    pub first: Moment,
    /// When last.
    pub last: Moment,
    /// When and how it was closed: by itself, or with a note.
    pub closed: Option<(Moment, String)>,
}

/// The last number written to a cell of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The system.
    pub system: String,
    /// The location's name; empty where there is none.
    pub location: String,
    /// The system's code.
    pub code: String,
    /// The column.
    pub column: String,
    /// The number, in the system's unit.
    pub value: i64,
    /// When it was written.
    pub at: Moment,
    /// The run.
    pub run: String,
    /// Whether a read has shown it since.
    pub seen: bool,
}

/// The last value of an owner's cell that an apply used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The owner.
    pub system: String,
    /// The location's name.
    pub location: String,
    /// The item's name.
    pub item: String,
    /// The quantity's name.
    pub quantity: String,
    /// The value, in base units.
    pub value: i64,
    /// When it was true, where known.
    pub as_of: Option<Moment>,
}
