//! State in memory, gone with the process: for tests, demos and simulation.

mod audit;
mod books;
mod past;
mod standing;

use super::trouble::{self, check_note, lease_lost};
use super::{
    Entry, Fault, Kept, Known, Lease, Lifted, Limit, Pause, PlanSeen, Planned, QueueEntry, QueueKey, Ran,
    Run, Scope, Size, StateError, Store, Taken, Turn, Unlocked, Written,
};
use crate::ledger::{Booked, BookedKey, Cursor, LineKey, OrderLine, Parked, ParkedKey};
use crate::model::time::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// Names a cell: system, location, then code or item, then column or quantity.
type CellKey = (String, String, String, String);

/// State in memory. It keeps the same promises as a file, but for the file.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    lease: Option<Lease>,
    fence: i64,
    runs: Vec<Run>,
    journal: Vec<Entry>,
    plans: BTreeMap<(String, String), PlanSeen>,
    queue: Vec<QueueEntry>,
    written: BTreeMap<CellKey, Written>,
    known: BTreeMap<CellKey, Known>,
    pauses: BTreeMap<(Scope, String), Pause>,
    lifted: BTreeMap<(String, String), Lifted>,
    limits: BTreeMap<(String, String), Limit>,
    unlocked: Vec<Unlocked>,
    sizes: BTreeMap<(String, String), Size>,
    ran: BTreeMap<String, Ran>,
    streaks: BTreeMap<QueueKey, u32>,
    texts: BTreeMap<String, String>,
    turns: BTreeMap<(String, String), Turn>,
    cells: Vec<(String, Planned)>,
    movements: BTreeMap<BookedKey, Booked>,
    by_order: BTreeMap<(String, String), Vec<BookedKey>>,
    lines: BTreeMap<LineKey, OrderLine>,
    by_document: BTreeMap<(String, String), BTreeSet<LineKey>>,
    open_lines: BTreeSet<LineKey>,
    accounts: BTreeMap<(String, String, &'static str), i64>,
    cursors: BTreeMap<String, Cursor>,
    parked: BTreeMap<ParkedKey, Parked>,
}

impl MemoryStore {
    /// Forgets runs that ended before a moment, with all that is kept of them: plans, changes, journal. A
    /// simulation of years asks for none of it.
    pub fn thin(&mut self, before: Moment) {
        let old = |run: &Run| run.ended.is_some_and(|(at, _)| at < before);
        self.runs.retain(|run| !old(run));
        let kept: BTreeSet<&str> = self.runs.iter().map(|run| run.id.as_str()).collect();
        self.journal.retain(|entry| kept.contains(&*entry.run));
        self.cells.retain(|(run, _)| kept.contains(&**run));
        self.texts.retain(|run, _| kept.contains(&**run));
        self.turns.retain(|(_, run), _| kept.contains(&**run));
        self.plans.retain(|_, plan| plan.created >= before);
    }

    fn open_entry(&mut self, key: &QueueKey) -> Option<&mut QueueEntry> {
        self.queue.iter_mut().find(|entry| entry.closed.is_none() && entry.fault.key == *key)
    }

    fn open_number(&mut self, id: i64) -> Option<&mut QueueEntry> {
        self.queue.iter_mut().find(|entry| entry.closed.is_none() && entry.id == id)
    }

    fn report_one(&mut self, fault: &Fault, at: Moment) -> u64 {
        if let Some(entry) = self.open_entry(&fault.key) {
            entry.fault = fault.clone();
            entry.attempts += 1;
            entry.last = at;
            return 0;
        }
        let id = self.queue.len() as i64 + 1;
        let fault = fault.clone();
        self.queue.push(QueueEntry {
            id,
            fault,
            attempts: 1,
            first: at,
            last: at,
            closed: None,
            quiet: None,
        });
        1
    }
}

/// What is kept of the cells of one system.
fn of_system<T: Clone>(cells: &BTreeMap<CellKey, T>, system: &str) -> Vec<T> {
    let first = (system.to_owned(), String::new(), String::new(), String::new());
    cells.range(first..).take_while(|(key, _)| key.0 == system).map(|(_, cell)| cell.clone()).collect()
}

fn done<'a, T: 'a>(value: T) -> Kept<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

fn refused<'a, T: 'a>(error: StateError) -> Kept<'a, T> {
    Box::pin(std::future::ready(Err(error)))
}

impl Store for MemoryStore {
    fn take<'a>(&'a mut self, lease: &'a Lease, now: Moment) -> Kept<'a, Taken> {
        let (fence, taken) = match &self.lease {
            Some(own) if own.holder == lease.holder => (own.fence, own.taken),
            Some(other) if other.expires > now || lease.fence != 0 => {
                return done(Taken::Theirs(other.clone()));
            }
            None if lease.fence != 0 => return done(Taken::Over),
            _ => (self.fence + 1, now),
        };
        self.fence = fence;
        self.lease = Some(Lease { fence, taken, heartbeat: now, ..lease.clone() });
        done(Taken::Ours(fence))
    }

    fn holds(&mut self, fence: i64) -> Kept<'_, bool> {
        done(self.lease.as_ref().is_some_and(|lease| lease.fence == fence))
    }

    fn lease(&mut self) -> Kept<'_, Option<Lease>> {
        done(self.lease.clone())
    }

    fn free<'a>(&'a mut self, holder: &'a str) -> Kept<'a, ()> {
        self.lease.take_if(|lease| lease.holder == holder);
        done(())
    }

    fn unlock<'a>(&'a mut self, unlocked: &'a Unlocked) -> Kept<'a, bool> {
        if let Err(error) = check_note(&unlocked.reason, trouble::FREED) {
            return refused(error);
        }
        let found = self.lease.take_if(|lease| lease.fence == unlocked.fence).is_some();
        if found {
            self.unlocked.push(unlocked.clone());
        }
        done(found)
    }

    fn unlocks(&mut self) -> Kept<'_, Vec<Unlocked>> {
        done(self.unlocked.clone())
    }

    fn begin<'a>(&'a mut self, run: &'a Run) -> Kept<'a, ()> {
        if self.runs.iter().any(|known| known.id == run.id) {
            return refused(StateError::Broken(format!("run {} was started before", run.id)));
        }
        self.runs.push(run.clone());
        done(())
    }

    fn end<'a>(&'a mut self, fence: i64, run: &'a str, at: Moment, status: u8) -> Kept<'a, ()> {
        if self.lease.as_ref().is_none_or(|lease| lease.fence != fence) {
            return refused(lease_lost(run));
        }
        let open = |known: &&mut Run| known.id == run && known.ended.is_none_or(|(_, status)| status == 130);
        if let Some(run) = self.runs.iter_mut().find(open) {
            run.ended = Some((at, status));
        }
        self.lease.take_if(|lease| lease.run == run);
        done(())
    }

    fn append<'a>(&'a mut self, fence: i64, entries: &'a [Entry]) -> Kept<'a, ()> {
        let Some(first) = entries.first() else { return done(()) };
        if self.lease.as_ref().is_none_or(|lease| lease.fence != fence) {
            return refused(lease_lost(&first.run));
        }
        let unknown = entries.iter().find(|entry| self.runs.iter().all(|run| run.id != entry.run));
        if let Some(entry) = unknown {
            return refused(trouble::no_run(&entry.run));
        }
        self.journal.extend_from_slice(entries);
        done(())
    }

    fn entries<'a>(&'a mut self, run: &'a str) -> Kept<'a, Vec<Entry>> {
        done(self.journal.iter().filter(|entry| entry.run == run).cloned().collect())
    }

    fn unfinished(&mut self) -> Kept<'_, Vec<Run>> {
        let mut open: Vec<Run> = self.runs.iter().filter(|run| run.ended.is_none()).cloned().collect();
        open.sort_by(|a, b| (a.began, &a.id).cmp(&(b.began, &b.id)));
        done(open)
    }

    fn run<'a>(&'a mut self, id: &'a str) -> Kept<'a, Option<Run>> {
        done(self.runs.iter().find(|run| run.id == id).cloned())
    }

    fn runs(&mut self, most: u32) -> Kept<'_, Vec<Run>> {
        let mut sorted: Vec<&Run> = self.runs.iter().rev().collect();
        sorted.sort_by_key(|run| std::cmp::Reverse(run.began));
        done(sorted.into_iter().take(most as usize).cloned().collect())
    }

    fn remember_plan<'a>(&'a mut self, plan: &'a PlanSeen) -> Kept<'a, ()> {
        let kept = self.plans.entry((plan.digest.clone(), plan.id.clone())).or_insert_with(|| plan.clone());
        if plan.applied_by.is_some() {
            kept.applied_by.clone_from(&plan.applied_by);
        }
        done(())
    }

    fn plan<'a>(&'a mut self, digest: &'a str, id: &'a str) -> Kept<'a, Option<PlanSeen>> {
        done(self.plans.get(&(digest.to_owned(), id.to_owned())).cloned())
    }

    fn report<'a>(&'a mut self, faults: &'a [Fault], at: Moment) -> Kept<'a, u64> {
        done(faults.iter().map(|fault| self.report_one(fault, at)).sum())
    }

    fn settle<'a>(&'a mut self, keys: &'a [QueueKey], note: &'a str, at: Moment) -> Kept<'a, u64> {
        let mut closed = 0;
        for key in keys {
            if let Some(entry) = self.open_entry(key) {
                entry.closed = Some((at, note.to_owned()));
                closed += 1;
            }
        }
        done(closed)
    }

    fn queue(&mut self, open_only: bool) -> Kept<'_, Vec<QueueEntry>> {
        let wanted = |entry: &&QueueEntry| !open_only || entry.closed.is_none();
        done(self.queue.iter().filter(wanted).cloned().collect())
    }

    fn resolve<'a>(&'a mut self, id: i64, note: &'a str, at: Moment) -> Kept<'a, bool> {
        if let Err(error) = check_note(note, trouble::SETTLED) {
            return refused(error);
        }
        let entry = self.open_number(id);
        done(entry.map(|entry| entry.closed = Some((at, note.to_owned()))).is_some())
    }

    fn hush<'a>(&'a mut self, id: i64, until: Moment, note: &'a str) -> Kept<'a, bool> {
        if let Err(error) = check_note(note, trouble::KNOWN) {
            return refused(error);
        }
        let entry = self.open_number(id);
        done(entry.map(|entry| entry.quiet = Some((until, note.to_owned()))).is_some())
    }

    fn retry(&mut self, id: i64) -> Kept<'_, bool> {
        done(self.open_number(id).map(|entry| entry.fault.next = None).is_some())
    }

    fn written<'a>(&'a mut self, system: &'a str) -> Kept<'a, Vec<Written>> {
        done(of_system(&self.written, system))
    }

    fn remember_written<'a>(&'a mut self, cells: &'a [Written]) -> Kept<'a, ()> {
        for cell in cells {
            let key = (cell.system.clone(), cell.location.clone(), cell.code.clone(), cell.column.clone());
            self.written.insert(key, cell.clone());
        }
        done(())
    }

    fn known<'a>(&'a mut self, system: &'a str) -> Kept<'a, Vec<Known>> {
        done(of_system(&self.known, system))
    }

    fn remember_known<'a>(&'a mut self, cells: &'a [Known]) -> Kept<'a, ()> {
        for cell in cells {
            let key = (cell.system.clone(), cell.location.clone(), cell.item.clone(), cell.quantity.clone());
            self.known.insert(key, cell.clone());
        }
        done(())
    }

    fn audit(&mut self) -> Kept<'_, Vec<String>> {
        done(self.faults())
    }

    fn backup<'a>(&'a mut self, _path: &'a str) -> Kept<'a, ()> {
        let message = "state in memory is gone with its process, so there is no file to copy";
        refused(StateError::Broken(message.to_owned()))
    }
}
