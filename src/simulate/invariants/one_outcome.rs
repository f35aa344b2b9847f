//! Every planned row ends in exactly one way, and so does every planned posting.

use crate::apply::Report;
use crate::plan::Plan;
use std::collections::BTreeSet;

/// The name of the invariant.
pub const NAME: &str = "one-outcome";

/// What is wrong with how a run ended its plan's rows.
pub fn broken(plan: &Plan, report: &Report) -> Option<String> {
    if let Some(bug) = report.facts.bugs.first() {
        return Some(bug.clone());
    }
    let planned: BTreeSet<&str> = plan.changes.iter().map(|change| &*change.id).collect();
    let ended: BTreeSet<&str> = report.rows.iter().map(|row| &*row.change).collect();
    let counted: u64 = report.counts.values().sum();
    if planned != ended || report.rows.len() != plan.changes.len() || counted != report.rows.len() as u64 {
        return Some(format!(
            "{} rows were planned, {} have ended, {counted} are counted",
            plan.changes.len(),
            report.rows.len()
        ));
    }
    let (posted, asked) = (report.moves.len(), plan.movements.len());
    (posted != asked).then(|| format!("{asked} postings were planned and {posted} have ended"))
}
