//! A whole apply: lock, read, compute again, write, remember.

use super::batch::Settled;
use super::books;
use super::collect::{self, Collected};
use super::course::{Apply, already, count, row};
use super::decide::{self, Decided};
use super::driver::{Hands, Stop};
use super::halt::Pauses;
use super::job::Job;
use super::key::run_id;
use super::lift;
use super::lock::{self, Hold, Terms};
use super::read::{Observed, observe};
use super::recall::recall;
use super::remember::Remember;
use super::report::{Refused, Report, RowReport};
use super::rounds::as_read;
use super::sessions::Sessions;
use super::shares;
use super::start::{self, Start};
use super::undo;
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::Standing;
use crate::plan::again::Again;
use crate::plan::change::Change;
use crate::state::{Fault, Outcome, StateError, Store};
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

/// For how long what is needed to undo a run is kept where the topology says nothing: 30 days.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn kept_ms(model: &Model) -> i64 {
    let kept = model.rollback.map_or(KEPT, |rollback| rollback.keep);
    i64::try_from(kept.as_millis()).unwrap_or(i64::MAX)
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
            let pauses = Pauses::new(job.model, job.plan);
            let mut hands = Hands { sessions, store: &mut *store, hold: &mut hold, stop, pauses };
            collect::carry_out(job, (self.id, &self.taken_up), &mut hands).await?
        };
        let mut needs = job.needs.clone();
        books::ask(Some(&mut *store), job.model, &mut needs, now()).await?;
        let reading = observe(job.model, &needs, sessions, stop);
        let mut observed = hold.during(store, &world, reading).await?;
        hold.check(store, &world).await?;
        if observed.interrupted {
            return self.interrupted((observed, collected), (store, hold.lease.fence), now()).await;
        }
        let mut books = books::take(Some(&mut *store), job.model, &mut observed).await?;
        books.keep(store, hold.lease.fence).await?;
        let overlaid = recall(store, job.model, &mut observed.observations).await?;
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
            let pauses = Pauses::new(job.model, job.plan);
            let mut hands = Hands { sessions, store: &mut *store, hold: &mut hold, stop, pauses };
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
        store.end(hold.lease.fence, self.id, now(), report.facts.status()).await?;
        Ok(report)
    }

    /// Stopped before all was read: every change is left alone, and may be gone on with.
    async fn interrupted(
        self,
        (observed, collected): (Observed, Collected),
        (store, fence): (&mut dyn Store, i64),
        now: Moment,
    ) -> Result<Report, Refused> {
        let one = |planned: &Change| match self.taken_up.ended(&planned.id) {
            Some((_, settled)) => row(planned, None, settled),
            None => row(planned, None, Settled::new(Outcome::Skipped, "interrupted before it was sent")),
        };
        let rows: Vec<RowReport> = self.job.plan.changes.iter().map(one).collect();
        let counts = count(&rows);
        let mut report = Report { run: self.id.to_owned(), rows, counts, ..Report::default() };
        (report.reads, report.notes) = (observed.reads, self.taken_up.notes.clone());
        self.tell(&collected, &mut report);
        report.facts.interrupted = true;
        let faults: Vec<Fault> = collected.faults().collect();
        report.opened = store.report(&faults, now).await?;
        store.end(fence, self.id, now, report.facts.status()).await?;
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
}
