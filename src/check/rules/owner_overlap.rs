//! `owner-overlap`: two systems own one count.

use crate::check::Facts;
use crate::check::cells::{Cells, list, overlaps};
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::BASE;
use crate::model::{LocationId, OwnerId, QuantityId};
use std::collections::{BTreeMap, BTreeSet};

/// What two owners share.
#[derive(Default)]
pub(super) struct Shared {
    cells: Cells,
    quantities: BTreeSet<QuantityId>,
}

/// Pairs of owners, the earlier one first, with what they share.
pub(super) fn pairs(facts: &Facts) -> BTreeMap<(OwnerId, OwnerId), Shared> {
    let owners = facts.graph.owners();
    let mut pairs: BTreeMap<(OwnerId, OwnerId), Shared> = BTreeMap::new();
    for place in 0..facts.model.locations.len() {
        let place = LocationId::at(place);
        for quantity in (0..BASE.len()).map(QuantityId::at) {
            let claims = owners.claims(place, quantity).iter().filter(|claim| claim.direct);
            let sets = claims.map(|claim| (claim.owner, owners.items(claim.owner)));
            for (first, second, both) in overlaps(sets) {
                // Two nodes of one system agree with each other.
                if facts.owner(first).system == facts.owner(second).system {
                    continue;
                }
                let shared = pairs.entry((first, second)).or_default();
                shared.cells.add(place, &both);
                shared.quantities.insert(quantity);
            }
        }
    }
    pairs
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    pairs(facts).iter().map(|(pair, shared)| finding(facts, *pair, shared)).collect()
}

fn finding(facts: &Facts, (first, second): (OwnerId, OwnerId), shared: &Shared) -> Diagnostic {
    let (one, other) = (&facts.owner_system(first).name, &facts.owner_system(second).name);
    let quantities = list(shared.quantities.iter().map(|id| &*facts.model.quantity(*id).name));
    let cells = shared.cells.say(facts.model);
    Diagnostic::new(
        code::OWNER_OVERLAP,
        facts.owner(second).origin,
        format!("`{one}` and `{other}` both own {quantities}: {cells}"),
    )
    .here(format!("`{other}` owns it here"))
    .label(facts.owner(first).origin, format!("`{one}` owns it already"))
    .help(
        "Two systems count one shelf, and sooner or later they differ: which of the two numbers is sold \
         would be left to chance. Give each count one owner: narrow one of the two with `at`, `items`, \
         `except` or fewer quantities behind `of`.",
    )
}
