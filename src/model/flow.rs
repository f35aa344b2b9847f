//! Flows: which quantity is published where, how late, and within which guards.

use super::id::{CalendarId, LocationId, Name, QuantityId, SystemId};
use super::quantity::Ratio;
use super::set::{Bits, Things};
use super::time::TimeOfDay;
use crate::source::Span;
use std::time::Duration;

/// One flow that publishes a count.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Its name.
    pub name: Name,
    /// The quantity that the target shows afterwards.
    pub quantity: QuantityId,
    /// The system that is written.
    pub to: SystemId,
    /// How the target takes it; `None` where it cannot, and a finding says so.
    pub write: Option<WriteAs>,
    /// The target's locations; without `at`, every location mapped in the target.
    pub at: Vec<(LocationId, Span)>,
    /// The items and bundles that are published.
    pub things: Things,
    /// How late a count may be.
    pub lag: Option<Lag>,
    /// What is kept back of each component cell; the largest that fits an item counts.
    pub keep_back: Vec<KeepBack>,
    /// The most that is ever shown, in the unit shown.
    pub cap: Option<i64>,
    /// Its limits.
    pub guard: Guard,
    /// The hours in which counts may rise.
    pub window: Option<Window>,
    /// Which part of it is written.
    pub rollout: Rollout,
    /// The name it had before.
    pub was: Option<Name>,
    /// The place of the `publish` node.
    pub publish_origin: Span,
    /// Where it is written.
    pub origin: Span,
}

/// How a target takes a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteAs {
    /// The column that is written, as the kind calls it (`on-hand`, `available`, an own quantity).
    pub column: Name,
    /// The columns that the target takes off by itself before it sells: shown = column − Σ bridge.
    pub bridge: Vec<Name>,
}

/// A lag target.
#[derive(Debug, Clone)]
pub struct Lag {
    /// The longest that a count may be late.
    pub target: Option<Duration>,
    /// How often the flow runs.
    pub every: Option<Duration>,
    /// The share of cells that is expected to change between two runs.
    pub changes: Option<Ratio>,
    /// The calendar whose open hours alone count towards the target, with the place of its name.
    pub calendar: Option<(CalendarId, Span)>,
    /// How often everything is read once more, not only what has changed.
    pub reconcile: Option<Duration>,
    /// Where it is written.
    pub origin: Span,
}

/// The hours in which a flow raises counts; decreases go out at all times.
#[derive(Debug, Clone)]
pub struct Window {
    /// From when on each day, in the topology's time zone.
    pub from: TimeOfDay,
    /// Until when; at or before `from`: on the day after.
    pub to: TimeOfDay,
    /// The calendar that must be open too, with the place of its name.
    pub calendar: Option<(CalendarId, Span)>,
    /// Whether decreases wait as well (`holds=all`).
    pub holds_all: bool,
    /// Where it is written.
    pub origin: Span,
}

/// Which part of a flow is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rollout {
    /// Everything.
    #[default]
    Live,
    /// Nothing: it is planned only.
    Shadow,
    /// So many items, and what hangs together with them.
    Items(u64),
    /// This share of the items, and what hangs together with them.
    Share(Ratio),
}

/// One `keep-back`, for the items whose amount comes out the same.
#[derive(Debug, Clone)]
pub struct KeepBack {
    /// How much.
    pub amount: Keep,
    /// Of which items.
    pub items: Bits,
    /// Where it is written.
    pub origin: Span,
}

/// How much is kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// So many base units.
    Units(i64),
    /// This share of the cell, rounded up.
    Share(Ratio),
}

/// The limits of a flow. A share is of the flow's cells that exist at the target.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The largest share of cells that may change.
    pub max_changed: Ratio,
    /// The largest share that may drop to 0.
    pub max_zeroed: Ratio,
    /// The largest share that may rise; creates count as rises.
    pub max_raised: Ratio,
    /// The most rows that may be written.
    pub max_rows: u64,
    /// Where it is written; `None` for the defaults.
    pub origin: Option<Span>,
}

impl Default for Guard {
    /// 30 % changed, 5 % zeroed, 10 % raised, 5,000 rows.
    fn default() -> Guard {
        let percent = |n| Ratio { numerator: n, denominator: 100 };
        Guard {
            max_changed: percent(30),
            max_zeroed: percent(5),
            max_raised: percent(10),
            max_rows: 5_000,
            origin: None,
        }
    }
}
