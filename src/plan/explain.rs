//! Where one published number comes from: any cell of a target, as a sum, with every source cell.

use super::change::{Step, Write};
use super::gate::{Gates, SHADOW};
use super::{Standing, sum, tell};
use crate::count::{Counter, May, Verdict};
use crate::graph::Graph;
use crate::model::item::Thing;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};
use serde::Serialize;

/// One cell of one flow's target.
pub type Cell = (FlowId, CodeId, LocationId);

/// One cell, explained. Numbers are in the target's unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The flow.
    pub flow: String,
    /// The target.
    pub system: String,
    /// The location; absent for a system without locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The target's code.
    pub code: String,
    /// The quantity.
    pub quantity: String,
    /// The unit of `before` and `after`.
    pub unit: String,
    /// What the target shows; null where it does not have the cell, or nobody knows.
    pub before: Option<i64>,
    /// What it is to show; null where that cannot be computed.
    pub after: Option<i64>,
    /// What a plan would do: `unchanged`, `lower`, `raise`, `create`, `held`, `failed`,
    /// or `left-out` by a rollout.
    pub state: &'static str,
    /// What a plan would send; null where it sends nothing.
    pub write: Option<Write>,
    /// Why it is held or failed, or what to know of the number.
    pub notes: Vec<String>,
    /// The steps.
    pub sum: Vec<Step>,
}

/// The cells under which a thing is published to a system, at one location or at all.
pub fn cells(
    model: &Model,
    graph: &Graph,
    (thing, system): (Thing, SystemId),
    at: Option<LocationId>,
) -> Vec<Cell> {
    let mut found = Vec::new();
    for flow in graph.flow_order().iter().filter(|flow| model.flow(**flow).to == system) {
        for shown in &graph.flow(*flow).shown {
            if !shown.things.contains(thing) || at.is_some_and(|at| at != shown.location) {
                continue;
            }
            let codes = model.codes_of_thing(system, thing).map(CodeId);
            let valid = codes.filter(|code| model.code(*code).at.is_none_or(|only| only == shown.location));
            found.extend(valid.map(|code| (*flow, code, shown.location)));
        }
    }
    found
}

/// Explains cells, each on its own.
pub fn explain(
    model: &Model,
    graph: &Graph,
    seen: &Observations,
    (now, standing): (Moment, &Standing),
    cells: &[Cell],
) -> Vec<Explanation> {
    let gates = Gates::new(model, graph, (now, standing));
    let may = |(flow, code, location): Cell| gates.may(flow, code, location);
    // What is left out is explained all the same: as what it would show.
    let allowed = |flow, code, location| match may((flow, code, location)) {
        May::Stay => May::Shadow,
        other => other,
    };
    let counter = Counter::new(model, graph, seen, now);
    let counter = counter.within(&allowed);
    let one = |cell: &Cell| {
        let mut told = tell(model, &counter, *cell)?;
        match may(*cell) {
            May::Stay => {
                told.state = "left-out";
                told.write = None;
                told.notes.push("the flow's rollout leaves it out, so it is not written".to_owned());
            }
            May::Shadow => {
                told.write = None;
                told.notes.push(format!("{SHADOW}, so it is not written"));
            }
            May::Fall | May::Wait => told.notes.push(gates.why(cell.0, cell.1, cell.2).to_owned()),
            May::Change => {}
        }
        Some(told)
    };
    cells.iter().filter_map(one).collect()
}

/// Explains one cell; `None` for a flow whose target cannot take its quantity.
pub(super) fn tell(
    model: &Model,
    counter: &Counter<'_>,
    (flow, code, location): Cell,
) -> Option<Explanation> {
    let explained = counter.explain(flow, code, location)?;
    let change = tell::change(model, &explained);
    let flow = model.flow(flow);
    let code = model.code(code);
    let state = match explained.verdict {
        Verdict::Unchanged { .. } => "unchanged",
        Verdict::Lower { .. } => "lower",
        Verdict::Raise { .. } => "raise",
        Verdict::Create { .. } => "create",
        Verdict::Held { .. } => "held",
        Verdict::Failed { .. } => "failed",
    };
    Some(Explanation {
        flow: flow.name.to_string(),
        system: model.system(flow.to).name.to_string(),
        location: tell::location_name(model, flow.to, location),
        item: model.thing_name(code.thing).to_string(),
        code: code.code.to_string(),
        quantity: model.quantity(flow.quantity).name.to_string(),
        unit: code.measure.unit.to_string(),
        before: explained.verdict.before(),
        after: explained.after,
        state,
        write: change.map(|change| change.write),
        notes: explained.notes.clone(),
        sum: sum::steps(model, &explained),
    })
}
