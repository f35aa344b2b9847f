//! The topology as JSON, for programs: systems, pools, flows, and the order in which flows run.

use super::Graph;
use crate::model::system::{Orders, Role};
use crate::model::time::show_duration;
use crate::model::{FlowId, LocationId, Model, SystemId};
use serde::Serialize;

#[derive(Serialize)]
struct Topology<'m> {
    format: &'static str,
    systems: Vec<System<'m>>,
    pools: Vec<Pool<'m>>,
    flows: Vec<Flow<'m>>,
    order: Vec<&'m str>,
    cycles: Vec<Vec<&'m str>>,
}

#[derive(Serialize)]
struct System<'m> {
    name: &'m str,
    kind: &'static str,
    role: &'static str,
    owns: Vec<Owns<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<Road<'m>>,
}

#[derive(Serialize)]
struct Owns<'m> {
    quantities: Vec<&'m str>,
    at: Vec<&'m str>,
    items: usize,
}

#[derive(Serialize)]
struct Road<'m> {
    road: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<String>,
}

#[derive(Serialize)]
struct Pool<'m> {
    name: &'m str,
    of: Vec<&'m str>,
    shown_in: Vec<&'m str>,
}

#[derive(Serialize)]
struct Flow<'m> {
    name: &'m str,
    quantity: &'m str,
    to: &'m str,
    reads: Vec<&'m str>,
    at: Vec<&'m str>,
    items: usize,
    bundles: usize,
    lag: Option<String>,
    every: Option<String>,
}

/// One JSON object, indented, with a line break at its end. `items` and `bundles` of a flow count what it
/// publishes at one or more of its locations; `reads` names the systems that own counts it needs.
pub fn json(graph: &Graph, model: &Model) -> String {
    let topology = Topology {
        format: "onhand.graph/1",
        systems: (0..model.systems.len()).map(|index| system(model, SystemId::at(index))).collect(),
        pools: pools(model),
        flows: (0..model.flows.len()).map(|index| flow(graph, model, FlowId::at(index))).collect(),
        order: flow_names(model, graph.flow_order()),
        cycles: graph.cycles().iter().map(|flows| flow_names(model, flows)).collect(),
    };
    let text = serde_json::to_string_pretty(&topology).expect("names, numbers and lists always serialize");
    text + "\n"
}

fn system(model: &Model, id: SystemId) -> System<'_> {
    let system = model.system(id);
    let owners = model.owners.iter().filter(|owner| owner.system == id);
    let owns = owners.map(|owner| Owns {
        quantities: owner.quantities.iter().map(|(id, _)| &*model.quantity(*id).name).collect(),
        at: owner.at.iter().map(|(at, _)| place(model, *at)).collect(),
        items: owner.items.count(),
    });
    let orders = system.orders.as_ref().map(|(orders, _)| match orders {
        Orders::Nothing => Road { road: "none", to: None, within: None },
        Orders::Direct { to, within } => {
            Road { road: "direct", to: Some(&model.system(*to).name), within: Some(show_duration(*within)) }
        }
    });
    let role = match system.role {
        Role::Erp => "erp",
        Role::Warehouse => "warehouse",
        Role::Channel => "channel",
        Role::Reporting => "reporting",
    };
    System { name: &system.name, kind: system.kind.kind, role, owns: owns.collect(), orders }
}

fn pools(model: &Model) -> Vec<Pool<'_>> {
    let pools = model.locations.iter().filter(|location| location.is_pool());
    pools
        .map(|pool| Pool {
            name: &pool.name,
            of: pool.pool.iter().map(|member| place(model, *member)).collect(),
            shown_in: pool.codes.iter().map(|code| &*model.system(code.system).name).collect(),
        })
        .collect()
}

fn flow<'m>(graph: &Graph, model: &'m Model, id: FlowId) -> Flow<'m> {
    let flow = model.flow(id);
    let mut things = crate::model::set::Things::default();
    for shown in &graph.flow(id).shown {
        things.items.union(&shown.things.items);
        things.bundles.union(&shown.things.bundles);
    }
    let lag = flow.lag.as_ref();
    Flow {
        name: &flow.name,
        quantity: &model.quantity(flow.quantity).name,
        to: &model.system(flow.to).name,
        reads: graph.flow(id).sources.iter().map(|system| &*model.system(*system).name).collect(),
        at: graph.flow(id).shown.iter().map(|shown| place(model, shown.location)).collect(),
        items: things.items.count(),
        bundles: things.bundles.count(),
        lag: lag.and_then(|lag| lag.target).map(show_duration),
        every: lag.and_then(|lag| lag.every).map(show_duration),
    }
}

fn place(model: &Model, id: LocationId) -> &str {
    &model.location(id).name
}

fn flow_names<'m>(model: &'m Model, flows: &[FlowId]) -> Vec<&'m str> {
    flows.iter().map(|flow| &*model.flow(*flow).name).collect()
}
