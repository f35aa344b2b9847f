//! What a run keeps for the next one to be judged by: the limits of its flows, and how much its reads held.

use crate::model::Model;
use crate::model::flow::Rollout;
use crate::model::time::Moment;
use crate::plan::change::Verdict;
use crate::plan::feed::{Footing, Used};
use crate::plan::guard::{self, stops_raises_only};
use crate::state::{Limit, Size, StateError, Store};
use std::collections::BTreeMap;

/// How the flows of a run ended.
pub struct Ended<'a> {
    /// The topology.
    pub model: &'a Model,
    /// What each flow rested on.
    pub footings: &'a [Footing],
    /// The guards that stopped a flow, or its raises.
    pub tripped: &'a [Verdict],
    /// The systems that could not be read or reached, by name.
    pub unreachable: Vec<&'a str>,
}

impl Ended<'_> {
    /// Whether a guard stopped a flow; those on raises stop a part only.
    fn stopped(&self, flow: &str, parts: bool) -> bool {
        self.tripped
            .iter()
            .any(|verdict| verdict.flow == flow && (parts || !stops_raises_only(&verdict.guard)))
    }

    /// The limits of the flows that were applied without being stopped by them.
    fn limits(&self) -> Vec<Limit> {
        let applied = self.footings.iter().filter(|footing| {
            let flow = self.model.flow(footing.flow);
            let reached = !self.unreachable.contains(&&*self.model.system(flow.to).name);
            // What is planned and never written is not applied by that.
            footing.whole && reached && flow.rollout != Rollout::Shadow && !self.stopped(&flow.name, true)
        });
        let limits = applied.flat_map(|footing| {
            let flow = self.model.flow(footing.flow);
            guard::limits(&flow.guard).map(|(name, limit)| Limit {
                flow: flow.name.to_string(),
                guard: name.to_owned(),
                numerator: limit.numerator,
                denominator: limit.denominator,
            })
        });
        limits.collect()
    }

    /// How much the reads held that were used by a flow that was not stopped. What one of its guards has
    /// found too little is no measure for the next run.
    fn sizes(&self, at: Moment) -> Vec<Size> {
        let used = self.footings.iter().filter(|footing| {
            let flow = self.model.flow(footing.flow);
            footing.whole && !self.stopped(&flow.name, false)
        });
        let found = |flow: &str, used: &Used| {
            used.shrunk() && self.tripped.iter().any(|own| own.flow == flow && own.guard == used.guard())
        };
        let reads = used.flat_map(|footing| {
            let flow = &*self.model.flow(footing.flow).name;
            footing.reads.iter().filter(move |used| !found(flow, used))
        });
        let sizes: BTreeMap<_, u64> = reads.map(|used| ((used.system, used.what), used.rows)).collect();
        let size = |((system, what), rows): ((_, &str), u64)| {
            let system = self.model.system(system).name.to_string();
            Size { system, what: what.to_owned(), rows, at }
        };
        sizes.into_iter().map(size).collect()
    }
}

/// Keeps the limits and sizes of a run that came to its end.
pub async fn keep(ended: &Ended<'_>, store: &mut dyn Store, now: Moment) -> Result<(), StateError> {
    store.remember_limits(&ended.limits()).await?;
    store.remember_sizes(&ended.sizes(now)).await
}
