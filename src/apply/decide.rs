//! Which planned changes go out, with which numbers, and which are settled without a request.

use super::batch::{Phase, Row, Settled, Shelf, Tried};
use super::lane::{GIVES_UP_AFTER, Target};
use super::retry::Policy;
use crate::connectors::Cell;
use crate::model::capability::WriteClass;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};
use crate::plan::again::{Again, Index};
use crate::plan::change::{Action, Change, Verdict};
use crate::plan::gate::SHADOW;
use crate::plan::guard::{LINES, SHRUNK, stops_raises_only};
use crate::plan::judge::{self, Asked};
use crate::plan::permit::{self, Now, Permission, Permitted};
use crate::plan::{Plan, Standing};
use crate::state::Outcome;
use crate::world::placeholder::{self, Dialect, Piece};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What begins the reason of a row that a guard has stopped.
pub const BY_GUARD: &str = "the guard ";

/// How often a raise that moved is computed again in one run.
const RAISED_AGAIN: u32 = 1;
/// How often a lowering that moved is.
const LOWERED_AGAIN: u32 = 5;

/// What is to be done with one planned change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It goes out; the target will show `shown`.
    Write {
        /// The row.
        row: Row,
        /// What people will see.
        shown: i64,
    },
    /// It is settled.
    Settled(Settled),
}

/// What is to be done with every planned change, in the order of the plan.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// One for each change.
    pub changes: Vec<Decision>,
    /// The guards that stop a flow, or its raises.
    pub tripped: Vec<Verdict>,
    /// The guards that would, but for somebody who has lifted them.
    pub lifted: Vec<Verdict>,
    /// When what was read for this is as old as a plan may be: no raise leaves later.
    pub raises_until: Option<Moment>,
}

/// Holds each change of a plan against what was computed now. `unreadable` are targets that could not be
/// read, with the reason; `standing` says which guards are lifted and which limits counted last.
///
/// Guards are checked on the plan, which says what was asked for, and on what was read and may go out now.
pub fn decide(
    model: &Model,
    plan: &Plan,
    again: &Again,
    unreadable: &BTreeMap<SystemId, String>,
    standing: &Standing,
) -> Decided {
    let raises_until = Moment::parse(&again.plan.header.expires, "UTC");
    let mut decided = Decided { raises_until, ..Decided::default() };
    let index = Index::new(&again.plan);
    let mut asked: BTreeMap<FlowId, Asked<'_>> = BTreeMap::new();
    for planned in &plan.changes {
        let failed_read = system_of(model, &planned.system).and_then(|system| unreadable.get(&system));
        let shadow =
            |now: &Option<Now<'_>>| planned.shadow || matches!(now, Some(Now::Change(now)) if now.shadow);
        let decision = match (failed_read, index.now(planned)) {
            (_, now) if shadow(&now) => Decision::Settled(Settled::new(Outcome::Skipped, SHADOW)),
            (Some(why), _) => {
                let reason = format!("{} could not be read: {why}", planned.system);
                Decision::Settled(Settled::new(Outcome::Held, reason))
            }
            (None, None) => {
                let reason = format!("the flow `{}` could not be computed again", planned.flow);
                Decision::Settled(Settled::new(Outcome::Held, reason))
            }
            (None, Some(now)) => match (permit::permit(planned, now), permit::cell_of(model, planned)) {
                (Permission::Write(permitted), Some(cell)) => {
                    let asked = asked.entry(cell.0).or_insert_with(|| Asked::new(model));
                    asked.row(cell.1, shown(now), permitted.after);
                    write(model, planned, permitted, cell)
                }
                (Permission::Write(_), None) => nowhere(planned),
                (permission, _) => Decision::Settled(settled(permission, index.field(planned))),
            },
        };
        decided.changes.push(decision);
    }
    let mut verdicts = plan.guards.clone();
    for (flow, mut asked) in asked {
        asked.tally.cells = cells(model, &again.plan, flow);
        verdicts.extend(asked.verdicts(model, flow, standing));
    }
    let feeds = again.plan.guards.iter().filter(|verdict| [SHRUNK, LINES].contains(&&*verdict.guard));
    verdicts.extend(feeds.cloned());
    // Which guards are lifted is for the state to say, not for the plan's file.
    judge::lift(&mut verdicts, standing);
    decided.judge(verdicts);
    decided.stop_flows(&plan.changes);
    decided
}

/// What the target shows now.
fn shown(now: Now<'_>) -> Option<i64> {
    match now {
        Now::Change(change) => change.before,
        _ => None,
    }
}

/// The cells that a flow has at its target, as the plan computed now has counted them.
fn cells(model: &Model, now: &Plan, flow: FlowId) -> u64 {
    let name = &model.flow(flow).name;
    let of = |verdict: &&Verdict| *verdict.flow == **name && !verdict.watches();
    now.guards.iter().find(of).map_or(0, |verdict| verdict.of)
}

impl Decided {
    /// Sorts what tripped into what stops a flow and what is lifted; of a guard of a flow the first.
    fn judge(&mut self, verdicts: Vec<Verdict>) {
        let mut seen = BTreeSet::new();
        for verdict in verdicts.into_iter().filter(|verdict| verdict.tripped) {
            if seen.insert((verdict.flow.clone(), verdict.guard.clone())) {
                let whose = if verdict.stops() { &mut self.tripped } else { &mut self.lifted };
                whose.push(verdict);
            }
        }
    }

    /// Nothing of a flow goes out that a guard stops. Guards on what rises stop raises and creates only: what
    /// a channel must stop selling is never kept back by them.
    fn stop_flows(&mut self, changes: &[Change]) {
        for (planned, decision) in changes.iter().zip(&mut self.changes) {
            let Decision::Write { row, .. } = &decision else { continue };
            let stops = |verdict: &&Verdict| {
                verdict.flow == planned.flow
                    && (row.phase == Phase::Raise || !stops_raises_only(&verdict.guard))
            };
            if let Some(verdict) = self.tripped.iter().find(stops) {
                let reason = match &verdict.reason {
                    Some(reason) if verdict.watches() => {
                        format!("{BY_GUARD}{} stops the flow: {reason}", verdict.guard)
                    }
                    _ => format!(
                        "{BY_GUARD}{} stops the flow: it asks for {}, and {} is allowed",
                        verdict.guard, verdict.actual, verdict.limit
                    ),
                };
                *decision = Decision::Settled(Settled::new(Outcome::Skipped, reason));
            }
        }
    }
}

fn settled(permission: Permission, field: Option<&str>) -> Settled {
    match permission {
        Permission::Unchanged => Settled::new(Outcome::Unchanged, "it already shows the number"),
        Permission::Moved { reason } => Settled::new(Outcome::Moved, reason),
        Permission::Held { reason } => Settled::new(Outcome::Held, reason),
        Permission::Failed { reason } => {
            Settled { outcome: Outcome::Failed, reason, field: field.unwrap_or_default().to_owned() }
        }
        Permission::Write(_) => Settled::new(Outcome::Skipped, "it was not sent"),
    }
}

fn nowhere(planned: &Change) -> Decision {
    let reason = format!("the topology has no code `{}` at that place any more", planned.code);
    Decision::Settled(Settled::new(Outcome::Failed, reason))
}

fn write(
    model: &Model,
    planned: &Change,
    permitted: Permitted,
    (flow, code, location): (FlowId, CodeId, LocationId),
) -> Decision {
    let phase = match permitted.action {
        Action::Lower if permitted.after <= 0 => Phase::Zero,
        Action::Lower => Phase::Lower,
        Action::Raise | Action::Create => Phase::Raise,
    };
    let row = Row {
        change: planned.id.clone(),
        system: model.flow(flow).to,
        cell: Cell { code, location },
        column: planned.write.quantity.clone(),
        create: permitted.action == Action::Create,
        before: permitted.write_before.into_iter().flatten().collect(),
        after: permitted.write_after,
        phase,
        shelf: Shelf::default(),
        tried: Tried::default(),
        rounds: if phase == Phase::Raise { RAISED_AGAIN } else { LOWERED_AGAIN },
    };
    Decision::Write { row, shown: permitted.after }
}

/// The system of a name.
pub fn system_of(model: &Model, name: &str) -> Option<SystemId> {
    model.systems.iter().position(|system| *system.name == *name).map(SystemId::at)
}

/// How a system is written. An sql statement that does not mention `:before` compares nothing, whatever
/// its kind could do.
pub fn target_of(model: &Model, system: SystemId, policy: Policy) -> Target {
    let system = model.system(system);
    // Whichever database reads it: a `:before` that only stands in a comment compares nothing.
    let compares = |text: &str| {
        let named = |dialect| placeholder::pieces(text, dialect).contains(&Piece::Named("before"));
        named(Dialect::Sqlite) && named(Dialect::Postgres)
    };
    let asks = system.set.as_ref().is_none_or(|(statement, _)| compares(statement));
    let class = match system.kind.class {
        WriteClass::CompareAndSet if !asks => WriteClass::Absolute,
        class => class,
    };
    let most = system.limit.batch.map_or(usize::MAX, |most| most as usize);
    Target {
        class,
        key_lasts: Duration::from_secs(u64::from(system.kind.key_seconds)),
        batch: system.kind.batch.min(most),
        batch_raises: system.kind.batch.min(system.kind.batch_raises).min(most),
        policy,
        gives_up_after: policy.attempts.max(GIVES_UP_AFTER),
    }
}
