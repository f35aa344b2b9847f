//! What runs were to change and what came of it: for going on after a run was cut off, for undoing one, and
//! for whoever asks why a count is what it is.

use super::{Kept, Outcome};
use crate::model::time::Moment;

/// One change that a run was to carry out, in the words of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The change's id in the plan.
    pub change: String,
    /// The flow.
    pub flow: String,
    /// The target.
    pub system: String,
    /// The location; empty where there is none.
    pub location: String,
    /// The item or bundle.
    pub item: String,
    /// The target's code.
    pub code: String,
    /// The quantity that is published.
    pub quantity: String,
    /// The unit of `before` and `after`.
    pub unit: String,
    /// What people saw; `None` for a create.
    pub before: Option<i64>,
    /// What they were to see.
    pub after: i64,
    /// Why the plan asked for it.
    pub reason: String,
}

/// One change with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The run.
    pub run: String,
    /// Who ran it.
    pub actor: String,
    /// The topology's revision in git, where known.
    pub revision: Option<String>,
    /// The run that it undid, if it did.
    pub undoes: Option<String>,
    /// What was planned.
    pub planned: Planned,
    /// How it ended and why, and when; `None` where the run has not come to it.
    pub outcome: Option<(Outcome, String, Moment)>,
    /// The number written last, in the system's unit, where a request has left.
    pub written: Option<i64>,
}

/// One request for a cell that has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The location; empty where there is none.
    pub location: String,
    /// The target's code.
    pub code: String,
    /// When.
    pub at: Moment,
}

/// A flow's part in one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// The run.
    pub run: String,
    /// The flow.
    pub flow: String,
    /// When reading began for the plan that was carried out; where nobody knows, when that plan was made.
    /// What changed before is in the run.
    pub began: Moment,
    /// Whether the run was of every cell of the flow.
    pub whole: bool,
    /// Whether it came to its end: all that the flow needs was read, its systems were reached, no guard
    /// stopped it, and it is not in shadow.
    pub through: bool,
    /// What it left undone; `None` before its end, and for runs of versions that did not keep it.
    pub left: Option<Left>,
}

/// How much a turn left undone that is not in the queue for its own sake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Left {
    /// Cells or postings that were held.
    pub held: u64,
    /// How many of those were held because of rows that failed, which stand in the queue.
    pub owed: u64,
    /// Rows or postings that had moved.
    pub moved: u64,
}

/// A turn, with when its run ended and with which exit status.
pub type Turned = (Turn, Option<(Moment, u8)>);

/// The part of [`super::Store`] that keeps what runs did.
pub trait Past {
    /// Keeps the plan of a run: its whole file, and its changes. Once for each run.
    fn keep_plan<'a>(&'a mut self, run: &'a str, text: &'a str, changes: &'a [Planned]) -> Kept<'a, ()>;

    /// The file of a run's plan; `None` where the run is not known or its plan is no longer kept.
    fn plan_text<'a>(&'a mut self, run: &'a str) -> Kept<'a, Option<String>>;

    /// Drops the plan files of runs that ended before a moment. Their changes stay.
    fn forget_plans(&mut self, before: Moment) -> Kept<'_, u64>;

    /// The requests for cells of a system that have left after a moment, of all runs, in the order of the
    /// journal.
    fn leavings<'a>(&'a mut self, system: &'a str, after: Moment) -> Kept<'a, Vec<Leaving>>;

    /// Everything that a run was to change, by change id.
    fn happened<'a>(&'a mut self, run: &'a str) -> Kept<'a, Vec<Happened>>;

    /// Everything that runs were to change for an item or bundle, oldest run first.
    fn history<'a>(&'a mut self, item: &'a str) -> Kept<'a, Vec<Happened>>;

    /// Remembers turns, all or none. One that is known keeps when it began and whether it was whole: a run
    /// that is gone on with is the same run. Fails where a run is not known.
    fn remember_turns<'a>(&'a mut self, turns: &'a [Turn]) -> Kept<'a, ()>;

    /// The turns of a flow that began at or after a moment, and the last of those before it: oldest first,
    /// those that began together by run.
    fn turns<'a>(&'a mut self, flow: &'a str, since: Moment) -> Kept<'a, Vec<Turned>>;
}
