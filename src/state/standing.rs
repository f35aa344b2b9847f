//! What holds until somebody or something changes it: pauses, lifted guards, the limits last applied, how
//! much the last reads held, and cells that keep moving.

use super::{Kept, QueueKey};
use crate::model::time::Moment;

/// What a pause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole topology.
    All,
    /// One system, as a target.
    System,
    /// One location.
    Location,
    /// One flow.
    Flow,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 4] = [Scope::All, Scope::System, Scope::Location, Scope::Flow];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Scope::All => "all",
            Scope::System => "system",
            Scope::Location => "location",
            Scope::Flow => "flow",
        }
    }

    /// The scope of a word.
    pub fn of(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// Something that somebody has paused; every runner honours it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// What it is about.
    pub scope: Scope,
    /// Its name; empty for [`Scope::All`].
    pub name: String,
    /// Whether decreases wait as well.
    pub holds_all: bool,
    /// Why, in the words of whoever paused it.
    pub reason: String,
    /// Who: user and host, or a run.
    pub actor: String,
    /// Since when.
    pub since: Moment,
}

/// A guard that somebody has lifted for one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// The plan's id.
    pub plan: String,
    /// The guard's name.
    pub guard: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Moment,
    /// Until when it counts: the plan's own end.
    pub expires: Moment,
}

/// A limit of the last topology that was applied: a share, or a number over 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// The flow.
    pub flow: String,
    /// The guard's name.
    pub guard: String,
    /// Its numerator.
    pub numerator: i64,
    /// Its denominator.
    pub denominator: i64,
}

/// How many rows the last complete read of a system held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// The system.
    pub system: String,
    /// What was read: `lines` or `levels`.
    pub what: String,
    /// How many rows.
    pub rows: u64,
    /// When.
    pub at: Moment,
}

/// When a flow ran last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ran {
    /// The flow.
    pub flow: String,
    /// When its run began to read.
    pub at: Moment,
    /// The run.
    pub run: String,
}

/// The part of [`super::Store`] that keeps what holds until it is changed.
pub trait Standing {
    /// Pauses something, or changes the pause that it has.
    fn pause<'a>(&'a mut self, pause: &'a Pause) -> Kept<'a, ()>;

    /// Ends a pause; answers whether there was one.
    fn unpause<'a>(&'a mut self, scope: Scope, name: &'a str) -> Kept<'a, bool>;

    /// All pauses, by scope and name.
    fn pauses(&mut self) -> Kept<'_, Vec<Pause>>;

    /// Remembers that a guard is lifted; once more for the same plan and guard changes the first.
    fn lift<'a>(&'a mut self, lifted: &'a Lifted) -> Kept<'a, ()>;

    /// The guards that are lifted for a plan, by name.
    fn lifted<'a>(&'a mut self, plan: &'a str) -> Kept<'a, Vec<Lifted>>;

    /// The limits of flows that were applied before, by flow and guard. A flow without any was never applied.
    fn limits(&mut self) -> Kept<'_, Vec<Limit>>;

    /// Remembers the limits of the flows that occur in `limits`, and forgets those that they had.
    fn remember_limits<'a>(&'a mut self, limits: &'a [Limit]) -> Kept<'a, ()>;

    /// How much the last complete reads held, by system and what.
    fn sizes(&mut self) -> Kept<'_, Vec<Size>>;

    /// Remembers how much complete reads held.
    fn remember_sizes<'a>(&'a mut self, sizes: &'a [Size]) -> Kept<'a, ()>;

    /// When flows ran last, by flow.
    fn ran(&mut self) -> Kept<'_, Vec<Ran>>;

    /// Remembers when flows ran.
    fn remember_ran<'a>(&'a mut self, ran: &'a [Ran]) -> Kept<'a, ()>;

    /// Counts one more run in which each of `moved` had moved, and ends the count of `ended`; answers for
    /// each of `moved` in how many runs in a row it has moved, this one included.
    fn count_moved<'a>(&'a mut self, moved: &'a [QueueKey], ended: &'a [QueueKey]) -> Kept<'a, Vec<u32>>;
}
