//! What the lanes of a machine share: the rows and how far each is, the journal in the making, commands.

use super::batch::{Phase, Row, Settled, Tried};
use super::halt::{Caps, Halts};
use super::key::write_key;
use super::shelf::Shelves;
use crate::connectors::{Cell, WriteRow};
use crate::model::SystemId;
use crate::model::time::Moment;
use crate::state::{Entry, Event as Done, Outcome};
use std::time::Duration;

/// What is to be done next. Commands of one answer are performed in their order; a journal command is
/// durable before anything after it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Append these entries, all or none.
    Journal(Vec<Entry>),
    /// Read these cells again.
    Inspect {
        /// The system.
        system: SystemId,
        /// The cells.
        cells: Vec<Cell>,
        /// How many requests to reserve at the system's rate: 2 where a write is to follow at once.
        tokens: u32,
    },
    /// Write this batch.
    Write {
        /// The system.
        system: SystemId,
        /// The rows.
        rows: Vec<WriteRow>,
        /// How many requests to reserve at the system's rate; 0 where the inspection before did.
        tokens: u32,
    },
    /// Tell the machine when this time has passed.
    Wait {
        /// The system.
        system: SystemId,
        /// What to say then.
        ticket: u64,
        /// How long.
        delay: Duration,
    },
}

/// What all rows of one run share.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The run.
    pub run: String,
    /// The plan, for idempotency keys.
    pub plan: String,
    /// When what was read is too old to raise anything.
    pub raises_until: Option<Moment>,
}

/// One row and how far it is.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub row: Row,
    /// Which attempt is under way or was the last one; 0 before the first.
    pub attempt: u32,
    /// Rises whenever the request is no longer the one sent before.
    pub epoch: u32,
    /// The key of the attempt.
    pub key: String,
    /// Whether the answer to an earlier attempt never came.
    pub lost: bool,
    /// Whether the system took a write without comparing.
    pub taken: bool,
    /// When the first request under the key left; `None` while none has.
    pub sent: Option<Moment>,
    /// The log of movements right before the write, and how many rows of the batch move it.
    pub log: Option<u64>,
    pub log_rows: u64,
    /// How often it was sent by this machine.
    pub sends: u32,
    pub settled: Option<Settled>,
}

impl Progress {
    pub fn new(row: Row) -> Progress {
        let (attempt, epoch) = (row.tried.attempt, row.tried.epoch);
        Progress {
            row,
            attempt,
            epoch,
            key: String::new(),
            lost: false,
            taken: false,
            sent: None,
            log: None,
            log_rows: 0,
            sends: 0,
            settled: None,
        }
    }

    /// The same row after this run of the machine, for another one.
    pub fn into_row(self, settled: &Settled) -> Row {
        let used = u32::from(!self.key.is_empty());
        let tried = Tried { attempt: self.attempt, epoch: self.epoch + used };
        let moved = u32::from(settled.outcome == Outcome::Moved);
        Row { tried, rounds: self.row.rounds.saturating_sub(moved), ..self.row }
    }
}

/// What lanes share while an event is worked on.
pub(super) struct Desk {
    pub setup: Setup,
    pub rows: Vec<Progress>,
    pub now: Moment,
    pub bits: u64,
    pub interrupted: bool,
    pub tickets: u64,
    pub bugs: Vec<String>,
    pub entries: Vec<Entry>,
    pub shelves: Shelves,
    /// Rows that wait from now on.
    pub halts: Halts,
    /// How often rows may be sent.
    pub caps: Caps,
    /// Rows that are to be computed again; they have no outcome in the journal.
    pub again: Vec<usize>,
}

impl Desk {
    fn entry(&mut self, at: usize, event: Done) {
        let progress = &self.rows[at];
        self.entries.push(Entry {
            run: self.setup.run.clone(),
            change: progress.row.change.clone(),
            attempt: progress.attempt.max(1),
            key: progress.key.clone(),
            event,
            at: self.now,
        });
    }

    /// Notes that a row is about to be sent.
    pub fn intend(&mut self, at: usize) {
        let setup = &self.setup;
        let key = write_key((&setup.plan, &setup.run), &self.rows[at].row.change, self.rows[at].epoch);
        let progress = &mut self.rows[at];
        if progress.key != key {
            (progress.key, progress.sent) = (key, None);
        }
        progress.attempt += 1;
        let event = Done::Intent { before: progress.row.before.clone(), after: progress.row.after };
        self.entry(at, event);
    }

    /// Notes that the request for a row leaves now.
    pub fn send(&mut self, at: usize) {
        self.rows[at].sent.get_or_insert(self.now);
        self.rows[at].sends += 1;
        self.entry(at, Done::Sent);
    }

    /// Settles a row; a second outcome for one row is a fault of ours, and the first one stands.
    pub fn settle(&mut self, at: usize, settled: Settled) {
        if self.rows[at].settled.is_some() {
            let change = &self.rows[at].row.change;
            self.bugs.push(format!("change {change} came to two outcomes"));
            return;
        }
        let (outcome, reason) = (settled.outcome, settled.reason.clone());
        let again = self.comes_again(at, outcome);
        self.close(at, settled, again);
        match again {
            true => self.entry(at, Done::Again { reason }),
            // What an interrupt leaves undone has no end in the journal: the run may be gone on with.
            false if self.interrupted && outcome == Outcome::Skipped => {}
            false => self.entry(at, Done::Outcome { outcome, reason }),
        }
    }

    /// Whether a row that ended so is computed again in this run. A raise that may have been carried out is
    /// not: what it put on sale may be sold by now, and nobody else may know.
    fn comes_again(&self, at: usize, outcome: Outcome) -> bool {
        let progress = &self.rows[at];
        let harmless = progress.row.phase != Phase::Raise || !(progress.lost || progress.taken);
        outcome == Outcome::Moved && progress.row.rounds > 0 && harmless && !self.interrupted
    }

    /// Settles a raise whose shelf nobody has given up enough of. If what did not fall is computed again,
    /// so is the raise, which has not been touched.
    pub fn keep_back(&mut self, at: usize, settled: Settled, again: bool) {
        match again && !self.interrupted {
            true => self.close(at, settled, true),
            false => self.settle(at, settled),
        }
    }

    fn close(&mut self, at: usize, settled: Settled, again: bool) {
        let rows = &self.rows;
        self.shelves.settled(|at| rows[at].row.system, &rows[at].row, &settled, again);
        self.rows[at].settled = Some(settled);
        if again {
            self.again.push(at);
        }
    }

    /// Hands the entries gathered so far over, to be made durable before what follows.
    pub fn journal(&mut self, commands: &mut Vec<Command>) {
        if !self.entries.is_empty() {
            commands.push(Command::Journal(std::mem::take(&mut self.entries)));
        }
    }

    /// A number for a wait.
    pub fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}
