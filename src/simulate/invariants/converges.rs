//! When the world stands still, nothing is left to do after a few cycles.

use crate::plan::Plan;

/// The name of the invariant.
pub const NAME: &str = "converges";

/// What a plan still has to do; `None` where nothing is left.
pub fn left(plan: &Plan) -> Option<String> {
    if plan.incomplete() {
        return Some("a read is not complete".to_owned());
    }
    if plan.summary.changes > plan.summary.shadow {
        let change = plan.changes.first()?;
        let (item, system) = (&change.item, &change.system);
        let (before, after) = (change.before.unwrap_or(0), change.after);
        return Some(format!("{item} in {system} shows {before} and is to show {after}"));
    }
    let due = plan.movements.first()?;
    Some(format!("{} of {} is still to be posted to {}", due.movement, due.document, due.system))
}
