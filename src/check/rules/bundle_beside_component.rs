//! `bundle-beside-component`: a bundle and something else draw on one shelf.

use super::shared_pool;
use crate::check::Facts;
use crate::check::cells::Cells;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;
use crate::model::{BundleId, FlowId, ItemId, LocationId};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let pairs = shared_pool::pairs(facts);
    let shared = pairs.iter().filter(|(_, shelves)| !shelves.bundled.is_empty());
    shared
        .filter_map(|((first, second), shelves)| finding(facts, *first, *second, &shelves.bundled))
        .collect()
}

fn finding(facts: &Facts, first: FlowId, second: FlowId, cells: &Cells) -> Option<Diagnostic> {
    let Some((Thing::Item(item), place)) = cells.example() else { return None };
    let (bundle, beside) = sellables(facts, (first, second), item, place)?;
    let (earlier, flow) = (facts.model.flow(first), facts.model.flow(second));
    let bundle = facts.model.bundle(bundle);
    let said = cells.say(facts.model);
    let mut finding = Diagnostic::new(
        code::BUNDLE_BESIDE_COMPONENT,
        flow.origin,
        format!("bundle `{}` and {beside} are sold from one shelf: {said}", bundle.name),
    )
    .here(format!("publishes to `{}`", facts.model.system(flow.to).name));
    if first != second {
        finding = finding.label(
            earlier.origin,
            format!("publishes to `{}` from the same shelf", facts.model.system(earlier.to).name),
        );
    }
    let component = &facts.model.item(item).name;
    Some(finding.label(bundle.origin, format!("takes `{component}`")).help(
        "Each shows as many as the whole shelf allows, so a few sales of the one oversell the other until \
         the next run. Divide the shelf with an `allocation`, keep some of the component back with \
         `keep-back`, part the places with `at`, or accept it: `allow bundle-beside-component reason=\"…\"` \
         in the flow.",
    ))
}

/// A bundle that draws on a cell, and the name of what draws on it beside that bundle.
fn sellables(
    facts: &Facts,
    (first, second): (FlowId, FlowId),
    item: ItemId,
    place: LocationId,
) -> Option<(BundleId, String)> {
    let itself = |flow: FlowId| {
        let mut draws = facts.graph.flow(flow).draws.iter();
        draws.any(|draw| draw.location == place && draw.items.contains(item.index()))
    };
    let mut bundles = facts.bundles_over(first, item, place);
    if first != second {
        bundles.truncate(1);
        bundles.extend(facts.bundles_over(second, item, place).into_iter().take(1));
    }
    let other = |bundle: &BundleId| format!("bundle `{}`", facts.model.bundle(*bundle).name);
    let name = &facts.model.item(item).name;
    match bundles[..] {
        [] => None,
        [bundle] => Some((bundle, format!("item `{name}`"))),
        [bundle, ..] if itself(first) || itself(second) => Some((bundle, format!("item `{name}`"))),
        [one, ref two, ..] if one == *two => Some((one, "itself in another shop".to_owned())),
        [one, ref two, ..] => Some((one, other(two))),
    }
}
