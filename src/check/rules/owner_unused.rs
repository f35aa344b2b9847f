//! `owner-unused`: no flow needs any count of an owner.

use super::{owner_overlap, pool_owned};
use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::BASE;
use crate::model::{OwnerId, QuantityId};
use std::collections::BTreeSet;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let used = used(facts);
    let overlapping: BTreeSet<OwnerId> =
        owner_overlap::pairs(facts).into_keys().flat_map(|(one, other)| [one, other]).collect();
    let unused = facts.owners().filter(|(id, _)| !used.contains(id) && !overlapping.contains(id));
    // An owner with a mistake of its own is mended first.
    let sound = unused.filter(|(id, owner)| {
        let pools = !pool_owned::pools(facts, *id).is_empty();
        let places = owner.at.iter().all(|(location, _)| facts.has_place(*id, *location));
        let readable = owner.quantities.iter().any(|(quantity, _)| facts.can_show(*id, *quantity));
        owner.bundles.is_empty() && !pools && places && readable
    });
    sound
        .map(|(_, owner)| {
            let system = &facts.model.system(owner.system).name;
            Diagnostic::new(
                code::OWNER_UNUSED,
                owner.origin,
                format!("no flow needs a count that `{system}` owns here"),
            )
            .here("owned, but published nowhere")
            .help(
                "Counts that nobody publishes are read for nothing, and often a flow, a place or an item \
                 was forgotten whose shop now shows old numbers. Publish them, or remove the node.",
            )
        })
        .collect()
}

/// The owners of counts that some flow names, or must add back because a source has taken them off.
fn used(facts: &Facts) -> BTreeSet<OwnerId> {
    let owners = facts.graph.owners();
    let mut used = BTreeSet::new();
    for (id, flow) in facts.flows() {
        // A place that the target lacks is reported there; its counts are wanted all the same.
        let lacking = flow.at.iter().filter(|(at, _)| facts.model.location(*at).code_in(flow.to).is_none());
        for place in lacking.flat_map(|(at, _)| facts.graph.locations_of(*at)) {
            for (quantity, _) in &facts.model.quantity(flow.quantity).terms {
                used.extend(owners.claims(*place, *quantity).iter().map(|claim| claim.owner));
            }
        }
        // Which count is meant is unknown where the target does not take the one that is named.
        for draw in facts.graph.flow(id).draws.iter().filter(|_| flow.write.is_none()) {
            for at in 0..BASE.len() {
                used.extend(owners.claims(draw.location, QuantityId::at(at)).iter().map(|claim| claim.owner));
            }
        }
        for sum in &facts.graph.flow(id).sums {
            for at in (0..sum.terms.len()).filter(|at| sum.terms[*at] != 0 || sum.asked[*at] != 0) {
                for claim in owners.claims(sum.location, QuantityId::at(at)) {
                    if owners.items(claim.owner).meets(&sum.items) {
                        used.insert(claim.owner);
                    }
                }
            }
        }
    }
    used
}
