//! What a run has learnt, kept for the next: numbers written and used, the queue, limits, its plan.

use super::batch::Row;
use super::collect::{Collected, Postings};
use super::course::Apply;
use super::ending;
use super::limits::{self, Ended};
use super::queue::{self, Looked};
use super::quiet::{self, Quiet};
use super::read::Observed;
use super::recall::{self, Overlaid};
use super::report::{MoveReport, Report, RowReport};
use super::turns;
use crate::model::SystemId;
use crate::model::time::Moment;
use crate::plan::again::{Again, Index};
use crate::plan::change::Change;
use crate::plan::rollout::Rollouts;
use crate::state::{Outcome, PlanSeen, Ran, StateError, Store, Written};

/// What a run has learnt.
pub(super) struct Remember {
    pub observed: Observed,
    pub overlaid: Overlaid,
    pub again: Again,
    pub wrote: Vec<(usize, Row)>,
    pub collected: Collected,
}

impl Apply<'_> {
    /// Keeps what the run has learnt, and says in the report what became of the queue.
    pub(super) async fn remember(
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
            index: &Index::new(&what.again.plan),
            rows: &report.rows,
            requests,
            complete,
            collects,
            postings: Postings::new(job.model, &what.observed.observations.demand),
        };
        let (moved, ended) = queue::moved(&looked);
        let runs = store.count_moved(&moved, &ended).await?;
        let mut faults = queue::faults(&looked, &moved, &runs);
        faults.extend(what.collected.faults());
        let open = store.queue(true).await?;
        let loud = Quiet::of(&open, now).leaves_of_run(&looked);
        if report.facts.rows && !loud {
            report.notes.push(quiet::NOTE.to_owned());
        }
        report.facts.rows = loud || report.moves.iter().any(MoveReport::is_unsettled);
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
        store.remember_turns(&ending::turns(self, &what.again, report, now)).await?;
        if job.options.whole && !facts.interrupted && facts.bugs.is_empty() {
            store.remember_ran(&self.ran(what.observed.began, report)).await?;
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

    /// The flows that ran, from when this run began to read. One whose system could not be reached is due
    /// again at once, and so are all where an owner could not.
    fn ran(&self, at: Moment, report: &Report) -> Vec<Ran> {
        let model = self.job.model;
        let reached = |system: SystemId| report.reached(&model.system(system).name);
        if !model.owners.iter().all(|owner| reached(owner.system)) {
            return Vec::new();
        }
        let (publish, collect) = turns::flows(self.job);
        let publish = publish.into_iter().filter(|flow| reached(flow.to));
        let collect = collect.iter().filter(|flow| reached(flow.from) && flow.post.to.is_none_or(reached));
        let names = publish.map(|flow| &flow.name).chain(collect.map(|flow| &flow.name));
        names.map(|name| Ran { flow: name.to_string(), at, run: self.id.to_owned() }).collect()
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
