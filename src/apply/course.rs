//! One run on its course: its job, its name and what it takes up from before, and how its rows are reported.

use super::batch::Settled;
use super::collect::Collected;
use super::job::Job;
use super::report::{MoveReport, Report, RowReport};
use super::start::TakenUp;
use crate::model::time::Moment;
use crate::plan::change::{Change, Movement};
use crate::state::{Entry, Event, Outcome};
use std::collections::BTreeMap;

/// A run on its course.
pub(super) struct Apply<'a> {
    pub job: &'a Job<'a>,
    pub id: &'a str,
    pub taken_up: TakenUp,
}

impl Apply<'_> {
    /// Counts the outcomes, and tells it as a fault of ours where they are not as many as were planned.
    pub(super) fn add_up(&self, report: &mut Report) {
        report.counts = count(&report.rows);
        let (told, planned) = (report.rows.len(), self.job.plan.changes.len());
        if told != planned {
            report.facts.bugs.push(format!("{planned} changes were planned and {told} have an outcome"));
        }
        let unsettled =
            |row: &RowReport| matches!(row.outcome, Outcome::Moved | Outcome::Held | Outcome::Failed);
        let rows = report.rows.iter().any(unsettled);
        let moves = report.moves.iter().any(MoveReport::is_unsettled);
        report.facts.rows = moves || rows || !report.held.is_empty() || !report.failures.is_empty();
    }

    /// Tells how the planned postings ended.
    pub(super) fn tell(&self, collected: &Collected, report: &mut Report) {
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

    /// What the journal keeps of a row that is settled without a request.
    pub(super) fn entry(&self, row: &RowReport, at: Moment) -> Entry {
        let event = Event::Outcome { outcome: row.outcome, reason: row.reason.clone() };
        let (run, change) = (self.id.to_owned(), row.change.clone());
        Entry { run, change, attempt: 1, key: String::new(), event, at }
    }
}

/// A plan that was carried out before: nothing is read and nothing is written.
pub(super) fn already(job: &Job<'_>, run: &str, by: &str) -> Report {
    let reason = format!("already applied by run {by}");
    let skipped = |planned: &Change| row(planned, None, Settled::new(Outcome::Skipped, reason.clone()));
    let rows: Vec<RowReport> = job.plan.changes.iter().map(skipped).collect();
    let note = format!("plan {} was applied by run {by}; nothing was read or written", job.plan.header.id);
    let counts = count(&rows);
    let left = |planned: &Movement| MoveReport {
        planned: planned.clone(),
        outcome: Outcome::Skipped,
        reason: format!("already applied by run {by}"),
    };
    let moves = job.plan.movements.iter().map(left).collect();
    Report { run: run.to_owned(), rows, moves, counts, notes: vec![note], ..Report::default() }
}

/// How a planned change ended; `shown` is what people see there, where it was sent.
pub(super) fn row(planned: &Change, shown: Option<i64>, settled: Settled) -> RowReport {
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

/// How many rows came to each outcome.
pub(super) fn count(rows: &[RowReport]) -> BTreeMap<Outcome, u64> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.outcome).or_insert(0) += 1);
    counts
}
