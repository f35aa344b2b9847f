//! A state that notes how many entries each commit of the journal has, and is otherwise the one behind it.

use onhand::ledger::{Booked, Cursor, LineKey, OrderLine, Page};
use onhand::model::time::Moment;
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;

/// The state, and what it has noted.
pub struct Recorder {
    inner: SqliteStore,
    /// How many entries each commit had, in order.
    pub batches: Vec<usize>,
}

impl Recorder {
    /// Notes what goes into a state.
    pub fn over(inner: SqliteStore) -> Recorder {
        Recorder { inner, batches: Vec::new() }
    }
}

macro_rules! through {
    ($($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a mut self, $($given: $kind),*) -> Kept<'a, $out> {
            self.inner.$name($($given),*)
        }
    )*};
}

impl Store for Recorder {
    fn append<'a>(&'a mut self, fence: i64, entries: &'a [Entry]) -> Kept<'a, ()> {
        if !entries.is_empty() {
            self.batches.push(entries.len());
        }
        self.inner.append(fence, entries)
    }

    through! {
        take(lease: &'a Lease, now: Moment) -> Taken;
        holds(fence: i64) -> bool;
        free(holder: &'a str) -> ();
        begin(run: &'a Run) -> ();
        end(fence: i64, run: &'a str, at: Moment, status: u8) -> ();
        remember_plan(plan: &'a PlanSeen) -> ();
        report(faults: &'a [Fault], at: Moment) -> u64;
        settle(keys: &'a [QueueKey], note: &'a str, at: Moment) -> u64;
        remember_written(cells: &'a [Written]) -> ();
        remember_known(cells: &'a [Known]) -> ();
        lease() -> Option<Lease>;
        entries(run: &'a str) -> Vec<Entry>;
        unfinished() -> Vec<Run>;
        run(id: &'a str) -> Option<Run>;
        runs(most: u32) -> Vec<Run>;
        plan(digest: &'a str, id: &'a str) -> Option<PlanSeen>;
        queue(open_only: bool) -> Vec<QueueEntry>;
        resolve(id: i64, note: &'a str, at: Moment) -> bool;
        hush(id: i64, until: Moment, note: &'a str) -> bool;
        retry(id: i64) -> bool;
        written(system: &'a str) -> Vec<Written>;
        known(system: &'a str) -> Vec<Known>;
        unlock(unlocked: &'a Unlocked) -> bool;
        unlocks() -> Vec<Unlocked>;
        audit() -> Vec<String>;
        backup(path: &'a str) -> ();
    }
}

impl Standing for Recorder {
    through! {
        pause(pause: &'a Pause) -> ();
        unpause(scope: Scope, name: &'a str) -> bool;
        pauses() -> Vec<Pause>;
        lift(lifted: &'a Lifted) -> ();
        lifted(plan: &'a str) -> Vec<Lifted>;
        limits() -> Vec<Limit>;
        ran() -> Vec<Ran>;
        remember_ran(ran: &'a [Ran]) -> ();
        sizes() -> Vec<Size>;
        remember_limits(limits: &'a [Limit]) -> ();
        remember_sizes(sizes: &'a [Size]) -> ();
        count_moved(moved: &'a [QueueKey], ended: &'a [QueueKey]) -> Vec<u32>;
    }
}

impl Past for Recorder {
    through! {
        keep_plan(run: &'a str, text: &'a str, changes: &'a [Planned]) -> ();
        forget_plans(before: Moment) -> u64;
        plan_text(run: &'a str) -> Option<String>;
        happened(run: &'a str) -> Vec<Happened>;
        history(item: &'a str) -> Vec<Happened>;
        leavings(system: &'a str, after: Moment) -> Vec<Leaving>;
    }
}

impl Books for Recorder {
    through! {
        open_lines() -> Vec<OrderLine>;
        lines_of(system: &'a str, documents: &'a [String]) -> Vec<OrderLine>;
        booked_of(system: &'a str, documents: &'a [String]) -> Vec<Booked>;
        cursors() -> Vec<Cursor>;
        book(fence: i64, page: &'a Page) -> ();
        shut(line: &'a LineKey, at: Moment) -> bool;
        balances() -> Vec<Balance>;
    }
}
