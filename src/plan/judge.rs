//! Everything that guards say of one flow: its limits and those that counted last, the packs, its feeds.

use super::change::Verdict;
use super::feed::{self, Footing};
use super::guard::{self, ROWS, Tally};
use super::jump::Jumps;
use super::standing::Standing;
use crate::model::flow::Guard;
use crate::model::quantity::Ratio;
use crate::model::{CodeId, FlowId, Model};

/// What one plan, or one apply as recomputed, asks of a flow.
#[derive(Debug)]
pub struct Asked<'m> {
    /// In rows.
    pub tally: Tally,
    jumps: Jumps<'m>,
}

impl<'m> Asked<'m> {
    /// Nothing yet.
    pub fn new(model: &'m Model) -> Asked<'m> {
        Asked { tally: Tally::default(), jumps: Jumps::new(model) }
    }

    /// Takes one row that is to be written: what the target shows, `None` where it does not have the cell,
    /// and what it will show.
    pub fn row(&mut self, code: CodeId, before: Option<i64>, after: i64) {
        match before {
            None => self.tally.create += 1,
            Some(before) if before < after => self.tally.raise += 1,
            Some(_) => self.tally.lower += 1,
        }
        if before.is_some_and(|before| before > 0) && after == 0 {
            self.tally.zeroed += 1;
        }
        self.jumps.row(code, before, after);
    }

    /// What the guards say of these rows: the four limits, then the packs where they trip. `flow` is judged
    /// by what holds beside the topology, too.
    pub fn verdicts(&self, model: &Model, flow: FlowId, standing: &Standing) -> Vec<Verdict> {
        let own = model.flow(flow);
        let limits = guard::verdicts(&own.name, &own.guard, self.tally);
        let last = guard::verdicts(&own.name, &tighter(&own.guard, flow, standing), self.tally);
        let both = limits.into_iter().zip(last);
        let mut verdicts: Vec<Verdict> = both.map(|(now, last)| strictest(now, last)).collect();
        verdicts.extend(self.jumps.verdict(&own.name));
        lift(&mut verdicts, standing);
        verdicts
    }
}

/// What the guards say of a flow's feeds, if anything.
pub fn feeds(model: &Model, footing: &Footing, standing: &Standing) -> Vec<Verdict> {
    let mut verdicts = feed::verdicts(model, footing);
    lift(&mut verdicts, standing);
    verdicts
}

/// Says of each verdict whether somebody has lifted it.
pub fn lift(verdicts: &mut [Verdict], standing: &Standing) {
    for verdict in verdicts {
        verdict.lifted = match verdict.tripped {
            true => standing.lifted(&verdict.flow, &verdict.guard),
            false => None,
        };
    }
}

/// A limit that counted when the flow was applied last still counts once.
fn tighter(guard: &Guard, flow: FlowId, standing: &Standing) -> Guard {
    let last = |name: &str| standing.limits.get(&(flow, name.to_owned())).copied();
    let least = |name: &str, now: Ratio| match last(name) {
        Some(last) if last.denominator > 0 && below(last, now) => last,
        _ => now,
    };
    let [changed, zeroed, raised, (_, rows)] = guard::limits(guard);
    let rows = match least(ROWS, rows) {
        least if least == rows => guard.max_rows,
        least => u64::try_from(least.numerator / least.denominator).unwrap_or(0),
    };
    Guard {
        max_changed: least(changed.0, changed.1),
        max_zeroed: least(zeroed.0, zeroed.1),
        max_raised: least(raised.0, raised.1),
        max_rows: rows,
        origin: guard.origin,
    }
}

fn below(one: Ratio, other: Ratio) -> bool {
    i128::from(one.numerator) * i128::from(other.denominator)
        < i128::from(other.numerator) * i128::from(one.denominator)
}

/// The verdict that counts: where only the limit remembered trips, that one, and it says so.
fn strictest(now: Verdict, last: Verdict) -> Verdict {
    if now.tripped || !last.tripped {
        return now;
    }
    let reason = format!(
        "loosened from {} to {} in this topology; a loosened limit counts from the next apply",
        last.limit, now.limit
    );
    Verdict { reason: Some(reason), ..last }
}
