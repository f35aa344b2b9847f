//! What is kept between runs: runs, journal, queue, plans, and what was last written and seen.

pub mod audit;
pub mod books;
mod copy;
pub mod entry;
pub mod memory;
pub mod past;
mod row;
pub mod schema;
pub mod sqlite;
pub mod standing;
mod through;
pub mod trouble;

use crate::model::time::Moment;
use crate::world::Task;
pub use books::{Balance, Books, Sale, Sold};
pub use entry::{
    Entry, Event, Fault, Known, Lease, Outcome, PlanSeen, QueueEntry, QueueKey, Run, Taken, Unlocked, Written,
};
pub use past::{Happened, Leaving, Left, Past, Planned, Turn, Turned};
pub use standing::{Lifted, Limit, Pause, Ran, Scope, Size, Standing};
#[doc(hidden)]
pub use through::state_through;

/// Why state could not be used; in words, with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// Another run holds the lease, or has taken it over.
    Locked(String),
    /// It was written by a newer version.
    Newer(String),
    /// Anything else: not writable, damaged, disk full.
    Broken(String),
}

impl std::fmt::Display for StateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (StateError::Locked(text) | StateError::Newer(text) | StateError::Broken(text)) = self;
        f.write_str(text)
    }
}

/// What a method of [`Store`] answers.
pub type Kept<'a, T> = Task<'a, Result<T, StateError>>;

/// Where state is kept. All methods commit durably before they answer, each all or nothing.
pub trait Store: Standing + Past + Books {
    /// Takes the lease of the topology for its holder, or extends the one that the holder has. A new lease
    /// gets a fencing number above all before it. A number in `lease`, above 0, asks for that lease to be
    /// extended and for nothing else: once it is somebody else's or nobody's, no new one is taken.
    fn take<'a>(&'a mut self, lease: &'a Lease, now: Moment) -> Kept<'a, Taken>;

    /// Whether the lease with this fencing number is still the last one that was taken, and not freed.
    fn holds(&mut self, fence: i64) -> Kept<'_, bool>;

    /// The lease as it stands, run out or not; `None` where nobody has it.
    fn lease(&mut self) -> Kept<'_, Option<Lease>>;

    /// Frees the lease, if `holder` has it.
    fn free<'a>(&'a mut self, holder: &'a str) -> Kept<'a, ()>;

    /// Frees the lease by hand, if it still is the one with the fencing number of `unlocked`, and keeps who
    /// did so and why; answers whether it was that one. An empty reason is refused.
    fn unlock<'a>(&'a mut self, unlocked: &'a Unlocked) -> Kept<'a, bool>;

    /// The leases that were freed by hand, oldest first.
    fn unlocks(&mut self) -> Kept<'_, Vec<Unlocked>>;

    /// Starts a run.
    fn begin<'a>(&'a mut self, run: &'a Run) -> Kept<'a, ()>;

    /// Ends a run with its exit status, under the lease with this fencing number, and frees that lease if it
    /// is the run's own. A run that has ended keeps its first end, save that one which was interrupted (130)
    /// may be gone on with and end once more. Fails with [`StateError::Locked`] where the lease is no longer
    /// held: who was stopped past its end would else end the run of whoever has it now.
    fn end<'a>(&'a mut self, fence: i64, run: &'a str, at: Moment, status: u8) -> Kept<'a, ()>;

    /// Appends entries of one run to the journal, all or none, and only while the lease with this fencing
    /// number holds: [`StateError::Locked`] where it no longer does.
    fn append<'a>(&'a mut self, fence: i64, entries: &'a [Entry]) -> Kept<'a, ()>;

    /// The entries of a run, in the order of writing.
    fn entries<'a>(&'a mut self, run: &'a str) -> Kept<'a, Vec<Entry>>;

    /// The runs that have no end, oldest first.
    fn unfinished(&mut self) -> Kept<'_, Vec<Run>>;

    /// One run.
    fn run<'a>(&'a mut self, id: &'a str) -> Kept<'a, Option<Run>>;

    /// The last runs, newest first.
    fn runs(&mut self, most: u32) -> Kept<'_, Vec<Run>>;

    /// Remembers a plan, by its digest and its id, or who applied it.
    fn remember_plan<'a>(&'a mut self, plan: &'a PlanSeen) -> Kept<'a, ()>;

    /// What is known of a plan by its digest and its id. The digest alone is no name: whoever makes the same
    /// plan once more, after the target went back to its old numbers, means to have it carried out once more.
    fn plan<'a>(&'a mut self, digest: &'a str, id: &'a str) -> Kept<'a, Option<PlanSeen>>;

    /// Adds failures to the queue, or counts one more attempt of the open entry with the same key;
    /// answers how many entries are new.
    fn report<'a>(&'a mut self, faults: &'a [Fault], at: Moment) -> Kept<'a, u64>;

    /// Closes open entries that went right by themselves, saying how in `note`; answers how many were open.
    fn settle<'a>(&'a mut self, keys: &'a [QueueKey], note: &'a str, at: Moment) -> Kept<'a, u64>;

    /// Queue entries, open ones only or all, by number.
    fn queue(&mut self, open_only: bool) -> Kept<'_, Vec<QueueEntry>>;

    /// Closes one open entry by hand; answers whether there was one. An empty note is refused.
    fn resolve<'a>(&'a mut self, id: i64, note: &'a str, at: Moment) -> Kept<'a, bool>;

    /// Keeps one open entry from asking for anybody until a moment, with a note; answers whether there was
    /// one. An empty note is refused.
    fn hush<'a>(&'a mut self, id: i64, until: Moment, note: &'a str) -> Kept<'a, bool>;

    /// Marks one open entry to be tried at the next run, whatever its waiting time; answers whether
    /// there was one.
    fn retry(&mut self, id: i64) -> Kept<'_, bool>;

    /// The last number written to each cell of a system, and whether it has been seen there since.
    fn written<'a>(&'a mut self, system: &'a str) -> Kept<'a, Vec<Written>>;

    /// Remembers numbers written or seen.
    fn remember_written<'a>(&'a mut self, cells: &'a [Written]) -> Kept<'a, ()>;

    /// The last owner values that an apply used.
    fn known<'a>(&'a mut self, system: &'a str) -> Kept<'a, Vec<Known>>;

    /// Remembers owner values used.
    fn remember_known<'a>(&'a mut self, cells: &'a [Known]) -> Kept<'a, ()>;

    /// What is wrong with what is kept, one sentence each; empty where all is well.
    fn audit(&mut self) -> Kept<'_, Vec<String>>;

    /// Writes one consistent copy into a new file, while others write. What stands at `path` is never
    /// replaced.
    fn backup<'a>(&'a mut self, path: &'a str) -> Kept<'a, ()>;
}
