//! From counts and observations to a plan: every cell compared with what its target shows.

use super::change::{Action, Change, FORMAT, Header, Read, RowFault};
use super::gate::Gates;
use super::judge::{self, Asked};
use super::tell::{Teller, Told, row_fault};
use super::{Plan, Standing, catalog, demand, feed, file};
use crate::count::{Cell, CellFault, Counter, Exposure, FlowCounts, May, Verdict, with_shelf_mates};
use crate::graph::Graph;
use crate::model::item::Thing;
use crate::model::observation::{About, Observations};
use crate::model::set::Things;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};
use std::collections::BTreeSet;
use std::time::Duration;

/// Which cells a plan covers; an empty part means all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these flows.
    pub flows: Vec<FlowId>,
    /// Whether `flows` are those whose time has come: none, where there are none, and what channels have sold
    /// is posted beside them.
    pub due: bool,
    /// Only these items and bundles.
    pub items: Option<Things>,
    /// Only these locations of targets.
    pub at: Vec<LocationId>,
    /// Only flows into these systems.
    pub systems: Vec<SystemId>,
}

impl Selection {
    /// Whether a flow is covered.
    pub fn covers(&self, model: &Model, flow: FlowId) -> bool {
        let to = model.flow(flow).to;
        let named = (self.flows.is_empty() && !self.due) || self.flows.contains(&flow);
        named && (self.systems.is_empty() || self.systems.contains(&to))
    }

    /// Whether a cell of a covered flow is covered.
    pub fn covers_cell(&self, thing: Thing, location: LocationId) -> bool {
        let chosen = self.items.as_ref().is_none_or(|items| items.contains(thing));
        chosen && (self.at.is_empty() || self.at.contains(&location))
    }

    /// Whether every cell of the flows that run is covered, so that movements are posted too.
    pub fn is_whole(&self) -> bool {
        let flows = self.due || self.flows.is_empty();
        flows && self.systems.is_empty() && self.items.is_none() && self.at.is_empty()
    }
}

/// Under which circumstances a plan is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The plan's id.
    pub id: String,
    /// When it is made.
    pub now: Moment,
    /// What holds beside the topology.
    pub standing: Standing,
}

impl Stamp {
    /// A plan of this id and moment, where nothing is paused and nothing was applied before.
    pub fn new(id: impl Into<String>, now: Moment) -> Stamp {
        Stamp { id: id.into(), now, standing: Standing::default() }
    }
}

/// Plans expire after so long where no owner says `stale-after`.
const EXPIRY: Duration = Duration::from_secs(30 * 60);

/// Compares every covered cell with what its target shows, and seals what is to be written.
///
/// Flows come in the order in which they run; within a flow, cells come by location, then by code, each
/// in the order of the topology. So the same input gives the same bytes, but for the id and the times.
pub fn build(
    model: &Model,
    graph: &Graph,
    seen: &Observations,
    selection: &Selection,
    stamp: &Stamp,
) -> Plan {
    let counter = Counter::new(model, graph, seen, stamp.now);
    let mut plan = compare((model, graph, seen), &counter, selection, stamp);
    file::seal(&mut plan);
    plan
}

/// The same plan without digest and seal: nobody keeps it, and both take as long as to write it.
pub(super) fn compare(
    (model, graph, seen): (&Model, &Graph, &Observations),
    counter: &Counter<'_>,
    selection: &Selection,
    stamp: &Stamp,
) -> Plan {
    // What is not covered is not written, and counts with what it shows on a shelf that is divided.
    let gates = Gates::new(model, graph, (stamp.now, &stamp.standing));
    let allowed = |flow: FlowId, code: CodeId, location: LocationId| {
        let thing = model.code(code).thing;
        match selection.covers(model, flow) && selection.covers_cell(thing, location) {
            true => gates.may(flow, code, location),
            false => May::Stay,
        }
    };
    let counter = counter.within(&allowed);
    let order = graph.flow_order();
    let counts: Vec<(FlowId, FlowCounts<'_>)> =
        order.iter().filter_map(|flow| Some((*flow, counter.flow(*flow)?))).collect();
    let mut exposure = Exposure::new(model);
    // A flow whose target was not read promises what nobody knows; its cells add nothing.
    let mut sifted = Vec::with_capacity(counts.len());
    for (flow, counts) in &counts {
        let sieve = Sieve { model, gates: &gates, selection, flow: *flow };
        let covered = selection.covers(model, *flow);
        let some = exposure.add(counts, |sifted: &mut Sifted, cell| {
            if covered {
                sieve.cell(cell, sifted);
            }
        });
        sifted.push(some.into_iter().fold(Sifted::default(), Sifted::and));
    }
    let covered = || counts.iter().zip(&sifted).filter(|((flow, _), _)| selection.covers(model, *flow));
    let flows: Vec<FlowId> = covered().map(|((flow, _), _)| *flow).collect();
    let mut plan = Plan {
        header: header(model, graph, stamp, &flows),
        reads: reads(model, graph, seen, &with_shelf_mates(model, &flows)),
        ..Plan::default()
    };
    for ((flow, counts), sifted) in covered() {
        let (flow, mut asked, standing) = (*flow, Asked::new(model), &stamp.standing);
        asked.tally.cells = sifted.shown;
        plan.summary.unchanged += sifted.unchanged;
        plan.summary.left_out += sifted.left_out;
        let (gates, exposure) = (&gates, &exposure);
        let teller = Teller { model, graph, gates, exposure, flow, counts };
        let mut diff = Diff { model, graph, gates, standing, flow, asked, plan: &mut plan };
        for told in teller.all(&sifted.told) {
            diff.take(told);
        }
        diff.end(selection, counts);
        let footing = feed::footing(model, graph, seen, (flow, standing));
        plan.guards.extend(judge::feeds(model, &footing, standing));
    }
    if selection.is_whole() {
        plan.movements = demand::movements(model, &seen.demand);
    }
    plan.failures.extend(demand::misfits(&seen.demand));
    plan.failures.extend(demand::waiting(model, &seen.demand, &counter));
    plan.summary.exposure = exposure.total();
    plan.summary.requests = plan.reads.iter().map(|read| read.requests).sum();
    plan
}

fn header(model: &Model, graph: &Graph, stamp: &Stamp, flows: &[FlowId]) -> Header {
    let owners: BTreeSet<SystemId> = flows.iter().flat_map(|flow| owners_read(model, graph, *flow)).collect();
    let limits = owners.iter().filter_map(|owner| model.system(*owner).stale_after).map(|(limit, _)| limit);
    Header {
        format: FORMAT.to_owned(),
        id: stamp.id.clone(),
        topology: model.digest.clone(),
        created: stamp.now.rfc3339(),
        expires: stamp.now.after(limits.min().unwrap_or(EXPIRY)).rfc3339(),
        flows: flows.iter().map(|flow| model.flow(*flow).name.to_string()).collect(),
        undoes: None,
    }
}

/// The systems whose counts a flow adds up.
fn owners_read<'m>(model: &'m Model, graph: &'m Graph, flow: FlowId) -> impl Iterator<Item = SystemId> + 'm {
    graph.reads(flow).iter().copied().filter(move |system| *system != model.flow(flow).to)
}

/// Reads by step: open lines, owners' counts, targets' levels, movements; within a step by system. A
/// system that a covered flow needs and that was not read is there as an incomplete read of no rows.
fn reads(model: &Model, graph: &Graph, seen: &Observations, flows: &[FlowId]) -> Vec<Read> {
    let all = || (0..model.flows.len()).map(FlowId::at);
    let owners: BTreeSet<SystemId> = all().flat_map(|flow| owners_read(model, graph, flow)).collect();
    let mut reads: Vec<(u32, SystemId, Read)> = Vec::new();
    for (system, lines) in &seen.lines {
        reads.push((1, *system, Read::of(&model.system(*system).name, "lines", (1, &lines.about))));
    }
    for (system, levels) in &seen.levels {
        let step = if owners.contains(system) { 2 } else { 3 };
        let read = Read::of(&model.system(*system).name, "levels", (step, &levels.about));
        reads.push((step, *system, Read { dated_by_row: !levels.row_as_of.is_empty(), ..read }));
    }
    for (system, movements) in &seen.movements {
        let read = Read::of(&model.system(*system).name, "movements", (4, &movements.about));
        reads.push((4, *system, read));
    }
    let needed: BTreeSet<SystemId> = flows.iter().flat_map(|flow| graph.reads(*flow)).copied().collect();
    for system in needed.into_iter().filter(|system| !seen.levels.contains_key(system)) {
        let step = if owners.contains(&system) { 2 } else { 3 };
        let about = About { incomplete: Some("it was not read".to_owned()), ..About::default() };
        reads.push((step, system, Read::of(&model.system(system).name, "levels", (step, &about))));
    }
    reads.sort_by_key(|(step, system, _)| (*step, *system));
    reads.into_iter().map(|(_, _, read)| read).collect()
}

/// The cells of one flow, those put aside of which a plan has nothing to tell but how many they are.
struct Sieve<'d> {
    model: &'d Model,
    gates: &'d Gates<'d>,
    selection: &'d Selection,
    flow: FlowId,
}

/// What came of it.
#[derive(Default)]
struct Sifted {
    /// Cells that the target shows, selected or not.
    shown: u64,
    /// Cells that show the right number.
    unchanged: u64,
    /// Cells that a rollout leaves out.
    left_out: u64,
    /// The others.
    told: Vec<Cell>,
}

impl Sifted {
    fn and(mut self, mut other: Sifted) -> Sifted {
        self.shown += other.shown;
        self.unchanged += other.unchanged;
        self.left_out += other.left_out;
        self.told.append(&mut other.told);
        self
    }
}

impl Sieve<'_> {
    fn cell(&self, cell: Cell, sifted: &mut Sifted) {
        let thing = self.model.code(cell.code).thing;
        let covered = self.selection.covers_cell(thing, cell.location);
        if self.gates.rollouts().leaves_out(self.flow, thing) {
            sifted.left_out += u64::from(covered);
            return;
        }
        sifted.shown += u64::from(cell.verdict.before().is_some());
        match cell.verdict {
            _ if !covered => {}
            Verdict::Unchanged { .. } => sifted.unchanged += 1,
            _ => sifted.told.push(cell),
        }
    }
}

/// One flow on its way into a plan.
struct Diff<'d> {
    model: &'d Model,
    graph: &'d Graph,
    gates: &'d Gates<'d>,
    standing: &'d Standing,
    flow: FlowId,
    /// What would be written now.
    asked: Asked<'d>,
    plan: &'d mut Plan,
}

impl Diff<'_> {
    fn take(&mut self, told: Told) {
        match told {
            Told::Change(code, change) => {
                self.count(code, &change);
                self.plan.changes.push(*change);
            }
            Told::Held(held) => self.plan.held.push(held),
            Told::Failure(fault) => self.plan.failures.push(fault),
        }
    }

    fn count(&mut self, code: CodeId, change: &Change) {
        let summary = &mut self.plan.summary;
        summary.changes += 1;
        match change.action {
            Action::Lower => summary.lower += 1,
            Action::Raise => summary.raise += 1,
            Action::Create => summary.create += 1,
        }
        if change.shadow {
            summary.shadow += 1;
        } else {
            self.asked.row(code, change.before, change.after);
        }
    }

    fn end(self, selection: &Selection, counts: &FlowCounts<'_>) {
        let model = self.model;
        let chosen = self.gates.rollouts().chosen(self.flow);
        let only = match (&selection.items, chosen) {
            (Some(items), Some(chosen)) => Some(items.common(chosen)),
            (items, chosen) => items.as_ref().or(chosen).cloned(),
        };
        let ours = |code: CodeId| chosen.is_none_or(|chosen| chosen.contains(model.code(code).thing));
        let wanted = |fault: &CellFault| {
            let chosen = |code: CodeId| match (model.code(code).thing, &selection.items) {
                (Thing::Item(_), Some(items)) if fault.system != model.flow(self.flow).to => {
                    // A component's row matters to every chosen bundle over it; a stray failure does no harm.
                    items.contains(model.code(code).thing) || !items.bundles.is_empty()
                }
                (thing, Some(items)) => items.contains(thing),
                (_, None) => true,
            };
            fault.code.is_none_or(|code| ours(code) && chosen(code))
        };
        let faults = counts.faults();
        let faults = faults.iter().filter(|fault| wanted(fault));
        let start = self.plan.failures.partition_point(|known| *known.flow != *model.flow(self.flow).name);
        self.plan.failures.extend(faults.map(|fault| row_fault(model, self.flow, fault)));
        let own = self.plan.failures.split_off(start.min(self.plan.failures.len()));
        let own = own.into_iter().chain(catalog::bad_rows(model, self.graph, only.as_ref(), self.flow));
        let own: BTreeSet<RowFault> = own.collect();
        self.plan.failures.extend(own);
        self.plan.guards.extend(self.asked.verdicts(model, self.flow, self.standing));
    }
}
