//! `pool-owned`: an owner or a feed counts a pool.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{LocationId, OwnerId};
use crate::source::Span;
use std::collections::BTreeSet;

/// The pools that an owner counts, with the place that says so: named in its `at`, or, for an owner of
/// every place of its system, mapped there although no flow publishes to it.
pub(super) fn pools<'f>(facts: &'f Facts, id: OwnerId) -> impl Iterator<Item = (LocationId, Span)> + use<'f> {
    let owner = facts.owner(id);
    let pools = owner.at.iter().filter(|(location, _)| facts.model.location(*location).is_pool());
    pools.filter_map(move |(location, place)| {
        if *place != owner.origin {
            return Some((*location, *place));
        }
        let published = facts.model.flows.iter().filter(|flow| flow.to == owner.system);
        let published = published.flat_map(|flow| &flow.at).any(|(at, _)| at == location);
        let code = facts.model.location(*location).code_in(owner.system)?;
        (!published).then_some((*location, code.origin))
    })
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (id, owner) in facts.owners() {
        for (location, place) in pools(facts, id).filter(|(_, place)| seen.insert(*place)) {
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
            let finding = match place == owner.origin || owner.at.iter().any(|(_, at)| *at == place) {
                true => finding,
                false => finding.label(owner.origin, format!("`{system}` owns counts at all its places")),
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
