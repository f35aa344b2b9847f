//! How each flow stands: its last run, how old what it knows is, how late it was, and what waits.

use super::keep::{Advice, Ground};
use super::lag::{Measure, Reached, reached, through, waits};
use super::sold::Record;
use crate::graph::Graph;
use crate::model::calendar::Timetable;
use crate::model::flow::{Lag, Rollout};
use crate::model::time::Moment;
use crate::model::{FlowId, Model, SystemId};
use crate::state::{Left, QueueEntry, Turn, Turned};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the state keeps, as far as this is about it.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The turns of the last time, and the last before it: by the name that the topology has for the flow,
    /// oldest first.
    pub turns: BTreeMap<String, Vec<Turned>>,
    /// The run that holds the lock, where its lock has not run out.
    pub running: Option<String>,
    /// The open entries of the queue.
    pub queue: Vec<QueueEntry>,
    /// The newest fact behind each flow that publishes: in the owner's counts that it used last.
    pub counted: BTreeMap<String, Fact>,
    /// The newest movement of each system.
    pub moved: BTreeMap<SystemId, Moment>,
    /// The orders in the books.
    pub record: Record,
}

/// For how long back runs are looked at.
pub const LATELY: Duration = super::sold::KEPT;

/// Which way a flow goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Counts go out.
    Publishes,
    /// Movements come in.
    Collects,
    /// The topology has no flow of that name, and the queue has entries of one.
    Gone,
}

/// The newest thing that the business itself did or counted, of all that a flow has taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub what: What,
    /// The system that showed it.
    pub system: String,
    /// When it was true, or happened.
    pub at: Moment,
}

/// What a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An owner's count.
    Count,
    /// A movement.
    Movement,
}

/// How one flow stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The flow's name.
    pub flow: String,
    /// Which way it goes.
    pub way: Way,
    /// Its target, or what it collects from; empty for a flow that is gone.
    pub system: String,
    /// Whether it is in shadow: it is planned and told, and never written.
    pub shadow: bool,
    /// Its last run.
    pub last: Option<Last>,
    /// The newest fact; `None`: unknown.
    pub fact: Option<Fact>,
    /// The lags reached.
    pub lag: Option<Reached>,
    /// Its target, in milliseconds.
    pub target_ms: Option<u64>,
    /// The calendar whose open hours alone count in both.
    pub calendar: Option<String>,
    /// How long a change has waited that came right after its last run which came through had begun, in the
    /// same time.
    pub waiting_ms: Option<u64>,
    /// Open entries of the queue that nobody has acknowledged.
    pub open: usize,
    /// Open entries that somebody knows of.
    pub acknowledged: usize,
    /// What to know of its shelves.
    pub keep: Vec<Advice>,
}

/// The last run of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The run.
    pub run: String,
    /// When reading began for its plan.
    pub began: Moment,
    /// When it ended, and with which exit status.
    pub ended: Option<(Moment, u8)>,
    /// Whether it is under way now.
    pub running: bool,
    /// Whether it was of every cell of the flow.
    pub whole: bool,
    /// Whether the flow came to its end in it: its systems were read and reached, and no guard stopped it.
    pub through: bool,
    /// What it left; `None` where nobody knows.
    pub left: Option<Left>,
}

/// The status of a run that was interrupted.
const INTERRUPTED: u8 = 130;

impl Last {
    /// How many rows were left that no entry of the queue asks for.
    pub fn rows(&self) -> u64 {
        self.left.map_or(0, |left| left.held.saturating_sub(left.owed).saturating_add(left.moved))
    }

    /// Whether the flow is known not to have come to its end in it.
    pub fn fell_short(&self) -> bool {
        match self.ended {
            Some((_, status)) => !self.through && (self.left.is_some() || status == INTERRUPTED),
            None => !self.running,
        }
    }
}

impl Status {
    /// Whether somebody is asked for: entries are open which nobody has acknowledged, or in the last run rows
    /// were held or had moved for another reason, or the flow did not come to its end.
    pub fn asks(&self) -> bool {
        self.open > 0 || self.fell_short() || self.last.as_ref().is_some_and(|last| last.rows() > 0)
    }

    /// Whether its last run did not bring it to its end. One in shadow has none.
    pub fn fell_short(&self) -> bool {
        !self.shadow && self.last.as_ref().is_some_and(Last::fell_short)
    }

    /// Whether it is late now: the next run should have ended by its target.
    pub fn is_late(&self) -> bool {
        matches!((self.waiting_ms, self.target_ms), (Some(waits), Some(target)) if waits > target)
    }
}

/// How every flow stands: those that publish, in the order of the topology, those that collect, and those
/// that the topology no longer has and the queue still names.
pub fn status(model: &Model, graph: &Graph, kept: &Kept, now: Moment) -> Vec<Status> {
    let core = Core { model, kept, now };
    let ground = Ground { model, graph, record: &kept.record, now };
    let publish = model.flows.iter().enumerate().map(|(at, flow)| {
        let mut own = core.flow(&flow.name, Way::Publishes, (flow.to, flow.lag.as_ref()));
        own.shadow = flow.rollout == Rollout::Shadow;
        own.fact = kept.counted.get(&*flow.name).cloned().or_else(|| core.moved(flow.to));
        own.keep = ground.flow(FlowId::at(at));
        own
    });
    let collect = model.collects.iter().map(|flow| {
        let mut own = core.flow(&flow.name, Way::Collects, (flow.from, flow.lag.as_ref()));
        own.fact = core.moved(flow.from);
        own
    });
    let mut all: Vec<Status> = publish.chain(collect).collect();
    all.extend(core.gone());
    all
}

struct Core<'c> {
    model: &'c Model,
    kept: &'c Kept,
    now: Moment,
}

impl Core<'_> {
    fn flow(&self, name: &str, way: Way, (system, lag): (SystemId, Option<&Lag>)) -> Status {
        let turns = self.kept.turns.get(name).map_or(&[][..], Vec::as_slice);
        let calendar = lag.and_then(|lag| lag.calendar).map(|(id, _)| self.model.calendar(id));
        let zone = self.model.timezone.as_deref().unwrap_or("UTC");
        let measure = calendar
            .map_or(Measure::Clock, |calendar| Measure::Open(Box::new(Timetable::of(calendar)), zone));
        let target = lag.and_then(|lag| lag.target);
        let target_ms = target.map(|target| u64::try_from(target.as_millis()).unwrap_or(u64::MAX));
        let runs = through(turns);
        let samples = waits(&runs).map(|wait| measure.between_ms(wait)).collect();
        let waiting = runs.last().map(|(began, _)| measure.between_ms((*began, self.now)));
        let (open, acknowledged) = self.open(|flow| flow == name);
        Status {
            flow: name.to_owned(),
            way,
            system: self.model.system(system).name.to_string(),
            shadow: false,
            last: turns.last().map(|turned| self.last(turned)),
            fact: None,
            lag: reached(samples, target_ms),
            target_ms,
            calendar: calendar.map(|calendar| calendar.name.to_string()),
            waiting_ms: waiting,
            open,
            acknowledged,
            keep: Vec::new(),
        }
    }

    fn last(&self, (turn, ended): &Turned) -> Last {
        let Turn { run, began, whole, through, left, .. } = turn.clone();
        let running = ended.is_none() && self.kept.running.as_ref() == Some(&run);
        Last { running, run, began, ended: *ended, whole, through, left }
    }

    fn moved(&self, system: SystemId) -> Option<Fact> {
        let at = *self.kept.moved.get(&system)?;
        let system = self.model.system(system).name.to_string();
        Some(Fact { what: What::Movement, system, at })
    }

    /// How many open entries are of some flows: those that ask for somebody, and those that do not.
    fn open(&self, of: impl Fn(&str) -> bool) -> (usize, usize) {
        let own = self.kept.queue.iter().filter(|entry| of(self.now_named(&entry.fault.key.flow)));
        let (quiet, loud): (Vec<&QueueEntry>, Vec<&QueueEntry>) =
            own.partition(|entry| entry.quiet_at(self.now));
        (loud.len(), quiet.len())
    }

    /// What the topology calls a flow now.
    fn now_named<'n>(&'n self, name: &'n str) -> &'n str {
        let flows = self.model.flows.iter().map(|own| (&own.name, &own.was));
        let mut all = flows.chain(self.model.collects.iter().map(|own| (&own.name, &own.was)));
        if all.clone().any(|(own, _)| **own == *name) {
            return name;
        }
        all.find(|(_, was)| was.as_deref() == Some(name)).map_or(name, |(own, _)| own)
    }

    fn gone(&self) -> Vec<Status> {
        let known = |name: &str| {
            self.model.flows.iter().any(|own| *own.name == *name)
                || self.model.collects.iter().any(|own| *own.name == *name)
        };
        let named = self.kept.queue.iter().map(|entry| self.now_named(&entry.fault.key.flow));
        let mut names: Vec<&str> = named.filter(|name| !known(name)).collect();
        names.sort_unstable();
        names.dedup();
        let one = |name: &str| {
            let (open, acknowledged) = self.open(|flow| flow == name);
            Status {
                flow: name.to_owned(),
                way: Way::Gone,
                system: String::new(),
                shadow: false,
                last: None,
                fact: None,
                lag: None,
                target_ms: None,
                calendar: None,
                waiting_ms: None,
                open,
                acknowledged,
                keep: Vec::new(),
            }
        };
        names.into_iter().map(one).collect()
    }
}
