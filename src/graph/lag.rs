//! How late each flow can be: its worst case as a sum of terms along its longest path.
//!
//! What is counted: how often it runs, the requests of each step of a run, and the worst case of what
//! publishes into the systems that it reads. Requests that fail and are tried again are not.

use super::Graph;
pub use super::requests::{CHANGES, Requests, writes_per_cell};
use super::requests::{batch, logs_in, page, pieces, requests, share};
use crate::model::calendar::Timetable;
use crate::model::capability::WriteClass;
use crate::model::collect::Collect;
use crate::model::flow::{Flow, Lag, Window};
use crate::model::system::Orders;
use crate::model::{CollectId, FlowId, Model, SystemId};
use std::time::Duration;

/// So many flows in a row are asked for their windows; the waits of those further behind count in full.
const NEAREST: usize = 16;

/// What a term is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The time between two runs.
    Every,
    /// Log-ins, or refreshing what they gave.
    LogIn,
    /// Reading open order lines: the first page; how many there are nobody knows offline.
    Lines,
    /// Reading the counts of an owner.
    Counts,
    /// Reading what the target shows.
    Shown,
    /// Reading movements: the first page of each kind.
    Movements,
    /// Further pages of lines or movements, if as much has happened as is expected.
    Pages,
    /// Cells that are read once more right before they are written.
    Reread,
    /// Writing what has changed.
    Write,
    /// Reading what was written.
    ReadBack,
    /// Handing movements to the system that takes them in.
    Post,
    /// What publishes into a system that is read.
    Upstream,
    /// Waiting until a cell may be written again.
    Cap,
    /// Waiting until raises may be written again.
    Window,
}

/// Times in microseconds, by how sure they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// What is spent whatever changes.
    pub sure: u128,
    /// What is spent if as much changes as is expected.
    pub expected: u128,
    /// What is waited at worst, until the topology itself lets a write through.
    pub waits: u128,
}

impl Sum {
    /// All of it.
    pub fn total(&self) -> u128 {
        self.sure.saturating_add(self.expected).saturating_add(self.waits)
    }

    fn plus(&self, other: &Sum) -> Sum {
        Sum {
            sure: self.sure.saturating_add(other.sure),
            expected: self.expected.saturating_add(other.expected),
            waits: self.waits.saturating_add(other.waits),
        }
    }
}

/// One term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// What it is about.
    pub what: What,
    /// The system that is asked, the slowest where several are asked at once; none for a time of our own.
    pub system: Option<SystemId>,
    /// How many systems are asked at once.
    pub among: usize,
    /// The requests behind it, where there are some.
    pub requests: Option<Requests>,
    /// The flow behind it, for [`What::Upstream`].
    pub flow: Option<FlowId>,
    /// How long it takes.
    pub sum: Sum,
}

/// The worst case of one flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// Its terms, in the order in which they pass.
    pub terms: Vec<Term>,
    /// The sum of all terms.
    pub sum: Sum,
    /// Whether the time between two runs is known, of this flow and of all behind it. Else `sum` is a least.
    pub known: bool,
    /// Whether it lies in a circle of flows, or behind one: its sum leaves out what would come round again.
    pub cut: bool,
    /// The same in the lag's own time, where the lag has a calendar: only what the calendar has open counts.
    pub own: Option<Sum>,
    /// The window for which raises wait longest, of this flow or of one behind it.
    pub window: Option<Wait>,
    /// Sales that reach an owner late by another channel's own road (`orders direct`): no part of the sum,
    /// since the owner's count does not know them before.
    pub direct: Option<Direct>,
}

/// A wait for a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Whose window it is.
    pub flow: FlowId,
    /// How long it is closed, in microseconds.
    pub us: u128,
    /// How much of that counts in the time in which the target of the waiting flow is meant.
    pub own_us: u128,
}

/// Sales of a channel that an owner takes in by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direct {
    /// The channel.
    pub from: SystemId,
    /// The owner.
    pub to: SystemId,
    /// How late at most.
    pub within: Duration,
}

impl Path {
    /// The sum in the time in which the flow's target is meant.
    pub fn judged(&self) -> Sum {
        self.own.unwrap_or(self.sum)
    }

    /// The longest term; the first of several.
    pub fn dominant(&self) -> Option<&Term> {
        self.terms.iter().rev().max_by_key(|term| term.sum.total())
    }

    /// The same among terms of which a part is sure, or is expected.
    pub fn dominant_of(&self, part: impl Fn(&Sum) -> u128) -> Option<&Term> {
        self.terms.iter().rev().filter(|term| part(&term.sum) > 0).max_by_key(|term| part(&term.sum))
    }

    /// The flow behind a system that it reads, where that makes it late.
    pub fn upstream(&self) -> Option<FlowId> {
        self.terms.iter().find_map(|term| term.flow)
    }
}

/// The worst cases of all flows.
#[derive(Debug, Default)]
pub struct Lags {
    flows: Vec<Path>,
    collects: Vec<Path>,
    into: Vec<Option<FlowId>>,
}

impl Lags {
    /// The worst case of a flow that publishes.
    pub fn flow(&self, flow: FlowId) -> &Path {
        &self.flows[flow.index()]
    }

    /// The worst case of a flow that collects.
    pub fn collect(&self, collect: CollectId) -> &Path {
        &self.collects[collect.index()]
    }

    /// The flow with the longest worst case of those that publish into a system.
    pub fn into_system(&self, system: SystemId) -> Option<FlowId> {
        self.into[system.index()]
    }
}

/// Adds up the worst case of every flow. The work grows with flows and the systems that each reads.
pub fn lags(model: &Model, graph: &Graph) -> Lags {
    let mut work = Work {
        cells: cells(model),
        tables: model.calendars.iter().map(Timetable::of).collect(),
        waiting: vec![0; model.systems.len()],
        doubts: vec![(true, false); model.systems.len()],
        direct: direct(model),
        model,
        graph,
        lags: Lags {
            flows: vec![Path::default(); model.flows.len()],
            collects: Vec::new(),
            into: vec![None; model.systems.len()],
        },
    };
    for flow in &model.flows {
        work.waiting[flow.to.index()] += 1;
    }
    for flow in graph.flow_order() {
        let path = work.publishing(*flow);
        let to = model.flow(*flow).to.index();
        work.waiting[to] -= 1;
        let doubts = &mut work.doubts[to];
        *doubts = (doubts.0 && path.known, doubts.1 || path.cut);
        let worst = work.lags.into[to].map(|other| work.lags.flow(other).sum.total());
        if worst.is_none_or(|worst| worst < path.sum.total()) {
            work.lags.into[to] = Some(*flow);
        }
        work.lags.flows[flow.index()] = path;
    }
    work.lags.collects = model.collects.iter().map(|collect| work.collecting(collect)).collect();
    work.lags
}

/// How many cells each system maps: its codes at each of its locations.
fn cells(model: &Model) -> Vec<u64> {
    let mut places = vec![0_u64; model.systems.len()];
    for location in &model.locations {
        location.codes.iter().for_each(|code| places[code.system.index()] += 1);
    }
    let mut cells = vec![0; model.systems.len()];
    for code in &model.codes {
        let system = code.system.index();
        cells[system] += if code.at.is_some() { 1 } else { places[system] };
    }
    cells
}

/// The channels whose sales each system takes in by itself, the latest first.
fn direct(model: &Model) -> Vec<Vec<Direct>> {
    let mut direct: Vec<Vec<Direct>> = vec![Vec::new(); model.systems.len()];
    for (index, system) in model.systems.iter().enumerate() {
        if let Some((Orders::Direct { to, within }, _)) = &system.orders {
            direct[to.index()].push(Direct { from: SystemId::at(index), to: *to, within: *within });
        }
    }
    direct.iter_mut().for_each(|own| own.sort_by_key(|direct| std::cmp::Reverse(direct.within)));
    direct
}

struct Work<'m> {
    model: &'m Model,
    graph: &'m Graph,
    /// Cells that each system maps.
    cells: Vec<u64>,
    /// When each calendar is open.
    tables: Vec<Timetable>,
    /// Flows into each system that are not added up yet.
    waiting: Vec<usize>,
    /// Whether all flows into each system are known, and whether one of them is cut.
    doubts: Vec<(bool, bool)>,
    /// The channels whose sales each system takes in by itself, the latest first.
    direct: Vec<Vec<Direct>>,
    lags: Lags,
}

impl Work<'_> {
    fn publishing(&self, id: FlowId) -> Path {
        let flow = self.model.flow(id);
        let facts = self.graph.flow(id);
        let lag = flow.lag.as_ref();
        let mut path = Path { known: true, ..Path::default() };
        self.every(lag, &mut path);
        self.upstream(flow, &facts.sources, &mut path);
        let sources = || facts.sources.iter().filter(|system| **system != flow.to).copied();
        self.slowest(What::LogIn, &facts.reads, &mut path);
        self.slowest(What::Lines, &facts.reads, &mut path);
        self.slowest(What::Counts, &sources().collect::<Vec<_>>(), &mut path);
        self.slowest(What::Shown, &[flow.to], &mut path);
        let cells = facts
            .shown
            .iter()
            .map(|shown| shown.things.items.count() + shown.twice.count() + shown.things.bundles.count());
        let changed = share(cells.sum::<usize>() as u64, lag);
        self.writes(flow.to, changed, &mut path);
        self.cap(flow, lag, &mut path);
        if let Some(window) = &flow.window {
            let waits = window_hours(self.model, window).longest_closed_us().unwrap_or(0);
            path.spend(What::Window, None, Sum { waits, ..Sum::default() });
        }
        let windows = self.windows(id, path.upstream());
        path.window = windows.iter().copied().rev().max_by_key(|wait| wait.own_us);
        self.finish(lag, &windows, &mut path);
        // What this flow's own target sells, it has taken off by itself.
        let others =
            sources().filter_map(|id| self.direct[id.index()].iter().find(|own| own.from != flow.to));
        path.direct = others.copied().max_by_key(|direct| direct.within);
        path
    }

    fn collecting(&self, collect: &Collect) -> Path {
        let lag = collect.lag.as_ref();
        let mut path = Path { known: true, ..Path::default() };
        self.every(lag, &mut path);
        let from = self.model.system(collect.from);
        let systems: Vec<SystemId> = [Some(collect.from), collect.post.to].into_iter().flatten().collect();
        self.slowest(What::LogIn, &systems, &mut path);
        let kinds = collect.movements.len() as u64;
        let changed = share(self.cells[collect.from.index()], lag);
        let size = page(from);
        let first = requests(from, (0, size, kinds));
        path.push(What::Movements, Some(collect.from), Some(first));
        let further = kinds * (pieces(changed, size) - 1);
        path.push(What::Pages, Some(collect.from), Some(requests(from, (changed, size, further))));
        if let Some(to) = collect.post.to {
            let size = batch(self.model.system(to), false);
            let count = pieces(changed, size);
            path.push(What::Post, Some(to), Some(requests(self.model.system(to), (changed, size, count))));
        }
        self.finish(lag, &[], &mut path);
        path
    }

    /// The time between two runs: what has just been missed waits for so long.
    fn every(&self, lag: Option<&Lag>, path: &mut Path) {
        match lag.and_then(|lag| lag.every) {
            Some(every) => path.spend(What::Every, None, Sum { sure: every.as_micros(), ..Sum::default() }),
            None => path.known = false,
        }
    }

    /// The slowest flow that publishes into a system whose counts are needed.
    fn upstream(&self, flow: &Flow, sources: &[SystemId], path: &mut Path) {
        let others = || sources.iter().filter(|system| **system != flow.to);
        // In the order of flows, what publishes into a source comes first, but for those in a circle.
        path.cut = others().any(|system| self.waiting[system.index()] > 0);
        let into = others().filter_map(|system| Some((*system, self.lags.into[system.index()]?)));
        let behind: Vec<(SystemId, FlowId)> = into.collect();
        for (system, _) in &behind {
            path.known &= self.doubts[system.index()].0;
            path.cut |= self.doubts[system.index()].1;
        }
        let slowest = behind.iter().rev().max_by_key(|(_, flow)| self.lags.flow(*flow).sum.total());
        if let Some((system, flow)) = slowest {
            let sum = self.lags.flow(*flow).sum;
            path.terms.push(Term {
                what: What::Upstream,
                system: Some(*system),
                among: behind.len(),
                requests: None,
                flow: Some(*flow),
                sum,
            });
        }
    }

    /// One step of reading: all systems at once, so the slowest decides.
    fn slowest(&self, what: What, systems: &[SystemId], path: &mut Path) {
        let asked = systems.iter().filter_map(|id| Some((*id, self.asks(what, *id)?)));
        let asked: Vec<(SystemId, Requests)> = asked.collect();
        let slowest = asked.iter().rev().max_by_key(|(_, requests)| requests.us());
        if let Some((system, requests)) = slowest {
            path.push(what, Some(*system), Some(*requests));
            if let Some(term) = path.terms.last_mut() {
                term.among = asked.len();
            }
        }
    }

    /// The requests of a step of reading; `None` where that system has no such step.
    fn asks(&self, what: What, id: SystemId) -> Option<Requests> {
        let system = self.model.system(id);
        let rows = self.cells[id.index()];
        match what {
            What::LogIn if logs_in(system) => {
                Some(requests(system, (0, 0, system.kind.login_requests.into())))
            }
            What::LogIn => None,
            What::Lines if !system.lists_lines() => None,
            What::Lines => Some(requests(system, (0, page(system), 1))),
            _ => Some(requests(system, (rows, page(system), pieces(rows, page(system))))),
        }
    }

    /// Writing what has changed; all of it may be raises. What does not compare is read before and after.
    fn writes(&self, to: SystemId, changed: u64, path: &mut Path) {
        let system = self.model.system(to);
        let size = batch(system, true);
        let own = requests(system, (changed, size, pieces(changed, size)));
        let steps = match system.kind.class {
            WriteClass::ReadOnly => &[][..],
            WriteClass::CompareAndSet => &[What::Write],
            _ => &[What::Reread, What::Write, What::ReadBack],
        };
        for what in steps.iter().filter(|_| changed > 0) {
            path.push(*what, Some(to), Some(own));
        }
    }

    /// A cell that has used up its writes waits until the time is over in which they count.
    fn cap(&self, flow: &Flow, lag: Option<&Lag>, path: &mut Path) {
        let system = self.model.system(flow.to);
        let every = lag.and_then(|lag| lag.every).map_or(0, |every| every.as_micros());
        if let (Some(cap), 1..) = (writes_per_cell(system), every) {
            let used_up = every.saturating_mul(cap.count.into());
            let waits = cap.per.as_micros().saturating_sub(used_up);
            path.spend(What::Cap, Some(flow.to), Sum { waits, ..Sum::default() });
        }
    }

    /// The waits for the windows of a flow and of the nearest behind it, in the own time of the flow's lag.
    fn windows(&self, id: FlowId, upstream: Option<FlowId>) -> Vec<Wait> {
        let lag = self.model.flow(id).lag.as_ref();
        let counted = lag.and_then(|lag| lag.calendar).map(|(calendar, _)| &self.tables[calendar.index()]);
        let behind = |flow: &FlowId| self.lags.flow(*flow).upstream();
        let chain = std::iter::once(id).chain(std::iter::successors(upstream, behind)).take(NEAREST);
        let waits = chain.filter_map(|flow| {
            let open = window_hours(self.model, self.model.flow(flow).window.as_ref()?);
            let us = open.longest_closed_us()?;
            let own_us = counted.map_or(Some(us), |table| open.longest_wait_us(table))?;
            Some(Wait { flow, us, own_us })
        });
        waits.collect()
    }

    /// Adds the terms up, also in the lag's own time.
    fn finish(&self, lag: Option<&Lag>, windows: &[Wait], path: &mut Path) {
        path.sum = path.terms.iter().fold(Sum::default(), |sum, term| sum.plus(&term.sum));
        let Some((calendar, _)) = lag.and_then(|lag| lag.calendar) else { return };
        let table = &self.tables[calendar.index()];
        let sure = table.most_open_us(path.sum.sure);
        let closed = windows.iter().map(|wait| wait.us).sum();
        let other = path.sum.waits.saturating_sub(closed);
        let own: u128 = windows.iter().map(|wait| wait.own_us).sum();
        let both = table.most_open_us(path.sum.sure.saturating_add(path.sum.expected));
        path.own = Some(Sum {
            sure,
            expected: both.saturating_sub(sure),
            waits: table.most_open_us(other).saturating_add(own),
        });
    }
}

impl Path {
    fn push(&mut self, what: What, system: Option<SystemId>, requests: Option<Requests>) {
        let us = requests.map_or(0, |requests| requests.us());
        let sum = match what {
            What::Pages | What::Reread | What::Write | What::ReadBack | What::Post => {
                Sum { expected: us, ..Sum::default() }
            }
            _ => Sum { sure: us, ..Sum::default() },
        };
        if us > 0 {
            self.terms.push(Term { what, system, among: 1, requests, flow: None, sum });
        }
    }

    fn spend(&mut self, what: What, system: Option<SystemId>, sum: Sum) {
        if sum.total() > 0 {
            self.terms.push(Term { what, system, among: 1, requests: None, flow: None, sum });
        }
    }
}

/// When raises of a flow with this window may be written.
pub fn window_hours(model: &Model, window: &Window) -> Timetable {
    let daily = Timetable::daily(window.from, window.to);
    match window.calendar {
        Some((calendar, _)) => daily.and(&Timetable::of(model.calendar(calendar))),
        None => daily,
    }
}
