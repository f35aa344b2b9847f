//! A plan computed again, right before it is carried out.

use super::Plan;
use super::change::Change;
use super::diff::{self, Selection, Stamp};
use super::permit::{self, Now};
use crate::count::{Counter, KnownCell};
use crate::graph::Graph;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{FlowId, Model};

/// What a plan has become.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Again {
    /// The flows of the plan, planned afresh and whole.
    pub plan: Plan,
    /// Each planned change, in the order of the plan, as computed now.
    pub rows: Vec<Now>,
    /// The owners' numbers that this rests on.
    pub known: Vec<KnownCell>,
}

/// Computes the flows of `planned` again from what was read now, and each of its changes.
pub fn again(model: &Model, graph: &Graph, seen: &Observations, planned: &Plan, now: Moment) -> Again {
    let named = |name: &String| model.flows.iter().position(|flow| *flow.name == **name).map(FlowId::at);
    let selection =
        Selection { flows: planned.header.flows.iter().filter_map(named).collect(), ..Selection::default() };
    let stamp = Stamp { id: planned.header.id.clone(), now };
    let counter = Counter::new(model, graph, seen, now);
    let row = |change: &Change| permit::recompute(model, &counter, change);
    Again {
        plan: diff::build(model, graph, seen, &selection, &stamp),
        rows: planned.changes.iter().map(row).collect(),
        known: counter.known(),
    }
}
