//! A whole apply: lock, read, compute again, write, remember.

use super::batch::{Row, Settled};
use super::decide::{self, Decided, Decision};
use super::driver::{self, Hands, Stop};
use super::key::run_id;
use super::lift::{self, Lifting};
use super::limits::{self, Ended};
use super::lock;
use super::machine::{Machine, Setup};
use super::queue::{self, Looked};
use super::quiet::{self, Quiet};
use super::read::{Needs, Observed, observe};
use super::recall::{self, Overlaid};
use super::report::{Refused, Report, RowReport};
use super::rounds::{self, Rounds, as_read};
use super::sessions::Sessions;
use super::shares;
use super::undo;
use super::watch::Step;
use crate::model::capability::WriteClass;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::again::Again;
use crate::plan::change::Change;
use crate::plan::rollout::Rollouts;
use crate::plan::{Plan, Standing, file};
use crate::state::{Entry, Event, Lease, Outcome, PlanSeen, Run, StateError, Store, Written};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

/// Computes a plan's flows and changes again from what was read.
pub type Recompute<'a> = &'a dyn Fn(&Observations, (Moment, &Standing)) -> Again;

/// What is to be applied.
pub struct Job<'a> {
    /// The topology.
    pub model: &'a Rc<Model>,
    /// What the plan's flows read.
    pub needs: &'a Needs,
    /// Computes the plan again; [`crate::plan::again::again`] with the topology's graph.
    pub recompute: Recompute<'a>,
    /// The plan: a permission.
    pub plan: &'a Plan,
    /// The rest.
    pub options: Options,
}

/// How it is to be applied.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who applies: user and host.
    pub actor: String,
    /// How long to wait for another run.
    pub wait: Duration,
    /// Guards that are to be lifted for this plan.
    pub lifting: Lifting,
    /// Whether a plan is taken that this state does not remember writing.
    pub from_elsewhere: bool,
    /// The topology's revision in git, where known.
    pub revision: Option<String>,
}

impl Default for Options {
    /// Waits 30 seconds, lifts nothing, takes only plans written here.
    fn default() -> Options {
        Options {
            actor: "unknown".to_owned(),
            wait: Duration::from_secs(30),
            lifting: Lifting::default(),
            from_elsewhere: false,
            revision: None,
        }
    }
}

/// Carries a plan out. Every planned change ends in exactly one outcome; where they do not add up, that
/// is told as a fault of ours in the report.
pub async fn run(
    job: &Job<'_>,
    sessions: &mut Sessions,
    store: &mut dyn Store,
    stop: &mut Stop,
) -> Result<Report, Refused> {
    let world = sessions.world().clone();
    let id = run_id(world.random.bits());
    let lease = lock::take(store, &world, &id, job.options.wait).await?;
    let holder = lease.holder.clone();
    let outcome = match begin(job, &lease, store, Moment(world.clock.now_ms())).await {
        Ok(Begun::Done(report)) => Ok(*report),
        Ok(Begun::Go(notes)) => {
            let apply = Apply { job, id: &id, notes };
            apply.carry_out(sessions, store, stop, lease).await
        }
        Err(refused) => Err(refused),
    };
    // An error of the state leaves the run without an end: the next one finds it and says so.
    if !matches!(outcome, Err(Refused::State(StateError::Broken(_)))) {
        store.free(&holder).await?;
    }
    outcome
}

enum Begun {
    Done(Box<Report>),
    Go(Vec<String>),
}

/// Refuses what does not fit, and starts the run.
async fn begin(job: &Job<'_>, lease: &Lease, store: &mut dyn Store, now: Moment) -> Result<Begun, Refused> {
    let (digest, id) = (&job.plan.summary.digest, &job.plan.header.id);
    let known = store.plan(digest, id).await?;
    // Of a plan that an older version wrote only the digest is known.
    let other = |plan: &PlanSeen| !plan.seal.is_empty() && plan.seal != job.plan.summary.seal;
    if known.as_ref().is_some_and(other) && !job.options.from_elsewhere {
        return Err(Refused::Stale(format!(
            "plan {id} is not the one that was written with this state: its times or its layout were \
             changed, and it was sealed anew; make it again here, or take it as it is with `--from-elsewhere`"
        )));
    }
    if let Some(by) = known.as_ref().and_then(|plan| plan.applied_by.clone()) {
        return Ok(Begun::Done(Box::new(already(job, &lease.run, &by))));
    }
    file::fits(job.plan, job.model, now).map_err(|refusal| Refused::Stale(refusal.to_string()))?;
    if known.is_none() && !job.options.from_elsewhere {
        return Err(Refused::Stale(format!(
            "plan {id} was not written with this state, so nobody here has seen it: make it again here, or \
             take it as it is with `--from-elsewhere`"
        )));
    }
    let mut notes = lift::take(store, (job.model, job.plan), &job.options.lifting, now).await?;
    notes.extend(lock::close_unended(store, now).await?);
    // Ending another run frees that run's lease only, never this one.
    let run = Run {
        id: lease.run.clone(),
        plan: job.plan.header.id.clone(),
        digest: digest.clone(),
        topology: job.model.digest.clone(),
        actor: job.options.actor.clone(),
        began: now,
        ended: None,
        revision: job.options.revision.clone(),
        undoes: job.plan.header.undoes.clone(),
    };
    store.begin(&run).await?;
    store.keep_plan(&run.id, &file::write(job.plan), &undo::planned(job.plan)).await?;
    Ok(Begun::Go(notes))
}

/// A plan that was carried out before: nothing is read and nothing is written.
fn already(job: &Job<'_>, run: &str, by: &str) -> Report {
    let reason = format!("already applied by run {by}");
    let skipped = |planned: &Change| row(planned, None, Settled::new(Outcome::Skipped, reason.clone()));
    let rows: Vec<RowReport> = job.plan.changes.iter().map(skipped).collect();
    let note = format!("plan {} was applied by run {by}; nothing was read or written", job.plan.header.id);
    let counts = count(&rows);
    Report { run: run.to_owned(), rows, counts, notes: vec![note], ..Report::default() }
}

fn row(planned: &Change, shown: Option<i64>, settled: Settled) -> RowReport {
    RowReport {
        change: planned.id.clone(),
        flow: planned.flow.clone(),
        system: planned.system.clone(),
        location: planned.location.clone(),
        item: planned.item.clone(),
        code: planned.code.clone(),
        after: shown.unwrap_or(planned.after),
        outcome: settled.outcome,
        reason: settled.reason,
        field: settled.field,
    }
}

fn count(rows: &[RowReport]) -> BTreeMap<Outcome, u64> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.outcome).or_insert(0) += 1);
    counts
}

struct Apply<'a> {
    job: &'a Job<'a>,
    id: &'a str,
    notes: Vec<String>,
}

impl Apply<'_> {
    async fn carry_out(
        self,
        sessions: &mut Sessions,
        store: &mut dyn Store,
        stop: &mut Stop,
        mut lease: Lease,
    ) -> Result<Report, Refused> {
        let job = self.job;
        let world = sessions.world().clone();
        let now = || Moment(world.clock.now_ms());
        let mut observed = observe(job.model, job.needs, sessions, stop).await;
        if observed.interrupted {
            return self.interrupted(observed, store, (lease.fence, now())).await;
        }
        driver::extend(&mut lease, store, now()).await?;
        let overlaid = recall::recall(store, job.model, &mut observed.observations).await?;
        let standing = lift::standing(store, (job.model, job.plan), now()).await?;
        let again = (job.recompute)(&observed.observations, (now(), &standing));
        let mut report = Report { run: self.id.to_owned(), notes: self.notes.clone(), ..Report::default() };
        let mut decided = self.decide((&again, &standing), &observed, &mut report);
        self.never_twice(&mut decided, store).await?;
        let wrote = {
            let mut hands = Hands { sessions, store: &mut *store, lease, stop };
            let decided = as_read(decided, &overlaid);
            let who = (self.job.options.actor.as_str(), now());
            report.notes.extend(undo::pause(hands.store, job.plan, &decided, who).await?);
            self.write(decided, &mut hands, (&again, &mut report)).await?
        };
        self.remember(Remember { observed, overlaid, again, wrote }, store, &mut report, now()).await?;
        store.end(self.id, now(), report.facts.status()).await?;
        Ok(report)
    }

    /// Stopped before all was read: every change is left alone.
    async fn interrupted(
        self,
        observed: Observed,
        store: &mut dyn Store,
        (fence, now): (i64, Moment),
    ) -> Result<Report, Refused> {
        let skip = || Settled::new(Outcome::Skipped, "interrupted before it was sent");
        let rows: Vec<RowReport> =
            self.job.plan.changes.iter().map(|planned| row(planned, None, skip())).collect();
        let entries: Vec<Entry> = rows.iter().map(|row| self.entry(row, now)).collect();
        store.append(fence, &entries).await?;
        let counts = count(&rows);
        let mut report = Report { run: self.id.to_owned(), rows, counts, ..Report::default() };
        (report.reads, report.notes) = (observed.reads, self.notes);
        report.facts.interrupted = true;
        store.end(self.id, now, report.facts.status()).await?;
        Ok(report)
    }

    fn decide(
        &self,
        (again, standing): (&Again, &Standing),
        observed: &Observed,
        report: &mut Report,
    ) -> Decided {
        let job = self.job;
        let failed = observed.unreadable.iter();
        let failed: BTreeMap<SystemId, String> =
            failed.map(|(system, why)| (*system, why.message().to_owned())).collect();
        let mut decided = decide::decide(job.model, job.plan, again, &failed, standing);
        shares::hold(job.model, job.plan, again, &mut decided, None);
        let named =
            |(system, why): (&SystemId, &String)| (job.model.system(*system).name.to_string(), why.clone());
        report.unreadable = failed.iter().map(named).collect();
        report.facts.unreadable = !failed.is_empty() || again.plan.incomplete();
        report.facts.guard = !decided.tripped.is_empty();
        report.tripped.clone_from(&decided.tripped);
        report.lifted.clone_from(&decided.lifted);
        report.notes.extend(lift::unused(&job.options.lifting, &decided.lifted));
        let planned: BTreeSet<&str> = job.plan.changes.iter().map(|change| &*change.id).collect();
        match again.plan.changes.iter().filter(|change| !planned.contains(&*change.id)).count() {
            0 => {}
            // A rollback is not meant to change anything else.
            _ if job.plan.header.undoes.is_some() => {}
            more => report.notes.push(format!(
                "{more} {} changed that the plan does not have; the next plan has them",
                if more == 1 { "cell has" } else { "cells have" }
            )),
        }
        report.reads.clone_from(&observed.reads);
        report.held.clone_from(&again.plan.held);
        report.failures.clone_from(&again.plan.failures);
        decided
    }

    /// Drives the machine over what goes out, and reports every change. Answers the rows that went
    /// through, with what people see there now.
    async fn write(
        &self,
        decided: Decided,
        hands: &mut Hands<'_>,
        (again, report): (&Again, &mut Report),
    ) -> Result<Vec<(usize, Row)>, StateError> {
        let job = self.job;
        let mut reports: Vec<Option<RowReport>> = Vec::with_capacity(job.plan.changes.len());
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        let raises_until = decided.raises_until;
        for (at, (planned, decision)) in job.plan.changes.iter().zip(decided.changes).enumerate() {
            reports.push(match decision {
                Decision::Settled(settled) => Some(row(planned, None, settled)),
                Decision::Write { row, shown } => {
                    rows.push(row);
                    places.push((at, shown));
                    None
                }
            });
        }
        let now = Moment(hands.sessions.world().clock.now_ms());
        let settled: Vec<Entry> = reports.iter().flatten().map(|row| self.entry(row, now)).collect();
        hands.store.append(hands.lease.fence, &settled).await?;
        let systems: BTreeSet<SystemId> = rows.iter().map(|row| row.system).collect();
        let targets = systems.iter();
        let target = |s: &SystemId| (*s, decide::target_of(job.model, *s, hands.sessions.policy(*s)));
        let targets = targets.map(target).collect();
        let (run, plan) = (self.id.to_owned(), job.plan.header.id.clone());
        let setup = Setup { run, plan, raises_until };
        let names: Vec<String> = systems.iter().map(|system| hands.sessions.name(*system)).collect();
        if !rows.is_empty() {
            hands.sessions.tell(&Step::Writing { systems: &names, rows: rows.len() as u64 });
        }
        let mut machine = Machine::new(setup, rows, &targets);
        driver::drive(&mut machine, hands).await?;
        let rounds = Rounds {
            model: job.model,
            needs: job.needs,
            recompute: job.recompute,
            plan: job.plan,
            id: self.id,
            places: &mut places,
        };
        let finished = rounds.go_on(machine.finish(), again, hands).await?;
        let mut wrote = Vec::new();
        for ((at, shown), (sent, settled)) in places.into_iter().zip(finished.rows) {
            if settled.outcome.went_through() && settled.outcome != Outcome::Unchanged {
                wrote.push((at, sent));
            }
            let shown = settled.outcome.went_through().then_some(shown);
            reports[at] = Some(row(&job.plan.changes[at], shown, settled));
        }
        report.facts.bugs.extend(finished.bugs);
        for (system, failure) in finished.unreachable {
            report.facts.unreadable = true;
            let name = job.model.system(system).name.to_string();
            report.unreadable.push((name, failure.message().to_owned()));
        }
        report.rows = reports.into_iter().flatten().collect();
        report.facts.interrupted =
            hands.stop.asked() && report.rows.iter().any(|row| row.reason.starts_with("interrupted"));
        self.add_up(report);
        Ok(wrote)
    }

    /// A change by an amount that an earlier run of the plan has sent and not seen through is never sent
    /// again by this plan.
    async fn never_twice(&self, decided: &mut Decided, store: &mut dyn Store) -> Result<(), StateError> {
        let model = self.job.model;
        let amount = |row: &Row| {
            let class = model.system(row.system).kind.class;
            matches!(class, WriteClass::BareDelta | WriteClass::KeyedDelta)
        };
        let is_amount = |d: &Decision| matches!(d, Decision::Write { row, .. } if amount(row));
        if !decided.changes.iter().any(is_amount) {
            return Ok(());
        }
        let mut earlier = BTreeMap::new();
        for run in store.runs(u32::MAX).await? {
            if run.plan == self.job.plan.header.id && run.id != self.id {
                earlier.insert(run.id.clone(), store.entries(&run.id).await?);
            }
        }
        let sent = rounds::sent_before(&earlier);
        for (planned, decision) in self.job.plan.changes.iter().zip(&mut decided.changes) {
            if let Some(run) = sent.get(&planned.id).filter(|_| is_amount(decision)) {
                *decision = Decision::Settled(rounds::doubtful(run));
            }
        }
        Ok(())
    }

    fn add_up(&self, report: &mut Report) {
        report.counts = count(&report.rows);
        let (told, planned) = (report.rows.len(), self.job.plan.changes.len());
        if told != planned {
            report.facts.bugs.push(format!("{planned} changes were planned and {told} have an outcome"));
        }
        let unsettled =
            |row: &RowReport| matches!(row.outcome, Outcome::Moved | Outcome::Held | Outcome::Failed);
        let rows = report.rows.iter().any(unsettled);
        report.facts.rows = rows || !report.held.is_empty() || !report.failures.is_empty();
    }

    fn entry(&self, row: &RowReport, at: Moment) -> Entry {
        let event = Event::Outcome { outcome: row.outcome, reason: row.reason.clone() };
        let (run, change) = (self.id.to_owned(), row.change.clone());
        Entry { run, change, attempt: 1, key: String::new(), event, at }
    }

    async fn remember(
        &self,
        what: Remember,
        store: &mut dyn Store,
        report: &mut Report,
        now: Moment,
    ) -> Result<(), StateError> {
        let job = self.job;
        let mut cells = what.overlaid.seen.clone();
        for (at, sent) in &what.wrote {
            cells.push(self.written(&what.overlaid, &job.plan.changes[*at], (sent, &report.rows[*at]), now));
        }
        store.remember_written(&cells).await?;
        store.remember_known(&recall::known(job.model, &what.again)).await?;
        let complete = what.observed.complete();
        let complete = &complete.iter().map(|system| job.model.system(*system).name.to_string()).collect();
        let failed = report.rows.iter().any(|row| matches!(row.outcome, Outcome::Failed | Outcome::Moved));
        let entries = if failed { store.entries(self.id).await? } else { Vec::new() };
        let requests = &queue::requests(&entries, job.plan);
        let looked =
            Looked { planned: job.plan, now: &what.again.plan, rows: &report.rows, requests, complete };
        let (moved, ended) = queue::moved(&looked);
        let runs = store.count_moved(&moved, &ended).await?;
        let faults = queue::faults(&looked, &moved, &runs);
        let open = store.queue(true).await?;
        let loud = Quiet::of(&open, now).leaves_of_run(&looked);
        if report.facts.rows && !loud {
            report.notes.push(quiet::NOTE.to_owned());
        }
        report.facts.rows = loud;
        let mut settled = queue::settled(&looked, &open, &faults);
        // What a rollout leaves out was not looked at, so nothing is known to have come right there.
        let rollouts = Rollouts::new(job.model);
        let left_out = rollouts.by_name(job.model);
        settled.retain(|key| !left_out(&key.flow, &key.item));
        report.opened = store.report(&faults, now).await?;
        let note = format!("came right by itself, seen by run {}", self.id);
        report.closed = store.settle(&settled, &note, now).await?;
        let facts = &report.facts;
        if !facts.interrupted && facts.bugs.is_empty() {
            let (footings, tripped) = (&what.again.footings, &report.tripped);
            let unreachable = report.unreadable.iter().map(|(system, _)| &**system).collect();
            limits::keep(&Ended { model: job.model, footings, tripped, unreachable }, store, now).await?;
        }
        if !facts.interrupted && !facts.unreadable && !facts.guard && facts.bugs.is_empty() {
            let created = Moment::parse(&job.plan.header.created, "UTC").unwrap_or(now);
            let (digest, id) = (job.plan.summary.digest.clone(), job.plan.header.id.clone());
            let (seal, applied_by) = (job.plan.summary.seal.clone(), Some(self.id.to_owned()));
            let applied = PlanSeen { digest, id, seal, created, applied_by };
            store.remember_plan(&applied).await?;
        }
        Ok(())
    }

    fn written(
        &self,
        overlaid: &Overlaid,
        planned: &Change,
        (sent, row): (&Row, &RowReport),
        at: Moment,
    ) -> Written {
        let key = (sent.system, sent.cell, sent.column.clone());
        let read = sent.before.iter().find(|(name, _)| *name == sent.column).map(|(_, value)| *value);
        Written {
            system: planned.system.clone(),
            location: planned.location.clone().unwrap_or_default(),
            code: planned.code.clone(),
            column: sent.column.clone(),
            value: sent.after,
            shown: overlaid.raw.get(&key).copied().unwrap_or(read),
            at,
            run: self.id.to_owned(),
            seen: row.outcome != Outcome::Sent,
        }
    }
}

/// What a run has learnt.
struct Remember {
    observed: Observed,
    overlaid: Overlaid,
    again: Again,
    wrote: Vec<(usize, Row)>,
}
