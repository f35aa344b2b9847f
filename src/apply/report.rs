//! What an apply says when it has ended.

use crate::plan::change::{Held, Movement, Read, RowFault, Verdict};
use crate::state::{Event, Outcome, StateError};
use std::collections::BTreeMap;

/// How an apply ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The run.
    pub run: String,
    /// How each planned change ended, in the order of the plan.
    pub rows: Vec<RowReport>,
    /// How each planned posting ended, in the order of the plan.
    pub moves: Vec<MoveReport>,
    /// How many rows came to each outcome.
    pub counts: BTreeMap<Outcome, u64>,
    /// What was read first.
    pub reads: Vec<Read>,
    /// Systems that could not be read, or were given up while writing, by name, and why.
    pub unreadable: Vec<(String, String)>,
    /// Guards that stopped a flow, or its raises.
    pub tripped: Vec<Verdict>,
    /// Guards that would have, but for somebody who had lifted them.
    pub lifted: Vec<Verdict>,
    /// Cells of the plan's flows that are held now, planned or not.
    pub held: Vec<Held>,
    /// Rows of the plan's flows that cannot be read or computed now.
    pub failures: Vec<RowFault>,
    /// New entries of the queue.
    pub opened: u64,
    /// Entries of the queue that were closed by what this run saw or wrote.
    pub closed: u64,
    /// What else people should know, one sentence each.
    pub notes: Vec<String>,
    /// What the exit status follows from.
    pub facts: Facts,
}

/// How one planned posting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveReport {
    /// The posting.
    pub planned: Movement,
    /// The outcome.
    pub outcome: Outcome,
    /// Why, in words; empty where the outcome says it all.
    pub reason: String,
}

impl Report {
    /// Whether a system was read and reached all the time.
    pub fn reached(&self, system: &str) -> bool {
        !self.unreadable.iter().any(|(unread, _)| unread == system)
    }
}

impl MoveReport {
    /// How it ended, for the journal.
    pub fn event(&self) -> Event {
        Event::Outcome { outcome: self.outcome, reason: self.reason.clone() }
    }

    /// Whether it did not go through, and somebody or the next plan has to see to it.
    pub fn is_unsettled(&self) -> bool {
        matches!(self.outcome, Outcome::Moved | Outcome::Held | Outcome::Failed)
    }
}

/// How one planned change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReport {
    /// The change.
    pub change: String,
    /// The flow.
    pub flow: String,
    /// The target.
    pub system: String,
    /// The location's name; absent for a system without locations.
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The target's code.
    pub code: String,
    /// What people see there afterwards, where the row was sent; else what the plan asked for.
    pub after: i64,
    /// The outcome.
    pub outcome: Outcome,
    /// Why, in words; empty where the outcome says it all.
    pub reason: String,
    /// The field at fault; empty where none is.
    pub field: String,
}

/// What the exit status follows from; several may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Faults of ours: rows without an outcome or with two, totals that do not add up.
    pub bugs: Vec<String>,
    /// Somebody asked to stop, and rows were left for it.
    pub interrupted: bool,
    /// A system could not be read, only in part, or was given up.
    pub unreadable: bool,
    /// A guard stopped a flow.
    pub guard: bool,
    /// Some rows failed, are held or had moved.
    pub rows: bool,
}

impl Facts {
    /// The exit status: the first of 70, 130, 7, 3, 4, 0 that holds.
    pub fn status(&self) -> u8 {
        match self {
            Facts { bugs, .. } if !bugs.is_empty() => 70,
            Facts { interrupted: true, .. } => 130,
            Facts { unreadable: true, .. } => 7,
            Facts { guard: true, .. } => 3,
            Facts { rows: true, .. } => 4,
            _ => 0,
        }
    }
}

/// Why an apply did not begin, or broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The plan no longer fits, in words: exit 5.
    Stale(String),
    /// `--first` was asked for, and every flow of the plan was applied before: exit 1.
    First(String),
    /// The state cannot be used, or another run has it: exit 6 where it is locked, else 1.
    State(StateError),
}

impl Refused {
    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Refused::Stale(_) => 5,
            Refused::State(StateError::Locked(_)) => 6,
            Refused::State(_) | Refused::First(_) => 1,
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::Stale(text) | Refused::First(text) => f.write_str(text),
            Refused::State(error) => error.fmt(f),
        }
    }
}

impl From<StateError> for Refused {
    fn from(error: StateError) -> Refused {
        Refused::State(error)
    }
}
