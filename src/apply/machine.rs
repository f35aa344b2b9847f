//! Apply as a machine: a state and an event in, commands out. It knows no clock, no chance and no system;
//! whoever drives it performs its commands in their order and tells it what came of them.

use super::batch::{Row, Settled};
use super::desk::{Desk, Progress};
use super::halt::{Caps, Halts};
use super::key::write_key;
use super::lane::{Lane, Target};
use super::shelf::Shelves;
use crate::connectors::{Failure, RowAnswer, Seen};
use crate::model::SystemId;
use crate::model::time::Moment;
use crate::state::Outcome;
use std::collections::BTreeMap;

pub use super::desk::{Command, Setup};

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
    /// From now on these rows wait, and no others; what has left already is not called back.
    Halt(Halts),
}

/// How far an earlier part of the run came with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Earlier {
    /// The last attempt.
    pub attempt: u32,
    /// The epoch of the next request.
    pub epoch: u32,
    /// Whether a request left and its answer never came.
    pub lost: bool,
    /// When the first request under the key of that epoch left; `None` where none has.
    pub sent: Option<Moment>,
}

/// The machine.
pub struct Machine {
    desk: Desk,
    lanes: BTreeMap<SystemId, Lane>,
}

impl Machine {
    /// A machine for some rows; `targets` says how each of their systems is written.
    pub fn new(setup: Setup, rows: Vec<Row>, targets: &BTreeMap<SystemId, Target>) -> Machine {
        let shelves = Shelves::new(&rows);
        let rows: Vec<Progress> = rows.into_iter().map(Progress::new).collect();
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
            shelves,
            halts: Halts::new(),
            caps: Caps::new(),
            again: Vec::new(),
        };
        Machine { desk, lanes }
    }

    /// Takes up where an earlier part of the run left changes, by their ids; only before the first step.
    pub fn take_up(&mut self, earlier: &BTreeMap<String, Earlier>) {
        let names = (&*self.desk.setup.plan, &*self.desk.setup.run);
        for progress in &mut self.desk.rows {
            if let Some(earlier) = earlier.get(&progress.row.change) {
                progress.attempt = earlier.attempt;
                progress.epoch = earlier.epoch;
                progress.lost = earlier.lost;
                progress.sent = earlier.sent;
                if earlier.sent.is_some() {
                    progress.key = write_key(names, &progress.row.change, earlier.epoch);
                }
            }
        }
    }

    /// Sends rows that rise no more often than this; only before the first step.
    pub fn cap(&mut self, caps: Caps) {
        self.desk.caps = caps;
    }

    /// The first commands.
    pub fn start(&mut self, now: Moment) -> Vec<Command> {
        self.desk.now = now;
        let mut commands = Vec::new();
        for lane in self.lanes.values_mut() {
            lane.proceed(&mut self.desk, &mut commands);
        }
        self.wake(&mut commands);
        commands
    }

    /// Whoever waited for a shelf goes on once it is free. What waits are raises, and nobody waits for
    /// them, so one look at each is enough.
    fn wake(&mut self, commands: &mut Vec<Command>) {
        for lane in self.lanes.values_mut().filter(|lane| lane.waits_for_shelf()) {
            lane.proceed(&mut self.desk, commands);
        }
        if self.lanes.values().any(Lane::busy) || self.done() {
            return;
        }
        // Nothing is under way, so nothing would ever come.
        self.desk.bugs.push("rows wait for each other, and nobody for a system".to_owned());
        self.lanes.values_mut().for_each(Lane::stop);
        self.desk.journal(commands);
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
                self.wake(&mut commands);
                return commands;
            }
            Event::Halt(halts) => {
                self.desk.halts.clone_from(halts);
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
            Event::Interrupt | Event::Halt(_) => {}
        }
        self.wake(&mut commands);
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
        for mut progress in self.desk.rows {
            let settled = progress.settled.take().unwrap_or_else(|| {
                bugs.push(format!("change {} ended without an outcome", progress.row.change));
                Settled::new(Outcome::Failed, "it ended without an outcome; this is a fault of onhand")
            });
            rows.push((progress.into_row(&settled), settled));
        }
        let mut again = self.desk.again;
        again.sort_unstable();
        Finished { rows, again, unreachable, bugs }
    }
}

/// What a machine leaves behind.
#[derive(Debug)]
pub struct Finished {
    /// Every row once, with how it ended.
    pub rows: Vec<(Row, Settled)>,
    /// Which of them have moved and are to be computed again, or wait for one that is: the journal has no
    /// outcome of these.
    pub again: Vec<usize>,
    /// Systems that were given up, and why.
    pub unreachable: Vec<(SystemId, Failure)>,
    /// Faults of ours; empty unless there is one.
    pub bugs: Vec<String>,
}
