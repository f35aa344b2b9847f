//! Drift: where a count differs from what the last known number and the movements since make of it, and which
//! causes fit.
//!
//! ```text
//!  last number (written, or an owner's known one) ─┐
//!  movements of the books since ── effect ─────────┴─ judge ─► expected, shown, off ── cause ─► Reasons
//! ```
//!
//! A false alarm is worse than silence. So a movement that may stand on either side of a moment, or of which
//! nobody knows whether it acts on the cell, makes a range of what is expected, and only a number outside of
//! it is drift. Where the movements of a system are not known, nothing is said.

mod cause;
mod effect;
mod gate;
pub mod human;
mod judge;
mod owner;
mod record;
mod target;
mod words;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::plan::explain::Cell;
pub use record::{Record, looks_back};
use serde::Serialize;
use std::collections::BTreeSet;

/// What may have made a count differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The system has not counted a movement, or a few in a row, that the books have.
    MovementMissing,
    /// A cancellation or return was put back once too often.
    RestockedTwice,
    /// Any other movement was counted once too often.
    CountedTwice,
    /// A number was counted in one unit and taken for another.
    PackFactor,
    /// The movements of a stretch as long as an offset of a time zone are on the wrong side of a moment.
    TimeZone,
    /// Nothing that is known explains it.
    Edited,
}

/// One cause that fits, with what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it may have been.
    pub cause: Cause,
    /// The movements that it is about: `web#1001/1`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<String>,
    /// What speaks for it, in one sentence.
    pub evidence: String,
    /// What to do, where that was it.
    pub todo: &'static str,
}

/// A count that differs from what is expected. Numbers are in `unit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The system that shows it.
    pub system: String,
    /// The location; absent for a system without locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The quantity.
    pub quantity: String,
    /// The unit: that of a target's code, the base unit of an owner's item.
    pub unit: String,
    /// The last number that was known to be right, as people see it.
    pub last: i64,
    /// When that was, in RFC 3339.
    pub at: String,
    /// The run that wrote it; absent for an owner's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What the movements since add to it.
    pub moved: i64,
    /// What is expected: `last` + `moved`.
    pub expected: i64,
    /// What is shown.
    pub shown: i64,
    /// How much that is off: `shown` − `expected`.
    pub off: i64,
    /// The causes that fit, best first; never empty.
    pub causes: Vec<Reason>,
    /// When the last number was seen, as clocks on the wall show it.
    #[serde(skip)]
    pub wall: String,
}

/// Where the numbers of one published cell drift: at its target, and at the owners that it is made from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Drifts {
    /// At the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Drift>,
    /// At the owners of what is added up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Drift>,
}

impl Drifts {
    /// Whether nothing differs, or nothing is known.
    pub fn is_empty(&self) -> bool {
        self.target.is_none() && self.owners.is_empty()
    }
}

/// What was read: the counts and movements, and when that began by our clock.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'s> {
    /// What systems showed.
    pub seen: &'s Observations,
    /// When the first step of reading began.
    pub began: Moment,
}

/// A published cell that is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// The cell.
    pub cell: Cell,
    /// What it is to show, where that can be computed. A target that shows it is right, whoever wrote it.
    pub wanted: Option<i64>,
}

/// Looks for drift in some cells: one answer a cell, in their order. Movements are gone through once, however
/// many cells there are.
pub fn drifts(
    model: &Model,
    graph: &Graph,
    looked: Looked<'_>,
    record: &Record,
    asked: &[Ask],
) -> Vec<Drifts> {
    let names = record::Names::of(model);
    let all = record.sorted();
    let mut targets = target::Targets::new(model, looked, (record, &names));
    targets.index(&all, asked);
    let wanted: Vec<Vec<owner::Cell>> =
        asked.iter().map(|ask| owner::cells(model, graph, ask.cell)).collect();
    let mut owners = owner::Owners::new(model, looked, (record, &names));
    owners.index(&all, &wanted.iter().flatten().copied().collect::<BTreeSet<_>>());
    let one = |(ask, sources): (&Ask, &Vec<owner::Cell>)| Drifts {
        target: targets.drift(ask.cell).filter(|drift| Some(drift.shown) != ask.wanted),
        owners: sources.iter().filter_map(|source| owners.drift(*source)).collect(),
    };
    asked.iter().zip(&wanted).map(one).collect()
}
