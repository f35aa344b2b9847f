//! How a run has ended for each of its flows.

use super::course::Apply;
use super::quiet::Quiet;
use super::report::Report;
use super::turns::{flows, turn};
use crate::model::collect::Collect;
use crate::model::flow::{Flow, Rollout};
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::again::Again;
use crate::state::{Left, Outcome, Turn};
use std::collections::BTreeSet;

/// The turns of a run that has ended, one that was interrupted too.
pub(super) fn turns(apply: &Apply<'_>, again: &Again, report: &Report, now: Moment) -> Vec<Turn> {
    let (publish, collect) = flows(apply.job);
    let over = !report.facts.interrupted && report.facts.bugs.is_empty();
    let ending = Ending { model: apply.job.model, again, report, owed: owed(again) };
    let one = |name: &str, through: bool, left: Left| {
        let own = turn(apply.job, apply.id, (name, now));
        Turn { through: over && through, left: Some(left), ..own }
    };
    let publish = publish.iter().map(|flow| one(&flow.name, ending.published(flow), ending.cells(flow)));
    let collect = collect.iter().map(|flow| one(&flow.name, ending.collected(flow), ending.posts(flow)));
    publish.chain(collect).collect()
}

/// Names a cell of a flow: flow, location, code.
type Key<'a> = (&'a str, Option<&'a str>, &'a str);

fn owed(again: &Again) -> BTreeSet<Key<'_>> {
    let held = Quiet::owed(&again.plan).into_iter();
    held.map(|own| (&*own.flow, own.location.as_deref(), &*own.code)).collect()
}

/// How a run ended.
struct Ending<'a> {
    model: &'a Model,
    again: &'a Again,
    report: &'a Report,
    owed: BTreeSet<Key<'a>>,
}

impl Ending<'_> {
    fn reached(&self, system: SystemId) -> bool {
        self.report.reached(&self.model.system(system).name)
    }

    /// Whether a flow that publishes came through.
    fn published(&self, flow: &Flow) -> bool {
        let read =
            |own: &crate::plan::feed::Footing| own.whole && *self.model.flow(own.flow).name == *flow.name;
        let stopped = self.report.tripped.iter().any(|verdict| verdict.flow == *flow.name);
        let read = self.again.footings.iter().any(read);
        read && self.reached(flow.to) && !stopped && flow.rollout != Rollout::Shadow
    }

    /// Whether a flow that collects came through.
    fn collected(&self, flow: &Collect) -> bool {
        self.reached(flow.from) && flow.post.to.is_none_or(|to| self.reached(to))
    }

    /// What is left of a flow that publishes: each cell once, whether it was planned or not.
    fn cells(&self, flow: &Flow) -> Left {
        let name = &*flow.name;
        let now = self.report.held.iter().filter(|held| held.flow == name);
        let now = now.map(|held| (name, held.location.as_deref(), &*held.code));
        let rows = |outcome: Outcome| {
            let own = self.report.rows.iter().filter(move |row| row.flow == name && row.outcome == outcome);
            own.map(|row| (name, row.location.as_deref(), &*row.code))
        };
        let held: BTreeSet<Key<'_>> = now.chain(rows(Outcome::Held)).collect();
        let owed = held.iter().filter(|key| self.owed.contains(*key)).count();
        Left { held: held.len() as u64, owed: owed as u64, moved: rows(Outcome::Moved).count() as u64 }
    }

    /// What is left of a flow that collects: postings.
    fn posts(&self, flow: &Collect) -> Left {
        let ended = |outcome: Outcome| {
            let own = self.report.moves.iter().filter(|own| own.planned.flow == *flow.name);
            own.filter(|own| own.outcome == outcome).count() as u64
        };
        Left { held: ended(Outcome::Held), owed: 0, moved: ended(Outcome::Moved) }
    }
}
