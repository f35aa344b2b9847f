//! Shelves that several targets divide, before the first request: who draws on what, and who may not rise
//! since somebody else does not give up its part in this run.

use super::batch::{Phase, Settled, Shelf};
use super::decide::{Decided, Decision};
use super::shelf::shelf_kept;
use crate::model::Model;
use crate::plan::Plan;
use crate::plan::again::Again;
use crate::plan::change::{Action, Change};
use crate::state::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// Tells each row its shelf, and holds the raises of a shelf on which something has to fall and will not be
/// written. Only what is `open` is written, by its place in the plan; everything where that is not given.
///
/// Numbers computed now take for granted that all that has to fall falls: also what the plan does not have.
pub fn hold(
    model: &Model,
    plan: &Plan,
    again: &Again,
    decided: &mut Decided,
    open: Option<&BTreeSet<usize>>,
) {
    let is_open = |at: usize| open.is_none_or(|open| open.contains(&at));
    let mut kept: BTreeMap<u32, String> = BTreeMap::new();
    let mut falling: BTreeSet<(&str, &str, Option<&str>, &str)> = BTreeSet::new();
    for (at, (planned, decision)) in plan.changes.iter().zip(&mut decided.changes).enumerate() {
        let cells = again.shelves.cells(model, planned);
        if cells.is_empty() {
            continue;
        }
        let name = named(planned);
        let why = match decision {
            Decision::Write { row, .. } => {
                row.shelf = Shelf { cells: cells.to_vec(), name: name.clone() };
                // Whether another has to fall now is told by what was computed now.
                if row.phase != Phase::Raise && is_open(at) {
                    falling.insert(key(planned));
                }
                continue;
            }
            Decision::Settled(settled) if settled.outcome == Outcome::Unchanged => continue,
            // What is only shown counts with what stands there.
            Decision::Settled(_) if planned.shadow => continue,
            Decision::Settled(settled) if planned.action == Action::Lower => settled,
            Decision::Settled(_) => continue,
        };
        let reason = shelf_kept(&name, why.outcome, &why.reason);
        for cell in cells {
            kept.entry(*cell).or_insert_with(|| reason.clone());
        }
    }
    let falls = |change: &&Change| {
        change.action == Action::Lower && !change.shadow && !falling.contains(&key(change))
    };
    for change in again.plan.changes.iter().filter(falls) {
        let reason = "this run does not write it";
        for cell in again.shelves.cells(model, change) {
            let told = || shelf_kept(&named(change), Outcome::Skipped, reason);
            kept.entry(*cell).or_insert_with(told);
        }
    }
    for decision in &mut decided.changes {
        let Decision::Write { row, .. } = decision else { continue };
        let reason = row.shelf.cells.iter().find_map(|cell| kept.get(cell));
        if let Some(reason) = reason.filter(|_| row.phase == Phase::Raise) {
            *decision = Decision::Settled(Settled::new(Outcome::Held, reason.clone()));
        }
    }
}

fn key(change: &Change) -> (&str, &str, Option<&str>, &str) {
    (&change.flow, &change.system, change.location.as_deref(), &change.code)
}

fn named(change: &Change) -> String {
    match &change.location {
        Some(location) => format!("`{}` in {} at {location}", change.code, change.system),
        None => format!("`{}` in {}", change.code, change.system),
    }
}
