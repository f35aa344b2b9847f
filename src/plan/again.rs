//! A plan computed again, right before it is carried out.

use super::change::Change;
use super::diff::{self, Selection, Stamp};
use super::feed::{self, Footing};
use super::permit::Now;
use super::shelves::Shelves;
use super::{Plan, Standing, undo};
use crate::count::{Counter, KnownCell};
use crate::graph::Graph;
use crate::model::demand::TakenIn;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{FlowId, Model};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan has become.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Again {
    /// The flows of the plan, planned afresh and whole, whatever the plan itself selected of them. It has no
    /// seal: it is never written.
    pub plan: Plan,
    /// The owners' numbers that this rests on.
    pub known: Vec<KnownCell>,
    /// The divided shelves on which the changes draw, planned ones and those of now.
    pub shelves: Shelves,
    /// The reads that each flow rests on.
    pub footings: Vec<Footing>,
    /// What owners turned out to have taken in of what channels have sold.
    pub taken_in: Vec<TakenIn>,
    /// Lines of the demand for which nothing waits any more.
    pub settled: Vec<usize>,
}

/// Computes the flows of `planned` again from what was read now.
pub fn again(
    model: &Model,
    graph: &Graph,
    seen: &Observations,
    planned: &Plan,
    (now, standing): (Moment, &Standing),
) -> Again {
    let named = |name: &String| model.flows.iter().position(|flow| *flow.name == **name).map(FlowId::at);
    let flows: Vec<FlowId> = planned.header.flows.iter().filter_map(named).collect();
    let undoes = planned.header.undoes.is_some();
    let standing = if undoes { undo::standing(standing) } else { standing.clone() };
    let footings = flows.iter().map(|flow| feed::footing(model, graph, seen, (*flow, &standing))).collect();
    let stamp = Stamp { id: planned.header.id.clone(), now, standing };
    let counter = Counter::new(model, graph, seen, now);
    // No flow of the plan is left: an empty selection would mean all of them.
    let plan = match flows.is_empty() {
        true => Plan::default(),
        false => {
            let selection = Selection { flows, ..Selection::default() };
            diff::compare((model, graph, seen), &counter, &selection, &stamp)
        }
    };
    let plan = if undoes { undo::over(model, graph, seen, planned, (plan, &stamp)) } else { plan };
    let changes = planned.changes.iter().chain(&plan.changes);
    let shelves = Shelves::of(model, graph, changes);
    let (taken_in, settled) = (counter.taken_in().to_vec(), counter.settled().to_vec());
    Again { plan, known: counter.known(), footings, shelves, taken_in, settled }
}

/// Names a cell of a target, as records do: code, location, system, flow; what tells most cells apart first.
type CellKey<'a> = (&'a str, Option<&'a str>, &'a str, &'a str);

/// The records of a plan by cell.
#[derive(Debug)]
pub struct Index<'a> {
    cells: BTreeMap<CellKey<'a>, Now<'a>>,
    fields: BTreeMap<CellKey<'a>, &'a str>,
    flows: BTreeSet<&'a str>,
}

impl<'a> Index<'a> {
    /// Sorts the records of a plan.
    pub fn new(plan: &'a Plan) -> Index<'a> {
        let mut cells: BTreeMap<CellKey<'a>, Now<'a>> = BTreeMap::new();
        let mut fields: BTreeMap<CellKey<'a>, &'a str> = BTreeMap::new();
        for fault in &plan.failures {
            let key = key(&fault.flow, &fault.system, &fault.location, &fault.code);
            // The first record of a cell is the one that is told.
            cells.entry(key).or_insert(Now::Failed(&fault.reason));
            fields.entry(key).or_insert(&fault.field);
        }
        for held in &plan.held {
            cells.insert(key(&held.flow, &held.system, &held.location, &held.code), Now::Held(&held.reason));
        }
        for change in &plan.changes {
            let key = key(&change.flow, &change.system, &change.location, &change.code);
            cells.insert(key, Now::Change(change));
        }
        Index { cells, fields, flows: plan.header.flows.iter().map(String::as_str).collect() }
    }

    /// What a planned change has become; `None` where its flow was not computed at all.
    pub fn now(&self, planned: &'a Change) -> Option<Now<'a>> {
        let flow = self.flows.contains(planned.flow.as_str());
        let key = key(&planned.flow, &planned.system, &planned.location, &planned.code);
        flow.then(|| self.at(key).unwrap_or(Now::Unchanged))
    }

    /// The record of a cell; where it has none, that of its code at every place, as for a product that can
    /// no longer be told from another.
    fn at(&self, key: CellKey<'a>) -> Option<Now<'a>> {
        let everywhere = (key.0, None, key.2, key.3);
        self.cells.get(&key).or_else(|| self.cells.get(&everywhere)).copied()
    }

    /// The field at fault, where a planned change has become a failure.
    pub fn field(&self, planned: &'a Change) -> Option<&'a str> {
        let key = key(&planned.flow, &planned.system, &planned.location, &planned.code);
        let everywhere = (key.0, None, key.2, key.3);
        let own = self.cells.contains_key(&key);
        self.fields.get(if own { &key } else { &everywhere }).copied()
    }

    /// Whether a cell is computed and shows the right number: no record speaks of it.
    pub fn is_right(
        &self,
        flow: &'a str,
        system: &'a str,
        location: &'a Option<String>,
        code: &'a str,
    ) -> bool {
        self.flows.contains(flow) && self.at(key(flow, system, location, code)).is_none()
    }
}

fn key<'a>(flow: &'a str, system: &'a str, location: &'a Option<String>, code: &'a str) -> CellKey<'a> {
    (code, location.as_deref(), system, flow)
}
