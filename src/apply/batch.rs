//! What one row of a batch has come to: judging what a system shows against what a write depends on.

use crate::connectors::{Cell, Seen, WriteRow};
use crate::model::SystemId;
use crate::state::Outcome;

/// One row that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The change of the plan.
    pub change: String,
    /// The target.
    pub system: SystemId,
    /// Where.
    pub cell: Cell,
    /// The column that is written.
    pub column: String,
    /// What the write depends on, in the system's unit, sorted by name; empty for a create.
    pub before: Vec<(String, i64)>,
    /// The number to write, in the system's unit.
    pub after: i64,
    /// Whether the row is to be created.
    pub create: bool,
    /// When its turn is.
    pub phase: Phase,
    /// The divided cells that it draws on.
    pub shelf: Shelf,
    /// What was done about it before, in the same run.
    pub tried: Tried,
    /// How often it may still be computed again if it has moved.
    pub rounds: u32,
}

/// The cells of owners that a row draws on and that are divided among several targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Their numbers in the run, sorted; none for a row that shares with nobody.
    pub cells: Vec<u32>,
    /// What people call the row: its code, its system, its place. Empty where there are no cells.
    pub name: String,
}

/// How far a row has come before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tried {
    /// The last attempt in the journal; 0 where there is none.
    pub attempt: u32,
    /// The first epoch under whose key nothing was sent.
    pub epoch: u32,
}

/// When the turn of a row is: what a channel must stop selling comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It drops to 0.
    Zero,
    /// It falls.
    Lower,
    /// It rises, or is created.
    Raise,
}

/// What is to be done with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// What it depends on still stands: it may be written.
    Go,
    /// It is settled.
    Settled(Settled),
}

/// How a row ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// In which of the outcomes.
    pub outcome: Outcome,
    /// Why, in words; empty where the outcome says it all.
    pub reason: String,
    /// The field at fault, as the system calls it; empty where none is.
    pub field: String,
}

impl Settled {
    /// An outcome that no field is to blame for.
    pub fn new(outcome: Outcome, reason: impl Into<String>) -> Settled {
        Settled { outcome, reason: reason.into(), field: String::new() }
    }
}

impl Row {
    /// The row as a session takes it.
    pub fn to_write(&self, key: String) -> WriteRow {
        WriteRow {
            cell: self.cell,
            column: self.column.clone(),
            before: self.before.clone(),
            after: self.after,
            create: self.create,
            key,
        }
    }

    /// Whether everything that the write depends on stands as it was read.
    fn stands(&self, seen: &Seen) -> bool {
        if self.create {
            return !seen.exists;
        }
        seen.exists && self.before.iter().all(|(name, value)| seen.value(name) == Some(*value))
    }

    fn shows_after(&self, seen: &Seen) -> bool {
        seen.exists && seen.value(&self.column) == Some(self.after)
    }

    /// Before the first request for a row leaves.
    pub fn before_writing(&self, seen: &Seen) -> Verdict {
        if let Some(refused) = &seen.refused {
            return Verdict::Settled(Settled::new(Outcome::Failed, refused.clone()));
        }
        if self.stands(seen) {
            return Verdict::Go;
        }
        Verdict::Settled(self.moved(seen))
    }

    /// What a row that no longer stands as it was read has become.
    pub fn moved(&self, seen: &Seen) -> Settled {
        let others = |name: &str| name != self.column;
        let same_others = self.before.iter().all(|(n, v)| !others(n) || seen.value(n) == Some(*v));
        if self.shows_after(seen) && same_others && !self.create {
            return Settled::new(Outcome::Unchanged, "it already shows the number");
        }
        Settled::new(Outcome::Moved, format!("{}; it was not written", self.difference(seen)))
    }

    /// After a request whose answer never came.
    pub fn read_back(&self, seen: &Seen) -> Verdict {
        if self.shows_after(seen) {
            let reason = "the answer was lost; read back, it shows the number";
            return Verdict::Settled(Settled::new(Outcome::Unverified, reason));
        }
        if self.stands(seen) {
            return Verdict::Go;
        }
        let reason = format!("the answer was lost; read back, {}", self.difference(seen));
        Verdict::Settled(Settled::new(Outcome::Moved, reason))
    }

    /// After a write that the system took without comparing. `logged` is how far its log of movements
    /// has moved since right before the write, where it has one, and `ours` how far our rows move it.
    pub fn after_writing(&self, seen: &Seen, logged: Option<u64>, ours: u64) -> Settled {
        if self.shows_after(seen) {
            return match logged {
                Some(count) if count == ours => Settled::new(Outcome::Verified, ""),
                Some(_) => {
                    let reason = "it shows the number; its log holds other movements beside ours";
                    Settled::new(Outcome::Unverified, reason)
                }
                None => Settled::new(Outcome::Unverified, "read back, it shows the number"),
            };
        }
        if self.stands(seen) {
            let reason = "the system took the write and still shows the old number; look there for a rule \
                          that undoes it";
            return Settled {
                outcome: Outcome::Failed,
                reason: reason.to_owned(),
                field: self.column.clone(),
            };
        }
        let reason = format!("written, and moved since: read back, {}", self.difference(seen));
        Settled::new(Outcome::Moved, reason)
    }

    /// How what is shown differs from what was read, in words.
    fn difference(&self, seen: &Seen) -> String {
        if self.create {
            return match seen.value(&self.column) {
                Some(value) => format!("it has appeared meanwhile, with {} {value}", self.column),
                None => "it has appeared meanwhile".to_owned(),
            };
        }
        if !seen.exists {
            return "it is gone".to_owned();
        }
        let differs = |(name, value): &&(String, i64)| seen.value(name) != Some(*value);
        let Some((name, value)) = self.before.iter().find(differs) else {
            return "it shows something else than what was read".to_owned();
        };
        match seen.value(name) {
            Some(found) => format!("{name} was {value} and is {found}"),
            None => format!("{name} was {value} and is no longer shown"),
        }
    }
}
