//! Rows that moved are computed again in the same run: read afresh in the safe order, permitted afresh by
//! the same plan, and sent again. A lowering may be so five times, a raise once.

use super::batch::{Row, Settled};
use super::decide::{self, Decided, Decision};
use super::driver::{self, Hands};
use super::halt;
use super::machine::{Finished, Machine, Setup};
use super::read::{Needs, observe};
use super::recall::Overlaid;
use super::{books, lift, recall, shares};
use crate::connectors::Failure;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::again::{Again, Index};
use crate::plan::change::Change;
use crate::plan::permit::Now;
use crate::plan::{Plan, Standing};
use crate::state::{Entry, Event, Outcome, StateError, Written};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a run knows of its rows beside the rows themselves.
pub struct Rounds<'a> {
    /// The topology.
    pub model: &'a Rc<Model>,
    /// What the plan's flows read.
    pub needs: &'a Needs,
    /// Computes the plan again.
    pub recompute: &'a dyn Fn(&Observations, (Moment, &Standing)) -> Again,
    /// The plan.
    pub plan: &'a Plan,
    /// The run.
    pub id: &'a str,
    /// Of each row, the place of its change in the plan, and what people will see if it is written.
    pub places: &'a mut [(usize, i64)],
}

impl Rounds<'_> {
    /// Goes on until no row is left to be computed again: every row of what comes back is settled, once.
    pub async fn go_on(
        mut self,
        mut finished: Finished,
        first: &Again,
        hands: &mut Hands<'_>,
    ) -> Result<Finished, StateError> {
        if finished.again.is_empty() {
            return Ok(finished);
        }
        let mut permission = self.plan.clone();
        self.never_above(&mut permission, first, &finished.again);
        while !finished.again.is_empty() {
            self.remember(&finished, hands).await?;
            let Some((again, rows)) = self.compute(&permission, &mut finished, hands).await? else { break };
            self.never_above(&mut permission, &again.0, &finished.again);
            let places: Vec<usize> = rows.iter().map(|(at, _)| *at).collect();
            let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
            let systems: BTreeSet<SystemId> = rows.iter().map(|row| row.system).collect();
            let target = |s: SystemId| decide::target_of(self.model, s, hands.sessions.policy(s));
            let targets = systems.into_iter().map(|system| (system, target(system))).collect();
            let (run, plan) = (self.id.to_owned(), self.plan.header.id.clone());
            let now = Moment(hands.sessions.world().clock.now_ms());
            let caps = halt::caps(hands.store, self.model, (&rows, now)).await?;
            let mut machine = Machine::new(Setup { run, plan, raises_until: again.1 }, rows, &targets);
            machine.cap(caps);
            driver::drive(&mut machine, hands).await?;
            let round = machine.finish();
            finished.again = round.again.iter().map(|at| places[*at]).collect();
            finished.bugs.extend(round.bugs);
            finished.unreachable.extend(round.unreachable);
            for (at, row) in places.into_iter().zip(round.rows) {
                finished.rows[at] = row;
            }
        }
        Ok(finished)
    }

    /// A target that fell between two looks of the run has sold, just as one that fell since the plan: the
    /// highest number that was seen is what a raise is held against.
    fn never_above(&self, permission: &mut Plan, again: &Again, rows: &[usize]) {
        let index = Index::new(&again.plan);
        for at in rows.iter().map(|row| self.places[*row].0) {
            let planned = &mut permission.changes[at];
            let shown = match index.now(&self.plan.changes[at]) {
                Some(Now::Change(Change { before: Some(shown), .. })) => *shown,
                _ => continue,
            };
            planned.before = planned.before.map(|seen| seen.max(shown));
        }
    }

    /// Reads and computes again, and settles what may no longer go out. `None` when somebody asked to stop.
    async fn compute(
        &mut self,
        permission: &Plan,
        finished: &mut Finished,
        hands: &mut Hands<'_>,
    ) -> Result<Option<((Again, Option<Moment>), Vec<(usize, Row)>)>, StateError> {
        let mut needs = without(self.needs, &finished.unreachable);
        let world = hands.sessions.world().clone();
        books::ask(Some(&mut *hands.store), self.model, &mut needs, Moment(world.clock.now_ms())).await?;
        let reading = observe(self.model, &needs, hands.sessions, hands.stop);
        let mut observed = hands.hold.during(hands.store, &world, reading).await?;
        let now = || Moment(world.clock.now_ms());
        hands.hold.check(hands.store, &world).await?;
        if observed.interrupted {
            let why = |settled: &Settled| {
                let reason = format!("interrupted before it was computed again: {}", settled.reason);
                Settled::new(Outcome::Skipped, reason)
            };
            let ends = finished.again.iter().map(|at| (*at, why(&finished.rows[*at].1))).collect();
            self.settle(finished, ends, hands).await?;
            return Ok(None);
        }
        let mut books = books::take(Some(&mut *hands.store), self.model, &mut observed).await?;
        books.keep(hands.store, hands.hold.lease.fence).await?;
        let overlaid = recall(hands.store, self.model, &mut observed.observations).await?;
        let standing = lift::standing(hands.store, (self.model, self.plan), now()).await?;
        let again = (self.recompute)(&observed.observations, (now(), &standing));
        let gone = finished.unreachable.iter().chain(&observed.unreadable);
        let unreadable = gone.map(|(system, why)| (*system, why.message().to_owned())).collect();
        let mut decided = decide::decide(self.model, permission, &again, &unreadable, &standing);
        let open: BTreeSet<usize> = finished.again.iter().map(|row| self.places[*row].0).collect();
        shares::hold(self.model, permission, &again, &mut decided, Some(&open));
        let mut decided = as_read(decided, &overlaid);
        finished.unreachable.extend(observed.unreadable);
        let (mut rows, mut ends) = (Vec::new(), Vec::new());
        for at in &finished.again {
            let place = self.places[*at].0;
            let was = &finished.rows[*at].0;
            match std::mem::replace(&mut decided.changes[place], Decision::Settled(was_taken())) {
                Decision::Settled(settled) => ends.push((*at, settled)),
                Decision::Write { row, shown } => {
                    self.places[*at].1 = shown;
                    rows.push((*at, Row { tried: was.tried, rounds: was.rounds, ..row }));
                }
            }
        }
        self.settle(finished, ends, hands).await?;
        Ok(Some(((again, decided.raises_until), rows)))
    }

    /// Ends rows that are not sent again.
    async fn settle(
        &self,
        finished: &mut Finished,
        ends: Vec<(usize, Settled)>,
        hands: &mut Hands<'_>,
    ) -> Result<(), StateError> {
        let now = Moment(hands.sessions.world().clock.now_ms());
        let mut entries = Vec::with_capacity(ends.len());
        for (at, settled) in ends {
            let row = &finished.rows[at].0;
            let event = Event::Outcome { outcome: settled.outcome, reason: settled.reason.clone() };
            entries.push(Entry {
                run: self.id.to_owned(),
                change: row.change.clone(),
                attempt: row.tried.attempt.max(1),
                key: String::new(),
                event,
                at: now,
            });
            finished.rows[at].1 = settled;
            finished.again.retain(|other| *other != at);
        }
        hands.store.append(hands.hold.lease.fence, &entries).await
    }

    /// Remembers what this run has written so far: what was only sent counts with its number from now on.
    async fn remember(&self, finished: &Finished, hands: &mut Hands<'_>) -> Result<(), StateError> {
        let now = Moment(hands.sessions.world().clock.now_ms());
        let again: BTreeSet<usize> = finished.again.iter().copied().collect();
        let mut cells = Vec::new();
        for (at, (sent, settled)) in finished.rows.iter().enumerate() {
            if again.contains(&at) || settled.outcome != Outcome::Sent {
                continue;
            }
            let planned = &self.plan.changes[self.places[at].0];
            let read = sent.before.iter().find(|(name, _)| *name == sent.column).map(|(_, value)| *value);
            cells.push(Written {
                system: planned.system.clone(),
                location: planned.location.clone().unwrap_or_default(),
                code: planned.code.clone(),
                column: sent.column.clone(),
                value: sent.after,
                shown: read,
                at: now,
                run: self.id.to_owned(),
                seen: false,
            });
        }
        hands.store.remember_written(&cells).await
    }
}

/// What a write depends on is what its source shows, without what is remembered over it.
pub fn as_read(mut decided: Decided, overlaid: &Overlaid) -> Decided {
    for decision in &mut decided.changes {
        let Decision::Write { row, .. } = decision else { continue };
        let key = (row.system, row.cell, row.column.clone());
        match overlaid.raw.get(&key) {
            Some(Some(raw)) => {
                let column = row.before.iter_mut().filter(|(name, _)| *name == row.column);
                column.for_each(|(_, value)| *value = *raw);
            }
            Some(None) => {
                row.create = true;
                row.before.clear();
            }
            None => {}
        }
    }
    decided
}

/// Nobody asks a system again that was given up in this run.
fn without(needs: &Needs, gone: &[(SystemId, Failure)]) -> Needs {
    let mut needs = needs.clone();
    for (system, _) in gone {
        needs.owners.remove(system);
        needs.targets.remove(system);
    }
    needs
}

fn was_taken() -> Settled {
    Settled::new(Outcome::Skipped, "it was taken by another round")
}

/// How a row ends that is not sent, since nobody knows whether an earlier request for it was carried out.
pub fn doubtful(run: &str) -> Settled {
    let reason = format!(
        "run {run} of the same plan lost the answer to a change by an amount, and it may have been carried \
         out, so this plan does not send it a second time: look at the count there, then make a new plan, \
         which is computed from what it shows"
    );
    Settled::new(Outcome::Failed, reason)
}

/// Of the changes of a plan, those that an earlier run has sent and not seen through, with that run.
pub fn sent_before(runs: &BTreeMap<String, Vec<Entry>>) -> BTreeMap<String, String> {
    let mut open: BTreeMap<String, String> = BTreeMap::new();
    for (run, entries) in runs {
        let mut sent: BTreeSet<&str> = BTreeSet::new();
        for entry in entries {
            match &entry.event {
                Event::Sent => {
                    sent.insert(&entry.change);
                }
                Event::Outcome { outcome, .. } if *outcome != Outcome::Failed => {
                    sent.remove(&*entry.change);
                }
                _ => {}
            }
        }
        open.extend(sent.into_iter().map(|change| (change.to_owned(), run.clone())));
    }
    open
}
