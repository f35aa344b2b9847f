//! A plan is a permission: what of a planned row may be written, now that everything was read again.
//!
//! The number to write is never above the planned one and never above the one computed now:
//!
//! | planned | computed now | result |
//! |---|---|---|
//! | any | the target shows the right number, or a raise would end at what it shows | unchanged |
//! | any | held or failed | held, failed: the owner or the target is not known well enough now |
//! | lower | lower | the lower of both numbers |
//! | raise | lower | the lower of both numbers: a lowering always goes out |
//! | lower | raise | moved: the target itself fell; a raise was not permitted |
//! | raise | raise, the target fell since the plan | moved |
//! | raise | raise, the target stands or rose | the lower of both numbers; moved if that would lower it |
//! | create | create | the lower of both numbers |
//! | create | the target has the cell by now | moved |
//! | raise, lower | the target no longer has the cell | moved |
//!
//! A target that fell between plan and apply has sold, or somebody corrected it, and the owner may not
//! know yet. The number computed from the owner would put those units on sale again. So nothing above
//! what it shows now is written until a later plan, made with both sides read afresh, says so. Where the
//! owner knew and fell as well, the number computed now is no raise, and goes out.

use super::change::{Action, Change};
use crate::model::{CodeId, FlowId, LocationId, Model};
use std::collections::BTreeMap;

/// A planned row as a plan computed now has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now<'n> {
    /// It is still to be written, perhaps with another number.
    Change(&'n Change),
    /// It shows the right number, or neither side has it.
    Unchanged,
    /// It may not be written, and why.
    Held(&'n str),
    /// It cannot be computed or written, and why.
    Failed(&'n str),
}

/// What may be done with a planned row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// Write this.
    Write(Permitted),
    /// The target already shows the number.
    Unchanged,
    /// It is no longer what the plan permits.
    Moved {
        /// What happened.
        reason: String,
    },
    /// Something that it depends on is not known well enough now.
    Held {
        /// What.
        reason: String,
    },
    /// It cannot be computed or written now.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

/// What may be written. Numbers are in the target's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permitted {
    /// Which way the count goes now.
    pub action: Action,
    /// What the target will show.
    pub after: i64,
    /// The number to write.
    pub write_after: i64,
    /// The columns that the write depends on, as read now; none for a create.
    pub write_before: Option<BTreeMap<String, i64>>,
}

/// What of a planned row may be written.
pub fn permit(planned: &Change, now: Now<'_>) -> Permission {
    let now = match now {
        Now::Change(now) => now,
        Now::Unchanged => return Permission::Unchanged,
        Now::Held(reason) => return Permission::Held { reason: reason.to_owned() },
        Now::Failed(reason) => return Permission::Failed { reason: reason.to_owned() },
    };
    let number = planned.after.min(now.after);
    match (planned.before, now.before) {
        (None, None) => write(now, number),
        (None, Some(shown)) if shown == number => Permission::Unchanged,
        (None, Some(shown)) => moved(format!("it was to be created, but has appeared and shows {shown}")),
        (Some(_), None) => moved("the target no longer has it".to_owned()),
        (Some(_), Some(_)) if now.action == Action::Lower => write(now, number),
        (Some(_), Some(shown)) if shown == number => Permission::Unchanged,
        (Some(seen), Some(shown)) => raise(planned, now, (seen, shown), number),
    }
}

/// What becomes of a row that would have to rise now.
fn raise(planned: &Change, now: &Change, (seen, shown): (i64, i64), number: i64) -> Permission {
    if planned.action == Action::Lower {
        let after = planned.after;
        return moved(format!(
            "planned to fall from {seen} to {after}, but it shows {shown} by now and would have to rise"
        ));
    }
    if shown < seen {
        return moved(format!(
            "it fell from {seen} to {shown} since the plan, and its owner may not know yet"
        ));
    }
    if number < shown {
        let after = planned.after;
        return moved(format!("it rose from {seen} to {shown} since the plan, above the planned {after}"));
    }
    write(now, number)
}

fn moved(reason: String) -> Permission {
    Permission::Moved { reason }
}

fn write(now: &Change, number: i64) -> Permission {
    Permission::Write(Permitted {
        action: now.action,
        after: number,
        // Both numbers are in the target's unit, and the bridge was read now.
        write_after: now.write.after - (now.after - number),
        write_before: now.write.before.clone(),
    })
}

/// The cell that a plan line is about; `None` if the topology no longer has it.
pub fn cell_of(model: &Model, change: &Change) -> Option<(FlowId, CodeId, LocationId)> {
    let flow = model.flows.iter().position(|flow| *flow.name == *change.flow).map(FlowId::at)?;
    let to = model.flow(flow).to;
    let code = model.find_code(to, &change.code)?;
    let is_it = |(_, location): &(usize, &crate::model::location::Location)| match &change.location {
        Some(name) => *location.name == **name,
        None => location.code_in(to).is_some_and(|code| code.code.is_none()),
    };
    let location = model.locations.iter().enumerate().find(is_it).map(|(at, _)| LocationId::at(at))?;
    Some((flow, code, location))
}
