//! `pool-beside-member`: a target shows a pool and one of its members, or two pools that share one.

use crate::check::Facts;
use crate::check::cells::Cells;
use crate::diagnostic::{Diagnostic, code};
use crate::graph::Shown;
use crate::model::set::Things;
use crate::model::{FlowId, LocationId};
use std::collections::BTreeMap;

/// What two flows, or one, show twice: at which pool, beside which pool or member.
pub(super) type Doubled = BTreeMap<(LocationId, LocationId), Things>;

/// Pairs of flows, the earlier one first (a flow may stand beside itself), with what is shown twice.
pub(super) fn pairs(facts: &Facts) -> BTreeMap<(FlowId, FlowId), Doubled> {
    let mut pairs: BTreeMap<(FlowId, FlowId), Doubled> = BTreeMap::new();
    let shown = |(id, _): (FlowId, _)| facts.graph.flow(id).shown.iter().map(move |shown| (id, shown));
    let all: Vec<(FlowId, &Shown)> = facts.flows().flat_map(shown).collect();
    let is_pool = |shown: &Shown| facts.model.location(shown.location).is_pool();
    for (one, pool) in all.iter().filter(|(_, shown)| is_pool(shown)) {
        for (other, beside) in all.iter().filter(|shown| meets(facts, (*one, pool), **shown)) {
            let things = Things {
                items: pool.things.items.common(&beside.things.items),
                bundles: pool.things.bundles.common(&beside.things.bundles),
            };
            if things.is_empty() {
                continue;
            }
            // Two pools meet in both orders, which is one mistake.
            let (low, high) = (pool.location.min(beside.location), pool.location.max(beside.location));
            let places = if is_pool(beside) { (low, high) } else { (pool.location, beside.location) };
            let pair = (*one.min(other), *one.max(other));
            let doubled = pairs.entry(pair).or_default().entry(places).or_default();
            doubled.items.union(&things.items);
            doubled.bundles.union(&things.bundles);
        }
    }
    pairs
}

/// Whether two locations of one target stand for some of the same stock.
fn meets(facts: &Facts, (one, pool): (FlowId, &Shown), (other, beside): (FlowId, &Shown)) -> bool {
    let members = facts.graph.locations_of(pool.location);
    facts.model.flow(one).to == facts.model.flow(other).to
        && pool.location != beside.location
        && facts.graph.locations_of(beside.location).iter().any(|place| members.contains(place))
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    pairs(facts).iter().filter_map(|(pair, doubled)| finding(facts, *pair, doubled)).collect()
}

fn finding(facts: &Facts, (first, second): (FlowId, FlowId), doubled: &Doubled) -> Option<Diagnostic> {
    let (earlier, flow) = (facts.model.flow(first), facts.model.flow(second));
    let target = &facts.model.system(flow.to).name;
    let mut cells = Cells::default();
    doubled.iter().for_each(|((_, beside), things)| cells.add_things(*beside, things));
    let ((pool, beside), _) = doubled.first_key_value()?;
    let (pool, beside) = (facts.model.location(*pool), facts.model.location(*beside));
    let (what, said) = match beside.is_pool() {
        true => ("another pool over the same place", "this pool shares a place with it"),
        false => ("one of its members", "and so is this member"),
    };
    let mut finding = Diagnostic::new(
        code::POOL_BESIDE_MEMBER,
        flow.origin,
        format!(
            "`{target}` would show pool `{}` and `{}`, {what}: {}",
            pool.name,
            beside.name,
            cells.say(facts.model)
        ),
    )
    .here(format!("publishes to `{target}`"));
    if first != second {
        finding = finding.label(earlier.origin, "and so does this flow");
    }
    let mapped = |location: &crate::model::location::Location| {
        location.code_in(flow.to).map_or(location.origin, |code| code.origin)
    };
    let finding = finding.label(mapped(pool), "the pool is shown here").label(mapped(beside), said);
    Some(finding.help(
        "One shelf would be shown twice in one shop, and what stands there sold twice. Publish either the \
         pool or its members: name the locations with `at`, or map only one of the two.",
    ))
}
