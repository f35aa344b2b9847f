//! The topology as it is simulated: the user's own, on a sample of its items and without limits on shares.

use super::dice::Dice;
use crate::graph::{self, Graph};
use crate::model::flow::Guard;
use crate::model::quantity::Ratio;
use crate::model::set::{Bits, Things};
use crate::model::{BundleId, FlowId, Model};
use std::collections::BTreeSet;
use std::rc::Rc;

/// So many items are simulated where nobody says otherwise.
pub const ITEMS: usize = 12;

/// A topology that can be simulated.
#[derive(Debug)]
pub struct Scene {
    model: Rc<Model>,
    graph: Rc<Graph>,
    /// What each flow publishes in the topology itself.
    whole: Vec<Things>,
    /// What each owner owns in the topology itself.
    owned: Vec<Bits>,
    /// How many items flows draw on in the topology itself.
    pub drawn: usize,
}

impl Scene {
    /// The scene of a topology. Limits on shares are left out: a share of a sample says nothing of the
    /// catalog.
    pub fn new(mut model: Model) -> Scene {
        let all = Ratio::ONE;
        for flow in &mut model.flows {
            let rows = flow.guard.max_rows;
            flow.guard = Guard { max_changed: all, max_zeroed: all, max_raised: all, ..Guard::default() };
            flow.guard.max_rows = rows;
        }
        let graph = graph::build(&model);
        let whole = model.flows.iter().map(|flow| flow.things.clone()).collect();
        let owned = model.owners.iter().map(|owner| owner.items.clone()).collect();
        let drawn = drawn(&model, &graph).len();
        Scene { model: Rc::new(model), graph: Rc::new(graph), whole, owned, drawn }
    }

    /// The topology.
    pub fn model(&self) -> &Rc<Model> {
        &self.model
    }

    /// Its graph.
    pub fn graph(&self) -> &Rc<Graph> {
        &self.graph
    }

    /// Chooses at most `most` items by a seed: some bundles with all that they are made of, then single
    /// items.
    pub fn sample(&mut self, seed: u64, most: usize) {
        if self.drawn <= most {
            return;
        }
        let Some(model) = Rc::get_mut(&mut self.model) else { return };
        for (flow, whole) in model.flows.iter_mut().zip(&self.whole) {
            flow.things = whole.clone();
        }
        for (owner, owned) in model.owners.iter_mut().zip(&self.owned) {
            owner.items = owned.clone();
        }
        let whole = graph::build(model);
        let chosen = choose(model, &drawn(model, &whole), (seed, most));
        for flow in &mut model.flows {
            let mut kept = Things::default();
            flow.things.items.iter().filter(|item| chosen.contains(item)).for_each(|i| kept.items.insert(i));
            let whole = |bundle: &usize| {
                let parts = &model.bundles[*bundle].components;
                parts.iter().all(|part| chosen.contains(&part.item.index()))
            };
            flow.things.bundles.iter().filter(whole).for_each(|bundle| kept.bundles.insert(bundle));
            flow.things = kept;
        }
        let mut kept = Bits::default();
        chosen.iter().for_each(|item| kept.insert(*item));
        model.owners.iter_mut().for_each(|owner| owner.items.intersect(&kept));
        self.graph = Rc::new(graph::build(model));
    }
}

/// The items that flows draw on.
fn drawn(model: &Model, graph: &Graph) -> Vec<usize> {
    let flows = (0..model.flows.len()).map(FlowId::at);
    let items = flows.flat_map(|flow| graph.flow(flow).draws.iter()).map(|draw| draw.needed());
    let all: BTreeSet<usize> = items.flat_map(|bits| bits.iter().collect::<Vec<_>>()).collect();
    all.into_iter().collect()
}

fn choose(model: &Model, drawn: &[usize], (seed, most): (u64, usize)) -> BTreeSet<usize> {
    let mut dice = Dice::new(seed, 3);
    let mut chosen = BTreeSet::new();
    let mut bundles: Vec<usize> = (0..model.bundles.len()).collect();
    while !bundles.is_empty() && chosen.len() < most / 2 {
        let bundle = BundleId::at(bundles.swap_remove(dice.below(bundles.len())));
        let parts = &model.bundle(bundle).components;
        let new = parts.iter().filter(|part| !chosen.contains(&part.item.index())).count();
        if chosen.len() + new <= most && parts.iter().all(|part| drawn.contains(&part.item.index())) {
            chosen.extend(parts.iter().map(|part| part.item.index()));
        }
    }
    let mut rest: Vec<usize> = drawn.iter().copied().filter(|item| !chosen.contains(item)).collect();
    while chosen.len() < most && !rest.is_empty() {
        chosen.insert(rest.swap_remove(dice.below(rest.len())));
    }
    chosen
}
