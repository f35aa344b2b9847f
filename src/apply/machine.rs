//! Apply as a machine: a state and an event in, commands out. It knows no clock, no chance and no system;
//! whoever drives it performs its commands in their order and tells it what came of them.

use super::batch::{Row, Settled};
use super::key::write_key;
use super::lane::{Lane, Target};
use super::retry::Policy;
use crate::connectors::{Cell, Failure, RowAnswer, Seen, WriteRow};
use crate::model::SystemId;
use crate::model::time::Moment;
use crate::state::{Entry, Event as Done, Outcome};
use std::collections::BTreeMap;
use std::time::Duration;

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Cells were read again, or could not be.
    Inspected {
        /// The system.
        system: SystemId,
        /// One answer a cell.
        answer: Result<Vec<Seen>, Failure>,
    },
    /// A batch was written, or was not, or nobody knows.
    Written {
        /// The system.
        system: SystemId,
        /// One answer a row.
        answer: Result<Vec<RowAnswer>, Failure>,
    },
    /// A wait is over.
    Waited {
        /// The system.
        system: SystemId,
        /// The wait's ticket.
        ticket: u64,
    },
    /// Somebody asked to stop: no new write leaves.
    Interrupt,
}

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

/// The machine.
pub struct Machine {
    desk: Desk,
    lanes: BTreeMap<SystemId, Lane>,
}

impl Machine {
    /// A machine for some rows; `targets` says how each of their systems is written.
    pub fn new(setup: Setup, rows: Vec<Row>, targets: &BTreeMap<SystemId, Target>) -> Machine {
        let progress = |row| Progress {
            row,
            attempt: 0,
            epoch: 0,
            key: String::new(),
            lost: false,
            sent: false,
            log: None,
            log_rows: 0,
            settled: None,
        };
        let rows: Vec<Progress> = rows.into_iter().map(progress).collect();
        let mut lanes = BTreeMap::new();
        for (at, progress) in rows.iter().enumerate() {
            let system = progress.row.system;
            let target = targets.get(&system).copied().unwrap_or_default();
            lanes.entry(system).or_insert_with(|| Lane::new(system, target)).add(at, progress.row.phase);
        }
        let desk = Desk {
            setup,
            rows,
            now: Moment(0),
            bits: 0,
            interrupted: false,
            tickets: 0,
            bugs: Vec::new(),
            entries: Vec::new(),
        };
        Machine { desk, lanes }
    }

    /// The first commands.
    pub fn start(&mut self, now: Moment) -> Vec<Command> {
        self.desk.now = now;
        let mut commands = Vec::new();
        for lane in self.lanes.values_mut() {
            lane.proceed(&mut self.desk, &mut commands);
        }
        commands
    }

    /// What follows from an event at `now`. `bits` are 64 random bits, for the length of waits.
    pub fn step(&mut self, event: Event, now: Moment, bits: u64) -> Vec<Command> {
        self.desk.now = now;
        self.desk.bits = bits;
        let mut commands = Vec::new();
        let system = match &event {
            Event::Interrupt => {
                self.desk.interrupted = true;
                for lane in self.lanes.values_mut() {
                    lane.interrupt(&mut self.desk, &mut commands);
                }
                return commands;
            }
            Event::Inspected { system, .. }
            | Event::Written { system, .. }
            | Event::Waited { system, .. } => *system,
        };
        let Some(lane) = self.lanes.get_mut(&system) else {
            self.desk.bugs.push(format!("an answer came from system {} that was not asked", system.0));
            return commands;
        };
        match event {
            Event::Inspected { answer, .. } => lane.inspected(&mut self.desk, answer, &mut commands),
            Event::Written { answer, .. } => lane.written(&mut self.desk, answer, &mut commands),
            Event::Waited { ticket, .. } => lane.waited(&mut self.desk, ticket, &mut commands),
            Event::Interrupt => {}
        }
        commands
    }

    /// Whether every row is settled and nothing is under way.
    pub fn done(&self) -> bool {
        self.lanes.values().all(Lane::idle)
    }

    /// How each row ended, in the order given, with the number of rows that have no outcome at all:
    /// those, and whatever else went against the machine's own rules, are told as faults of ours.
    pub fn finish(self) -> Finished {
        let mut bugs = self.desk.bugs;
        let unreachable = self.lanes.iter().filter_map(|(id, lane)| Some((*id, lane.closed()?.clone())));
        let unreachable = unreachable.collect();
        let mut rows = Vec::with_capacity(self.desk.rows.len());
        for progress in self.desk.rows {
            let settled = progress.settled.unwrap_or_else(|| {
                bugs.push(format!("change {} ended without an outcome", progress.row.change));
                Settled::new(Outcome::Failed, "it ended without an outcome; this is a fault of onhand")
            });
            rows.push((progress.row, settled));
        }
        Finished { rows, unreachable, bugs }
    }
}

/// What a machine leaves behind.
#[derive(Debug)]
pub struct Finished {
    /// Every row once, with how it ended.
    pub rows: Vec<(Row, Settled)>,
    /// Systems that were given up, and why.
    pub unreachable: Vec<(SystemId, Failure)>,
    /// Faults of ours; empty unless there is one.
    pub bugs: Vec<String>,
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
        let key = write_key(&self.setup.plan, &self.rows[at].row.change, self.rows[at].epoch);
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
        self.entry(at, Done::Outcome { outcome, reason });
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
