//! What holds beside the topology when a plan is made: what people have paused, and what the last runs had.

use super::guard::{CHANGED, RAISED};
use super::lift::{FIRST, First, Lift};
use crate::model::quantity::Ratio;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};
use std::collections::BTreeMap;

/// What a pause keeps back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Everything.
    All,
    /// What is written to a system.
    System(SystemId),
    /// What is written at a location.
    Location(LocationId),
    /// What a flow writes.
    Flow(FlowId),
}

impl What {
    /// What it is, with its name: ``location `paris` ``.
    pub fn named(self, model: &Model) -> String {
        match self {
            What::All => "everything".to_owned(),
            What::System(system) => format!("system `{}`", model.system(system).name),
            What::Location(location) => format!("location `{}`", model.location(location).name),
            What::Flow(flow) => format!("flow `{}`", model.flow(flow).name),
        }
    }
}

/// One pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    /// What it keeps back.
    pub what: What,
    /// Whether decreases wait as well.
    pub holds_all: bool,
    /// Who paused it, since when and why, in words.
    pub told: String,
}

/// What holds beside the topology. Nothing by default: no pause, and nothing known of earlier runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// What is paused, in the order of the state.
    pub pauses: Vec<Paused>,
    /// The limits of the last topology that was applied, by flow and guard, as numerator and denominator of a
    /// share (`max-rows`: over 1). A flow without any was never applied.
    pub limits: BTreeMap<(FlowId, String), Ratio>,
    /// How many rows the last complete read of a system held, by what was read (`lines`, `levels`).
    pub sizes: BTreeMap<(SystemId, String), u64>,
    /// Cells whose writes are counted and used up, with when the next raise may go out.
    pub spent: BTreeMap<(CodeId, LocationId), Moment>,
    /// The guards that somebody has lifted for this plan.
    pub lifted: Vec<Lift>,
}

impl Standing {
    /// The pause that keeps a write back: one that holds everything before one that holds raises. What is
    /// published from a pool waits for a pause of any of its `places`.
    pub fn paused(
        &self,
        model: &Model,
        flow: FlowId,
        (location, places): (LocationId, &[LocationId]),
    ) -> Option<&Paused> {
        let to = model.flow(flow).to;
        let holds = |pause: &&Paused| match pause.what {
            What::All => true,
            What::System(system) => system == to,
            What::Location(own) => own == location || places.contains(&own),
            What::Flow(own) => own == flow,
        };
        let all: Vec<&Paused> = self.pauses.iter().filter(holds).collect();
        all.iter().find(|pause| pause.holds_all).or(all.first()).copied()
    }

    /// Who has lifted a guard of a flow, and why, in words.
    pub fn lifted(&self, flow: &str, guard: &str) -> Option<String> {
        self.lifted.iter().find(|lift| lift.covers(flow, guard)).map(Lift::told)
    }

    /// Whether a flow was applied before.
    pub fn applied(&self, flow: FlowId) -> bool {
        self.limits.range((flow, String::new())..).next().is_some_and(|((own, _), _)| *own == flow)
    }

    /// What `--first` lifts for these flows when `actor` asks for it: their limits on changes and raises,
    /// where they were never applied.
    pub fn first(&self, model: &Model, flows: impl Iterator<Item = FlowId>, actor: &str) -> First {
        let mut first = First::default();
        for flow in flows {
            let name = model.flow(flow).name.to_string();
            if self.applied(flow) {
                first.applied.push(name);
                continue;
            }
            for guard in [CHANGED, RAISED] {
                first.lifts.push(Lift::of(&format!("{name}:{guard}"), FIRST, actor));
            }
        }
        first
    }
}
