//! What the lanes of a machine share: the rows and how far each is, the journal in the making, commands.

use super::batch::{Row, Settled};
use super::key::write_key;
use super::retry::Policy;
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
    /// How often and how long requests are tried.
    pub policy: Policy,
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
    /// Whether the request of the attempt has left.
    pub sent: bool,
    /// The log of movements right before the write, and how many rows of the batch move it.
    pub log: Option<u64>,
    pub log_rows: u64,
    pub settled: Option<Settled>,
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
        progress.key = key;
        progress.attempt += 1;
        progress.sent = false;
        let event = Done::Intent { before: progress.row.before.clone(), after: progress.row.after };
        self.entry(at, event);
    }

    /// Notes that the request for a row leaves now.
    pub fn send(&mut self, at: usize) {
        self.rows[at].sent = true;
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
        self.rows[at].settled = Some(settled);
        // What an interrupt leaves undone has no end in the journal: the run may be gone on with.
        if !(self.interrupted && outcome == Outcome::Skipped) {
            self.entry(at, Done::Outcome { outcome, reason });
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
