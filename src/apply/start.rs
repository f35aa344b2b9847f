//! How a run starts: anew, with its plan kept, or where it was cut off.

use super::batch::{Phase, Row, Settled};
use super::decide::{self, BY_GUARD, Decided, Decision};
use super::job::Job;
use super::lift::{self, Lifting};
use super::lock::{self, Hold};
use super::machine::Earlier;
use super::recall::Overlaid;
use super::report::Refused;
use super::resume::{self, Found, Journal, Request, Told};
use super::retry::Policy;
use super::turns;
use crate::connectors::seen::seen;
use crate::connectors::{Cell, Seen};
use crate::model::capability::WriteClass;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::change::Change;
use crate::plan::file;
use crate::plan::permit::cell_of;
use crate::plan::refusal::Refusal;
use crate::state::{Outcome, PlanSeen, Planned, Run, Store};
use crate::world::World;
use std::collections::BTreeMap;

/// The class of a system that compares by itself.
const COMPARES: WriteClass = WriteClass::CompareAndSet;

/// How a run starts.
pub enum Start {
    /// Not at all: there is nothing to do, and why.
    Done(String),
    /// The plan was carried out before, by this run.
    Applied(String),
    /// It goes on.
    Go(TakenUp),
}

/// What a run takes up from before: nothing where it begins anew.
#[derive(Debug, Default)]
pub struct TakenUp {
    /// What people should know, one sentence each.
    pub notes: Vec<String>,
    /// What an earlier part of the run has written down.
    pub journal: Journal,
    /// When the plan expired, where it has: nothing is raised by it any more.
    pub expired: Option<String>,
}

/// Refuses what does not fit, and starts the run.
pub async fn begin(job: &Job<'_>, hold: &Hold, store: &mut dyn Store, now: Moment) -> Result<Start, Refused> {
    let (plan, id) = (job.plan, &hold.lease.run);
    let (digest, name) = (&plan.summary.digest, &plan.header.id);
    let known = store.plan(digest, name).await?;
    // Of a plan that an older version wrote only the digest is known.
    let other = |known: &PlanSeen| !known.seal.is_empty() && known.seal != plan.summary.seal;
    if known.as_ref().is_some_and(other) && !job.options.from_elsewhere {
        return Err(Refused::Stale(format!(
            "plan {name} is not the one that was written with this state: its times or its layout were \
             changed, and it was sealed anew; make it again here, or take it as it is with `--from-elsewhere`"
        )));
    }
    if let Some(by) = known.as_ref().and_then(|plan| plan.applied_by.clone()) {
        return Ok(Start::Applied(by));
    }
    file::fits(plan, job.model, now).map_err(|refusal| Refused::Stale(refusal.to_string()))?;
    if known.is_none() && !job.options.from_elsewhere {
        return Err(Refused::Stale(format!(
            "plan {name} was not written with this state, so nobody here has seen it: make it again here, or \
             take it as it is with `--from-elsewhere`"
        )));
    }
    let mut notes = lift::take(store, (job.model, plan), &job.options.lifting, now).await?;
    notes.extend(lock::close_unended(store, &hold.lease, now).await?);
    // Ending another run frees that run's lease only, never this one.
    let run = Run {
        id: id.clone(),
        plan: plan.header.id.clone(),
        digest: digest.clone(),
        topology: job.model.digest.clone(),
        actor: job.options.actor.clone(),
        began: now,
        ended: None,
        revision: job.options.revision.clone(),
        undoes: plan.header.undoes.clone(),
    };
    store.begin(&run).await?;
    let text = job.options.text.clone().unwrap_or_else(|| file::write(plan));
    let changes: Vec<Planned> = plan.changes.iter().map(planned).collect();
    store.keep_plan(id, &text, &changes).await?;
    store.remember_turns(&turns::begun(job, id, now)).await?;
    Ok(Start::Go(TakenUp { notes, ..TakenUp::default() }))
}

fn planned(change: &Change) -> Planned {
    Planned {
        change: change.id.clone(),
        flow: change.flow.clone(),
        system: change.system.clone(),
        location: change.location.clone().unwrap_or_default(),
        item: change.item.clone(),
        code: change.code.clone(),
        quantity: change.quantity.clone(),
        unit: change.unit.clone(),
        before: change.before,
        after: change.after,
        reason: change.reason.clone(),
    }
}

/// Goes on with the run of the lease: finds out how far it came. A request that left a moment ago, to a
/// system that does not compare, may still be on its way: it is waited for, so that what is read next shows
/// it.
pub async fn take_up(
    job: &Job<'_>,
    hold: &mut Hold,
    store: &mut dyn Store,
    world: &World,
) -> Result<Start, Refused> {
    let id = hold.lease.run.clone();
    let now = Moment(world.clock.now_ms());
    let run = match resume::find(store, Some(&id)).await? {
        Found::Run(run) => run,
        // Another has gone on with it, or begun anew, while this one waited for the lease.
        Found::Nothing(why) => return Ok(Start::Done(why)),
        Found::Unknown(why) | Found::Overtaken(why) => return Err(Refused::Stale(why)),
    };
    let expired = match file::fits(job.plan, job.model, now) {
        Ok(()) => None,
        Err(Refusal::Expired(at)) => Some(at),
        Err(refusal) => return Err(Refused::Stale(refusal.to_string())),
    };
    let journal = Journal::replay(&store.entries(&id).await?);
    let mut notes = lift_again(job, store, (&journal, &expired), now).await?;
    notes.extend(lock::close_unended(store, &hold.lease, now).await?);
    notes.push(format!("{} is gone on with: {} before", lock::called(&run), journal.in_words()));
    let blind = |change: &&Change| {
        let system = decide::system_of(job.model, &change.system);
        system.is_some_and(|s| decide::target_of(job.model, s, Policy::default()).class != COMPARES)
    };
    let left =
        job.plan.changes.iter().filter(blind).filter_map(|c| Some(journal.of(&c.id)?.unanswered()?.at));
    if let Some(last) = left.max() {
        let lands = last.after(hold.terms.request);
        if lands > now {
            hold.during(store, world, world.clock.sleep(lands.since(now))).await?;
        }
    }
    Ok(Start::Go(TakenUp { notes, journal, expired }))
}

/// Lifts guards for the rest of a run, as for a new one; refused once its plan has expired, since a lift ends
/// with it.
async fn lift_again(
    job: &Job<'_>,
    store: &mut dyn Store,
    (journal, expired): (&Journal, &Option<String>),
    now: Moment,
) -> Result<Vec<String>, Refused> {
    let lifting = &job.options.lifting;
    if *lifting == Lifting::default() {
        return Ok(Vec::new());
    }
    if let Some(at) = expired {
        return Err(Refused::Stale(format!(
            "the run's plan expired at {at}, and a guard is lifted only until its plan expires: nothing was \
             lifted and nothing was sent. Without a lift `onhand apply --resume` still writes what falls"
        )));
    }
    let mut notes = lift::take(store, (job.model, job.plan), lifting, now).await?;
    let stopped = |change: &&Change| {
        let ended = journal.of(&change.id).and_then(|told| told.ended.as_ref());
        ended.is_some_and(|(outcome, why)| *outcome == Outcome::Skipped && why.starts_with(BY_GUARD))
    };
    let stopped = job.plan.changes.iter().filter(stopped).count();
    if stopped > 0 {
        notes.push(format!(
            "{stopped} {} by a guard before the run was cut off and stay so, whatever is lifted now: the \
             next plan has them",
            if stopped == 1 { "row was stopped" } else { "rows were stopped" }
        ));
    }
    Ok(notes)
}

impl TakenUp {
    /// How a change ended in an earlier part of the run.
    pub fn ended(&self, change: &str) -> Option<(&Told, Settled)> {
        let told = self.journal.of(change)?;
        let (outcome, reason) = told.ended.as_ref()?;
        let reason = match reason.is_empty() {
            true => "done before the run was cut off".to_owned(),
            false => format!("before the run was cut off: {reason}"),
        };
        Some((told, Settled::new(*outcome, reason)))
    }

    /// Whether a request for a change left in an earlier part of the run.
    pub fn sent(&self, change: &str) -> bool {
        self.journal.of(change).is_some_and(|told| told.sent.is_some())
    }

    /// Holds what was decided now against what an earlier part of the run has done.
    pub fn judge(
        &self,
        model: &Model,
        changes: &[Change],
        seen: (&Observations, &Overlaid),
        decided: &mut Decided,
    ) {
        if let Some(at) = &self.expired {
            let reason = format!("the plan expired at {at}, so nothing is raised by it any more: plan again");
            let raises = |decision: &&mut Decision| match decision {
                Decision::Write { row, .. } => row.phase == Phase::Raise,
                Decision::Settled(_) => false,
            };
            for decision in decided.changes.iter_mut().filter(raises) {
                *decision = Decision::Settled(Settled::new(Outcome::Held, reason.clone()));
            }
        }
        let unanswered = changes.iter().enumerate().filter_map(|(at, planned)| {
            let request = self.journal.of(&planned.id)?.unanswered()?;
            Some((at, row_of(model, planned, request)?))
        });
        let unanswered: Vec<(usize, Row)> = unanswered.collect();
        let shown = shown(model, &unanswered, seen);
        for (at, row) in unanswered {
            let class = model.system(row.system).kind.class;
            let own = decided.changes[at].clone();
            decided.changes[at] = resume::judge(&row, shown.get(&(row.system, row.cell)), own, class);
        }
    }

    /// How far the machine came with the rows that go out now.
    pub fn earlier(&self, model: &Model, names: (&str, &str), rows: &[Row]) -> BTreeMap<String, Earlier> {
        let one = |row: &Row| {
            let class = model.system(row.system).kind.class;
            Some((row.change.clone(), self.journal.of(&row.change)?.earlier(names, row, class)))
        };
        rows.iter().filter_map(one).collect()
    }
}

/// The row that a request was made of.
pub fn row_of(model: &Model, planned: &Change, request: &Request) -> Option<Row> {
    let (flow, code, location) = cell_of(model, planned)?;
    let column = planned.write.quantity.clone();
    let fell = request.before.iter().any(|(name, value)| *name == column && *value > request.after);
    Some(Row {
        change: planned.id.clone(),
        system: model.flow(flow).to,
        cell: Cell { code, location },
        column,
        before: request.before.clone(),
        after: request.after,
        create: request.before.is_empty(),
        phase: if fell { Phase::Lower } else { Phase::Raise },
        rounds: 0,
        shelf: Default::default(),
        tried: Default::default(),
    })
}

/// What the cells of some rows show at their source, without what is remembered over it.
fn shown(
    model: &Model,
    rows: &[(usize, Row)],
    (observations, overlaid): (&Observations, &Overlaid),
) -> BTreeMap<(SystemId, Cell), Seen> {
    let mut asked: BTreeMap<SystemId, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|(_, row)| asked.entry(row.system).or_default().push(row));
    let mut shown = BTreeMap::new();
    for (system, rows) in asked {
        let Some(levels) = observations.levels.get(&system) else { continue };
        let cells: Vec<Cell> = rows.iter().map(|row| row.cell).collect();
        for (row, mut seen) in rows.iter().zip(seen(model, levels, &cells)) {
            match overlaid.raw.get(&(system, row.cell, row.column.clone())) {
                Some(Some(raw)) => {
                    let own = seen.values.iter_mut().filter(|(name, _)| *name == row.column);
                    own.for_each(|(_, value)| *value = *raw);
                }
                Some(None) => seen = Seen::default(),
                None => {}
            }
            shown.insert((system, row.cell), seen);
        }
    }
    shown
}
