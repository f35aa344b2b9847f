//! Shelves that several targets divide: nobody is given more before somebody else has given it up.
//!
//! A raise waits until every lowering that shares a cell with it is settled, in whichever system. Lowerings
//! wait for nobody, so whoever waits, waits for somebody who comes to an end.

use super::batch::{Phase, Row, Settled};
use crate::model::SystemId;
use crate::state::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// Who waits for whom. Rows are named by their place in the list of rows.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    /// Lowerings that are not settled yet, by cell; 0 once all are.
    open: BTreeMap<u32, usize>,
    /// Cells on which a lowering did not go through.
    kept: BTreeMap<u32, Kept>,
    /// Raises that wait for a cell.
    waiting: BTreeMap<u32, Vec<usize>>,
    /// For how many cells each row waits.
    waits: Vec<usize>,
    /// Raises that wait no longer and were not taken yet.
    ready: BTreeMap<SystemId, BTreeSet<usize>>,
}

/// Why nothing rises on a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub reason: String,
    /// Whether what did not go through is computed again in this run.
    pub again: bool,
}

impl Shelves {
    pub fn new(rows: &[Row]) -> Shelves {
        let mut shelves = Shelves { waits: vec![0; rows.len()], ..Shelves::default() };
        let falls = |row: &&Row| row.phase != Phase::Raise;
        for cell in rows.iter().filter(falls).flat_map(|row| &row.shelf.cells) {
            *shelves.open.entry(*cell).or_insert(0) += 1;
        }
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| !falls(row)) {
            for cell in row.shelf.cells.iter().filter(|cell| shelves.open.contains_key(cell)) {
                shelves.waiting.entry(*cell).or_default().push(at);
                shelves.waits[at] += 1;
            }
            if shelves.waits[at] == 0 {
                shelves.ready.entry(row.system).or_default().insert(at);
            }
        }
        shelves
    }

    /// A row is settled, or is to be computed again.
    pub fn settled(&mut self, rows: impl Fn(usize) -> SystemId, row: &Row, settled: &Settled, again: bool) {
        if row.phase == Phase::Raise {
            return;
        }
        // What was only sent may not stand there yet. What was there already before anybody wrote it was
        // most likely sold down to it: nothing was given up.
        let fell = matches!(settled.outcome, Outcome::Verified | Outcome::Unverified);
        for cell in &row.shelf.cells {
            if !fell {
                let kept = self.kept.entry(*cell);
                let kept = kept.or_insert_with(|| Kept { reason: kept_back(row, settled), again });
                // One that is not computed again keeps the shelf for good.
                if kept.again && !again {
                    *kept = Kept { reason: kept_back(row, settled), again };
                }
            }
            let Some(open) = self.open.get_mut(cell) else { continue };
            *open = open.saturating_sub(1);
            if *open > 0 {
                continue;
            }
            for at in self.waiting.remove(cell).unwrap_or_default() {
                self.waits[at] -= 1;
                if self.waits[at] == 0 {
                    self.ready.entry(rows(at)).or_default().insert(at);
                }
            }
        }
    }

    /// The raises of a system that wait for nobody any more, in their order.
    pub fn take(&mut self, system: SystemId) -> Vec<usize> {
        self.ready.remove(&system).unwrap_or_default().into_iter().collect()
    }

    /// Why a raise may not go out, if it may not. Where several lowerings did not go through, one that is
    /// not computed again comes first.
    pub fn kept(&self, row: &Row) -> Option<&Kept> {
        if row.phase != Phase::Raise {
            return None;
        }
        let kept = row.shelf.cells.iter().filter_map(|cell| self.kept.get(cell));
        kept.min_by_key(|kept| kept.again)
    }
}

fn kept_back(row: &Row, settled: &Settled) -> String {
    shelf_kept(&row.shelf.name, settled.outcome, &settled.reason)
}

/// Why nothing rises on a shelf of which somebody has not given up its part.
pub(super) fn shelf_kept(name: &str, outcome: Outcome, reason: &str) -> String {
    if outcome == Outcome::Unchanged {
        return format!(
            "it shares a shelf with {name}, which stood at its lower number before it was written: that may \
             be a sale which its owner does not know of yet, so nothing was given up"
        );
    }
    let why =
        if reason.is_empty() { outcome.word().to_owned() } else { format!("{}: {reason}", outcome.word()) };
    format!("it shares a shelf with {name}, which had to fall first and has not been seen to ({why})")
}
