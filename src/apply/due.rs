//! Which flows are due: those whose `every` has passed since they last ran.

use crate::model::time::Moment;
use crate::model::{FlowId, Model, Name};
use crate::state::Ran;
use std::time::Duration;

/// A flow is due a tenth of its `every` early, at most this much: whoever calls every five minutes calls a
/// few seconds sooner or later, and would else find each flow due at every second call only.
const SLACK: Duration = Duration::from_secs(5 * 60);

/// What is to run now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// Flows that publish, in the order of the topology.
    pub flows: Vec<FlowId>,
    /// Flows that collect, by name. A run reads the movements of all, whichever are due.
    pub collects: Vec<Name>,
    /// The flow that is due next of those that are not yet, and from when on.
    pub next: Option<(Moment, Name)>,
}

impl Due {
    /// Whether nothing is to run.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty() && self.collects.is_empty()
    }
}

/// Which flows are due at a moment. One that never ran is; one that does not say how often it runs is each
/// time, and so is one that ran later than now: a clock was set back, and nobody knows for how long it
/// waited.
pub fn due(model: &Model, ran: &[Ran], now: Moment) -> Due {
    let mut due = Due::default();
    let last = |name: &Name, was: &Option<Name>| {
        let of = |name: &Name| ran.iter().find(|own| *own.flow == **name).map(|own| own.at);
        of(name).or_else(|| of(was.as_ref()?))
    };
    let from = |last: Option<Moment>, every: Option<Duration>| {
        let (last, every) = (last?, every?);
        let from = last.after(every - (every / 10).min(SLACK));
        (last <= now && now < from).then_some(from)
    };
    let mut waits = |from: Moment, name: &Name| {
        let next = (from, name.clone());
        due.next = due.next.take().map_or(Some(next.clone()), |own| Some(own.min(next)));
    };
    for (at, flow) in model.flows.iter().enumerate() {
        match from(last(&flow.name, &flow.was), flow.lag.as_ref().and_then(|lag| lag.every)) {
            Some(from) => waits(from, &flow.name),
            None => due.flows.push(FlowId::at(at)),
        }
    }
    for flow in &model.collects {
        match from(last(&flow.name, &flow.was), flow.lag.as_ref().and_then(|lag| lag.every)) {
            Some(from) => waits(from, &flow.name),
            None => due.collects.push(flow.name.clone()),
        }
    }
    due
}
