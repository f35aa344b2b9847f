//! What a plan still permits: each planned change held against the same cell as computed now.
//!
//! A plan is a permission, not a source of counts. Equal to what was planned: written. Lower: the lower
//! number. Higher: the planned one. A raise that has become a lowering goes out as one; a lowering that
//! has become a raise was never permitted.

use super::batch::{Phase, Row, Settled};
use crate::model::Model;
use crate::plan::change::{Action, Change, Record};
use crate::state::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done with a planned change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is written, with these numbers.
    Write(Box<Row>),
    /// It is settled without a request.
    Settled(Settled),
}

/// Names a cell of a target, as records do.
type CellKey<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

/// A plan as computed now, by cell.
pub struct Recomputed<'a> {
    cells: BTreeMap<CellKey<'a>, Now<'a>>,
    tripped: BTreeMap<&'a str, String>,
    unreadable: BTreeMap<&'a str, &'a str>,
}

enum Now<'a> {
    Change(&'a Change),
    Held(&'a str),
    Failed { field: &'a str, reason: &'a str },
}

impl<'a> Recomputed<'a> {
    /// Sorts the records of a plan computed now. `unreadable` are systems that could not be read, with
    /// the reason; `lifted` the guards that somebody has lifted for this run.
    pub fn new(
        records: &'a [Record],
        unreadable: &'a BTreeMap<String, String>,
        lifted: &BTreeSet<String>,
    ) -> Recomputed<'a> {
        let mut cells = BTreeMap::new();
        let mut tripped: BTreeMap<&str, String> = BTreeMap::new();
        for record in records {
            match record {
                Record::Change(c) => {
                    cells.insert(key(&c.flow, &c.system, &c.location, &c.code), Now::Change(c));
                }
                Record::Held(h) => {
                    cells.insert(key(&h.flow, &h.system, &h.location, &h.code), Now::Held(&h.reason));
                }
                Record::Failure(f) => {
                    let now = Now::Failed { field: &f.field, reason: &f.reason };
                    cells.entry(key(&f.flow, &f.system, &f.location, &f.code)).or_insert(now);
                }
                Record::Guard(v) if v.tripped && !lifted.contains(&v.guard) => {
                    let text = format!(
                        "the guard {} stops the flow: {} asked for, {} allowed",
                        v.guard, v.actual, v.limit
                    );
                    tripped.entry(v.flow.as_str()).or_insert(text);
                }
                _ => {}
            }
        }
        let unreadable = unreadable.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
        Recomputed { cells, tripped, unreadable }
    }

    /// The guards that stop a flow now.
    pub fn tripped(&self) -> &BTreeMap<&'a str, String> {
        &self.tripped
    }

    /// Whether a cell is computed, readable, and already shows what it is to show.
    pub fn is_right(&self, flow: &str, system: &str, location: Option<&str>, code: &str) -> bool {
        !self.unreadable.contains_key(system) && !self.cells.contains_key(&(flow, system, location, code))
    }

    /// What is to be done with a planned change.
    pub fn decide(&self, model: &Model, planned: &Change) -> Decision {
        let settled = |outcome, reason: String| Decision::Settled(Settled::new(outcome, reason));
        if let Some(why) = self.tripped.get(planned.flow.as_str()) {
            return settled(Outcome::Skipped, why.clone());
        }
        if let Some(why) = self.unreadable.get(planned.system.as_str()) {
            return settled(Outcome::Held, format!("{} could not be read: {why}", planned.system));
        }
        match self.cells.get(&key(&planned.flow, &planned.system, &planned.location, &planned.code)) {
            None => settled(Outcome::Unchanged, "it already shows the number".to_owned()),
            Some(Now::Held(reason)) => settled(Outcome::Held, (*reason).to_owned()),
            Some(Now::Failed { field, reason }) => Decision::Settled(Settled {
                outcome: Outcome::Failed,
                reason: (*reason).to_owned(),
                field: (*field).to_owned(),
            }),
            Some(Now::Change(now)) => permit(model, planned, now),
        }
    }
}

fn key<'a>(flow: &'a str, system: &'a str, location: &'a Option<String>, code: &'a str) -> CellKey<'a> {
    (flow, system, location.as_deref(), code)
}

fn permit(model: &Model, planned: &Change, now: &Change) -> Decision {
    let moved = |reason: String| Decision::Settled(Settled::new(Outcome::Moved, reason));
    let target = planned.after.min(now.after);
    let create = now.action == Action::Create;
    if create != (planned.action == Action::Create) {
        let what = if create { "the target no longer has the cell" } else { "the cell has appeared meanwhile" };
        return moved(format!("{what}; the next plan decides"));
    }
    let shown = now.before.unwrap_or(i64::MIN);
    if !create && target == shown {
        return Decision::Settled(Settled::new(Outcome::Unchanged, "it already shows the number"));
    }
    if planned.action == Action::Lower && target > shown {
        return moved(format!(
            "the plan lowers it to {}, and it shows {shown} by now: raising it was not permitted",
            planned.after
        ));
    }
    match row(model, now, target) {
        Some(row) => Decision::Write(Box::new(row)),
        None => Decision::Settled(Settled::new(
            Outcome::Failed,
            format!("the topology has no code `{}` at that place of {}", now.code, now.system),
        )),
    }
}

/// The row that makes the cell of `now` show `target`.
fn row(model: &Model, now: &Change, target: i64) -> Option<Row> {
    let system = (0..model.systems.len()).map(crate::model::SystemId::at);
    let system = system.into_iter().find(|id| *model.system(*id).name == *now.system)?;
    let location = match &now.location {
        Some(name) => model.locations.iter().position(|l| *l.name == **name).map(crate::model::LocationId::at)?,
        None => model.find_location(system, None)?,
    };
    let create = now.action == Action::Create;
    let phase = match now.before {
        Some(shown) if target < shown && target <= 0 => Phase::Zero,
        Some(shown) if target < shown => Phase::Lower,
        _ => Phase::Raise,
    };
    // What is written and what is shown differ by what the target takes off by itself, in the same unit.
    let after = now.write.after.checked_sub(now.after.checked_sub(target)?)?;
    let before = now.write.before.iter().flatten().map(|(name, value)| (name.clone(), *value)).collect();
    Some(Row {
        change: String::new(),
        system,
        cell: crate::connectors::Cell { code: model.find_code(system, &now.code)?, location },
        column: now.write.quantity.clone(),
        before,
        after,
        create,
        phase,
    })
}
