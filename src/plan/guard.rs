//! Guards: how much of a flow one plan may change.

use super::change::Verdict;
use super::sum::share_text;
use crate::model::flow::Guard;
use crate::model::quantity::Ratio;

/// Shares never trip while they stand for so few rows.
pub const FEW: u64 = 10;

/// The guard on all that changes.
pub const CHANGED: &str = "max-changed";
/// The guard on what falls to 0.
pub const ZEROED: &str = "max-zeroed";
/// The guard on what rises; it stops raises and creates only.
pub const RAISED: &str = "max-raised";
/// The guard on the number of rows.
pub const ROWS: &str = "max-rows";
/// The guard on owners' counts of which far fewer rows came than before.
pub const SHRUNK: &str = "feed-shrunk";
/// The guard on open lines of which far fewer came than before. What is reserved and did not come would be
/// put on sale, so it stops raises and creates only; what falls all the same is right to fall.
pub const LINES: &str = "lines-shrunk";
/// The guard on counts that change by what a pack holds.
pub const JUMP: &str = "pack-jump";
/// Every guard by name: the four that a topology sets, then those that watch what was read.
pub const NAMES: [&str; 7] = [CHANGED, ZEROED, RAISED, ROWS, JUMP, SHRUNK, LINES];

/// Whether a guard stops raises and creates only; every other stops all of its flow.
pub fn stops_raises_only(guard: &str) -> bool {
    [RAISED, LINES].contains(&guard)
}

/// What a guard stops, for the beginning of a sentence: `Nothing`.
pub fn stopped(guard: &str) -> &'static str {
    if stops_raises_only(guard) { "No raise and no new row" } else { "Nothing" }
}

/// What one plan, or one apply as recomputed, asks of a flow, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Cells of the flow that exist at the target, selected or not.
    pub cells: u64,
    /// Rows that fall.
    pub lower: u64,
    /// Rows that rise.
    pub raise: u64,
    /// Rows that are created; they count as raises.
    pub create: u64,
    /// Of the rows that fall, those that fall to 0.
    pub zeroed: u64,
}

/// What the four guards of a flow say, in this order: changed, zeroed, raised, rows.
///
/// A share is of the cells that exist at the target. It trips when it is above its limit, compared
/// exactly, and stands for more than [`FEW`] rows. Where no cell exists yet, new rows count as all of
/// them. Shares are printed with one decimal: what tripped rounded up, what did not rounded down, so that
/// neither ever reads as the other.
pub fn verdicts(flow: &str, guard: &Guard, tally: Tally) -> [Verdict; 4] {
    let changed = tally.lower + tally.raise + tally.create;
    let share = |name: &str, limit: Ratio, rows: u64| {
        let of = if tally.cells == 0 { rows } else { tally.cells };
        let over = u128::from(rows) * limit.denominator.unsigned_abs() as u128
            > u128::from(of) * limit.numerator.unsigned_abs() as u128;
        let tripped = over && rows > FEW;
        Verdict {
            flow: flow.to_owned(),
            guard: name.to_owned(),
            limit: share_text(limit),
            actual: percent(rows, of, over),
            rows,
            of: tally.cells,
            tripped,
            reason: None,
            lifted: None,
        }
    };
    [
        share(CHANGED, guard.max_changed, changed),
        share(ZEROED, guard.max_zeroed, tally.zeroed),
        share(RAISED, guard.max_raised, tally.raise + tally.create),
        Verdict {
            flow: flow.to_owned(),
            guard: ROWS.to_owned(),
            limit: guard.max_rows.to_string(),
            actual: changed.to_string(),
            rows: changed,
            of: tally.cells,
            tripped: changed > guard.max_rows,
            reason: None,
            lifted: None,
        },
    ]
}

/// The limits of a flow as shares, or as numbers over 1, by the guards' names.
pub fn limits(guard: &Guard) -> [(&'static str, Ratio); 4] {
    let rows = Ratio { numerator: guard.max_rows.try_into().unwrap_or(i64::MAX), denominator: 1 };
    [(CHANGED, guard.max_changed), (ZEROED, guard.max_zeroed), (RAISED, guard.max_raised), (ROWS, rows)]
}

/// What a verdict says, without what becomes of the flow: `a asks for more than max-rows allows: 7 above 5`.
/// `name` writes the names of flow and guard.
pub fn words(verdict: &Verdict, name: impl Fn(&str) -> String) -> String {
    let Verdict { flow, guard, limit, actual, reason, .. } = verdict;
    let (flow, guard) = (name(flow), name(guard));
    match reason {
        None => format!("{flow} asks for more than {guard} allows: {actual} above {limit}"),
        Some(reason) if verdict.watches() => format!("{flow}, by {guard}: {reason}"),
        Some(reason) => {
            format!("{flow} asks for more than {guard} allows: {actual} above {limit} ({reason})")
        }
    }
}

/// What to do about a guard that stops a flow; `name` writes what is typed.
pub fn advice(verdict: &Verdict, name: impl Fn(&str) -> String) -> String {
    let look = match &*verdict.guard {
        JUMP => "Look first in which unit each side counts, and mend the mapping of the codes.",
        SHRUNK => "Look first whether the feed is whole.",
        LINES => "Look first whether all open lines came.",
        _ => "Look first whether its owner's counts are whole.",
    };
    let lift = name(&format!("--override {} --reason \"…\"", verdict.guard));
    let first = match &*verdict.guard {
        CHANGED | RAISED => format!(", for the very first apply of a flow with {}", name("--first")),
        _ => String::new(),
    };
    format!("{look} If this much change is meant, apply the plan with {lift}{first}.")
}

/// A share with one decimal where it has one, rounded up or down.
pub(super) fn percent(rows: u64, of: u64, up: bool) -> String {
    if of == 0 {
        return "0%".to_owned();
    }
    let (top, bottom) = (u128::from(rows) * 1_000, u128::from(of));
    let tenths = if up { top.div_ceil(bottom) } else { top / bottom };
    match tenths % 10 {
        0 => format!("{}%", tenths / 10),
        tenth => format!("{}.{tenth}%", tenths / 10),
    }
}
