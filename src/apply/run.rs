//! A whole apply: lock, read, compute again, write, remember.

use super::batch::{Row, Settled};
use super::books;
use super::collect::{self, Collected};
use super::decide::{self, Decided, Decision};
use super::driver::{self, Hands, Stop};
use super::job::Job;
use super::key::run_id;
use super::lift;
use super::limits::{self, Ended};
use super::lock::{self, Hold, Terms};
use super::machine::{Machine, Setup};
use super::queue::{self, Looked};
use super::quiet::{self, Quiet};
use super::read::{Observed, observe};
use super::recall::{self, Overlaid};
use super::report::{Refused, Report, RowReport};
use super::rounds::{self, Rounds, as_read};
use super::sessions::Sessions;
use super::shares;
use super::start::{self, Start, TakenUp};
use super::undo;
use super::watch::Step;
use crate::model::capability::WriteClass;
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::Standing;
use crate::plan::again::Again;
use crate::plan::change::Change;
use crate::plan::rollout::Rollouts;
use crate::state::{Entry, Event, Outcome, PlanSeen, StateError, Store, Written};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Carries a plan out. Every planned change ends in exactly one outcome; where they do not add up, that
/// is told as a fault of ours in the report.
pub async fn run(
    job: &Job<'_>,
    sessions: &mut Sessions,
    store: &mut dyn Store,
    stop: &mut Stop,
) -> Result<Report, Refused> {
    let world = sessions.world().clone();
    let id = job.options.resume.clone().unwrap_or_else(|| run_id(world.random.bits()));
    let terms = Terms::of(job.model);
    let mut hold = lock::take(store, &world, &id, (job.options.wait, terms)).await?;
    let holder = hold.lease.holder.clone();
    let begun = match job.options.resume {
        Some(_) => start::take_up(job, &mut hold, store, &world).await,
        None => start::begin(job, &hold, store, Moment(world.clock.now_ms())).await,
    };
    let outcome = match begun {
        Ok(Start::Done(why)) => Ok(Report { run: id, notes: vec![why], ..Report::default() }),
        Ok(Start::Applied(by)) => Ok(already(job, &id, &by)),
        Ok(Start::Go(taken_up)) => {
            let apply = Apply { job, id: &id, taken_up };
            apply.carry_out(sessions, store, stop, hold).await
        }
        Err(refused) => Err(refused),
    };
    // An error of the state leaves the run without an end: the next one finds it and says so.
    if !matches!(outcome, Err(Refused::State(StateError::Broken(_)))) {
        store.free(&holder).await?;
    }
    outcome
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

/// For how long what is needed to undo a run is kept where the topology says nothing: 30 days.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn kept_ms(model: &Model) -> i64 {
    let kept = model.rollback.map_or(KEPT, |rollback| rollback.keep);
    i64::try_from(kept.as_millis()).unwrap_or(i64::MAX)
}

fn count(rows: &[RowReport]) -> BTreeMap<Outcome, u64> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.outcome).or_insert(0) += 1);
    counts
}

struct Apply<'a> {
    job: &'a Job<'a>,
    id: &'a str,
    taken_up: TakenUp,
}

impl Apply<'_> {
    async fn carry_out(
        self,
        sessions: &mut Sessions,
        store: &mut dyn Store,
        stop: &mut Stop,
        mut hold: Hold,
    ) -> Result<Report, Refused> {
        let job = self.job;
        let world = sessions.world().clone();
        let now = || Moment(world.clock.now_ms());
        let collected = {
            let mut hands = Hands { sessions, store: &mut *store, hold: &mut hold, stop };
            collect::carry_out(job, self.id, &mut hands).await?
        };
        let mut needs = job.needs.clone();
        books::ask(Some(&mut *store), job.model, &mut needs, now()).await?;
        let reading = observe(job.model, &needs, sessions, stop);
        let mut observed = hold.during(store, &world, reading).await?;
        hold.check(store, &world).await?;
        if observed.interrupted {
            return self.interrupted((observed, collected), store, now()).await;
        }
        let mut books = books::take(Some(&mut *store), job.model, &mut observed).await?;
        books.keep(store, hold.lease.fence).await?;
        let overlaid = recall::recall(store, job.model, &mut observed.observations).await?;
        let standing = lift::standing(store, (job.model, job.plan), now()).await?;
        let again = (job.recompute)(&observed.observations, (now(), &standing));
        books.learn(job.model, (&again.taken_in, &again.settled), now());
        books.keep(store, hold.lease.fence).await?;
        let notes = self.taken_up.notes.clone();
        let mut report = Report { run: self.id.to_owned(), notes, ..Report::default() };
        let mut decided = self.decide((&again, &standing), &observed, &mut report);
        self.tell(&collected, &mut report);
        self.never_twice(&mut decided, store).await?;
        let mut decided = as_read(decided, &overlaid);
        let seen = (&observed.observations, &overlaid);
        self.taken_up.judge(job.model, &job.plan.changes, seen, &mut decided);
        let wrote = {
            let mut hands = Hands { sessions, store: &mut *store, hold: &mut hold, stop };
            let who = (self.job.options.actor.as_str(), now());
            report.notes.extend(undo::pause(hands.store, job.plan, &decided, who).await?);
            self.write(decided, &mut hands, (&again, &mut report)).await?
        };
        // Whoever has lost the lease leaves the end of this run to its successor.
        hold.check(store, &world).await?;
        let learnt = Remember { observed, overlaid, again, wrote, collected };
        self.remember(learnt, store, &mut report, now()).await?;
        store.forget_plans(Moment(now().0.saturating_sub(kept_ms(job.model)))).await?;
        hold.check(store, &world).await?;
        store.end(self.id, now(), report.facts.status()).await?;
        Ok(report)
    }

    /// Stopped before all was read: every change is left alone, and may be gone on with.
    async fn interrupted(
        self,
        (observed, collected): (Observed, Collected),
        store: &mut dyn Store,
        now: Moment,
    ) -> Result<Report, Refused> {
        let one = |planned: &Change| match self.taken_up.ended(planned) {
            Some((_, settled)) => row(planned, None, settled),
            None => row(planned, None, Settled::new(Outcome::Skipped, "interrupted before it was sent")),
        };
        let rows: Vec<RowReport> = self.job.plan.changes.iter().map(one).collect();
        let counts = count(&rows);
        let mut report = Report { run: self.id.to_owned(), rows, counts, ..Report::default() };
        (report.reads, report.notes) = (observed.reads, self.taken_up.notes.clone());
        self.tell(&collected, &mut report);
        report.facts.interrupted = true;
        store.end(self.id, now, report.facts.status()).await?;
        Ok(report)
    }

    /// Tells how the planned postings ended.
    fn tell(&self, collected: &Collected, report: &mut Report) {
        report.moves.clone_from(&collected.moves);
        report.notes.extend(collected.notes.iter().cloned());
        let (told, planned) = (collected.moves.len(), self.job.plan.movements.len());
        if told != planned {
            report.facts.bugs.push(format!("{planned} postings were planned and {told} have an outcome"));
        }
        report.facts.unreadable |= !collected.unreachable.is_empty();
        for (system, failure) in &collected.unreachable {
            let name = self.job.model.system(*system).name.to_string();
            report.unreadable.push((name, failure.message().to_owned()));
        }
        report.facts.interrupted |= collected.interrupted;
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
        let (mut rows, mut places, mut wrote, mut fresh) = (vec![], vec![], vec![], vec![]);
        let raises_until = decided.raises_until;
        for (at, (planned, decision)) in job.plan.changes.iter().zip(decided.changes).enumerate() {
            let (told, decision) = match self.taken_up.ended(planned) {
                Some((told, settled)) => (Some(told), Decision::Settled(settled)),
                None => (None, decision),
            };
            reports.push(match decision {
                Decision::Settled(settled) => {
                    let sent = self.sent_before(planned, settled.outcome);
                    let shown = sent.as_ref().map(|row| planned.after - (planned.write.after - row.after));
                    wrote.extend(sent.map(|row| (at, row)));
                    let row = row(planned, shown, settled);
                    fresh.extend(told.is_none().then(|| row.clone()));
                    Some(row)
                }
                Decision::Write { row, shown } => {
                    rows.push(row);
                    places.push((at, shown));
                    None
                }
            });
        }
        let now = Moment(hands.sessions.world().clock.now_ms());
        let settled: Vec<Entry> = fresh.iter().map(|row| self.entry(row, now)).collect();
        hands.store.append(hands.hold.lease.fence, &settled).await?;
        let systems: BTreeSet<SystemId> = rows.iter().map(|row| row.system).collect();
        let target = |s: &SystemId| (*s, decide::target_of(job.model, *s, hands.sessions.policy(*s)));
        let targets = systems.iter().map(target).collect();
        let (run, plan) = (self.id.to_owned(), job.plan.header.id.clone());
        let earlier = self.taken_up.earlier(job.model, (&plan, &run), &rows);
        let setup = Setup { run, plan, raises_until };
        let names: Vec<String> = systems.iter().map(|system| hands.sessions.name(*system)).collect();
        if !rows.is_empty() {
            hands.sessions.tell(&Step::Writing { systems: &names, rows: rows.len() as u64 });
        }
        let mut machine = Machine::new(setup, rows, &targets);
        machine.take_up(&earlier);
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
        report.facts.interrupted |=
            hands.stop.asked() && report.rows.iter().any(|row| row.reason.starts_with("interrupted"));
        self.add_up(report);
        Ok(wrote)
    }

    /// What an earlier part of the run has written, where it went through: it is remembered with the rest.
    fn sent_before(&self, planned: &Change, outcome: Outcome) -> Option<Row> {
        let request = self.taken_up.journal.of(&planned.id)?.sent.as_ref()?;
        let went = outcome.went_through() && outcome != Outcome::Unchanged;
        went.then(|| start::row_of(self.job.model, planned, request)).flatten()
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
        let moves = report
            .moves
            .iter()
            .any(|own| matches!(own.outcome, Outcome::Moved | Outcome::Held | Outcome::Failed));
        let rows = moves || report.rows.iter().any(unsettled);
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
        let collects = &job.model.collects.iter().map(|flow| flow.name.to_string()).collect();
        let looked = Looked {
            planned: job.plan,
            now: &what.again.plan,
            rows: &report.rows,
            requests,
            complete,
            collects,
        };
        let (moved, ended) = queue::moved(&looked);
        let runs = store.count_moved(&moved, &ended).await?;
        let mut faults = queue::faults(&looked, &moved, &runs);
        faults.extend(what.collected.faults.iter().cloned());
        let open = store.queue(true).await?;
        let loud = Quiet::of(&open, now).leaves_of_run(&looked);
        if report.facts.rows && !loud {
            report.notes.push(quiet::NOTE.to_owned());
        }
        report.facts.rows = loud;
        let mut settled = queue::settled(&looked, &open, &faults);
        settled.extend(what.collected.settled.iter().cloned());
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
    collected: Collected,
}
