//! What keeps a computed change from going out although it is right: a window, a pause, a rollout.
//!
//! | what | raises and creates | decreases |
//! |---|---|---|
//! | outside of a `window`; a `pause` | wait | go out |
//! | outside of a `window` with `holds=all`; a pause of everything | wait | wait |
//! | a cell whose `limit writes=` is used up | wait | go out |
//! | `rollout shadow` | are told, never written | are told, never written |
//! | left out by a `rollout` | are not looked at | are not looked at |

use super::Standing;
use super::rollout::Rollouts;
use crate::count::May;
use crate::graph::Graph;
use crate::graph::lag::{window_hours, writes_per_cell};
use crate::model::flow::Rollout;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, LocationId, Model};
use std::collections::BTreeMap;

/// Why the row of a flow in shadow is not written.
pub const SHADOW: &str = "the flow is in shadow";

/// What may be written now, cell by cell.
#[derive(Debug)]
pub struct Gates<'g> {
    model: &'g Model,
    rollouts: Rollouts,
    /// By flow: the locations at which something waits, in their order.
    shut: Vec<Vec<(LocationId, Shut)>>,
    /// Why cells wait whose writes are used up.
    spent: BTreeMap<(CodeId, LocationId), String>,
}

/// Something that waits, and why.
#[derive(Debug, Clone)]
struct Shut {
    all: bool,
    why: String,
}

impl<'g> Gates<'g> {
    /// What may be written at one moment.
    pub fn new(model: &'g Model, graph: &Graph, (now, standing): (Moment, &Standing)) -> Gates<'g> {
        let shut = (0..model.flows.len()).map(FlowId::at).map(|flow| {
            let window = window(model, flow, now);
            let place = |location: LocationId| {
                let places = graph.locations_of(location);
                let paused = pause(model, standing, flow, (location, places));
                let both: Vec<Shut> = paused.into_iter().chain(window.clone()).collect();
                let all = both.iter().any(|shut| shut.all);
                let told: Vec<String> =
                    both.into_iter().filter(|shut| shut.all == all).map(|shut| shut.why).collect();
                (!told.is_empty()).then(|| (location, Shut { all, why: told.join("; ") }))
            };
            let mut shut: Vec<_> =
                graph.flow(flow).shown.iter().filter_map(|shown| place(shown.location)).collect();
            shut.sort_by_key(|(location, _)| *location);
            shut
        });
        let spent = standing.spent.iter().map(|(cell, frees)| (*cell, spent(model, cell.0, *frees)));
        Gates { model, rollouts: Rollouts::new(model), shut: shut.collect(), spent: spent.collect() }
    }

    /// What may be done with a cell.
    pub fn may(&self, flow: FlowId, code: CodeId, location: LocationId) -> May {
        if self.rollouts.leaves_out(flow, self.model.code(code).thing) {
            return May::Stay;
        }
        if self.model.flow(flow).rollout == Rollout::Shadow {
            return May::Shadow;
        }
        match self.shut(flow, location) {
            Some(Shut { all: true, .. }) => May::Wait,
            Some(_) => May::Fall,
            None if self.spent.contains_key(&(code, location)) => May::Fall,
            None => May::Change,
        }
    }

    /// Why a cell of a flow waits; empty where it does not.
    pub fn why(&self, flow: FlowId, code: CodeId, location: LocationId) -> &str {
        let spent = || self.spent.get(&(code, location)).map_or("", |why| why);
        self.shut(flow, location).map_or_else(spent, |shut| &shut.why)
    }

    /// What the rollouts leave out.
    pub fn rollouts(&self) -> &Rollouts {
        &self.rollouts
    }

    fn shut(&self, flow: FlowId, location: LocationId) -> Option<&Shut> {
        let shut = &self.shut[flow.index()];
        let at = shut.binary_search_by_key(&location, |(location, _)| *location).ok()?;
        Some(&shut[at].1)
    }
}

/// What is said before the reason.
fn effect(all: bool) -> &'static str {
    if all { "nothing is written" } else { "raises wait" }
}

fn window(model: &Model, flow: FlowId, now: Moment) -> Option<Shut> {
    let window = model.flow(flow).window.as_ref()?;
    let zone = model.timezone.as_deref().unwrap_or("UTC");
    let opens = window_hours(model, window).opens(now, zone);
    if opens == Some(now) {
        return None;
    }
    let effect = effect(window.holds_all);
    let why = match opens {
        Some(opens) => {
            format!("{effect} until {}: outside of the flow's window", opens.on_the_wall(zone))
        }
        None => format!("{effect}: the flow's window never opens"),
    };
    Some(Shut { all: window.holds_all, why })
}

/// Why a cell waits whose writes are used up until a moment.
pub fn spent(model: &Model, code: CodeId, frees: Moment) -> String {
    let system = model.system(model.code(code).system);
    let zone = model.timezone.as_deref().unwrap_or("UTC");
    let cap = writes_per_cell(system).map(|cap| cap.to_string()).unwrap_or_default();
    format!(
        "{} until {}: a cell of `{}` may be written {cap}, and this one was",
        effect(false),
        frees.on_the_wall(zone),
        system.name
    )
}

fn pause(model: &Model, standing: &Standing, flow: FlowId, at: (LocationId, &[LocationId])) -> Option<Shut> {
    let pause = standing.paused(model, flow, at)?;
    let why = format!("{}: {} is {}", effect(pause.holds_all), pause.what.named(model), pause.told);
    Some(Shut { all: pause.holds_all, why })
}
