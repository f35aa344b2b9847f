//! Guards: how much of a flow one plan may change.

use super::change::Verdict;
use super::sum::share_text;
use crate::model::flow::Guard;
use crate::model::quantity::Ratio;

/// Shares never trip while they stand for so few rows.
pub const FEW: u64 = 10;

/// The guard that stops raises and creates only; every other stops all of its flow.
pub const RAISED: &str = "max-raised";

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
        }
    };
    [
        share("max-changed", guard.max_changed, changed),
        share("max-zeroed", guard.max_zeroed, tally.zeroed),
        share(RAISED, guard.max_raised, tally.raise + tally.create),
        Verdict {
            flow: flow.to_owned(),
            guard: "max-rows".to_owned(),
            limit: guard.max_rows.to_string(),
            actual: changed.to_string(),
            rows: changed,
            of: tally.cells,
            tripped: changed > guard.max_rows,
        },
    ]
}

/// A share with one decimal where it has one, rounded up or down.
fn percent(rows: u64, of: u64, up: bool) -> String {
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
