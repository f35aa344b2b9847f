//! Judges a model: who owns what, what each flow can do, and what would oversell. One rule, one file.

pub mod allow;
mod cells;
pub mod lag;
pub mod pages;
pub mod reference;
pub mod rules;
mod shelves;

use crate::diagnostic::Diagnostic;
use crate::graph::Graph;
use crate::model::flow::Flow;
use crate::model::owner::Owner;
use crate::model::system::{Role, System};
use crate::model::time::Moment;
use crate::model::{BundleId, FlowId, ItemId, LocationId, Model, OwnerId, QuantityId};
use std::collections::BTreeSet;

/// Where and when a topology is looked at: all that a rule may know of the world.
#[derive(Clone, Copy)]
pub struct Scene<'m> {
    /// The moment.
    pub now: Moment,
    /// Whether a path, relative to the topology's folder or absolute, lies in a checkout that is thrown away
    /// after the job: below a folder with `.git`, in a pipeline.
    pub thrown_away: &'m dyn Fn(&str) -> bool,
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub struct Facts<'m> {
    /// The topology.
    pub model: &'m Model,
    /// What follows from it.
    pub graph: &'m Graph,
    /// Where and when it is looked at.
    pub scene: Scene<'m>,
}

/// Everything that the rules find in a model, rule by rule. A model may be incomplete: what could not be
/// resolved has been reported before, and is not in it.
pub fn run(facts: &Facts<'_>) -> Vec<Diagnostic> {
    rules::RULES.iter().flat_map(|(_, check)| check(facts)).collect()
}

impl<'m> Facts<'m> {
    /// All flows with their ids, in reading order.
    fn flows(&self) -> impl Iterator<Item = (FlowId, &'m Flow)> + use<'m> {
        self.model.flows.iter().enumerate().map(|(index, flow)| (FlowId::at(index), flow))
    }

    /// All owners with their ids, in reading order.
    fn owners(&self) -> impl Iterator<Item = (OwnerId, &'m Owner)> + use<'m> {
        self.model.owners.iter().enumerate().map(|(index, owner)| (OwnerId::at(index), owner))
    }

    /// The node of an owner.
    fn owner(&self, id: OwnerId) -> &'m Owner {
        &self.model.owners[id.index()]
    }

    /// The system that an owner names.
    fn owner_system(&self, id: OwnerId) -> &'m System {
        self.model.system(self.owner(id).system)
    }

    /// Whether an owner's system shows a quantity at all.
    fn can_show(&self, id: OwnerId, quantity: QuantityId) -> bool {
        self.owner_system(id).shows.iter().any(|shows| shows.quantity == quantity)
    }

    /// Whether an owner's system has a place.
    fn has_place(&self, id: OwnerId, location: LocationId) -> bool {
        self.model.location(location).code_in(self.owner(id).system).is_some()
    }

    /// Whether a flow publishes to something that sells.
    fn sells(&self, flow: &Flow) -> bool {
        self.model.system(flow.to).role == Role::Channel
    }

    /// Whether the target can be written as the flow asks. Where it cannot, that is the finding, and
    /// what would be written where is not asked any further.
    fn can_write(&self, flow: &Flow) -> bool {
        flow.write.is_some()
            && rules::target_cannot_take::obstacle(self.model, flow).is_none()
            && rules::net_of_mismatch::off_at_target(self.model, flow).is_empty()
    }

    /// Up to two bundles that a flow publishes at a place, or at a pool over it, and that take an item.
    fn bundles_over(&self, flow: FlowId, item: ItemId, place: LocationId) -> Vec<BundleId> {
        let shown = self.graph.flow(flow).shown.iter();
        let here = shown.filter(|shown| self.graph.locations_of(shown.location).contains(&place));
        let bundles: BTreeSet<usize> = here.flat_map(|shown| shown.things.bundles.iter()).collect();
        let takes = |bundle: &usize| {
            let components = &self.model.bundles[*bundle].components;
            components.iter().any(|component| component.item == item)
        };
        bundles.into_iter().filter(takes).take(2).map(BundleId::at).collect()
    }
}
