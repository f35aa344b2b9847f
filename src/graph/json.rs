//! The topology as JSON, for programs: systems, pools, flows, and the order in which flows run.

use super::Graph;
use super::faults::{Alarm, Faults, Part};
use super::picture::role;
use crate::model::location::Location;
use crate::model::set::Things;
use crate::model::system::Orders;
use crate::model::time::show_duration;
use crate::model::{AllocationId, CalendarId, CollectId, FlowId, LocationId, Model, OwnerId, SystemId};
use serde::Serialize;

#[derive(Serialize)]
struct Topology<'m> {
    format: &'static str,
    systems: Vec<System<'m>>,
    locations: Vec<Place<'m>>,
    pools: Vec<Pool<'m>>,
    flows: Vec<Flow<'m>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    collects: Vec<Collects<'m>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allocations: Vec<Divides<'m>>,
    order: Vec<&'m str>,
    cycles: Vec<Vec<&'m str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

/// What is wrong with the part in which it stands; at the top: with what no other part holds.
#[derive(Serialize)]
struct Wrong {
    rule: &'static str,
    severity: &'static str,
}

#[derive(Serialize)]
struct System<'m> {
    name: &'m str,
    kind: &'static str,
    role: &'static str,
    owns: Vec<Owns<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<Road<'m>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

#[derive(Serialize)]
struct Owns<'m> {
    quantities: Vec<&'m str>,
    at: Vec<&'m str>,
    items: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
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
struct Place<'m> {
    name: &'m str,
    known_in: Vec<&'m str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

#[derive(Serialize)]
struct Pool<'m> {
    name: &'m str,
    of: Vec<&'m str>,
    shown_in: Vec<&'m str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Hours<'m>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

#[derive(Serialize)]
struct Hours<'m> {
    from: String,
    to: String,
    holds: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<&'m str>,
}

#[derive(Serialize)]
struct Collects<'m> {
    name: &'m str,
    from: &'m str,
    movements: Vec<&'static str>,
    to: Option<&'m str>,
    lag: Option<String>,
    every: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

/// Weights are written over one denominator: only how they compare has a meaning.
#[derive(Serialize)]
struct Divides<'m> {
    name: &'m str,
    among: Vec<Share<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pooled_above: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

#[derive(Serialize)]
struct Share<'m> {
    system: &'m str,
    weight: i64,
}

/// One JSON object, indented, with a line break at its end. `items` and `bundles` of a flow count what it
/// publishes at one or more of its locations; `reads` names the systems that own counts it needs.
pub fn json(graph: &Graph, model: &Model, faults: &Faults) -> String {
    let view = View { graph, model, faults };
    let topology = Topology {
        format: "onhand.graph/1",
        systems: (0..model.systems.len()).map(|index| view.system(SystemId::at(index))).collect(),
        locations: view.locations(),
        pools: view.pools(),
        flows: (0..model.flows.len()).map(|index| view.flow(FlowId::at(index))).collect(),
        collects: (0..model.collects.len()).map(|index| view.collects(CollectId::at(index))).collect(),
        allocations: (0..model.allocations.len()).map(|at| view.divides(AllocationId::at(at))).collect(),
        order: flow_names(model, graph.flow_order()),
        cycles: graph.cycles().iter().map(|flows| flow_names(model, flows)).collect(),
        faults: view.faults(Part::Elsewhere),
    };
    let text = serde_json::to_string_pretty(&topology).expect("names, numbers and lists always serialize");
    text + "\n"
}

struct View<'m> {
    graph: &'m Graph,
    model: &'m Model,
    faults: &'m Faults,
}

impl<'m> View<'m> {
    fn faults(&self, part: Part) -> Vec<Wrong> {
        let faults = self.faults.of(part).into_iter().flatten();
        let wrong = faults.map(|(rule, alarm)| {
            let severity = if *alarm == Alarm::Red { "error" } else { "warning" };
            Wrong { rule, severity }
        });
        wrong.collect()
    }

    fn place(&self, id: LocationId) -> &'m str {
        &self.model.location(id).name
    }

    fn system(&self, id: SystemId) -> System<'m> {
        let system = self.model.system(id);
        let owners = self.model.owners.iter().enumerate().filter(|(_, owner)| owner.system == id);
        let owns = owners.map(|(index, owner)| Owns {
            quantities: owner.quantities.iter().map(|(id, _)| &*self.model.quantity(*id).name).collect(),
            at: owner.at.iter().map(|(at, _)| self.place(*at)).collect(),
            items: owner.items.count(),
            faults: self.faults(Part::Owner(OwnerId::at(index))),
        });
        let orders = system.orders.as_ref().map(|(orders, _)| match orders {
            Orders::Nothing => Road { road: "none", to: None, within: None },
            Orders::Direct { to, within } => {
                let to = Some(&*self.model.system(*to).name);
                Road { road: "direct", to, within: Some(show_duration(*within)) }
            }
        });
        let (name, kind, role) = (&system.name, system.kind.kind, role(system.role));
        System { name, kind, role, owns: owns.collect(), orders, faults: self.faults(Part::System(id)) }
    }

    fn locations(&self) -> Vec<Place<'m>> {
        let places = self.model.locations.iter().enumerate().filter(|(_, location)| !location.is_pool());
        let place = |(index, location): (usize, &'m Location)| Place {
            name: &location.name,
            known_in: self.known_in(location),
            faults: self.faults(Part::Location(LocationId::at(index))),
        };
        places.map(place).collect()
    }

    fn pools(&self) -> Vec<Pool<'m>> {
        let pools = self.model.locations.iter().enumerate().filter(|(_, location)| location.is_pool());
        let pool = |(index, pool): (usize, &'m Location)| Pool {
            name: &pool.name,
            of: pool.pool.iter().map(|member| self.place(*member)).collect(),
            shown_in: self.known_in(pool),
            faults: self.faults(Part::Location(LocationId::at(index))),
        };
        pools.map(pool).collect()
    }

    fn known_in(&self, location: &Location) -> Vec<&'m str> {
        location.codes.iter().map(|code| &*self.model.system(code.system).name).collect()
    }

    fn flow(&self, id: FlowId) -> Flow<'m> {
        let (flow, facts) = (self.model.flow(id), self.graph.flow(id));
        let mut things = Things::default();
        for shown in &facts.shown {
            things.items.union(&shown.things.items);
            things.bundles.union(&shown.things.bundles);
        }
        let lag = flow.lag.as_ref();
        Flow {
            name: &flow.name,
            quantity: &self.model.quantity(flow.quantity).name,
            to: &self.model.system(flow.to).name,
            reads: facts.sources.iter().map(|system| &*self.model.system(*system).name).collect(),
            at: facts.shown.iter().map(|shown| self.place(shown.location)).collect(),
            items: things.items.count(),
            bundles: things.bundles.count(),
            lag: lag.and_then(|lag| lag.target).map(show_duration),
            every: lag.and_then(|lag| lag.every).map(show_duration),
            calendar: lag.and_then(|lag| lag.calendar).map(|(id, _)| self.calendar(id)),
            window: flow.window.as_ref().map(|window| Hours {
                from: window.from.to_string(),
                to: window.to.to_string(),
                holds: if window.holds_all { "all" } else { "raises" },
                calendar: window.calendar.map(|(id, _)| self.calendar(id)),
            }),
            faults: self.faults(Part::Flow(id)),
        }
    }

    fn calendar(&self, id: CalendarId) -> &'m str {
        &self.model.calendars[id.index()].name
    }

    fn collects(&self, id: CollectId) -> Collects<'m> {
        let collect = &self.model.collects[id.index()];
        let lag = collect.lag.as_ref();
        Collects {
            name: &collect.name,
            from: &self.model.system(collect.from).name,
            movements: collect.movements.iter().map(|(movement, _)| movement.word()).collect(),
            to: collect.post.to.map(|to| &*self.model.system(to).name),
            lag: lag.and_then(|lag| lag.target).map(show_duration),
            every: lag.and_then(|lag| lag.every).map(show_duration),
            faults: self.faults(Part::Collect(id)),
        }
    }

    fn divides(&self, id: AllocationId) -> Divides<'m> {
        let allocation = &self.model.allocations[id.index()];
        let share = |system: SystemId| Share {
            system: &self.model.system(system).name,
            weight: allocation.weight(system),
        };
        Divides {
            name: &allocation.name,
            among: allocation.among.iter().map(|(system, _)| share(*system)).collect(),
            pooled_above: allocation.pooled_above,
            faults: self.faults(Part::Allocation(id)),
        }
    }
}

fn flow_names<'m>(model: &'m Model, flows: &[FlowId]) -> Vec<&'m str> {
    flows.iter().map(|flow| &*model.flow(*flow).name).collect()
}
