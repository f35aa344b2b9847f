//! What still asks for somebody: whatever is acknowledged in the queue does not, until its date.

use super::queue::{Looked, key_of, key_of_row};
use crate::model::time::Moment;
use crate::plan::Plan;
use crate::plan::change::{Held, RowFault};
use crate::plan::permit::Now;
use crate::state::{Outcome, QueueEntry, QueueKey};
use std::collections::BTreeSet;

/// What a run says that ends as if nothing were left undone.
pub const NOTE: &str = "what was left undone is acknowledged in the queue, so it is no failure of this run; \
    `onhand queue list` shows it and until when";

/// The keys of open entries that somebody knows of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quiet {
    keys: BTreeSet<QueueKey>,
}

/// Flow, then an item's name or a system's code of it.
type Name<'a> = (&'a str, &'a str);

/// The names in the failures of a plan, by whether somebody knows of them.
struct Named<'a> {
    known: BTreeSet<Name<'a>>,
    new: BTreeSet<Name<'a>>,
}

impl Quiet {
    /// The open entries that are acknowledged at a moment.
    pub fn of(open: &[QueueEntry], now: Moment) -> Quiet {
        let quiet = |entry: &&QueueEntry| entry.quiet_at(now);
        Quiet { keys: open.iter().filter(quiet).map(|entry| entry.fault.key.clone()).collect() }
    }

    /// Whether a plan has failures or held cells that nobody has acknowledged.
    pub fn leaves(&self, plan: &Plan) -> bool {
        if self.keys.is_empty() {
            return !plan.failures.is_empty() || !plan.held.is_empty();
        }
        let named = self.named(&plan.failures);
        plan.failures.iter().any(|fault| !self.knows(fault))
            || plan.held.iter().any(|held| !named.explain(held))
    }

    /// Whether a run has left rows undone that nobody has acknowledged.
    pub fn leaves_of_run(&self, looked: &Looked<'_>) -> bool {
        if self.leaves(looked.now) {
            return true;
        }
        // All that failed to be read and all that is held now is known of; what was sent is left to look at.
        let index = looked.index;
        looked.planned.changes.iter().zip(looked.rows).any(|(planned, row)| match row.outcome {
            Outcome::Moved => true,
            Outcome::Failed => {
                index.field(planned).is_none() && !self.keys.contains(&key_of_row(planned, row))
            }
            Outcome::Held => !matches!(index.now(planned), Some(Now::Held(_))),
            _ => false,
        })
    }

    /// Which held cells of a plan are held because of rows that failed: those rows ask for somebody.
    pub fn owed(plan: &Plan) -> Vec<&Held> {
        let all = Quiet { keys: plan.failures.iter().map(key_of).collect() };
        let named = all.named(&plan.failures);
        plan.held.iter().filter(|held| named.explain(held)).collect()
    }

    fn knows(&self, fault: &RowFault) -> bool {
        self.keys.contains(&key_of(fault))
    }

    fn named<'a>(&self, failures: &'a [RowFault]) -> Named<'a> {
        let mut named = Named { known: BTreeSet::new(), new: BTreeSet::new() };
        for fault in failures {
            let names = if self.knows(fault) { &mut named.known } else { &mut named.new };
            names.extend([(&*fault.flow, &*fault.item), (&*fault.flow, &*fault.code)]);
        }
        named
    }
}

impl Named<'_> {
    /// Whether a cell is held for acknowledged rows: of its own item, or of those that its reason names.
    fn explain(&self, held: &Held) -> bool {
        let quoted = held.reason.split('`').skip(1).step_by(2);
        let names: Vec<&str> =
            std::iter::once(&*held.item).chain(quoted).filter(|name| !name.is_empty()).collect();
        let has = |set: &BTreeSet<Name<'_>>| names.iter().any(|name| set.contains(&(&*held.flow, *name)));
        has(&self.known) && !has(&self.new)
    }
}
