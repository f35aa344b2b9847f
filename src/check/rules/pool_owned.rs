//! `pool-owned`: an owner or a feed counts a pool.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{LocationId, OwnerId};
use crate::source::Span;
use std::collections::BTreeSet;

/// The pools that an owner counts, with the place that says so: named in its `at`, or mapped in its
/// system although no flow publishes to it there, so that only a feed could count it.
pub(super) fn pools(facts: &Facts, id: OwnerId) -> Vec<(LocationId, Span)> {
    let owner = facts.owner(id);
    let mut pools = Vec::new();
    for (index, pool) in facts.model.locations.iter().enumerate().filter(|(_, place)| place.is_pool()) {
        let location = LocationId::at(index);
        let named = owner.at.iter().find(|(at, place)| *at == location && *place != owner.origin);
        let mut flows = facts.model.flows.iter().filter(|flow| flow.to == owner.system);
        let published = flows.any(|flow| flow.at.iter().any(|(at, _)| *at == location));
        let mapped = pool.code_in(owner.system).filter(|_| !published);
        pools.extend(
            named.map(|(_, place)| *place).or(mapped.map(|code| code.origin)).map(|place| (location, place)),
        );
    }
    pools
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (id, owner) in facts.owners() {
        for (location, place) in pools(facts, id).into_iter().filter(|(_, place)| seen.insert(*place)) {
            let pool = facts.model.location(location);
            let members = list(pool.pool.iter().map(|member| &*facts.model.location(*member).name));
            let system = &facts.model.system(owner.system).name;
            let finding = Diagnostic::new(
                code::POOL_OWNED,
                place,
                format!("`{system}` is to count `{}`, which is a pool of {members}", pool.name),
            )
            .here("a pool is a sum, not a place")
            .label(pool.origin, "declared as a pool");
            let finding = match owner.at.iter().any(|(_, at)| *at == place) {
                true => finding,
                false => finding.label(owner.origin, format!("`{system}` owns counts")),
            };
            found.push(finding.help(
                "The same stock would be counted at the pool and again at its members. A pool is only \
                 published. Own the members (`at` with their names); or, where the system knows one total \
                 only, make it a location without `pool`.",
            ));
        }
    }
    found
}
