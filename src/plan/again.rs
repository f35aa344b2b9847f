//! A plan computed again, right before it is carried out.

use super::Plan;
use super::change::Change;
use super::diff::{self, Selection, Stamp};
use super::permit::Now;
use crate::count::{Counter, KnownCell};
use crate::graph::Graph;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{FlowId, Model};
use std::collections::BTreeMap;

/// What a plan has become.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Again {
    /// The flows of the plan, planned afresh and whole.
    pub plan: Plan,
    /// The owners' numbers that this rests on.
    pub known: Vec<KnownCell>,
}

/// Computes the flows of `planned` again from what was read now.
pub fn again(model: &Model, graph: &Graph, seen: &Observations, planned: &Plan, now: Moment) -> Again {
    let named = |name: &String| model.flows.iter().position(|flow| *flow.name == **name).map(FlowId::at);
    let selection =
        Selection { flows: planned.header.flows.iter().filter_map(named).collect(), ..Selection::default() };
    let stamp = Stamp { id: planned.header.id.clone(), now };
    let known = Counter::new(model, graph, seen, now).known();
    Again { plan: diff::build(model, graph, seen, &selection, &stamp), known }
}

impl Again {
    /// Each planned change, in the order of the plan, as computed now. Every cell of a flow is a change,
    /// held, a failure, or shows the right number.
    pub fn rows(&self, planned: &Plan) -> Vec<Now<'_>> {
        let mut now: BTreeMap<Key<'_>, Now<'_>> = BTreeMap::new();
        // A cell with a failure of its own may be told as held too: the failure says more.
        for held in &self.plan.held {
            let key = (&*held.flow, &*held.system, held.location.as_deref(), &*held.code);
            now.insert(key, Now::Held(&held.reason));
        }
        for fault in self.plan.failures.iter().rev() {
            let key = (&*fault.flow, &*fault.system, fault.location.as_deref(), &*fault.code);
            now.insert(key, Now::Failed(&fault.reason));
        }
        for change in &self.plan.changes {
            now.insert(key(change), Now::Change(change));
        }
        planned
            .changes
            .iter()
            .map(|change| now.get(&key(change)).copied().unwrap_or(Now::Unchanged))
            .collect()
    }
}

/// A cell of a target: flow, system, location, code.
type Key<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

fn key(change: &Change) -> Key<'_> {
    (&change.flow, &change.system, change.location.as_deref(), &change.code)
}
