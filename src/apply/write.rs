//! What goes out in a run: the rows that are sent, driven to their end, and those that never leave.

use super::batch::Row;
use super::course::{Apply, row};
use super::decide::{self, Decided, Decision};
use super::driver::{self, Hands};
use super::halt;
use super::machine::{Machine, Setup};
use super::report::{Report, RowReport};
use super::rounds::{self, Rounds};
use super::start;
use super::watch::Step;
use crate::model::SystemId;
use crate::model::capability::WriteClass;
use crate::model::time::Moment;
use crate::plan::again::Again;
use crate::plan::change::Change;
use crate::state::{Entry, Outcome, StateError, Store};
use std::collections::{BTreeMap, BTreeSet};

impl Apply<'_> {
    /// Drives the machine over what goes out, and reports every change. Answers the rows that went
    /// through, with what people see there now.
    pub(super) async fn write(
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
            let (told, decision) = match self.taken_up.ended(&planned.id) {
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
        let mut machine = self.machine(rows, raises_until, hands).await?;
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

    /// The machine for what goes out, told where an earlier part of the run left its rows and how often each
    /// may be sent.
    async fn machine(
        &self,
        rows: Vec<Row>,
        raises_until: Option<Moment>,
        hands: &mut Hands<'_>,
    ) -> Result<Machine, StateError> {
        let job = self.job;
        let now = Moment(hands.sessions.world().clock.now_ms());
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
        let caps = halt::caps(hands.store, job.model, (&rows, now)).await?;
        let mut machine = Machine::new(setup, rows, &targets);
        machine.cap(caps);
        machine.take_up(&earlier);
        Ok(machine)
    }

    /// What an earlier part of the run has written, where it went through: it is remembered with the rest.
    fn sent_before(&self, planned: &Change, outcome: Outcome) -> Option<Row> {
        let request = self.taken_up.journal.of(&planned.id)?.sent.as_ref()?;
        let went = outcome.went_through() && outcome != Outcome::Unchanged;
        went.then(|| start::row_of(self.job.model, planned, request)).flatten()
    }

    /// A change by an amount that an earlier run of the plan has sent and not seen through is never sent
    /// again by this plan.
    pub(super) async fn never_twice(
        &self,
        decided: &mut Decided,
        store: &mut dyn Store,
    ) -> Result<(), StateError> {
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
}
