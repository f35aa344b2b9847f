//! `transfer-untracked`: goods move between places of two owners, and nobody follows them.

use super::owner_overlap;
use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::movement::Movement;
use crate::model::owner::Owner;
use crate::model::quantity::ON_HAND;
use crate::model::set::Bits;
use crate::model::{LocationId, OwnerId, SystemId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let tracked: BTreeSet<SystemId> = facts
        .model
        .collects
        .iter()
        .filter(|flow| flow.collects(Movement::Transfer).is_some())
        .map(|flow| flow.from)
        .collect();
    let sold = sold(facts);
    // Who owns a shelf together with another is no place to send goods to before that is mended.
    let overlapping: BTreeSet<OwnerId> =
        owner_overlap::pairs(facts).into_keys().flat_map(|(one, other)| [one, other]).collect();
    let mut found = Vec::new();
    let mut earlier: Vec<(&Owner, Bits)> = Vec::new();
    for (_, owner) in facts.owners().filter(|(id, _)| !overlapping.contains(id)) {
        let items = on_sale(owner, &sold);
        let other = earlier.iter().find(|(first, theirs)| {
            let followed = tracked.contains(&first.system) || tracked.contains(&owner.system);
            // Two owners of one place are a mistake of their own.
            let apart = first.at.iter().all(|(place, _)| owner.at.iter().all(|(other, _)| other != place));
            first.system != owner.system && !followed && apart && theirs.meets(&items)
        });
        if let Some((first, _)) = other {
            found.push(finding(facts, first, owner));
        }
        if !items.is_empty() {
            earlier.push((owner, items));
        }
    }
    found
}

/// The shelves that channels sell from.
fn sold(facts: &Facts) -> BTreeMap<LocationId, Bits> {
    let mut sold: BTreeMap<LocationId, Bits> = BTreeMap::new();
    for (id, _) in facts.flows().filter(|(_, flow)| facts.sells(flow)) {
        for draw in &facts.graph.flow(id).draws {
            sold.entry(draw.location).or_default().union(&draw.needed());
        }
    }
    sold
}

/// The items that an owner counts on shelves that channels sell from.
fn on_sale(owner: &Owner, sold: &BTreeMap<LocationId, Bits>) -> Bits {
    let mut items = Bits::default();
    if owner.quantities.iter().any(|(quantity, _)| *quantity == ON_HAND) {
        for shelf in owner.at.iter().filter_map(|(location, _)| sold.get(location)) {
            items.union(&shelf.common(&owner.items));
        }
    }
    items
}

fn finding(facts: &Facts, first: &Owner, second: &Owner) -> Diagnostic {
    let (a, b) = (&facts.model.system(first.system).name, &facts.model.system(second.system).name);
    let message = format!("goods that move between `{a}` and `{b}` are in neither count, or in both");
    Diagnostic::new(code::TRANSFER_UNTRACKED, second.origin, message)
        .here(format!("`{b}` counts these places"))
        .label(first.origin, format!("`{a}` counts these"))
        .help(
            "While a transfer is on its way, one owner may show it already and the other still: it would \
             be sold twice. Collect it: `collect transfers from=SYSTEM` in a flow. Or, where nothing ever \
             moves between them: `allow transfer-untracked reason=\"…\"` in the owner.",
        )
}
