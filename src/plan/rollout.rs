//! Which items and bundles a partial rollout writes.
//!
//! Each item has a place between 0 and 1, from a hash of its name: below the share it is picked, or among the
//! first so many of the flow's items. A larger share keeps all that a smaller one had, and so does a larger
//! catalog. With an item goes whatever hangs together with it by bundles: a box and its components sell from
//! the same shelves, so half of them would be worse than none. Packs and pools are the same item.

use crate::model::flow::Rollout;
use crate::model::item::{Item, Thing};
use crate::model::quantity::Ratio;
use crate::model::set::{Bits, Things};
use crate::model::{BundleId, FlowId, ItemId, Model};
use std::collections::BTreeMap;

/// What the rollouts of all flows write.
#[derive(Debug, Default)]
pub struct Rollouts {
    /// By flow; `None` where nothing is left out.
    chosen: Vec<Option<Things>>,
}

impl Rollouts {
    /// Works out the rollouts of a model.
    pub fn new(model: &Model) -> Rollouts {
        let part = |rollout: Rollout| matches!(rollout, Rollout::Items(_) | Rollout::Share(_));
        if !model.flows.iter().any(|flow| part(flow.rollout)) {
            return Rollouts { chosen: vec![None; model.flows.len()] };
        }
        let groups = groups(model);
        let places: Vec<u64> = model.items.iter().map(place).collect();
        let chosen = (0..model.flows.len()).map(FlowId::at).map(|flow| {
            let picked = match model.flow(flow).rollout {
                Rollout::Live | Rollout::Shadow => return None,
                Rollout::Share(share) => below(&places, share),
                Rollout::Items(most) => first(model, flow, &places, most),
            };
            Some(closed(model, &groups, &picked))
        });
        Rollouts { chosen: chosen.collect() }
    }

    /// What a flow writes; `None` where nothing is left out.
    pub fn chosen(&self, flow: FlowId) -> Option<&Things> {
        self.chosen.get(flow.index())?.as_ref()
    }

    /// Whether a flow leaves a thing out.
    pub fn leaves_out(&self, flow: FlowId, thing: Thing) -> bool {
        self.chosen(flow).is_some_and(|chosen| !chosen.contains(thing))
    }

    /// The same by the names of flow and thing; what the topology does not name is not left out.
    pub fn by_name<'m>(&'m self, model: &'m Model) -> impl Fn(&str, &str) -> bool + 'm {
        let (mut flows, mut things) = (BTreeMap::new(), BTreeMap::new());
        if self.chosen.iter().any(Option::is_some) {
            flows.extend(model.flows.iter().enumerate().map(|(at, flow)| (&*flow.name, FlowId::at(at))));
            let bundles = model.bundles.iter().enumerate();
            things.extend(bundles.map(|(at, bundle)| (&*bundle.name, Thing::Bundle(BundleId::at(at)))));
            let items = model.items.iter().enumerate();
            things.extend(items.map(|(at, item)| (&*item.name, Thing::Item(ItemId::at(at)))));
        }
        move |flow, thing| match (flows.get(flow), things.get(thing)) {
            (Some(flow), Some(thing)) => self.leaves_out(*flow, *thing),
            _ => false,
        }
    }
}

/// The place of an item: the smaller one of its name and of the name that it had before, so that a renamed
/// item stays.
fn place(item: &Item) -> u64 {
    let of = |name: &str| {
        let hash = blake3::hash(name.as_bytes());
        hash.as_bytes()[..8].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let before = item.was().map_or(u64::MAX, |was| of(was));
    of(&item.name).min(before)
}

/// The items whose place is below a share, compared exactly.
fn below(places: &[u64], share: Ratio) -> Bits {
    let (top, bottom) = (share.numerator.unsigned_abs(), share.denominator.unsigned_abs());
    let mut picked = Bits::default();
    for (item, place) in places.iter().enumerate() {
        if u128::from(*place) * u128::from(bottom) < u128::from(top) << 64 {
            picked.insert(item);
        }
    }
    picked
}

/// The first items of a flow by their places: those that it publishes, and components of its bundles.
fn first(model: &Model, flow: FlowId, places: &[u64], most: u64) -> Bits {
    let flow = model.flow(flow);
    let mut own = Bits::default();
    for code in model.codes_of(flow.to).map(|id| &model.codes[id as usize]) {
        match code.thing {
            thing if !flow.things.contains(thing) => {}
            Thing::Item(item) => own.insert(item.index()),
            Thing::Bundle(bundle) => {
                model.bundle(bundle).components.iter().for_each(|part| own.insert(part.item.index()));
            }
        }
    }
    let mut items: Vec<usize> = own.iter().collect();
    items.sort_unstable_by_key(|item| (places[*item], *item));
    let mut picked = Bits::default();
    items.into_iter().take(usize::try_from(most).unwrap_or(usize::MAX)).for_each(|item| picked.insert(item));
    picked
}

/// The group of each item: items that bundles join bear one number.
fn groups(model: &Model) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..model.items.len()).collect();
    let root = |parent: &mut Vec<usize>, mut item: usize| {
        while parent[item] != item {
            parent[item] = parent[parent[item]];
            item = parent[item];
        }
        item
    };
    for bundle in &model.bundles {
        for pair in bundle.components.windows(2) {
            let (one, other) = (pair[0].item.index(), pair[1].item.index());
            let (one, other) = (root(&mut parent, one), root(&mut parent, other));
            parent[one.max(other)] = one.min(other);
        }
    }
    (0..model.items.len()).map(|item| root(&mut parent, item)).collect()
}

/// Some items, and all that hangs together with them.
fn closed(model: &Model, groups: &[usize], picked: &Bits) -> Things {
    let mut roots = Bits::default();
    picked.iter().for_each(|item| roots.insert(groups[item]));
    let mut things = Things::default();
    for (item, group) in groups.iter().enumerate() {
        if roots.contains(*group) {
            things.items.insert(item);
        }
    }
    for (at, bundle) in model.bundles.iter().enumerate() {
        if bundle.components.first().is_some_and(|part| things.items.contains(part.item.index())) {
            things.bundles.insert(at);
        }
    }
    things
}
